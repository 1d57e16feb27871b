"""The sanitizers and Valgrind know our switches: they find what is wrong inside tasks, no more.

Usage: sanitizers.py TOOL PROGRAM, where TOOL is what the build was made for (address, thread,
valgrind, none) and PROGRAM is tests/stack/defects.c.  Speaks TAP.
"""
import os
import shutil
import subprocess
import sys

TOOL, PROGRAM = sys.argv[1:3]

# defect, what must be said; None: nothing at all, and success
ADDRESS = [("sound", None), ("apart", None),
           ("overflow", "stack-buffer-overflow"), ("overflow", "in writes_beyond"),
           ("return", "stack-use-after-return"), ("return", "in uses_after_return"),
           ("scope", "stack-use-after-scope"), ("scope", "in uses_after_scope")]
THREAD = [("sound", None), ("apart", None), ("race", "data race"), ("race", "in counts")]
VALGRIND = [("sound", None), ("apart", None), ("unset", "depends on uninitialised value"),
            ("unset", "uses_unset")]


def run(defect, command):
    env = dict(os.environ, ASAN_OPTIONS="detect_stack_use_after_return=1", TSAN_OPTIONS="",
               BIDE_DEBUG="0")
    done = subprocess.run(command + [PROGRAM, defect], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=100, env=env)
    return done.returncode, done.stdout


def judge(wanted, status, said):
    if wanted:
        return status != 0 and wanted in said
    return status == 0 and said == ""


def main():
    command = []
    if "address" in TOOL:
        cases = ADDRESS
    elif "thread" in TOOL:
        cases, command = THREAD, ["setarch", "-R"]
    elif TOOL == "valgrind" and shutil.which("valgrind"):
        cases = VALGRIND
        command = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full"]
    else:
        print("1..0 # SKIP no valgrind")
        return 0
    failed = 0
    print("1..%d" % len(cases))
    for number, (defect, wanted) in enumerate(cases, 1):
        status, said = run(defect, command)
        good = judge(wanted, status, said)
        failed += not good
        print("%s %d - %s: %s" % ("ok" if good else "not ok", number, defect, wanted or "silence"))
        if not good:
            print("# status %d\n%s" % (status, "".join("# %s\n" % s for s in said.splitlines())))
    return failed > 0


sys.exit(main())
