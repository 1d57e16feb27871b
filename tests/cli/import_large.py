#!/usr/bin/env python3
"""bide import and bide export of ten million rows: how much memory they take, and how long.

Not one of the suite's tests: ./dev check databases runs it.  The rows go in twice: from a file,
which can be read again, and through a pipe, which cannot, and so takes another way.
"""
import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys
import threading
import time

from imports import write_many
from tool import equal, folder, main, program, test

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from postgres import Postgres                               # pylint: disable=wrong-import-position

ROWS = int(os.environ.get("BIDE_ROWS") or 10000000)
SUM = ROWS * (ROWS - 1) // 2
MOST = 64 * 1024                                            # KiB
SERVER = None


def write_to(pipe):
    with contextlib.suppress(BrokenPipeError), open(pipe, "w", encoding="utf-8") as out:
        write_many(out, ROWS)


def run(name, *words, stdin=subprocess.DEVNULL):
    """Runs the tool to its end, and tells its largest memory as the system has counted it."""
    started = time.monotonic()
    with subprocess.Popen([program(), *words], stdin=stdin) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    print(f"# {name}: {ROWS} rows in {seconds:.0f} s, {used.ru_maxrss} KiB", flush=True)
    equal(process.returncode, 0)
    assert 0 < used.ru_maxrss < MOST, used.ru_maxrss


def take_in(name, *words, check):
    """Imports the rows from a file, and then through a pipe."""
    command = ("import", "--create", "--table", "t", "--quiet", *words)
    with folder() as path:
        file = os.path.join(path, "in.csv")
        with open(file, "w", encoding="utf-8") as out:
            write_many(out, ROWS)
        run(f"{name}, a file", *command, file)
        check()
    reading, writing = os.pipe()
    writer = threading.Thread(target=write_to, args=[writing])
    writer.start()
    try:
        run(f"{name}, a pipe", *command, "-", stdin=reading)
    finally:
        os.close(reading)
        writer.join()
    check()


def check_sqlite(file):
    with contextlib.closing(sqlite3.connect(file)) as db:
        equal(db.execute("select count(*), sum(id) from t").fetchall(), [(ROWS, SUM)])
    os.unlink(file)


@test
def ten_million_rows_into_sqlite_take_little_memory():
    with folder() as path:
        file = os.path.join(path, "out.db")
        take_in("SQLite", "--to", f"sqlite:{file}", check=lambda: check_sqlite(file))


def ask(sql):
    return subprocess.run([SERVER.bin / "psql", SERVER.url, "-X", "-q", "-At", "-c", sql],
                          stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def check_postgres():
    equal(ask("select count(*), sum(id) from t"), f"{ROWS}|{SUM}")
    ask("alter table t rename to kept" if ask("select to_regclass('kept')") == "" else
        "drop table t")


@test
def ten_million_rows_into_postgresql_and_out_take_little_memory():
    take_in("PostgreSQL", "--to", SERVER.url, check=check_postgres)
    run("PostgreSQL, out", "export", SERVER.url, "--table", "kept", "--to", "/dev/null")


if __name__ == "__main__":
    with Postgres() as SERVER:
        main()
