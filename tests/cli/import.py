#!/usr/bin/env python3
"""bide import and bide export: CSV into a database and out again, whole after any end."""
import contextlib
import gzip
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import time

from imports import bad_lines, generated, kill_until_done, peak_of, rejected, write_many
from tool import Skip, TIME_LIMIT, bide, equal, file_in, finish, folder, holds, main, start, test

SIMPLE = b"id,name\n1,one\n2,two\n"


def load(path, *words, text=SIMPLE, create=True, **options):
    """Imports a text into path/out.db, table t."""
    file = file_in(path, "in.csv", text)
    return bide("import", "--to", "sqlite:" + os.path.join(path, "out.db"), "--table", "t",
                *(["--create"] if create else []), *words, file, **options)


def rows(path, query="select * from t"):
    with contextlib.closing(sqlite3.connect(os.path.join(path, "out.db"))) as db:
        return db.execute(query).fetchall()


def imported(text, *words):
    """The rows that come of a text, which all are good."""
    with folder() as path:
        done = load(path, *words, text=text)
        equal((done.status, done.out, done.err), (0, b"", b""))
        return rows(path)


@test
def rows_go_into_a_table_that_it_makes():
    with folder() as path:
        equal(load(path, "--summary").status, 0)
        equal(rows(path), [(1, "one"), (2, "two")])
        done = load(path)
        equal(done.status, 2)
        holds(done.err, 'table "t" already exists')
        equal(load(path, create=False).status, 0)
        equal(len(rows(path)), 4)


@test
def what_people_call_csv_is_read():
    expected = [("a", "b,\n\"c\""), ("d", "e")]
    body = b'x,y\r\na,"b,\n""c"""\r\nd,e\r\n'
    equal(imported(body), expected)
    equal(imported(b"\xef\xbb\xbf" + body[:-2]), expected)
    equal(imported(body.replace(b"\r\n", b"\n")), expected)
    equal(imported(b"x\ty\ra\tb\rc\td\r"), [("a", "b"), ("c", "d")])
    for separator in b";\t|":
        mark = bytes([separator])
        equal(imported(b"x,y\na,b\nc,d".replace(b",", mark)), [("a", "b"), ("c", "d")])
    equal(imported(b"x;y,z\na;b,c\n", "-d", ","), [("a;b", "c")])
    equal(imported(b"x~y\n'a~b'~c\n", "-d", "~", "--quote", "'"), [("a~b", "c")])
    equal(imported(b'x,y\n"a,b"\n', "--quote", "none"), [('"a', 'b"')])
    equal(imported(b'x,y\n5" pipe,a\n\n'), [('5" pipe', "a")])


@test
def no_value_is_not_an_empty_text():
    equal(imported(b'x,y\n,""\nNA,z\n'), [(None, ""), ("NA", "z")])
    equal(imported(b'x,y\n,"NA"\nNA,z\n', "--null", "NA"), [("", "NA"), (None, "z")])


@test
def columns_are_chosen_by_name():
    text = b"a,b,c\n1,2,3\n4,5,6\n"
    equal(imported(text, "--columns", "c,a=x"), [(3, 1), (6, 4)])
    equal(imported(text.split(b"\n", 1)[1], "--no-header"), [(1, 2, 3), (4, 5, 6)])
    equal(imported(text.split(b"\n", 1)[1], "--no-header", "--columns", "x,-,y"),
          [(1, 3), (4, 6)])
    with folder() as path:
        equal(load(path, "--columns", "name=x").status, 0)
        equal(rows(path), [("one",), ("two",)])
        holds(load(path, "--columns", "id,z").err, "no field 'z' in the header")


@test
def a_database_keeps_its_journal():
    for mode in ("delete", "wal"):
        with folder() as path:
            rows(path, f"pragma journal_mode = {mode}")
            equal(load(path).status, 0)
            equal(rows(path, "pragma journal_mode"), [(mode,)])


@test
def each_file_has_an_order_of_its_own():
    with folder() as path:
        second = file_in(path, "2.csv", b"name,id\nthree,3\n")
        equal(load(path, second).status, 0)
        equal(sorted(rows(path, "select id, name from t")), [(1, "one"), (2, "two"), (3, "three")])


