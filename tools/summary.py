#!/usr/bin/env python3
"""Counts the test cases of one `meson test` run and says so on the last line.

    tools/summary.py build/meson-logs/testlog.json

Meson counts programs; here every TAP line is a case, and a program that speaks no TAP is one.
A program that ended badly without a failed case (a crash, a time limit) is a failed case; so are
those its TAP plan promised and did not deliver.  Exits 1 if any failed or none ran.

With TALLY=FILE in the environment, the two numbers are added to that file and the line gets a
label, so that the script which sums up has the only bare "N passed, N failed".
"""
import json
import os
import re
import sys

CASE = re.compile(r"(not )?ok\b(.*)")
PLAN = re.compile(r"1\.\.(\d+)")


def count(program):
    """(passed, failed, skipped) of one line of Meson's log."""
    bad = program["result"] in ("FAIL", "ERROR", "TIMEOUT", "UNEXPECTEDPASS", "INTERRUPT")
    passed = failed = skipped = planned = 0
    is_tap = False
    for line in (program.get("stdout") or "").splitlines():
        plan, case = PLAN.match(line), CASE.match(line)
        if plan:
            is_tap, planned = True, int(plan.group(1))
        elif case and case.group(1):
            failed += 1
        elif case and re.search(r"# *skip", case.group(2), re.I):
            skipped += 1
        elif case:
            passed += 1
    if not is_tap:
        skip = program["result"] == "SKIP"
        passed, failed, skipped = int(not bad and not skip), int(bad), int(skip)
    failed += max(0, planned - passed - failed - skipped)
    if bad and not failed:
        failed = 1
    return passed, failed, skipped


def main():
    totals = [0, 0, 0]
    path = sys.argv[1]
    if os.path.exists(path):
        with open(path, encoding="utf-8") as log:
            for line in log:
                program = json.loads(line)
                counts = count(program)
                totals = [a + b for a, b in zip(totals, counts)]
                if counts[1]:
                    print(f"failed: {program['name']} ({program['result']})")
    else:
        print("no test has run")
    passed, failed, skipped = totals
    line = f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
    tally = os.environ.get("TALLY")
    if tally:
        with open(tally, "a", encoding="utf-8") as out:
            out.write(f"{passed} {failed}\n")
        line = "tests: " + line
    print(line)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
