#!/usr/bin/env python3
"""bide ws: lines go out as messages, messages come as lines, and how it ends.

The servers are a few lines of Python each; where the packages aiohttp and websockets are installed,
theirs are asked as well.
"""
import base64
import contextlib
import hashlib
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time

from certificates import TlsServer, authority
from servers import Server, free_port, tunnel
from tool import Skip, bide, equal, finish, holds, main, start, test

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Peer:
    """The server's end of one WebSocket."""

    def __init__(self, connection, head, headers=""):
        self.connection, self.head = connection, head
        self.file = connection.makefile("rb")
        key = head.lower().split(b"sec-websocket-key: ")[1]
        key = head[len(head) - len(key):].split(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(
            key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
        connection.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
                            f"{headers}\r\n").encode())

    def send(self, opcode, data):
        size = len(data)
        length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
        self.connection.sendall(bytes([0x80 | opcode]) + length + data)

    def receive(self):
        """The next frame: its opcode and its payload."""
        begin = self.file.read(2)
        if len(begin) < 2:
            raise ConnectionError("the client has left")
        first, size = begin
        assert size & 0x80, "a client masks"
        size &= 127
        if size == 126:
            size = struct.unpack(">H", self.file.read(2))[0]
        mask, data = self.file.read(4), self.file.read(size)
        return first & 15, bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))

    def close(self, code=1000, reason=b""):
        self.send(CLOSE, struct.pack(">H", code) + reason)
        with contextlib.suppress(Exception):
            while self.receive()[0] != CLOSE:
                pass


def echo(heard=None, headers=""):
    """A behaviour: sends back what comes."""
    def behave(connection, head):
        peer = Peer(connection, head, headers)
        if heard is not None:
            heard.append(head)
        while True:
            opcode, data = peer.receive()
            if heard is not None:
                heard.append((opcode, data))
            if opcode == CLOSE:
                peer.send(CLOSE, data)
                return False
            if opcode in (TEXT, BINARY):
                peer.send(opcode, data)
    return behave


def ws_url(server):
    return server.url.replace("http", "ws", 1)


def talk(given, *words):
    return bide("ws", "--linger", "0.2", *words, given=given)


@test
def each_line_is_a_message_and_each_message_a_line():
    heard = []
    with Server(echo(heard)) as server:
        done = talk("one\nκόσμε\n\nlast".encode(), ws_url(server) + "/room?a=b")
    equal((done.status, done.out.decode(), done.err), (0, "one\nκόσμε\n\nlast\n", b""))
    holds(heard[0], "GET /room?a=b HTTP/1.1\r\n")
    equal(heard[1:], [(TEXT, b"one"), (TEXT, "κόσμε".encode()), (TEXT, b""), (TEXT, b"last"),
                      (CLOSE, b"\x03\xe8")])


@test
def lines_are_binary_where_that_is_asked_for():
    heard = []
    with Server(echo(heard)) as server:
        done = talk(b"\xff\x00x\n", "--binary", ws_url(server))
    equal((done.status, done.out), (0, b"\xff\x00x\n"))
    equal(heard[1], (BINARY, b"\xff\x00x"))


@test
def a_text_that_is_not_utf8_is_refused():
    with Server(echo()) as server:
        done = talk(b"\xff\n", ws_url(server))
    equal((done.status, done.err), (1, b"bide ws: send: the text is not UTF-8\n"))


@test
def json_is_printed_with_indents():
    with Server(echo()) as server:
        done = talk(b'{"a":[1]}\nnot JSON\n', "--json", ws_url(server))
    equal(done.out, b'{\n  "a": [\n    1\n  ]\n}\nnot JSON\n')


@test
def headers_protocols_and_users_go_with_the_handshake():
    heard = []
    with Server(echo(heard, "Sec-WebSocket-Protocol: chat\r\n")) as server:
        done = talk(b"", "-H", "X-Room: 7", "-p", "chat.v2", "-p", "chat", "-u", "ann:secret",
                    "--origin", "https://a.example", "--deflate", ws_url(server))
    equal((done.status, done.err), (0, b""))
    for line in ("X-Room: 7", "Sec-WebSocket-Protocol: chat.v2, chat",
                 "Authorization: Basic YW5uOnNlY3JldA==", "Origin: https://a.example",
                 "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"):
        holds(heard[0], f"\r\n{line}\r\n")


@test
def how_the_server_closes_is_the_exit_status():
    def closing(code, reason):
        return lambda connection, head: Peer(connection, head).close(code, reason)
    for code, reason, status, said in (
            (1000, b"", 0, b""), (1001, b"bye", 0, b""),
            (1011, b"broken", 1, b"bide ws: the server closed with 1011: broken\n"),
            (4000, b"", 1, b"bide ws: the server closed with 4000\n")):
        with Server(closing(code, reason)) as server:
            process = start("ws", ws_url(server), stdin=subprocess.PIPE)
            done = finish(process)
        equal((done.status, done.err), (status, said))


@test
def a_server_that_leaves_or_breaks_the_rules_is_a_failure():
    def leaving(connection, head):
        Peer(connection, head)
        return False

    def breaking(connection, head):
        Peer(connection, head).connection.sendall(b"\x83\x00")
        return False
    for behave, said in ((leaving, b"the peer has left without closing"),
                         (breaking, b"a frame of a kind that does not exist")):
        with Server(behave) as server:
            done = finish(start("ws", ws_url(server), stdin=subprocess.PIPE))
        equal((done.status, done.err), (1, b"bide ws: WebSocket: " + said + b"\n"))


