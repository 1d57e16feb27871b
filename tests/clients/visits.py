#!/usr/bin/env python3
"""What clients of every kind do to orchard.c, each a visit that knows what is right.

    visits.py HTTP_PORT HTTPS_PORT RATE SECONDS [WORD...]

makes RATE visits a second, of the kinds whose names have one of the words, and prints as JSON how
many of each were right and what was not.  soak.py lets several run at once.
"""
import asyncio
import base64
import contextlib
import json
import os
import random
import socket
import ssl
import struct
import sys
import time
import zlib

PATIENCE = 60 * int(os.environ.get("CK_TIMEOUT_MULTIPLIER") or 1)
SMALL, LARGE = b"small\n" * 2000, bytes(range(256)) * 40000     # as serving.orchard() lays them
BODY = os.urandom(1 << 20)
PLAIN = b"Hello, world!"
HEAD = " HTTP/1.1\r\nHost: h\r\n"
TEXT, PING, CLOSE, FIN, DEFLATED = 1, 9, 8, 0x80, 0x40
VISITS = []


def visit(share):
    """A kind of visit, and how often it is made against others."""
    def add(function):
        VISITS.append((function, share))
        return function
    return add


class Peer:
    """A connection to the server, over TLS or not."""

    def __init__(self, ports):
        self.ports, self.is_secure = ports, random.random() < 0.25

    async def __aenter__(self):
        context = None
        if self.is_secure:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.ports[self.is_secure], ssl=context, limit=1 << 16)
        return self

    async def __aexit__(self, kind, *_):
        self.writer.transport.abort()

    def send(self, text, body=b""):
        self.writer.write((text.encode() if isinstance(text, str) else text) + body)

    async def head(self):
        """The status, and the headers with names in lower case."""
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in
                                          (line.partition(":") for line in lines[1:])}

    async def chunk(self):
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def body(self, headers):
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        pieces = []
        while piece := await self.chunk():
            pieces.append(piece)
        return b"".join(pieces)

    async def expect(self, status, body=None):
        got, headers = await self.head()
        told = await self.body(headers)
        right(got, status)
        if body is not None:
            right(told, body)
        return headers, told

    def reset(self):
        """An RST in the place of a FIN."""
        with contextlib.suppress(OSError):
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def right(got, expected):
    assert got == expected, f"{str(got)[:200]!r} in the place of {str(expected)[:200]!r}"


def request(path, method="GET", **headers):
    return f"{method} {path}{HEAD}" + "".join(
        f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()) + "\r\n"


# ---- requests ----

@visit(8)
async def plain_ones_on_one_connection(peer):
    for _ in range(10):
        peer.send(request("/plaintext"))
        await peer.expect(200, PLAIN)


@visit(8)
async def a_plain_one_on_a_fresh_connection(peer):
    peer.send(request("/json", Connection="close"))
    _, told = await peer.expect(200)
    right(json.loads(told), {"message": PLAIN.decode()})
    right(await peer.reader.read(), b"")


@visit(4)
async def many_in_one_packet(peer):
    peer.send("".join(request(path) for path in ["/plaintext", "/json", "/nowhere"] * 10))
    for _ in range(10):
        await peer.expect(200, PLAIN)
        await peer.expect(200)
        await peer.expect(404)


@visit(4)
async def small_bodies(peer):
    for size in (0, 1, 3000):
        peer.send(request("/echo", "POST", Content_Length=size), BODY[:size])
        await peer.expect(200, BODY[:size])


@visit(1)
async def a_large_body_is_echoed_as_it_comes(peer):
    peer.send(request("/echo", "POST", Content_Length=len(BODY), Expect="100-continue"))
    right((await peer.head())[0], 100)
    status, headers = await peer.head()         # the answer begins before there is a body
    peer.send(BODY)
    right((status, await peer.body(headers)), (200, BODY))


@visit(2)
async def a_chunked_body_is_counted(peer):
    peer.send(request("/count", "POST", Transfer_Encoding="chunked"))
    for at in range(0, 100000, 10000):
        peer.send(b"2710\r\n" + BODY[at:at + 10000] + b"\r\n")
        await peer.writer.drain()
    peer.send(b"0\r\n\r\n")
    await peer.expect(200, b"100000")


def form_of(size):
    return (b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
            + BODY[:size] + b"\r\n--b--\r\n")


@visit(1)
async def a_file_is_uploaded(peer):
    size = random.choice((10, 50000, 300000))
    form = form_of(size)
    peer.send(request("/form", "POST", Content_Length=len(form),
                      Content_Type="multipart/form-data; boundary=b"), form)
    await peer.expect(200, str(size).encode())


