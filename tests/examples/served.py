#!/usr/bin/env python3
"""Runs the examples that need a server, which is started here, and compares what they print: TAP.

    served.py KIND PROGRAM...

KIND is a folder beside this file, which has the expected output, NAME.out.  The clock is the
real one: a server does not know of another.  Without such a server on this machine the test is
skipped.
"""
import pathlib
import sys

import run

sys.dont_write_bytecode = True
sys.path[:0] = [str(run.HERE.parent)]

import postgres                                                 # noqa: E402
import redis_server                                             # noqa: E402

SERVERS = {"pg": postgres.Postgres, "redis": redis_server.Redis}
MISSING = (postgres.Missing, redis_server.Missing)


def main():
    kind, *paths = sys.argv[1:]
    programs = {path.stem: path.resolve() for path in map(pathlib.Path, paths)}
    try:
        with SERVERS[kind]() as server:
            return run.run_all(programs, run.HERE / kind, server.environment())
    except MISSING as missing:
        print(f"1..0 # SKIP {missing}")
        return False


sys.exit(main())
