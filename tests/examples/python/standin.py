"""A local stand-in for the services that the programs call, with the answers of bide's demo app."""
import asyncio
import contextlib
import json
from aiohttp import web


async def delay(request):
    seconds = float(request.match_info["seconds"])
    await asyncio.sleep(seconds)
    return web.Response(text=f"waited {seconds:g} s\n")


async def post(request):
    number = int(request.match_info["number"])
    text = json.dumps({"userId": (number - 1) // 10 + 1, "id": number, "title": f"Post {number}",
                       "body": f"This is post number {number}."}, separators=(",", ":"))
    return web.Response(text=text + "\n", content_type="application/json")


async def status(request):
    code = request.match_info["code"]
    return web.Response(status=int(code), text=f"status {code}\n")


@contextlib.asynccontextmanager
async def standin():
    app = web.Application()
    app.router.add_get("/delay/{seconds}", delay)
    app.router.add_get("/posts/{number}", post)
    app.router.add_get("/status/{code}", status)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
