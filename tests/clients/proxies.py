#!/usr/bin/env python3
"""nginx and haproxy in front: connections that are kept, WebSockets, and what they tell of
clients.
"""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess

from serving import (TIME_LIMIT, Skip, equal, folder, main, orchard, output_of, python_with, test,
                     until)

NGINX = """
daemon off;
master_process off;
pid {path}/pid;
error_log {path}/errors;
events {{ worker_connections 500; }}
http {{
    access_log off;
    client_body_temp_path {path}/body;
    proxy_temp_path {path}/proxy;
    fastcgi_temp_path {path}/fastcgi;
    uwsgi_temp_path {path}/uwsgi;
    scgi_temp_path {path}/scgi;
    client_max_body_size 0;
    map $http_upgrade $connection_wanted {{ default upgrade; '' ''; }}
    upstream orchard {{ server 127.0.0.1:{backend}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://orchard;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_wanted;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""

HAPROXY = """
global
    maxconn 500
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 30s
frontend front
    bind 127.0.0.1:{port}
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    default_backend orchard
backend orchard
    http-reuse always
    server one 127.0.0.1:{backend}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


@contextlib.contextmanager
def proxy(name, backend):
    """One of the two in front of a server: its port.  It is ended by its number."""
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not program:
        raise Skip(f"there is no {name} here")
    with folder() as path:
        port = free_port()
        config = os.path.join(path, "config")
        text = NGINX if name == "nginx" else HAPROXY
        pathlib.Path(config).write_text(text.format(path=path, port=port, backend=backend))
        words = ["-p", path, "-c", config] if name == "nginx" else ["-db", "-q", "-f", config]
        with open(os.path.join(path, "said"), "w+b") as said:
            process = subprocess.Popen([program, *words], stdin=subprocess.DEVNULL, stdout=said,
                                       stderr=said)
            try:
                until(lambda: listens(port) or process.poll() is not None, f"{name} listens")
                said.seek(0)
                assert process.poll() is None, f"{name}: {said.read()!r}"
                yield port
            finally:
                process.kill()
                process.wait()


def each(check, *words):
    """Runs a check behind each of the two that is here."""
    found = 0
    for name in ("nginx", "haproxy"):
        with orchard("--trust", "127.0.0.1", "--workers", 2, *words) as server:
            with contextlib.suppress(Skip), proxy(name, server.port) as port:
                found += 1
                check(server, port)
    if not found:
        raise Skip("there is neither nginx nor haproxy here")


def ask(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIME_LIMIT)
    with contextlib.closing(connection):
        connection.request(method, path, body,
                           {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.read()


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


def check_client(_server, port):
    """What the proxy says is believed; what its client claims is not what counts."""
    status, told = ask(port, "GET", "/who", Host="orchard.example")
    equal((status, json.loads(told)),
          (200, {"remote": "127.0.0.1", "scheme": "http", "host": "orchard.example"}))
    told = json.loads(ask(port, "GET", "/who", X_Forwarded_For="192.0.2.7")[1])
    equal(told["remote"], "192.0.2.7")          # the next on the way, for 127.0.0.1 is trusted
    told = json.loads(ask(port, "GET", "/who", X_Forwarded_For="198.51.100.1, 192.0.2.7")[1])
    equal(told["remote"], "192.0.2.7")          # and no further


@test
def they_are_believed_about_their_clients():
    each(check_client)


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
