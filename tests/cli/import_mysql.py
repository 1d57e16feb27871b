#!/usr/bin/env python3
"""bide import and bide export with a real MariaDB: whole after any end of either side."""
import contextlib
import os
import pathlib
import random
import subprocess
import sys

from imports import bad_lines, crash_until_done, generated, kill_until_done, rejected
from tool import bide, equal, file_in, folder, main, test

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from mariadb import MariaDB                                 # pylint: disable=wrong-import-position
from postgres import Missing                                # pylint: disable=wrong-import-position

SERVER = None


def ask(sql):
    """Rows of texts, as its own client prints them."""
    done = subprocess.run(
        ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{SERVER.port}", "-uroot", "-N", "-B",
         "--default-character-set=utf8mb4", "bide", "-e", sql],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


@contextlib.contextmanager
def fresh():
    """A folder, and a database without tables."""
    ask("drop database bide; create database bide")
    with folder() as path:
        yield path


def load(path, *words, text, create=True):
    """Imports a text into the table t."""
    file = file_in(path, "in.csv", text)
    return bide("import", "--to", SERVER.url, "--table", "t", *(["--create"] if create else []),
                *words, file)


@test
def rows_go_into_a_table_of_its_types():
    text = ("i,r,b,d,t,z,zip,n,x\n"
            "1,1.5,true,2026-02-28,2026-01-01 10:00:00,2026-01-01 10:00:00+01:00,007,,ä€😀\n"
            "-2,0.125,FALSE,2024-02-29,2026-01-01T10:00:00.5,2026-01-01 10:00:00Z,010,,\"\"\n")
    with fresh() as path:
        done = load(path, text=text.encode())
        equal((done.status, done.err), (0, b""))
        equal(ask("select i, r, b, d, t, z, zip, n is null, x, x is null from t order by i desc"),
              [["1", "1.5", "1", "2026-02-28", "2026-01-01 10:00:00.000000",
                "2026-01-01 10:00:00+01:00", "007", "1", "ä€😀", "0"],
               ["-2", "0.125", "0", "2024-02-29", "2026-01-01 10:00:00.500000",
                "2026-01-01 10:00:00Z", "010", "1", "", "0"]])
        equal(load(path, text=text.encode()).status, 2)
        out = bide("export", SERVER.url, "--query", "select i, r, n, x from t order by i")
        equal((out.status, out.out.decode()), (0, 'i,r,n,x\n-2,0.125,,""\n1,1.5,,ä€😀\n'))


@test
def a_dot_parts_the_database_from_the_table():
    with fresh() as path:
        ask("create or replace database `my shop`")
        file = file_in(path, "in.csv", b"id\n1\n")
        name = ("--table", "my shop.a..b")
        equal(bide("import", "--create", "--to", SERVER.url, *name, file).status, 0)
        equal(ask("select * from `my shop`.`a.b`"), [["1"]])
        equal(bide("export", SERVER.url, *name).out, b"id\n1\n")
        ask("drop database `my shop`")


@test
def rows_that_the_database_refuses_stop_no_other():
    with fresh() as path:
        ask("create table t (id int primary key, name varchar(9) check (name <> 'bad'))")
        dice = random.Random(3)
        lines = [(i, "bad" if dice.random() < 0.01 else f"n{i}") for i in range(5000)]
        lines += [(i, "twice") for i in range(0, 5000, 500)] + [(6000, "much too long")]
        text = "id,name\n" + "".join(f"{i},{name}\n" for i, name in lines) + "x,y\n"
        bad = os.path.join(path, "bad.csv")
        done = load(path, "--reject", bad, text=text.encode(), create=False)
        equal((done.status, done.err), (1, b""))
        good = {}
        for i, name in lines:
            if name in ("bad", "much too long") or i in good:
                continue
            good[i] = name
        equal({int(i): name for i, name in ask("select id, name from t")}, good)
        equal(len(rejected(bad)), len(lines) - len(good) + 1)


@test
def who_is_in_the_way_costs_another_try():
    rows = "id\n" + "".join(f"{i}\n" for i in range(500)) + "x\n"
    with fresh() as path:
        # What is counted there stays when the rest is undone.
        ask("create table t (id int primary key); create table tries (n int) engine=MyISAM")
        ask("delimiter //\ncreate trigger stumbles before insert on t for each row begin "
            "if new.id = 100 then insert into tries values (1); "
            "if (select count(*) from tries) < 4 then signal sqlstate '40001' "
            "set message_text = 'somebody is in the way'; end if; end if; end//")
        bad = os.path.join(path, "bad.csv")
        done = load(path, "--reject", bad, text=rows.encode(), create=False)
        equal((done.status, done.err), (1, b""))
        equal(ask("select (select count(*) from t), count(*) from tries"), [["500", "4"]])
        equal([one["line"] for one in rejected(bad)], ["502"])


@test
def killed_again_and_again_it_loses_nothing_and_doubles_nothing():
    with fresh() as path:
        file, good = generated(path, 100000)
        bad = os.path.join(path, "bad.csv")
        command = ("import", "--create", "--table", "t", "--to", SERVER.url, "--jobs", "3",
                   "--state", os.path.join(path, "state"), "--reject", bad, file)
        done, _ = kill_until_done(command, random.Random(1), (0.1, 0.6), 20)
        equal((done.status, done.err), (1, b""))
        equal(ask("select count(*), count(distinct id), sum(id), sum(value) from t"),
              [[str(len(good)), str(len(good)), str(sum(good)), str(3 * sum(good))]])
        equal(sorted(int(one["line"]) for one in rejected(bad)), bad_lines(100000))
        equal(bide(*command).status, 1)         # there is nothing left to be done
        equal(ask("select count(*) from t"), [[str(len(good))]])


def crash():
    SERVER.stop()
    SERVER.start()


@test
def a_crash_of_the_server_is_told_and_gone_on_from():
    with fresh() as path:
        file, good = generated(path, 100000)
        command = ("import", "--create", "--table", "t", "--to", SERVER.url, "--jobs", "2",
                   "--state", os.path.join(path, "state"), file)
        done = crash_until_done(command, crash, (0.4, 0.6, 0.8), b"mysql: ")
        equal(done.err, b"bide import: 20 rows were refused (--reject tells which)\n")
        equal(ask("select count(*), count(distinct id), sum(id) from t"),
              [[str(len(good)), str(len(good)), str(sum(good))]])


if __name__ == "__main__":
    try:
        with MariaDB() as SERVER:
            main()
    except Missing as reason:
        print(f"1..0 # SKIP {reason}")