@test
def types_are_guessed_and_shown():
    text = (b"i,r,b,d,t,zip,n,x\n1,1.5,true,2026-02-28,2026-01-01 10:00:00,007,,a\n"
            b"-2,3,FALSE,2024-02-29,2026-01-01T10:00:00.5Z,010,,1\n")
    with folder() as path:
        done = load(path, "--dry-run", text=text)
        equal(done.status, 0)
        equal(done.out.decode(), 'create table "t" (\n    "i" integer,\n    "r" real,\n'
              '    "b" boolean,\n    "d" date,\n    "t" timestamp,\n    "zip" text,\n'
              '    "n" text,\n    "x" text\n);\n')
        assert not os.path.exists(os.path.join(path, "out.db"))
        equal(load(path, text=text).status, 0)
        equal(rows(path)[1], (-2, 3.0, 0, "2024-02-29", "2026-01-01T10:00:00.5Z", "010", None, "1"))


@test
def numbers_are_exact():
    texts = ["0.1", "1e300", "-1.7976931348623157e308", "123456789.123456789", "4.9e-324", ".5",
             "9007199254740993.0", "0.30000000000000004"]
    equal([row[0] for row in imported("x\n{}\n".format("\n".join(texts)).encode())],
          [float(text) for text in texts])
    big = ["9223372036854775807", "-9223372036854775808", "0"]
    equal([row[0] for row in imported("x\n{}\n".format("\n".join(big)).encode())],
          [int(text) for text in big])


@test
def bad_rows_are_set_aside_with_their_reasons():
    with folder() as path:
        bad = os.path.join(path, "bad.csv")
        head = b"id,name\n" + b"".join(b"%d,fine\n" % i for i in range(1000))
        text = (head + b"x7,a\n1,2,3\n\"5\"x,b\n6,\xff\n7,\0\n8,good\n\"9,never closed\n10,good\n")
        done = load(path, "--reject", bad, text=text)
        equal((done.status, done.err), (1, b""))
        equal(len(rows(path)), 1002)
        found = [(one["line"], one["column"], one["reason"]) for one in rejected(bad)]
        equal(sorted(found), sorted([
            ("1002", "id", "expected an integer, got 'x7'"),
            ("1003", "", "3 fields, and the header has 2"),
            ("1004", "", "there is text behind a closing quote"),
            ("1005", "", "is not UTF-8 (see --encoding)"),
            ("1006", "", "there is a NUL in it"),
            ("1008", "", "a quoted field has no end")]))
        by_line = {one["line"]: one["row"] for one in rejected(bad)}
        equal(by_line["1008"], '"9,never closed')
        equal(by_line["1003"], "1,2,3")


@test
def rows_that_the_database_refuses_stop_no_other():
    with folder() as path:
        rows(path, "create table t (id integer primary key, name text check (name <> 'bad'))")
        dice = random.Random(3)
        lines = [(i, "bad" if dice.random() < 0.01 else f"n{i}") for i in range(20000)]
        lines += [(i, "twice") for i in range(0, 20000, 500)]
        text = "id,name\n" + "".join(f"{i},{name}\n" for i, name in lines)
        bad = os.path.join(path, "bad.csv")
        done = load(path, "--reject", bad, text=text.encode(), create=False)
        equal(done.status, 1)
        good = {}
        refused = 0
        for i, name in lines:
            if name == "bad" or i in good:
                refused += 1
            else:
                good[i] = name
        equal(dict(rows(path)), good)
        equal(len(rejected(bad)), refused)
        reasons = {one["reason"].split(":")[0] for one in rejected(bad)}
        equal(reasons, {"CHECK constraint failed", "UNIQUE constraint failed"})


@test
def strict_leaves_nothing_behind():
    with folder() as path:
        text = b"id\n" + b"1\n" * 300000 + b"x\n"
        done = load(path, "--strict", text=text)
        equal(done.status, 1)
        holds(done.err, "--strict: ")
        holds(done.err, "in.csv,300002,id,")
        equal(rows(path), [])
        equal(load(path, "--strict", text=text[:-2], create=False).status, 0)
        equal(len(rows(path)), 300000)


