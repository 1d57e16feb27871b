#!/usr/bin/env python3
"""bide import --queue: workers that share files, and who dies or is cut off within one."""
import contextlib
import os
import signal
import sqlite3
import time

from import_places import SLOW, place, worker
from lists import finish_all
from tool import TIME_LIMIT, equal, file_in, finish, holds, main, test


def csv_file(path, name, first, count):
    rows = "".join(f"{i},name of {i}\n" for i in range(first, first + count))
    return file_in(path, name, ("id,name\n" + rows).encode())


def check(database, count):
    """Each row once."""
    equal(database.ask("select count(*), count(distinct id), min(id), max(id) from t"),
          [(count, count, 0, count - 1)])


def wait_for_batches(database, count, process):
    """Until so many batches of the file being imported are in; the worker is still at it."""
    end = time.monotonic() + TIME_LIMIT
    found = None
    while not found or found[0][0] < count:
        assert process.poll() is None, f"the worker ended before; batches seen: {found}"
        assert time.monotonic() < end, f"no {count} batches in {TIME_LIMIT} s: {found}"
        time.sleep(0.01)
        with contextlib.suppress(sqlite3.Error):
            found = database.ask("select count(*) from bide_import where file >= 0")


@test
def two_workers_share_files():
    with place("sqlite") as (work, path, database):
        files = [csv_file(path, f"{n}.csv", n * 1000, 1000) for n in range(12)]
        runs = finish_all([worker(work, database.url, *files) for _ in range(2)])
        equal([(run.status, run.err) for run in runs], [(0, b""), (0, b"")])
        check(database, 12000)
        lines = {line["file"]: line for line in work.queue("results").lines()}
        equal(sorted(lines), sorted(files))
        assert all((line["table"], line["rows"], line["refused"], line["error"]) ==
                   ("t", 1000, 0, None) for line in lines.values()), lines
        equal((work.state()["left"], work.state()["done"]), (0, 12))
        # Another list, the same files: each is known by what it is.
        work.queue("drop")
        equal(finish(worker(work, database.url, *files)).status, 0)
        check(database, 12000)


BIG = 300_000


@contextlib.contextmanager
def first_within_a_file(kind, make=None):
    """Yields a place, and a worker that has put some batches of its second file into the table."""
    with place(kind) as (work, path, database):
        files = [csv_file(path, "a.csv", 0, 1000), csv_file(path, "b.csv", 1000, BIG)]
        work.add(files)
        if make:
            database.ask(make)
        first = worker(work, database.url, "--commit", "0.001")
        try:
            wait_for_batches(database, 2, first)
            yield work, database, first
        finally:
            first.kill()
            first.wait()
        check(database, 1000 + BIG)
        equal((work.state()["left"], work.state()["done"], work.state()["dead"]), (0, 2, 0))
        [line] = [line for line in work.queue("results").lines() if line["file"] == files[1]]
        equal((line["rows"], line["error"]), (BIG, None))


def ends_well(run, status=0):
    equal((run.status, run.err), (status, b""))


@test
def a_file_of_a_killed_worker_is_gone_on_with():
    with first_within_a_file("sqlite") as (work, database, first):
        first.kill()
        ends_well(finish(worker(work, database.url)))
        ends_well(finish(first), -signal.SIGKILL)


@test
def a_worker_that_was_cut_off_changes_nothing_more():
    # For longer than the claim time; not for ever, for it may have the lock on SQLite's file.
    with first_within_a_file("sqlite") as (work, database, first):
        first.send_signal(signal.SIGSTOP)
        second = worker(work, database.url)
        time.sleep(3)
        first.send_signal(signal.SIGCONT)
        for run in finish_all([first, second]):
            ends_well(run)


# As SLOW.
SLOW_MYSQL = """create table t (id int primary key, name text);
    create trigger slow before insert on t for each row
    set new.id = new.id + if(new.id % 100 = 0, sleep(0.002), 0)"""


@test
def postgresql_goes_on_with_a_file_of_a_killed_worker():
    with first_within_a_file("pg", SLOW) as (work, database, first):
        first.kill()
        ends_well(finish(worker(work, database.url)))
        ends_well(finish(first), -signal.SIGKILL)


def stop_first(kind, make):
    """Another goes on meanwhile."""
    with first_within_a_file(kind, make) as (work, database, first):
        first.send_signal(signal.SIGSTOP)
        ends_well(finish(worker(work, database.url)))
        first.send_signal(signal.SIGCONT)
        ends_well(finish(first))


@test
def postgresql_waits_for_no_worker_that_is_stopped():
    stop_first("pg", SLOW)


@test
def mariadb_waits_for_no_worker_that_is_stopped():
    stop_first("mysql", SLOW_MYSQL)             # whose own limit is beyond that of the test


@test
def who_is_stopped_gives_back_its_file():
    with place("sqlite") as (work, path, database):
        work.add([csv_file(path, "a.csv", 0, 300_000)])
        first = worker(work, database.url, "--commit", "0.001")
        wait_for_batches(database, 2, first)
        first.send_signal(signal.SIGTERM)
        equal(finish(first).status, 130)
        equal((work.state()["returned"], work.state()["workers"]), (1, []))
        equal(finish(worker(work, database.url)).status, 0)
        check(database, 300_000)


@test
def a_file_that_cannot_be_imported_is_put_aside():
    with place("sqlite") as (work, path, database):
        good, bad = csv_file(path, "a.csv", 0, 10), file_in(path, "b.csv", b"x,y\n1,2\n")
        gone = os.path.join(path, "gone.csv")
        run = finish(worker(work, database.url, "--queue-tries", "2", good, bad, gone))
        equal(run.status, 1)
        holds(run.err, f"bide import: {bad}: put aside: the table t has no column 'x'")
        holds(run.err, f"bide import: {gone}: put aside: open: {gone}: No such file or directory")
        check(database, 10)
        tries = {dead["item"]: dead["tries"] for dead in work.queue("dead").lines()}
        equal(tries, {bad: 1, gone: 2})


@test
def refused_rows_are_counted_and_kept():
    with place("sqlite") as (work, path, database):
        files = [file_in(path, f"{n}.csv", f"id,name\n{n},a\nb\n".encode()) for n in range(2)]
        reject = os.path.join(path, "refused")
        run = finish(worker(work, database.url, "--reject", reject, *files))
        equal((run.status, run.err), (1, b""))
        check(database, 2)
        equal(sorted(line["refused"] for line in work.queue("results").lines()), [1, 1])
        with open(reject, encoding="utf-8") as lines:
            equal(len(lines.read().splitlines()), 3)


@test
def what_cannot_be_shared_is_refused():
    with place("sqlite") as (work, path, database):
        for more, why in ((("--state", "s"), "--queue goes without --state and --dry-run"),
                          (("-n",), "--queue goes without --state and --dry-run"),
                          (("-",), "standard input cannot be shared")):
            run = finish(worker(work, database.url, *more))
            equal((run.status, run.err.decode()), (2, f"bide import: {why}\n"))
        equal(finish(worker(work, database.url, csv_file(path, "a.csv", 0, 1))).status, 0)
        run = work.work("--to", database.url, "--table", "other", command="import")
        equal(run.status, 2)
        holds(run.err, "its work is 'import table=t columns=all', not 'import table=other ")
        work.queue("drop")
        many = ",".join(f"column{n}" for n in range(100))
        finish(worker(work, database.url, "--columns", many))
        run = finish(worker(work, database.url, "--columns", many + ",more"))
        equal(run.status, 2)
        holds(run.err, "column98,column99', not '...")
        holds(run.err, "column98,column99,more'")


main()
