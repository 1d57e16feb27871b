"""What the binaries claim of control-flow protection: landing pads, and no shadow stack.

Usage: notes.py MACHINE ARCHIVE SHARED PROGRAM.  A processor that keeps a shadow stack would stop at
the first return on another stack, so nobody may claim it; the linker drops the claim of a whole
program if one object does not make it.  Speaks TAP.
"""
import re
import shutil
import subprocess
import sys

MACHINE, ARCHIVE, SHARED, PROGRAM = sys.argv[1:5]
WANTED = {"x86_64": {"IBT"}, "aarch64": {"BTI", "PAC"}}


def features(path):
    """{file or member: set of claims}"""
    said = subprocess.run(["readelf", "-nW", path], stdout=subprocess.PIPE, text=True,
                          env={"LC_ALL": "C"}, check=True).stdout
    claims, name = {path: set()} if not path.endswith(".a") else {}, path
    for line in said.splitlines():
        if line.startswith("File: ") and "(" in line:
            name = line[line.rindex("(") + 1:-1]
            claims.setdefault(name, set())
        found = re.search(r"feature: (.*)", line)
        if found:
            claims[name] |= set(found.group(1).split(", "))
    return claims


def every_object_has_landing_pads():
    wanted = WANTED.get(MACHINE, set())
    return [name for name, has in features(ARCHIVE).items() if not wanted <= has]


def nothing_claims_a_shadow_stack():
    return ["%s: %s" % (name, has) for path in (ARCHIVE, SHARED, PROGRAM)
            for name, has in features(path).items() if has & {"SHSTK", "GCS"}]


def main():
    if not shutil.which("readelf"):
        print("1..0 # SKIP no readelf")
        return 0
    tests = [every_object_has_landing_pads, nothing_claims_a_shadow_stack]
    failed = 0
    print("1..%d" % len(tests))
    for number, test in enumerate(tests, 1):
        wrong = test()
        failed += bool(wrong)
        print("%s %d - %s" % ("not ok" if wrong else "ok", number, test.__name__))
        for what in wrong:
            print("# " + what)
    return failed > 0


sys.exit(main())