@test
def who_is_no_websocket_is_told():
    def refusing(connection, _head):
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        return False
    with Server(refusing) as server:
        done = talk(b"", ws_url(server) + "/x")
        equal(done.status, 1)
        said = f"bide ws: {ws_url(server)}/x: the server answered 403 Forbidden\n"
        equal(done.err.decode(), said)
    done = talk(b"", f"ws://127.0.0.1:{free_port()}/")
    equal(done.status, 1)
    holds(done.err, "Connection refused")


@test
def ctrl_c_closes_with_1000():
    heard = []
    with Server(echo(heard)) as server:
        process = start("ws", ws_url(server), stdin=subprocess.PIPE)
        process.stdin.write(b"here\n")
        process.stdin.flush()
        equal(process.stdout.read(5), b"here\n")
        process.send_signal(signal.SIGINT)
        done = finish(process)
        equal((done.status, done.err), (130, b""))
        equal(heard[-1], (CLOSE, b"\x03\xe8"))


@test
def pings_go_out_where_it_is_silent_and_silence_ends_it():
    heard = []

    def mute(connection, head):
        peer = Peer(connection, head)
        heard.append(peer.receive())
        time.sleep(5)
        return False
    with Server(mute) as server:
        done = finish(start("ws", "--ping", "0.2", ws_url(server), stdin=subprocess.PIPE))
    equal(heard, [(PING, b"")])
    equal(done.status, 1)
    holds(done.err, "the peer has been silent for 0.4 s")


@test
def servers_are_verified_unless_told_otherwise():
    with TlsServer(echo()) as server:
        url = server.url.replace("https", "wss")
        done = talk(b"x\n", url)
        equal((done.status, done.out), (1, b""))
        holds(done.err, "certificate")
        equal(talk(b"x\n", "--cacert", authority().ca, url).out, b"x\n")
        equal(talk(b"x\n", "-k", url).out, b"x\n")


@test
def it_goes_through_a_proxy():
    with Server(echo()) as server, Server(tunnel()) as proxy:
        port = server.url.rsplit(":", 1)[1]
        done = talk(b"x\n", "-x", proxy.url, f"ws://no-such-host.example:{port}/")
        equal((done.status, done.out), (0, b"x\n"))


@test
def wrong_usage_begins_nothing():
    for words, said in (
            ([], "no URL (see bide ws --help)"), (["ws://a/", "ws://b/"], "more than one URL"),
            (["ftp://a/"], "expected a URL such as wss://example.org/chat, got 'ftp://a/'"),
            (["-H", "x", "ws://a/"], "--header: expected 'Name: value', got 'x'"),
            (["-p", "a b", "ws://a/"], "--protocol: expected a name, got 'a b'"),
            (["-u", "x", "ws://a/"], "--user: expected USER:PASSWORD, got 'x'")):
        done = bide("ws", *words)
        equal((done.status, done.out, done.err.decode()), (2, b"", f"bide ws: {said}\n"))


@test
def on_a_terminal_there_is_a_prompt():
    with Server(echo()) as server:
        ours, theirs = pty.openpty()
        process = start("ws", ws_url(server), stdin=theirs, stderr=theirs)
        os.close(theirs)
        os.write(ours, b"hello\n")
        equal(process.stdout.read(6), b"hello\n")
        os.write(ours, b"\x04")                 # the end of what is typed
        done = finish(process)
        seen = b""
        with contextlib.suppress(OSError):
            while select.select([ours], [], [], 1)[0] and (some := os.read(ours, 1000)):
                seen += some
        os.close(ours)
        equal(done.status, 0)
        holds(seen, "> ")
        holds(seen, "< ")


PEERS = {
    "websockets": """
import asyncio, websockets
async def echo(ws, path=None):
    async for message in ws:
        await ws.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, subprotocols=["chat"]) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())
""",
    "aiohttp": """
from aiohttp import web
import asyncio
async def echo(request):
    ws = web.WebSocketResponse(protocols=["chat"])
    await ws.prepare(request)
    async for message in ws:
        await (ws.send_str if message.type == 1 else ws.send_bytes)(message.data)
    return ws
async def main():
    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()
asyncio.run(main())
""",
}


def python_with(package):
    for python in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            if subprocess.run([python, "-c", f"import {package}"], check=False,
                              stderr=subprocess.DEVNULL).returncode == 0:
                return python
    raise Skip(f"{package} is not installed")


@test
def servers_of_others_are_understood():
    for package, program in PEERS.items():
        with tempfile.TemporaryFile() as errors, subprocess.Popen(
                [python_with(package), "-c", program], stdout=subprocess.PIPE,
                stderr=errors) as peer:
            try:
                url = f"ws://127.0.0.1:{int(peer.stdout.readline())}/"
                long = b"again and again " * 5000
                for words in ([], ["--deflate"], ["-p", "chat"]):
                    done = talk(b"one\n" + long + b"\n", *words, url)
                    equal((package, done.status, done.err), (package, 0, b""))
                    equal(done.out, b"one\n" + long + b"\n")
            finally:
                peer.kill()


main()