@visit(1)
async def an_upload_stops_half_way(peer):
    form = form_of(300000)
    peer.send(request("/form", "POST", Content_Length=len(form),
                      Content_Type="multipart/form-data; boundary=b"), form[:200000])
    await peer.writer.drain()
    await asyncio.sleep(0.05)


@visit(1)
async def a_stream_is_read_slowly(peer):
    peer.send(request("/stream/20"))
    status, _ = await peer.head()
    size = 0
    while piece := await peer.chunk():
        size += len(piece)
        await asyncio.sleep(0.01)
    right((status, size), (200, 20 * 65536))


@visit(2)
async def a_stream_is_left_half_way(peer):
    peer.send(request("/stream/200"))
    right((await peer.head())[0], 200)
    right(len(await peer.chunk()), 65536)
    if random.random() < 0.5:
        peer.reset()


@visit(3)
async def parts_of_files(peer):
    at = random.randrange(len(LARGE) - 5000)
    peer.send(request("/files/large.bin", Range=f"bytes={at}-{at + 4999}"))
    await peer.expect(206, LARGE[at:at + 5000])
    peer.send(request("/files/large.bin", Range="bytes=99999999-"))
    await peer.expect(416)
    peer.send(request("/files/small.txt"))
    headers, _ = await peer.expect(200, SMALL)
    peer.send(request("/files/small.txt", If_None_Match=headers["etag"]))
    right((await peer.head())[0], 304)


@visit(1)
async def a_large_file_is_left_half_way(peer):
    peer.send(request("/files/large.bin"))
    right((await peer.head())[0], 200)
    right(await peer.reader.readexactly(100000), LARGE[:100000])


@visit(2)
async def compressed_text(peer):
    peer.send(request("/text", Accept_Encoding="gzip"))
    headers, told = await peer.expect(200)
    right(headers.get("content-encoding"), "gzip")
    right(zlib.decompress(told, 31), b"the same again\n" * 2000)


@visit(2)
async def events_until_the_client_has_enough(peer):
    peer.send(request("/events/5"))
    right((await peer.head())[0], 200)
    told = b""
    while told.count(b"\n\n") < 5:
        told += await peer.chunk()
    right([line for line in told.splitlines() if line][:5], [b"data: %d" % i for i in range(5)])


# ---- what is wrong, slow or rude ----

