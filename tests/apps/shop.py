#!/usr/bin/env python3
"""examples/apps/shop from outside, over a real PostgreSQL and over SQLite.

    shop.py SHOP
"""
import concurrent.futures
import contextlib
import functools
import html
import http.client
import json
import pathlib
import re
import socket
import struct
import subprocess

from outside import ARGS, SLOW, Skip, equal, folder, holds, main, running, test, until

import postgres

SHOP, = ARGS[:1]
JSON = {"Content-Type": "application/json"}


# ---- the database, and the shop on it ----

@functools.cache
def the_server():
    """One for all tests; ended by `tests_with_server`."""
    try:
        return SERVERS.enter_context(postgres.Postgres())
    except postgres.Missing as missing:
        raise Skip(str(missing)) from None


SERVERS = contextlib.ExitStack()


@contextlib.contextmanager
def shop(url, *options, setup=True):
    with running(SHOP, "--address", "127.0.0.1:0", "--database", url,
                 *(["--setup"] if setup else []), *options) as program:
        yield program


@contextlib.contextmanager
def over_postgres(*options, **more):
    with shop(the_server().url, *options, **more) as program:
        yield program


@contextlib.contextmanager
def over_sqlite(*options):
    with folder() as path, shop(f"sqlite:{pathlib.Path(path) / 'shop.db'}", *options) as program:
        yield program


def test_over_both(function):
    """The same rules, whatever the database."""
    for name, over in (("postgresql", over_postgres), ("sqlite", over_sqlite)):
        @functools.wraps(function)
        def one(over=over):
            with over() as program:
                function(program)
        one.__name__ = f"{function.__name__}_over_{name}"
        test(one)


def sql(text):
    """What psql prints for a statement."""
    server = the_server()
    return subprocess.run([server.bin / "psql", "-qAtX", server.url, "-c", text], check=True,
                          text=True, capture_output=True).stdout.strip()


def send(program, method, target, document, **headers):
    return program.ask(method, target, json.dumps(document), {
        **JSON, **{name.replace("_", "-"): value for name, value in headers.items()}})


def problem(answer, status, words):
    equal((answer.status, answer.headers["Content-Type"]), (status, "application/problem+json"))
    told = json.loads(answer.body)
    equal(told["status"], status)
    holds(answer.body, words)
    return told


def add(program, name, price=250, stock=5):
    answer = send(program, "POST", "/items", {"name": name, "price": price, "stock": stock})
    equal(answer.status, 201)
    return answer.headers["Location"], answer


NAMES = (f"thing {number}" for number in range(1, 1 << 30))     # a server outlives its tests


# ---- items ----

@test_over_both
def an_item_is_added_shown_changed_and_removed(program):
    name = next(NAMES) + " “čaj”"
    where, answer = add(program, name)
    told = answer.json()
    equal((told["name"], told["price"], told["stock"], told["version"]), (name, 250, 5, 1))
    shown = program.get(where)
    equal((shown.json(), shown.headers["ETag"]), (told, '"v1"'))
    changed = send(program, "PUT", where, {"name": name, "price": 300, "stock": 6})
    equal((changed.json()["price"], changed.headers["ETag"]), (300, '"v2"'))
    equal(program.ask("DELETE", where).status, 204)
    problem(program.get(where), 404, "there is no item")
    problem(program.ask("DELETE", where), 404, "there is no item")


@test_over_both
def of_two_who_change_the_same_version_one_hears_of_the_other(program):
    where, answer = add(program, next(NAMES))
    document = answer.json()
    equal(send(program, "PUT", where, document, If_Match='"v1"').status, 200)
    problem(send(program, "PUT", where, document, If_Match='"v1"'), 412, "version 2")
    problem(program.ask("DELETE", where, headers={"If-Match": '"v1"'}), 412, "version 2")
    problem(program.ask("DELETE", where, headers={"If-Match": 'W/"v2"'}), 412, "version 2")
    equal(program.ask("DELETE", where, headers={"If-Match": '"v2"'}).status, 204)


