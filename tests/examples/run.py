#!/usr/bin/env python3
"""Runs every example on the jumping clock and compares what it prints with NAME.out: TAP.

    run.py PROGRAM...

An example without expected output fails, and so does expected output without an example, one
that writes to standard error, one that exits with another status than 0, and one whose source
has more than 60 lines.  What the .out files may contain besides plain text: README.md.
"""
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parent.parent / "examples"
LINES_MAX = 60
SECONDS_MAX = 60


def normalised(text):
    return re.sub(r"127\.0\.0\.1:\d{4,5}", "127.0.0.1:PORT", text).splitlines()


def fits(expected, actual):
    """<words: X> stands for any wording that contains X."""
    plain, mark, words = expected.partition("<words: ")
    if not mark:
        return expected == actual
    return actual.startswith(plain) and words.removesuffix(">") in actual[len(plain):]


def difference(expected, actual):
    for number, (want, have) in enumerate(zip(expected, actual), 1):
        if not fits(want, have):
            return f"line {number}: expected {want!r}, printed {have!r}"
    if len(expected) != len(actual):
        return f"expected {len(expected)} lines, printed {len(actual)}: {actual}"
    return None


def environment(more):
    """As it is, but in order: a shuffled program rightly prints something else."""
    kept = {name: value for name, value in os.environ.items() if name != "BIDE_SHUFFLE"}
    return {**kept, **more}


def complaint(program, expected, more):
    if not expected.exists():
        return f"there is no {expected.name}"
    count = len((SOURCES / f"{program.stem}.c").read_text().splitlines())
    if count > LINES_MAX:
        return f"the source has {count} lines, at most {LINES_MAX} are allowed"
    try:
        done = subprocess.run([program], env=environment(more), text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return f"still running after {SECONDS_MAX} s"
    if done.returncode:
        return f"exit status {done.returncode}: {done.stderr.strip()}"
    if done.stderr:
        return f"standard error: {done.stderr.strip()}"
    return difference(normalised(expected.read_text()), normalised(done.stdout))


def run_all(programs, folder, more):
    """Each by its name, with more variables: did any fail?"""
    names = sorted(programs | {path.stem: path for path in folder.glob("*.out")
                               if not path.stem.startswith("db_")})    # where the library is
    print(f"1..{len(names)}")
    failures = 0
    for number, name in enumerate(names, 1):
        if name in programs:
            wrong = complaint(programs[name], folder / f"{name}.out", more)
        else:
            wrong = "there is expected output, but no such example was built"
        failures += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}", flush=True)
        if wrong:
            print("# " + wrong.replace("\n", "\n# "), flush=True)
    return failures > 0


if __name__ == "__main__":
    built = {path.stem: path.resolve() for path in map(pathlib.Path, sys.argv[1:])}
    sys.exit(run_all(built, HERE, {"BIDE_CLOCK": "jumping"}))
