#!/usr/bin/env python3
"""Python's clients: aiohttp and websockets, as Debian packages them or the environment has them."""
from serving import bide_serve, equal, main, orchard, output_of, python_with, test

# What each program prints is compared; its argument is a URL.
REQUESTS = """
import aiohttp, asyncio, sys
async def pieces():
    for i in range(50):
        yield b"0123456789" * 1000
        await asyncio.sleep(0)
async def main(url):
    async with aiohttp.ClientSession(url) as session:
        async with session.post("/x", data=pieces(), headers={"X-A": "b"}) as r:
            print(r.status, len(await r.read()))
        async with session.put("/x", data=b"y" * 300000, expect100=True) as r:
            print(r.status, len(await r.read()), r.headers["Content-Length"])
        async def one(i):
            async with session.post("/many", json={"i": i}) as r:
                return (await r.json(content_type=None))["i"]
        print(sum(await asyncio.gather(*[one(i) for i in range(300)])))
        async with session.head("/") as r:
            print(r.status, len(await r.read()))
asyncio.run(main(sys.argv[1]))
"""

STREAMS = """
import aiohttp, asyncio, sys
async def main(url):
    async with aiohttp.ClientSession(url) as session:
        async with session.get("/stream/40") as r:
            size = 0
            async for piece in r.content.iter_any():
                size += len(piece)
            print(r.status, size)
        async with session.get("/events/5") as r:
            print(r.content_type, [(await r.content.readline()).decode().strip()
                                   for _ in range(6)][::2])
        form = aiohttp.FormData()
        form.add_field("file", b"z" * 200000, filename="z.bin")
        async with session.post("/form", data=form) as r:
            print(r.status, await r.text())
        async with session.get("/files/large.bin", headers={"Range": "bytes=256-511"}) as r:
            print(r.status, await r.read() == bytes(range(256)))
asyncio.run(main(sys.argv[1]))
"""

AIOHTTP_WEBSOCKET = """
import aiohttp, asyncio, sys
async def main(url):
    async with aiohttp.ClientSession(url) as session:
        for compress in (0, 15):
            async with session.ws_connect("/echo", compress=compress) as ws:
                for size in (0, 1, 125, 126, 65535, 65536, 1000000):
                    await ws.send_str("t" * size)
                    assert await ws.receive_str() == "t" * size
                    await ws.send_bytes(b"b" * size)
                    assert await ws.receive_bytes() == b"b" * size
                await ws.ping(b"p")
                await ws.send_json({"a": [1]})
                print(await ws.receive_json(), bool(ws.compress))
            print(ws.close_code)
asyncio.run(main(sys.argv[1]))
"""

WEBSOCKETS = """
import asyncio, sys, websockets
async def talk(url, compression, count):
    async with websockets.connect(url, compression=compression, max_size=None) as ws:
        for i in range(count):
            await ws.send([f"part {i} " * 50, "and the rest"])      # two fragments
        for i in range(count):
            assert await ws.recv() == f"part {i} " * 50 + "and the rest"
        await (await ws.ping(b"are you there"))
        await ws.send(b"\\0\\xff" * 100000)
        assert await ws.recv() == b"\\0\\xff" * 100000
    return ws.close_code
async def main(url):
    for compression in (None, "deflate"):
        print(await asyncio.gather(*[talk(url, compression, 50) for _ in range(8)]))
asyncio.run(main(sys.argv[1]))
"""


def run(program, url, *packages):
    return output_of(python_with(*packages), "-c", program, url).decode().splitlines()


@test
def aiohttp_sends_bodies_of_each_kind_and_hears_them_back():
    with bide_serve("--echo", "--workers", "2") as server:
        equal(run(REQUESTS, server.url, "aiohttp"),
              ["200 500000", "200 300000 300000", str(sum(range(300))), "200 0"])


@test
def aiohttp_follows_streams_and_events_and_sends_forms():
    with orchard("--workers", 2) as server:
        equal(run(STREAMS, server.url, "aiohttp"),
              [f"200 {40 * 65536}", "text/event-stream ['data: 0', 'data: 1', 'data: 2']",
               "200 200000", "206 True"])


@test
def aiohttp_talks_over_a_websocket():
    with bide_serve("--echo", "--deflate") as server:
        equal(run(AIOHTTP_WEBSOCKET, server.url, "aiohttp"),
              ["{'a': [1]} False", "1000", "{'a': [1]} True", "1000"])


@test
def websockets_talks_with_both_forms_of_handlers():
    with orchard("--workers", 2) as server:
        for path in ("/echo", "/room"):
            equal(run(WEBSOCKETS, server.url.replace("http", "ws") + path, "websockets"),
                  [str([1000] * 8)] * 2)


main()