@test_over_both
def all_that_is_wrong_with_an_item_is_told(program):
    told = problem(send(program, "POST", "/items", {"name": "", "price": "x", "stock": -1}), 422,
                   "not valid")
    equal([error["field"] for error in told["errors"]], ["name", "price", "stock"])
    answer = send(program, "POST", "/items", {"name": "x" * 201, "price": 100000001})
    told = problem(answer, 422, "")
    equal([error["why"].split(":")[0] for error in told["errors"]],
          ["1 to 200 bytes", "0 to 100000000", "stock"])
    problem(program.ask("POST", "/items", "{", JSON), 400, "line 1")
    problem(program.ask("POST", "/items", "{}", {"Content-Type": "text/plain"}), 415, "")
    problem(program.ask("POST", "/items", b'{"name": "\xff"}', JSON), 400, "")
    problem(program.get("/items/x"), 404, "")
    problem(program.ask("PATCH", "/items/1"), 405, "")
    name = next(NAMES)
    add(program, name)
    problem(send(program, "POST", "/items", {"name": name, "price": 1, "stock": 1}), 409,
            "of that name")


# ---- lists ----

def pages(program, target):
    """The items of all pages, by their Links."""
    items = []
    while target:
        answer = program.get(target)
        items += answer.json()["items"]
        link = answer.headers["Link"]
        equal(bool(link), "next" in answer.json())
        target = link and re.fullmatch(r'<(.*)>; rel="next"', link)[1]
    return items


@test_over_both
def pages_show_every_item_once(program):
    by_id = pages(program, "/items?limit=170")
    equal([item["id"] for item in by_id], sorted({item["id"] for item in by_id}))
    by_price = pages(program, "/items?limit=99&sort=price")
    equal(len(by_price), len(by_id))
    keys = [(item["price"], item["id"]) for item in by_price]
    equal(keys, sorted(set(keys)))
    equal(len(program.get("/items").json()["items"]), 20)
    exactly = program.get(f"/items?limit=10&after={by_id[-11]['id']}")
    equal((len(exactly.json()["items"]), exactly.headers["Link"]), (10, None))


@test_over_both
def a_page_that_there_cannot_be_is_refused(program):
    for query, words in (("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"),
                         ("limit=", "limit"), ("sort=name", "sort"), ("after=x", "after"),
                         ("after=-1", "after"), ("after=5&sort=price", "after"),
                         ("after=5-5", "after"), ("after=99999999999999999999", "after")):
        problem(program.get("/items?" + query), 400, words)


@test_over_both
def all_items_come_as_one_document_or_one_a_line(program):
    told = program.get("/items.json").json()
    equal((told["count"], len(told["items"])), (len(told["items"]), told["count"]))
    assert told["count"] >= 1000, told["count"]
    answer = program.get("/items.ndjson")
    equal(answer.headers["Content-Type"], "application/x-ndjson")
    equal([json.loads(line) for line in answer.body.splitlines()], told["items"])


@contextlib.contextmanager
def many_items(count=30000):
    """More than the sockets' buffers hold: about 7 MB of text."""
    sql("insert into items (name, price, stock) "
        f"select 'bulk ' || n || repeat('x', 150), n, 0 from generate_series(1, {count}) n")
    try:
        yield count
    finally:        # and nobody looks for orders of each
        sql("set session_replication_role = replica; delete from items where name like 'bulk %'")


