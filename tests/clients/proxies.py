#!/usr/bin/env python3
"""nginx and haproxy in front: connections that are kept, WebSockets, and what they tell of
clients.  What they are told to do is in docs/http-server.md.
"""
import contextlib
import http.client
import json
import os
import pathlib
import socket
import ssl

from proxy import proxy
from serving import (TIME_LIMIT, Skip, equal, folder, main, orchard, output_of, python_with, test,
                     until)
from certificates import authority


def each(check, *words):
    """Runs a check behind each of the two that is here."""
    found = 0
    for name in ("nginx", "haproxy"):
        with orchard("--trust", "127.0.0.1", "--workers", 2, *words) as server:
            with contextlib.suppress(Skip), proxy(name, f"127.0.0.1:{server.port}") as port:
                found += 1
                check(server, port)
    if not found:
        raise Skip("there is neither nginx nor haproxy here")


def ask_over(connection, method, path, body=None, **headers):
    with contextlib.closing(connection):
        connection.request(method, path, body,
                           {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.read()


def ask(port, method, path, body=None, **headers):
    return ask_over(http.client.HTTPConnection("127.0.0.1", port, timeout=TIME_LIMIT), method, path,
                    body, **headers)


def ask_secretly(port, method, path, **headers):
    context = ssl.create_default_context(cafile=authority().ca)
    return ask_over(http.client.HTTPSConnection("localhost", port, timeout=TIME_LIMIT,
                                                context=context), method, path, **headers)


def connections_to(port):
    """How many connections to a port there were of late: those that are open, and those whose
    number still rests."""
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[2].endswith(f":{port:04X}") and line.split()[3] in ("01", "06")
               for line in lines)


def check_reuse(server, port):
    before = connections_to(server.port)
    for _ in range(100):
        equal(ask(port, "GET", "/plaintext"), (200, b"Hello, world!"))
        equal(ask(port, "GET", "/json"), (200, b'{"message":"Hello, world!"}'))
    made = connections_to(server.port) - before
    assert made <= 10, f"{made} connections for 200 requests"


@test
def their_connections_are_used_again():
    each(check_reuse)


def check_bodies(_server, port):
    large = bytes(range(256)) * 20000
    equal(ask(port, "POST", "/count", large), (200, str(len(large)).encode()))
    chunks = iter([large[:100000]] * 30)        # of unknown length: in chunks
    equal(ask(port, "POST", "/count", chunks), (200, b"3000000"))
    status, got = ask(port, "GET", "/stream/100")
    equal((status, len(got)), (200, 100 * 65536))
    status, got = ask(port, "GET", "/files/large.bin", Range="bytes=256-511")
    equal((status, got), (206, bytes(range(256))))
    equal(ask(port, "HEAD", "/files/large.bin"), (200, b""))
    equal(ask(port, "GET", "/nowhere")[0], 404)


@test
def bodies_go_through_in_both_directions():
    each(check_bodies)


LIES = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "evil.example",
        "Forwarded": "for=192.0.2.1;host=evil.example;proto=https", "X_Request_Id": "chosen"}


def check_client(_server, port):
    """What the proxy says is believed; what its client claims is not what counts."""
    for headers in ({}, LIES):
        status, told = ask(port, "GET", "/who", Host="orchard.example", **headers)
        told = json.loads(told)
        identity = told.pop("id")
        equal((status, told),
              (200, {"remote": "127.0.0.1", "scheme": "http", "host": "orchard.example"}))
        assert identity != "chosen" and len(identity) >= 32, identity
    told = json.loads(ask(port, "GET", "/who", X_Forwarded_For="192.0.2.7")[1])
    equal(told["remote"], "192.0.2.7")          # the next on the way, for 127.0.0.1 is trusted
    told = json.loads(ask(port, "GET", "/who", X_Forwarded_For="198.51.100.1, 192.0.2.7")[1])
    equal(told["remote"], "192.0.2.7")          # and no further


@test
def they_are_believed_about_their_clients():
    each(check_client)


def check_scheme(port):
    status, told = ask_secretly(port, "GET", "/who", X_Forwarded_Proto="http")
    told = json.loads(told)
    equal((status, told["remote"], told["scheme"], told["host"]),
          (200, "127.0.0.1", "https", f"localhost:{port}"))


@test
def https_ends_at_them_and_is_told():
    certificate, found = authority().server, 0
    with folder() as path:
        place = os.path.join(path, "socket")
        with orchard("--trust", "unix", "--address", f"unix:{place}"):
            with contextlib.suppress(Skip), proxy("nginx", f"unix:{place}", certificate) as port:
                found += 1
                check_scheme(port)
    with orchard("--trust", "127.0.0.1") as server, contextlib.suppress(Skip):
        with proxy("haproxy", f"127.0.0.1:{server.port}", certificate) as port:
            found += 1
            check_scheme(port)
    if not found:
        raise Skip("there is neither nginx nor haproxy here")


TALK = """
import asyncio, sys, websockets
async def main(url):
    async with websockets.connect(url, max_size=None) as ws:
        for size in (0, 1, 125, 70000, 500000):
            await ws.send("x" * size)
            assert await ws.recv() == "x" * size
        await (await ws.ping())
    print(ws.close_code)
asyncio.run(main(sys.argv[1]))
"""


def check_websockets(_server, port):
    for path in ("echo", "room"):
        equal(output_of(python_with("websockets"), "-c", TALK, f"ws://127.0.0.1:{port}/{path}"),
              b"1000\n")


@test
def websockets_go_through_them():
    python_with("websockets")
    each(check_websockets)


def check_events(server, port):
    with socket.create_connection(("127.0.0.1", port), timeout=TIME_LIMIT) as connection:
        connection.sendall(b"GET /events/20 HTTP/1.1\r\nHost: h\r\n\r\n")
        told = b""
        while b"data: 5\n\n" not in told:
            told += connection.recv(65536)
    before = server.descriptors()
    until(lambda: server.descriptors() < before or before <= 20, "the stream has ended")


@test
def events_come_through_them_as_they_are_made():
    each(check_events)


def check_end(server, port):
    equal(ask(port, "GET", "/plaintext")[0], 200)
    server.stop()
    equal(ask(port, "GET", "/plaintext")[0] // 100, 5)


@test
def they_see_a_stopped_server_as_gone():
    each(check_end)


main()
