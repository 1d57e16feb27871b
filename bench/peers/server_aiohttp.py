"""The server rows with aiohttp on uvloop: server_aiohttp.py PORT WORKERS FOLDER [CERTIFICATE KEY].

No access log, for none of the others writes one. A worker is a process.
"""
import os
import ssl
import sys

import aiohttp
import uvloop
from aiohttp import web


async def say_hello(_request):
    return web.Response(body=b"Hello, World!", content_type="text/plain")


async def say_json(_request):
    return web.json_response({"message": "Hello, World!"})


async def echo(request):
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type == aiohttp.WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type == aiohttp.WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


def main(port, workers, folder, *pair):
    context = None
    if pair:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*pair)
    for _ in range(int(workers) - 1):
        if os.fork() == 0:
            break
    uvloop.install()
    app = web.Application()
    app.router.add_get("/plaintext", say_hello)
    app.router.add_get("/json", say_json)
    app.router.add_get("/ws", echo)
    app.router.add_static("/static", os.path.join(folder, "static"))
    web.run_app(app, host="127.0.0.1", port=int(port), ssl_context=context, access_log=None,
                print=None, backlog=4096, keepalive_timeout=600, reuse_port=True)


main(*sys.argv[1:])