def abandon(program, target):
    """Asks for a list, reads a little, and resets the connection."""
    host, port = program.address.split(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((host, int(port)))
    client.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    client.recv(100)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


@test
def a_list_of_many_items_takes_no_memory():
    with over_postgres() as program, many_items() as count:
        program.get("/items")
        before = program.memory()
        answer = program.get("/items.ndjson")
        assert answer.body.count(b"\n") > count and len(answer.body) > 6 << 20, len(answer.body)
        grown = program.memory() - before
        limit = 2048 if SLOW == 1 else 262144           # sanitizers keep what was freed
        assert grown < limit, f"{grown} KiB more for {len(answer.body) >> 10} KiB of rows"


@test
def readers_who_leave_in_the_middle_of_a_list_leave_the_pool_whole():
    with over_postgres("--connections", 4) as program, many_items() as count:
        for _ in range(20):
            abandon(program, "/items.json")
        until(lambda: program.get("/stats").json()["idle"] >= 1
              and program.get("/items.json").json()["count"] > count, "lists are read again")
        stats = program.get("/stats").json()
        assert stats["open"] <= 4 and stats["waiting"] == 0, stats
        equal(sql("select count(*) from pg_stat_activity where state <> 'idle' "
                  "and query like '%from items order%' and pid <> pg_backend_pid()"), "0")


@test
def slow_readers_of_lists_leave_connections_for_others():
    with over_postgres("--connections", 4) as program, many_items(), \
            contextlib.ExitStack() as readers:
        host, port = program.address.split(":")
        for _ in range(2):
            slow = readers.enter_context(socket.socket())
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((host, int(port)))
            slow.sendall(b"GET /items.json HTTP/1.1\r\nHost: x\r\n\r\n")
            slow.recv(100)
        answer = program.get("/items.json")
        problem(answer, 503, "too many lists")
        equal(answer.headers["Retry-After"], "1")
        equal(program.get("/items/1").status, 200)


# ---- orders ----

def order(program, *lines):
    return send(program, "POST", "/orders",
                {"lines": [{"item": item, "count": count} for item, count in lines]})


def stock(program, where):
    return program.get(where).json()["stock"]


def number(where):
    return int(where.rsplit("/", 1)[1])


@test_over_both
def an_order_takes_all_that_it_wants_or_nothing(program):
    (first, _), (second, _) = add(program, next(NAMES), 250, 5), add(program, next(NAMES), 30, 1)
    one, two = number(first), number(second)
    answer = order(program, (two, 1), (one, 2))
    told = answer.json()
    equal((answer.status, told["total"]), (201, 530))
    equal(told["lines"], [{"item": one, "count": 2, "price": 250},
                          {"item": two, "count": 1, "price": 30}])
    equal(program.get(answer.headers["Location"]).json(), told)
    equal((stock(program, first), stock(program, second)), (3, 0))
    problem(order(program, (one, 1), (two, 1)), 409, f"fewer than 1 of item {two}")
    equal((stock(program, first), stock(program, second)), (3, 0))
    problem(order(program, (one, 1), (1 << 50, 1)), 422, "there is no item")
    equal(stock(program, first), 3)
    problem(program.ask("DELETE", second), 409, "stands in an order")
    problem(program.get("/orders/999999999"), 404, "no order")


@test_over_both
def an_order_that_is_none_is_refused(program):
    for document, words in (({}, "a list of"), ({"lines": []}, "a list of"), ({"lines": 5}, "list"),
                            ({"lines": [{"item": 1}]}, "count"),
                            ({"lines": [{"item": 1, "count": 0}]}, "1 to 1000"),
                            ({"lines": [{"item": "x", "count": 1}]}, "integer"),
                            ({"lines": [{"item": 1, "count": 1}] * 51}, "1 to 50"),
                            ({"lines": [{"item": 1, "count": 1}] * 2}, "twice"), ([], "list")):
        problem(send(program, "POST", "/orders", document), 422, words)


@test_over_both
def orders_at_the_same_time_sell_each_thing_once(program):
    (first, _), (second, _) = add(program, next(NAMES), 1, 20), add(program, next(NAMES), 1, 20)
    lines = [(number(first), 1), (number(second), 1)]
    with concurrent.futures.ThreadPoolExecutor(8) as buyers:
        answers = list(buyers.map(lambda n: order(program, *lines[::-1 if n % 2 else 1]),
                                  range(50)))
    statuses = [answer.status for answer in answers]
    equal((statuses.count(201), statuses.count(409)), (20, 30))
    equal((stock(program, first), stock(program, second)), (0, 0))


# ---- when the database is busy, or away ----

@contextlib.contextmanager
def locked(table):
    """Somebody else has locked it."""
    server = the_server()
    process = subprocess.Popen([server.bin / "psql", "-qAtX", server.url], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    process.stdin.write(f"begin; lock table {table}; select 'locked';\n")
    process.stdin.flush()
    equal(process.stdout.readline().strip(), "locked")
    try:
        yield
    finally:
        process.communicate("rollback;\n")


def waiting_for_locks():
    return int(sql("select count(*) from pg_stat_activity where wait_event = 'relation'"))


@test
def a_pool_that_is_dry_says_so_and_when_to_come_again():
    with over_postgres("--connections", 2, "--patience", SLOW) as program:
        with concurrent.futures.ThreadPoolExecutor(2) as others, locked("items"):
            waiting = [others.submit(program.get, "/items/1") for _ in range(2)]
            until(lambda: waiting_for_locks() == 2, "both connections are taken")
            answer = program.get("/orders/1")
            problem(answer, 503, "the database was not free in time")
            equal(answer.headers["Retry-After"], "1")
            equal(program.get("/plaintext").status, 200)
            worlds(program.get("/db"))
        equal([answer.result().status for answer in waiting], [200, 200])
        equal(program.get("/items/1").status, 200)


@test
def a_quick_statement_that_takes_long_is_given_up():
    with over_postgres("--patience", SLOW) as program:
        worlds(program.get("/db"))
        with locked("world"):
            problem(program.get("/queries?queries=20"), 503, "the database was not free in time")
            equal(program.get("/fortunes").status, 200)
        worlds(program.get("/queries?queries=20"))


@test
def a_database_that_goes_away_and_comes_back_is_no_end():
    with over_postgres("--connections", 3, "--patience", 1) as program:
        with concurrent.futures.ThreadPoolExecutor(3) as clients:
            list(clients.map(program.get, ["/fortunes"] * 6))
        for mode in ("fast", "immediate"):
            equal(program.get("/items/1").status, 200)
            the_server().stop(mode)
            try:
                for target in ("/items/1", "/fortunes", "/queries?queries=5", "/items.json"):
                    answer = program.get(target)
                    problem(answer, 503, "the database is away")
                    equal(answer.headers["Retry-After"], "2")
                equal(program.get("/json").status, 200)
            finally:
                the_server().start()
            equal(program.get("/queries?queries=5").status, 200)
            equal(program.get("/fortunes").status, 200)


@test
def a_database_that_restarts_costs_one_answer_at_most():
    with over_postgres("--connections", 3) as program:
        with concurrent.futures.ThreadPoolExecutor(3) as clients:
            list(clients.map(program.get, ["/fortunes"] * 6))
        the_server().stop("immediate")
        the_server().start()
        statuses = [program.get("/items/1").status for _ in range(4)]
        equal(statuses[1:], [200] * 3)


@test
def a_shop_whose_database_is_not_there_starts_and_says_so():
    port = postgres.free_port()
    with shop(f"postgresql://x@127.0.0.1:{port}/x", setup=False) as program:
        problem(program.get("/db"), 503, "the database is away")
        equal(program.get("/plaintext").body, b"Hello, World!")


@test
def a_stop_lets_requests_that_run_finish():
    with over_postgres() as program, concurrent.futures.ThreadPoolExecutor(1) as clients:
        with locked("items"):
            waiting = clients.submit(program.get, "/items/1")
            until(lambda: waiting_for_locks() == 1, "it waits for the lock")
            stopping = concurrent.futures.ThreadPoolExecutor(1).submit(program.stop)
            until(lambda: refuses(program), "it takes no more connections")
        equal((waiting.result().status, stopping.result()), (200, 0))


def refuses(program):
    try:
        program.get("/plaintext")
    except (ConnectionError, http.client.HTTPException):
        return True
    return False


# ---- TechEmpower's routes ----

def general(answer, kind):
    equal((answer.status, answer.headers["Content-Type"]), (200, kind))
    equal(answer.headers["Content-Length"], str(len(answer.body)))
    assert answer.headers["Server"] and answer.headers["Date"], answer.headers
    assert not answer.headers["Content-Encoding"], answer.headers
    return answer


def worlds(answer):
    told = json.loads(general(answer, "application/json").body)
    for world in told if isinstance(told, list) else [told]:
        equal(set(world), {"id", "randomNumber"})
        assert 1 <= world["id"] <= 10000 and 1 <= world["randomNumber"] <= 10000, world
    return told


@test_over_both
def json_and_plain_text_are_as_the_rules_say(program):
    equal(json.loads(general(program.get("/json"), "application/json").body),
          {"message": "Hello, World!"})
    equal(general(program.get("/plaintext"), "text/plain").body, b"Hello, World!")


@test_over_both
def one_row_is_an_object(program):
    seen = {worlds(program.get("/db"))["id"] for _ in range(20)}
    assert len(seen) > 10, seen


@test_over_both
def as_many_rows_as_asked_for_are_a_list_within_limits(program):
    for query, count in (("", 1), ("?queries=", 1), ("?queries=foo", 1), ("?queries=0", 1),
                         ("?queries=-5", 1), ("?queries=1", 1), ("?queries=20", 20),
                         ("?queries=500", 500), ("?queries=501", 500),
                         ("?queries=99999999999999999999", 500)):
        told = worlds(program.get("/queries" + query))
        equal((type(told), len(told)), (list, count))


@test
def updates_are_stored_and_told():
    with over_postgres() as program:
        for query, count in (("", 1), ("?queries=foo", 1), ("?queries=20", 20),
                             ("?queries=501", 500)):
            before = dict(line.split("|") for line in
                          sql("select id, randomnumber from world").splitlines())
            told = worlds(program.get("/updates" + query))
            equal((type(told), len(told)), (list, count))
            after = dict(line.split("|") for line in
                         sql("select id, randomnumber from world").splitlines())
            last = {str(world["id"]): str(world["randomNumber"]) for world in told}
            changed = {one for one in after if after[one] != before[one]}
            assert changed <= set(last), changed - set(last)
            differ = [one for one in last if after[one] != last[one]]
            assert len(differ) <= count - len(last), differ         # a row drawn twice


@test_over_both
def updates_at_the_same_time_do_not_wait_for_each_other(program):
    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(program.get, ["/updates?queries=100"] * (40 // SLOW + 1)))
    equal({answer.status for answer in answers}, {200})


@test_over_both
def fortunes_are_sorted_and_escaped(program):
    answer = general(program.get("/fortunes"), "text/html; charset=utf-8")
    page = answer.body.decode("utf-8")
    holds(page, "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>"
                "<tr><th>id</th><th>message</th></tr><tr><td>")
    assert page.endswith("</td></tr></table></body></html>"), page[-80:]
    rows = [(int(one), html.unescape(text)) for one, text in
            re.findall(r"<tr><td>(\d+)</td><td>(.*?)</td></tr>", page)]
    equal(len(rows), 13)
    texts = [text.encode() for _, text in rows]
    equal(texts, sorted(texts))
    assert (0, "Additional fortune added at request time.") in rows, rows
    assert "<script>" not in page and "&lt;script&gt;alert(&quot;" in page, page
    holds(page, "待つ者には速さが来る")


@test
def several_workers_have_a_pool_each():
    with over_postgres("--workers", 2, "--connections", 2) as program:
        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            answers = list(clients.map(program.get, ["/queries?queries=20"] * 40))
        equal({answer.status for answer in answers}, {200})


with SERVERS:
    main()
