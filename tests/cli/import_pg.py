#!/usr/bin/env python3
"""bide import and bide export with a real PostgreSQL: whole after any end of either side."""
import contextlib
import csv
import io
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

from imports import (bad_lines, crash_until_done, generated, kill_until_done, peak_of, rejected,
                     write_many)
from tool import Skip, TIME_LIMIT, bide, equal, file_in, finish, folder, holds, main, start, test

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from postgres import Missing, Postgres                      # pylint: disable=wrong-import-position

SERVER = None


def ask(sql):
    """Rows of texts, as psql prints them."""
    done = subprocess.run(
        [SERVER.bin / "psql", SERVER.url, "-X", "-q", "--csv", "-t", "-v", "ON_ERROR_STOP=1", "-c",
         sql], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return list(csv.reader(io.StringIO(done.stdout)))


@contextlib.contextmanager
def fresh():
    """A folder, and a database without tables."""
    ask("drop schema public cascade; create schema public")
    with folder() as path:
        yield path


def load(path, *words, text, create=True):
    """Imports a text into the table t."""
    file = file_in(path, "in.csv", text)
    return bide("import", "--to", SERVER.url, "--table", "t", *(["--create"] if create else []),
                *words, file)


@test
def rows_go_into_a_table_of_its_types():
    text = (b"i,r,b,d,t,z,zip,n,x\n"
            b"1,1.5,true,2026-02-28,2026-01-01 10:00:00,2026-01-01 10:00:00+01:00,007,,a\n"
            b"-2,1e300,FALSE,2024-02-29,2026-01-01T10:00:00.5,2026-01-01 10:00:00Z,010,,\"\"\n")
    with fresh() as path:
        holds(load(path, "--dry-run", text=text).out, '    "z" timestamptz,\n    "zip" text,\n')
        equal(ask("select to_regclass('t') is null"), [["t"]])
        done = load(path, text=text)
        equal((done.status, done.err), (0, b""))
        equal(ask("select format_type(atttypid, -1) from pg_attribute "
                  "where attrelid = 't'::regclass and attnum > 0 order by attnum"),
              [["bigint"], ["double precision"], ["boolean"], ["date"],
               ["timestamp without time zone"], ["timestamp with time zone"], ["text"], ["text"],
               ["text"]])
        equal(ask("set timezone to 'UTC'; select i, r, b, d, t, z, zip, n is null, x from t"),
              [["1", "1.5", "t", "2026-02-28", "2026-01-01 10:00:00", "2026-01-01 09:00:00+00",
                "007", "t", "a"],
               ["-2", "1e+300", "f", "2024-02-29", "2026-01-01 10:00:00.5",
                "2026-01-01 10:00:00+00", "010", "t", ""]])
        equal(ask("select count(*) from t where x is null"), [["0"]])
        equal(load(path, text=text).status, 2)
        equal(load(path, text=text, create=False).status, 0)
        equal(ask("select count(*) from t"), [["4"]])


@test
def a_dot_parts_the_schema_from_the_table():
    with fresh() as path:
        ask('drop schema if exists "my shop" cascade; create schema "my shop"')
        file, bad = file_in(path, "in.csv", b"id,ok\n1,true\nx,false\n"), os.path.join(path, "bad")
        ask('create table "my shop"."a.b" (id int, ok boolean)')
        command = ("--to", SERVER.url, "--table", "my shop.a..b", "--reject", bad, file)
        equal(bide("import", *command).status, 1)
        equal([(one["line"], one["column"]) for one in rejected(bad)], [("3", "id")])
        equal(ask('select * from "my shop"."a.b"'), [["1", "t"]])
        made = bide("import", "--create", "--to", SERVER.url, "--table", "my shop.u", file)
        equal((made.status, made.err), (0, b""))
        equal(ask('select count(*) from "my shop".u'), [["2"]])
        # PostgreSQL's own words for true and false.
        out = bide("export", SERVER.url, "--table", "my shop.a..b")
        equal((out.status, out.out), (0, b"id,ok\n1,t\n"))


@test
def texts_come_back_as_they_were():
    values = ["", "\\N", "\\.", "a\tb", "a\nb", "a\r\nb", "\\", "\\\\n", "ä€😀", "'", '"',
              "x" * 70000, "\x01\x7f", "NULL", " ", "a,b;c|d"]
    values += [text + "\\\t"[i % 2] * (i % 9) + text for i, text in enumerate(values[:8] * 40)]
    text = io.StringIO()
    write = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    write.writerow(["id", "v"])
    write.writerows(enumerate(values))
    with fresh() as path:
        done = load(path, text=text.getvalue().encode())
        equal((done.status, done.err), (0, b""))
        out = bide("export", SERVER.url, "--query", "select id, v from t order by id")
        equal((out.status, out.err), (0, b""))
        back = list(csv.reader(io.StringIO(out.out.decode(), newline="")))
        equal(back, [["id", "v"]] + [[str(i), v] for i, v in enumerate(values)])


@test
def what_the_server_reads_is_taken():
    with fresh() as path:
        ask("create table t (i int, r float8, b bool, d date)")
        done = load(path, text=b"i,r,b,d\n 5 , 1.5 ,yes,Nov 29 2026\n1,infinity,off,2026-11-29\n",
                    create=False)
        equal((done.status, done.err), (0, b""))
        equal(sorted(ask("select * from t")), [["1", "Infinity", "f", "2026-11-29"],
                                               ["5", "1.5", "t", "2026-11-29"]])


@test
def bad_rows_are_set_aside_with_their_reasons():
    with fresh() as path:
        ask("create table t (id int primary key, name varchar(9) check (name <> 'bad'), n int2)")
        bad = os.path.join(path, "bad.csv")
        text = "id,name,n\n" + "".join(f"{i},n{i},1\n" for i in range(1000))
        text += "x7,a,1\n1,twice,1\n2000,bad,1\n2001,much too long,1\n2002,good,99999\n"
        text += "99999999999,a,1\n2003,,1\n"
        done = load(path, "--reject", bad, text=text.encode(), create=False)
        equal((done.status, done.err), (1, b""))
        equal(ask("select count(*) from t"), [["1001"]])
        found = [(one["line"], one["column"], one["reason"]) for one in rejected(bad)]
        equal(sorted(found), [
            ("1002", "id", 'invalid input syntax for type integer: "x7"'),
            ("1003", "", 'duplicate key value violates unique constraint "t_pkey"'),
            ("1004", "", 'new row for relation "t" violates check constraint "t_name_check"'),
            ("1005", "name", "value too long for type character varying(9)"),
            ("1006", "n", 'value "99999" is out of range for type smallint'),
            ("1007", "id", 'value "99999999999" is out of range for type integer')])


@test
def rows_that_the_database_refuses_stop_no_other():
    with fresh() as path:
        ask("create table p (id int primary key); insert into p select generate_series(0, 19999);"
            "create table t (id int primary key, name text check (name <> 'bad'), "
            "p int references p)")
        dice = random.Random(3)
        lines = [(i, "bad" if dice.random() < 0.01 else f"n{i}", 99999 if i % 997 == 0 else i)
                 for i in range(20000)]
        lines += [(i, "twice", 1) for i in range(0, 20000, 500)]
        text = "id,name,p\n" + "".join(f"{i},{name},{p}\n" for i, name, p in lines)
        bad = os.path.join(path, "bad.csv")
        done = load(path, "--reject", bad, "--jobs", "1", text=text.encode(), create=False)
        equal(done.status, 1)
        good = {}
        for i, name, p in lines:
            if name != "bad" and p != 99999 and i not in good:
                good[i] = name
        equal({int(i): name for i, name in ask("select id, name from t")}, good)
        equal(len(rejected(bad)), len(lines) - len(good))
        equal({one["reason"].split('"')[0] for one in rejected(bad)},
              {"new row for relation ", "duplicate key value violates unique constraint ",
               "insert or update on table "})


@test
def constraints_that_wait_for_the_commit_stop_no_other():
    with fresh() as path:
        ask("create table p (id int primary key); insert into p select generate_series(0, 9999);"
            "create table t (id int, p int references p deferrable initially deferred)")
        bad = os.path.join(path, "bad.csv")
        text = "id,p\n" + "".join(f"{i},{-1 if i == 7777 else i}\n" for i in range(10000)) + "x,1\n"
        done = load(path, "--reject", bad, "--strict", text=text.encode(), create=False)
        equal(done.status, 1)
        equal(ask("select count(*) from t"), [["0"]])
        done = load(path, "--reject", bad, text=text.encode(), create=False)
        equal((done.status, done.err), (1, b""))
        equal(ask("select count(*) from t"), [["9999"]])
        equal(sorted(one["line"] for one in rejected(bad)), ["10002", "7779"])


@test
def who_is_in_the_way_costs_another_try():
    rows = "id\n" + "".join(f"{i}\n" for i in range(500)) + "x\n"
    with fresh() as path:
        ask("create table t (id int primary key); create sequence tries;"
            "create function stumble() returns trigger language plpgsql as $$ begin "
            "if new.id = 100 and nextval('tries') < 4 then "
            "raise exception 'somebody is in the way' using errcode = '40P01'; end if; "
            "return new; end $$;"
            "create trigger stumbles before insert on t for each row execute function stumble()")
        bad = os.path.join(path, "bad.csv")
        done = load(path, "--reject", bad, text=rows.encode(), create=False)
        equal((done.status, done.err), (1, b""))
        equal(ask("select count(*), nextval('tries') from t"), [["500", "5"]])
        equal([one["line"] for one in rejected(bad)], ["502"])


@test
def strict_leaves_nothing_behind():
    with fresh() as path:
        text = b"id\n" + b"1\n" * 300000 + b"x\n"
        done = load(path, "--strict", text=text)
        equal(done.status, 1)
        holds(done.err, "--strict: ")
        holds(done.err, "in.csv,300002,id,")
        equal(ask("select count(*) from t"), [["0"]])
        equal(load(path, "--strict", text=text[:-2], create=False).status, 0)
        equal(ask("select count(*) from t"), [["300000"]])


@test
def what_cannot_be_read_twice_goes_piece_by_piece():
    with fresh():
        ask("create table t (id int check (id <> 170000), n int)")
        text = b"id,n\n" + b"".join(b"%d,%d\n" % (i, i) for i in range(300000))
        done = bide("import", "--to", SERVER.url, "--table", "t", "--jobs", "2", "--quiet", "-",
                    given=text)
        equal((done.status, done.err), (1, b""))
        equal(ask("select count(*), sum(n) from t"), [["299999", str(44999850000 - 170000)]])


# ---- several writers ----

@test
def writers_work_side_by_side():
    with fresh() as path:
        ask("create table t (id int, name text, value int, pid int default pg_backend_pid())")
        file, good = generated(path, 300000)
        done = bide("import", "--to", SERVER.url, "--table", "t", "--jobs", "4", "--quiet", file)
        equal((done.status, done.err), (1, b""))
        equal(ask("select count(*), sum(id), count(distinct pid) from t"),
              [[str(len(good)), str(sum(good)), "4"]])


# ---- going on ----

def killed_again_and_again(jobs, count):
    """Every row once, and every refused one once, whatever happens in between: some are refused for
    what they look like, some by the table, which undoes others with them."""
    with fresh() as path:
        ask("create table t (id int check (id % 40000 <> 77), name text, value int)")
        file, good = generated(path, count)
        good = [i for i in good if i % 40000 != 77]
        wrong = bad_lines(count) + list(range(79, count + 2, 40000))
        bad = os.path.join(path, "bad.csv")
        command = ("import", "--create", "--table", "t", "--to", SERVER.url, "--jobs", jobs,
                   "--commit", "0.05", "--state", os.path.join(path, "state"),
                   "--reject", bad, file)
        done, kills = kill_until_done(command, random.Random(count), (0.05, 0.4), 30)
        equal((done.status, done.err), (1, b""))
        equal(ask("select count(*), count(distinct id), sum(id), sum(value) from t"),
              [[str(len(good)), str(len(good)), str(sum(good)), str(3 * sum(good))]])
        equal(sorted(int(one["line"]) for one in rejected(bad)), sorted(wrong))
        equal(ask("select count(*) from bide_import"), [["1"]])
        equal(bide(*command).status, 1)         # there is nothing left to be done
        equal(ask("select count(*) from t"), [[str(len(good))]])
        return kills


@test
def killed_again_and_again_it_loses_nothing_and_doubles_nothing():
    kills = killed_again_and_again("1", 300000)
    kills += killed_again_and_again("4", 600000)
    assert kills > 3, kills


# The table takes a while to commit row 5, and whoever cancels that comes too late.
SLOW = """
    create table t (id int, name text, value int);
    create function slow() returns trigger language plpgsql as $$
    begin
        perform pg_sleep(2);
        return null;
    exception when query_canceled then
        return null;
    end $$;
    create constraint trigger slow after insert on t deferrable initially deferred
        for each row when (new.id = 5) execute function slow()"""


@test
def a_commit_whose_answer_nobody_awaits_keeps_its_refused_rows():
    for end in (signal.SIGINT, signal.SIGKILL):
        with fresh() as path:
            ask(SLOW)
            file, good = generated(path, 60000)
            bad = os.path.join(path, "bad.csv")
            command = ("import", "--table", "t", "--to", SERVER.url, "--jobs", "2", "--commit",
                       "0.001", "--state", os.path.join(path, "state"), "--reject", bad, file)
            process = start(*command)
            while not ask("select 1 from pg_stat_activity where wait_event = 'PgSleep'"):
                assert process.poll() is None, "it was too fast"
            process.send_signal(end)
            holds((-end, 130), finish(process).status)
            done = bide(*command)
            equal((done.status, done.err), (1, b""))
            equal(ask("select count(*), sum(id) from t"), [[str(len(good)), str(sum(good))]])
            equal(sorted(int(one["line"]) for one in rejected(bad)), bad_lines(60000))


def crash():
    SERVER.stop("immediate")
    SERVER.start()


@test
def a_crash_of_the_server_is_told_and_gone_on_from():
    with fresh() as path:
        file, good = generated(path, 600000)
        command = ("import", "--create", "--table", "t", "--to", SERVER.url, "--jobs", "3",
                   "--state", os.path.join(path, "state"), file)
        dice = random.Random(7)
        pauses = [dice.uniform(0.1, 0.6) for _ in range(4)]
        done = crash_until_done(command, crash, pauses, b"postgresql: ")
        equal(done.err, b"bide import: 120 rows were refused (--reject tells which)\n")
        equal(ask("select count(*), count(distinct id), sum(id) from t"),
              [[str(len(good)), str(len(good)), str(sum(good))]])


# ---- what goes wrong ----

@test
def who_cannot_connect_says_why():
    with fresh() as path:
        file = file_in(path, "in.csv", b"id\n1\n")
        for url, message in (
                (SERVER.url + "x", 'database "postgresx" does not exist'),
                (SERVER.url.replace("tester@", "nobody@"), 'role "nobody" does not exist'),
                (SERVER.url + "?sslmode=require", "SSL"),
                ("postgresql://tester@127.0.0.1:1/postgres", "refused"),
                ("postgresql://tester@127.0.0.1:1/postgres?nonsense=1", "nonsense")):
            done = bide("import", "--to", url, "--table", "t", file)
            equal(done.status, 2)
            holds(done.err, message)
            done = bide("export", url, "--table", "t")
            assert done.status in (1, 2), done.status
            holds(done.err, message)


@test
def a_table_that_does_not_fit_is_told():
    with fresh() as path:
        holds(load(path, text=b"id\n1\n", create=False).err, "--create makes the table: ")
        ask("create table t (id int)")
        holds(load(path, text=b"id,name\n1,a\n", create=False).err, "has no column 'name'")
        ask("create role reader login; grant usage on schema public to reader; "
            "grant select on t to reader")
        file = file_in(path, "in.csv", b"id\n1\n")
        url = SERVER.url.replace("tester@", "reader@")
        done = bide("import", "--to", url, "--table", "t", file)
        ask("drop owned by reader; drop role reader")
        equal(done.status, 1)
        holds(done.err, "permission denied for table t")


@test
def a_million_rows_take_little_memory():
    if os.environ.get("BIDE_SANITIZED"):
        raise Skip("sanitizers take memory")
    with fresh() as path:
        file = os.path.join(path, "in.csv")
        with open(file, "w", encoding="utf-8") as out:
            write_many(out, 1000000)
        for jobs in ("1", "32"):
            started = time.monotonic()
            ask("drop table if exists t")
            process = start("import", "--create", "--to", SERVER.url, "--table", "t",
                            "--jobs", jobs, file)
            peak = peak_of(process)
            equal(finish(process).status, 0)
            print(f"# 1000000 rows by {jobs} in {time.monotonic() - started:.1f} s, {peak} KiB")
            equal(ask("select count(*), sum(id) from t"), [["1000000", "499999500000"]])
            assert 0 < peak < 64 * 1024, peak
        process = start("export", SERVER.url, "--table", "t", "--to", os.path.join(path, "out.csv"))
        peak = peak_of(process)
        equal(finish(process).status, 0)
        assert 0 < peak < 64 * 1024, peak


# ---- export ----

@test
def what_is_exported_is_what_is_imported():
    with fresh() as path:
        ask("create table t (a int, b float8, c text, d date, t timestamptz, y bytea, ok bool, "
            "n numeric, j jsonb); "
            "insert into t select g, g / 7.0, case when g % 3 = 0 then null else E'x\"y,\\n' || g "
            "end, date '2026-01-01' + g, timestamptz '2026-01-01 00:00Z' + g * interval '1 s', "
            "decode('00ff', 'hex'), g % 2 = 0, g / 3.0, jsonb_build_object('g', g) "
            "from generate_series(1, 2000) g; insert into t (a, c) values (0, '')")
        ask("create table copy (like t)")
        file = os.path.join(path, "t.csv")
        done = bide("export", SERVER.url, "--table", "t", "--to", file)
        equal((done.status, done.err), (0, b""))
        done = bide("import", "--to", SERVER.url, "--table", "copy", file)
        equal((done.status, done.err), (0, b""))
        equal(ask("select count(*) from (select * from t except select * from copy) x"), [["0"]])
        equal(ask("select count(*) from copy"), [["2001"]])
        lines = bide("export", SERVER.url, "--query", "select a, b, c, ok from t order by a",
                     "--json").lines()
        equal(lines[0], {"a": 0, "b": None, "c": "", "ok": None})
        equal(lines[1], {"a": 1, "b": 1 / 7, "c": 'x"y,\n1', "ok": False})
        equal(len(lines), 2001)
        equal(bide("export", SERVER.url, "--query", "select a from t where false").out, b"a\n")


@test
def an_export_that_fails_says_so():
    with fresh():
        done = bide("export", SERVER.url, "--table", "none")
        equal(done.status, 1)
        holds(done.err, 'relation "none" does not exist')
        done = bide("export", SERVER.url, "--query",
                    "select 1 / (5000 - g) from generate_series(1, 10000) g")
        equal(done.status, 1)
        holds(done.err, "division by zero")
        big = "select g, repeat('x', 1000) from generate_series(1, 10000000) g"
        process = start("export", SERVER.url, "--query", big)
        process.stdout.readline()
        process.stdout.close()
        equal(process.wait(TIME_LIMIT), 0)      # who read has had enough
        process.stderr.close()
        process = start("export", SERVER.url, "--query", big, stdout=subprocess.DEVNULL)
        time.sleep(0.3)
        SERVER.stop("immediate")
        SERVER.start()
        done = finish(process)
        equal(done.status, 1)
        holds(done.err, "bide export: postgresql: ")


if __name__ == "__main__":
    try:
        with Postgres() as SERVER:
            main()
    except Missing as reason:
        print(f"1..0 # SKIP {reason}")