WRONG = ((b"what is this\r\n\r\n", 400), (b"GET / HTTP/9.9\r\nHost: h\r\n\r\n", 505),
         (b"GET /plaintext HTTP/1.1\r\n\r\n", 400),
         (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 100000 + b"\r\n\r\n", 431),
         (b"POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
         (b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
          b"Transfer-Encoding: chunked\r\n\r\n", 400),
         (b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: cake\r\n\r\nx", 417),
         (b"DELETE /plaintext HTTP/1.1\r\nHost: h\r\n\r\n", 405))


@visit(4)
async def a_wrong_request(peer):
    text, status = random.choice(WRONG)
    peer.send(text)
    right((await peer.head())[0], status)


@visit(2)
async def a_request_that_never_ends(peer):
    peer.send("GET /plaintext HTTP/1.1\r\n")
    told = asyncio.ensure_future(peer.reader.read())
    while not told.done():
        peer.send("X: y\r\n")
        await asyncio.wait([told], timeout=0.5)
    right(told.result()[:13] if not told.exception() else b"HTTP/1.1 408 ", b"HTTP/1.1 408 ")


@visit(1)
async def one_that_says_nothing(peer):
    right((await peer.reader.read())[:13] in (b"", b"HTTP/1.1 408 "), True)


@visit(2)
async def one_that_leaves_while_its_answer_is_made(peer):
    peer.send(request("/wait/2"))
    await asyncio.sleep(0.05)
    if random.random() < 0.5:
        peer.reset()


# ---- WebSockets ----

def frame(opcode, payload, first=FIN):
    size = len(payload)
    head = bytes([first | opcode]) + (
        bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        if size < 65536 else b"\xff" + struct.pack(">Q", size))
    mask = os.urandom(4)
    repeated = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    masked = int.from_bytes(payload, "big") ^ repeated
    return head + mask + masked.to_bytes(size, "big")


def deflated(payload):
    coder = zlib.compressobj(wbits=-15)
    return (coder.compress(payload) + coder.flush(zlib.Z_SYNC_FLUSH))[:-4]


class Socket:
    """A WebSocket on a peer's connection; what it deflates needs nothing from before."""

    def __init__(self, peer):
        self.peer, self.is_deflated = peer, random.random() < 0.5
        self.inflater = zlib.decompressobj(-15)

    async def open(self, path):
        wanted = {"Sec_WebSocket_Extensions": "permessage-deflate"} if self.is_deflated else {}
        self.peer.send(request(path, Upgrade="websocket", Connection="Upgrade",
                               Sec_WebSocket_Version=13, **wanted,
                               Sec_WebSocket_Key=base64.b64encode(os.urandom(16)).decode()))
        status, headers = await self.peer.head()
        right((status, "sec-websocket-extensions" in headers), (101, self.is_deflated))
        self.is_fresh = "server_no_context_takeover" in headers.get("sec-websocket-extensions", "")
        return self

    def send(self, payload):
        if self.is_deflated:
            self.peer.send(frame(TEXT, deflated(payload), FIN | DEFLATED))
        else:
            self.peer.send(frame(TEXT, payload))

    async def frame(self):
        first, size = await self.peer.reader.readexactly(2)
        if size > 125:
            more = await self.peer.reader.readexactly(2 if size == 126 else 8)
            size = int.from_bytes(more, "big")
        return first, await self.peer.reader.readexactly(size)

    async def recv(self):
        """The next message's opcode and payload; no server of ours cuts one."""
        first, payload = await self.frame()
        if first & DEFLATED:
            if self.is_fresh:
                self.inflater = zlib.decompressobj(-15)
            payload = self.inflater.decompress(payload + b"\0\0\xff\xff")
        return first & 15, payload

    async def close(self):
        self.peer.send(frame(CLOSE, struct.pack(">H", 1000)))
        while (got := await self.recv())[0] != CLOSE:
            pass
        right(got[1][:2], struct.pack(">H", 1000))

    async def leave(self):
        """By its rules, by a FIN, by an RST, or within a message."""
        way = random.randrange(4)
        if way == 0:
            await self.close()
        elif way == 1:
            self.peer.reset()
        elif way == 2:
            self.peer.send(frame(TEXT, b"x" * 5000)[:3000])
            await self.peer.writer.drain()


async def talk(peer, path):
    ws = await Socket(peer).open(path)
    for size in (5, 125, 126, 3000, 70000):
        text = (b"%d words " % size * size)[:size]
        ws.send(text)
        right(await ws.recv(), (TEXT, text))
    peer.send(frame(PING, b"p"))
    right(await ws.recv(), (10, b"p"))
    await ws.leave()


@visit(4)
async def messages_to_a_handler_that_loops(peer):
    await talk(peer, "/echo")


async def own(ws):
    """The next message that is not one to all."""
    while (got := await ws.recv())[1][:3] == b"all":
        pass
    return got


@visit(4)
async def messages_to_a_handler_of_one_each(peer):
    ws = await Socket(peer).open("/room")
    for i in range(5):
        text = b"only for me %d" % i
        ws.send(text)
        right(await own(ws), (TEXT, text))
        await asyncio.sleep(random.random())
    ws.send(b"all who listen %d" % id(ws))
    while (await ws.recv())[1] != b"all who listen %d" % id(ws):
        pass
    await ws.leave()


# ---- how often ----

class Tally:
    def __init__(self):
        self.right, self.wrong = {}, []

    async def run(self, function, ports):
        name, begun = function.__name__, time.monotonic()
        try:
            async with Peer(ports) as peer:
                await asyncio.wait_for(function(peer), PATIENCE)
            self.right[name] = self.right.get(name, 0) + 1
        except Exception as error:                      # whatever it is, it is told
            took = time.monotonic() - begun             # more than the server's patience?
            self.wrong.append(f"{name}, after {took:.1f} s: {error!r}")


async def load(ports, rate, seconds, words):
    tally, running, loop = Tally(), set(), asyncio.get_running_loop()
    kinds = [one for one in VISITS
             if not words or any(word in one[0].__name__ for word in words)]
    end = loop.time() + seconds
    while loop.time() < end:
        if len(running) < 30 * rate:                    # else the machine is behind
            function = random.choices(*zip(*kinds))[0]
            task = asyncio.ensure_future(tally.run(function, ports))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.sleep(random.expovariate(rate))
    if running:
        await asyncio.wait(running)
    print(json.dumps({"right": tally.right, "wrong": tally.wrong}), flush=True)


if __name__ == "__main__":
    asyncio.run(load((int(sys.argv[1]), int(sys.argv[2])), float(sys.argv[3]),
                     float(sys.argv[4]), sys.argv[5:]))
