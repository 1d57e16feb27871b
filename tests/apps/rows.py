#!/usr/bin/env python3
"""examples/apps/rows from outside.

    rows.py ROWS
"""
import json
import os
import socket

from outside import ARGS, SLOW, equal, main, running, test, until

ROWS, = ARGS[:1]
MANY = 1000000 if not os.environ.get("CK_TIMEOUT_MULTIPLIER") else 100000


def rows():
    return running(ROWS, "--address", "127.0.0.1:0")


@test
def rows_are_a_json_document():
    with rows() as program:
        told = program.get("/posts?count=250").json()
        equal((told["count"], len(told["posts"])), (250, 250))
        assert all(post["published"] for post in told["posts"])
        equal([post["id"] for post in told["posts"][:4]], [1, 2, 3, 5])
        assert {post["author"] for post in told["posts"]} >= {"Čeněk", '"Eve"'}
        everything = program.get("/posts?count=4&all=1").json()
        equal([post["published"] for post in everything["posts"]], [True, True, True, False])
        equal(program.get("/posts?count=0").json(), {"posts": [], "count": 0})


@test
def rows_are_a_document_a_line():
    with rows() as program:
        answer = program.get("/posts.ndjson?count=250")
        equal(answer.headers["Content-Type"], "application/x-ndjson")
        lines = answer.body.decode().splitlines()
        equal((len(lines), json.loads(lines[-1])["published"]), (250, True))


@test
def a_million_rows_take_no_memory():
    with rows() as program:
        program.get("/posts?count=1000")
        before = program.memory()
        with program.connection() as connection:
            connection.request("GET", f"/posts.ndjson?all=1&count={MANY}")
            response = connection.getresponse()
            size = count = 0
            while piece := response.read(1 << 20):
                size += len(piece)
                count += piece.count(b"\n")
        equal(count, MANY)
        grown = program.memory() - before
        limit = 4096 if SLOW == 1 else 262144           # sanitizers keep what was freed
        assert grown < limit, f"{grown} KiB more for {size >> 10} KiB of rows"


@test
def rows_that_nobody_reads_are_not_fetched():
    with rows() as program:
        host, port = program.address.split(":")
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            slow.connect((host, int(port)))
            slow.sendall(b"GET /posts?all=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            slow.recv(1000)
            seen = []

            def it_stands():
                seen.append(program.get("/stats").json()["fetched"])
                return len(seen) > 10 and seen[-1] == seen[-10]
            until(it_stands, "it waits for its reader")
            assert 0 < seen[-1] < 200000, seen[-1]
            for _ in range(200):
                slow.recv(65536)
            until(lambda: program.get("/stats").json()["fetched"] > seen[-1], "it goes on")


@test
def a_reader_who_leaves_ends_its_stream():
    with rows() as program:
        with program.connection() as connection:
            connection.request("GET", "/posts?all=1")
            connection.getresponse().read(1000)
        seen = []

        def it_stands():
            seen.append(program.get("/stats").json()["fetched"])
            return len(seen) > 10 and seen[-1] == seen[-10]
        until(it_stands, "it has ended")
        assert seen[-1] < 1000000, seen[-1]


main()
