#!/usr/bin/env python3
"""Writes NAME.out for every python/NAME.py that uses the jumping clock: what Python prints.

    record.py [NAME...]

Needs Python 3.11 and aiohttp (Debian 12: python3-aiohttp).  The tests do not need this program;
it is kept so that the expected output can be made again.
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
HELPERS = {"jumping", "standin"}


def main():
    wanted = set(sys.argv[1:])
    for program in sorted((HERE / "python").glob("*.py")):
        if program.stem in HELPERS or (wanted and program.stem not in wanted):
            continue
        done = subprocess.run([sys.executable, "-W", "error", program], check=True, text=True,
                              capture_output=True, timeout=120)
        if done.stderr:
            sys.exit(f"{program.name}: {done.stderr}")
        text = re.sub(r"127\.0\.0\.1:\d{4,5}", "127.0.0.1:PORT", done.stdout)
        (HERE / f"{program.stem}.out").write_text(text)
        print(program.stem)


main()