@test
def what_it_is_wrapped_in_is_undone():
    text = b"id,name\n" + b"".join(b"%d,name%d\n" % (i, i) for i in range(50000))
    expected = imported(text)
    equal(len(expected), 50000)
    equal(imported(gzip.compress(text)), expected)
    half = len(text) // 2
    equal(imported(gzip.compress(text[:half]) + gzip.compress(text[half:])), expected)
    if shutil.which("zstd"):
        packed = subprocess.run(["zstd", "-c"], input=text, stdout=subprocess.PIPE, check=True)
        equal(imported(packed.stdout), expected)
    with folder() as path:
        done = load(path, text=gzip.compress(text)[:-9])
        equal(done.status, 1)
        holds(done.err, "in.csv: the compressed data is cut short")


@test
def standard_input_is_a_file_too():
    with folder() as path:
        text = b"id\n" + b"".join(b"%d\n" % i for i in range(400000))
        done = bide("import", "--create", "--table", "t", "--to", f"sqlite:{path}/out.db", "-",
                    given=text)
        equal((done.status, done.err), (0, b""))
        equal(rows(path, "select count(*), sum(id) from t"), [(400000, 400000 * 399999 // 2)])


@test
def other_encodings_become_utf_8():
    equal(imported("n\nä\n".encode("latin1"), "--encoding", "latin1"), [("ä",)])
    equal(imported("n,m\nä€,ö\n".encode("utf-16"), "--encoding", "UTF-16"), [("ä€", "ö")])
    big = "n\n" + "äöü\n" * 100000
    equal(len(imported(big.encode("latin1"), "--encoding", "latin1")), 100000)
    with folder() as path:
        holds(load(path, text="n\nä".encode("utf-16")).err, "is UTF-16: say --encoding UTF-16")
        holds(load(path, "--encoding", "klingon").err, "'klingon' is not known")


@test
def a_row_may_be_longer_than_a_batch_but_not_than_its_limit():
    long = b"x" * 3000000
    equal(imported(b"a,b\n1,x\n2," + long + b"\n3,y\n"), [(1, "x"), (2, long.decode()), (3, "y")])
    with folder() as path:
        done = load(path, "--max-row", "1M", text=b"a,b\n1," + long + b"\n2,y\n")
        equal(done.status, 1)
        equal(rows(path), [("2", "y")])         # no row was there to guess from


# ---- going on ----

def killed_again_and_again(words, count, wrap=None):
    """Every row once, and every refused one once, whatever happens in between."""
    with folder() as path:
        file, good = generated(path, count)
        if wrap:
            with open(file, "rb") as whole:
                file_in(path, "in.csv", wrap(whole.read()))
        bad = os.path.join(path, "bad.csv")
        command = ("import", "--create", "--table", "t", "--to", f"sqlite:{path}/out.db",
                   "--state", os.path.join(path, "state"), "--reject", bad, *words, file)
        done, kills = kill_until_done(command, random.Random(count))
        equal((done.status, done.err), (1, b""))
        equal(rows(path, "select count(*), count(distinct id), sum(id), sum(value) from t"),
              [(len(good), len(good), sum(good), 3 * sum(good))])
        equal([int(one["line"]) for one in rejected(bad)], bad_lines(count))
        equal(rows(path, "select count(*) from bide_import"), [(1,)])
        equal(bide(*command).status, 1)         # there is nothing left to be done
        equal(rows(path, "select count(*) from bide_import"), [(1,)])
        equal(rows(path, "select count(*) from t"), [(len(good),)])
        return kills


@test
def killed_again_and_again_it_loses_nothing_and_doubles_nothing():
    kills = killed_again_and_again((), 300000)
    kills += killed_again_and_again((), 150000, gzip.compress)
    assert kills > 3, kills


@test
def a_state_is_of_one_import():
    with folder() as path:
        state = os.path.join(path, "state")
        equal(load(path, "--state", state).status, 0)
        done = load(path, "--state", state, text=SIMPLE + b"3,three\n")
        equal(done.status, 2)
        holds(done.err, "is the state of another import")
        file_in(path, "state", b"something else")
        holds(load(path, "--state", state).err, "is no state of an import")


# ---- what goes wrong ----

@test
def wrong_options_are_told():
    for words, message in (
            ((), "no file"), (("x.csv",), "--table: which one?"),
            (("--table", "t", "-d", "ab", "x.csv"), "--delimiter: expected one character"),
            (("--table", "t", "-d", "\"", "x.csv"), "expected two characters"),
            (("--table", "t", "-j", "2", "x.csv"), "SQLite has one writer"),
            (("--table", "t", "x.csv", "-"), "can only be the first file"),
            (("--table", "t", "--to", "oracle:x", "/dev/null"), "/dev/null: is empty"),
            (("--table", "t", "missing.csv"), "missing.csv"),
            (("--table", "t", "/tmp"), "s a directory"),
            (("--table", "t", "--columns", "a,,b", "x.csv"), "--columns: expected names")):
        done = bide("import", *words)
        equal(done.status, 2)
        holds(done.err, "bide import: ")
        holds(done.err, message)
    with folder() as path:
        holds(load(path, "--to", "oracle:x").err, "given twice")
        file = file_in(path, "in.csv", SIMPLE)
        done = bide("import", "--to", "oracle:x", "--table", "t", file)
        equal(done.status, 2)
        holds(done.err, "oracle")
        done = load(path, create=False)
        equal(done.status, 2)
        holds(done.err, "--create makes the table: ")
        rows(path, "create table t (id integer)")
        holds(load(path, create=False).err, "has no column 'name'")


@test
def limits_are_kept_to():
    with folder() as path:
        wide = b",".join(b"c%d" % i for i in range(4096)) + b"\n" + b"1," * 4095 + b"1\n"
        done = load(path, "--dry-run", text=wide)
        equal((done.status, done.err), (0, b""))
        equal(done.out.count(b" integer"), 4096)
        holds(load(path, "--dry-run", text=b"x," + wide).err, "too many fields")
        for words, message in ((("--jobs", "65"), "--jobs: expected at most 64"),
                               (("--max-row", "2G"), "--max-row: expected at most 1G"),
                               (("--jobs", "0"), "--jobs"), (("--commit", "0"), "--commit")):
            done = load(path, *words)
            equal(done.status, 2)
            holds(done.err, message)


@test
def a_locked_database_is_told():
    with folder() as path:
        equal(load(path).status, 0)
        with contextlib.closing(sqlite3.connect(os.path.join(path, "out.db"))) as other:
            other.execute("begin immediate")
            file = file_in(path, "in.csv", SIMPLE)
            done = bide("import", "--to", f"sqlite:{path}/out.db?busy=0.1", "--table", "t", file)
            equal(done.status, 1)
            holds(done.err, "database is locked")
        equal(len(rows(path)), 2)


@contextlib.contextmanager
def read_for_long(path):
    """A reader of the file, which is no WAL; yields how to end its reading."""
    with contextlib.closing(sqlite3.connect(os.path.join(path, "out.db"))) as other:
        equal(other.execute("pragma journal_mode").fetchall(), [("delete",)])
        reading = other.execute("select * from t")
        reading.fetchone()
        yield reading.close


LOCKED = ("out.db: another program has it locked; waiting (for up to 600 s, unless ?busy=SECONDS "
          "says otherwise)\n")


@test
def a_long_reader_is_waited_for():
    with folder() as path:
        equal(load(path, "--quiet").status, 0)
        with read_for_long(path) as end:
            process = start("import", "--to", f"sqlite:{path}/out.db", "--table", "t",
                            file_in(path, "in.csv", SIMPLE))
            said = process.stderr.readline()
            holds(said, LOCKED)
            time.sleep(3)                               # beyond the time that others wait
            assert process.poll() is None, process.returncode
            end()
            done = finish(process)
            equal((done.status, done.err), (0, b""))
        equal(len(rows(path)), 4)


@test
def who_waits_for_a_reader_can_be_stopped():
    with folder() as path:
        equal(load(path, "--quiet").status, 0)
        with read_for_long(path):
            file = file_in(path, "in.csv", SIMPLE)
            process = start("import", "--to", f"sqlite:{path}/out.db", "--table", "t", file)
            holds(process.stderr.readline(), LOCKED)
            process.send_signal(signal.SIGINT)
            equal(finish(process).status, 130)
            done = bide("import", "--to", f"sqlite:{path}/out.db?busy=0.1", "--table", "t", file)
            equal(done.status, 1)
            holds(done.err, "database is locked")
        equal(len(rows(path)), 2)


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000000, 3000000))


@test
def a_full_disk_is_told_and_gone_on_from():
    with folder() as path:
        text = b"id,name\n" + b"".join(b"%d,name%d\n" % (i, i) for i in range(200000))
        state = os.path.join(path, "state")
        done = load(path, "--state", state, text=text, preexec_fn=small_files)
        equal(done.status, 1)
        assert b"full" in done.err or b"I/O" in done.err, done.err
        equal(load(path, "--state", state, text=text).status, 2)    # written anew: another file
        file = os.path.join(path, "in.csv")
        os.unlink(state)
        os.unlink(os.path.join(path, "out.db"))
        words = ("import", "--create", "--to", f"sqlite:{path}/out.db", "--table", "t", "--state",
                 state, file)
        equal(bide(*words, preexec_fn=small_files).status, 1)
        equal(bide(*words).status, 0)
        equal(rows(path, "select count(*), sum(id) from t"), [(200000, 200000 * 199999 // 2)])


@test
def a_million_rows_take_little_memory():
    if os.environ.get("BIDE_SANITIZED"):
        raise Skip("sanitizers take memory")
    with folder() as path:
        with open(os.path.join(path, "in.csv"), "w", encoding="utf-8") as file:
            write_many(file, 1000000)
        started = time.monotonic()
        process = start("import", "--create", "--to", f"sqlite:{path}/out.db", "--table", "t",
                        os.path.join(path, "in.csv"))
        peak = peak_of(process)
        equal(finish(process).status, 0)
        print(f"# 1000000 rows in {time.monotonic() - started:.1f} s, {peak} KiB")
        equal(rows(path, "select count(*), sum(id) from t"), [(1000000, 499999500000)])
        assert 0 < peak < 64 * 1024, peak


# ---- export ----

@test
def what_is_exported_is_what_is_imported():
    with folder() as path:
        rows(path, "create table t (a integer, b real, c text)")
        values = [(1, 0.1, 'x"y,\nz'), (None, None, None), (-5, 1e300, ""), (2**62, 1 / 3, "ä")]
        with contextlib.closing(sqlite3.connect(os.path.join(path, "out.db"))) as db:
            db.executemany("insert into t values (?, ?, ?)", values * 1000)
            db.commit()
        url = f"sqlite:{path}/out.db"
        done = bide("export", url, "--table", "t")
        equal((done.status, done.err), (0, b""))
        equal(done.out.split(b"\n")[0], b"a,b,c")
        equal(imported(done.out), values * 1000)
        lines = bide("export", url, "--query", "select * from t", "--json").lines()
        equal([tuple(line.values()) for line in lines], values * 1000)
        file = os.path.join(path, "t.csv")
        equal(bide("export", url, "--table", "t", "--to", file, "--no-header").status, 0)
        with open(file, "rb") as out:
            equal(b"a,b,c\n" + out.read(), done.out)
        equal(bide("export", url, "--query", "select a from t where 0").out, b"a\n")
        equal(rows(path, "pragma journal_mode"), [("delete",)])         # it is as it was


@test
def an_export_that_fails_says_so():
    with folder() as path:
        url = f"sqlite:{path}/out.db"
        equal(bide("export", url).status, 2)
        equal(bide("export", "--table", "t").status, 2)
        done = bide("export", url, "--table", "none")
        equal(done.status, 1)
        holds(done.err, f"bide export: open {path}/out.db: 3D000: ")
        equal(os.listdir(path), [])             # it makes none
        load(path, text=b"id\n" + b"12345\n" * 100000)
        done = bide("export", url, "--table", "none")
        equal(done.status, 1)
        holds(done.err, "no such table: none")
        with open("/dev/full", "wb") as full:
            done = bide("export", url, "--table", "t", stdout=full)
        equal(done.status, 1)
        holds(done.err, "No space left")
        process = start("export", url, "--table", "t")
        process.stdout.readline()
        process.stdout.close()
        equal(process.wait(TIME_LIMIT), 0)      # who read has had enough
        process.stderr.close()


if __name__ == "__main__":
    main()
