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


async def user(request):
    name = request.match_info["name"]
    text = json.dumps({"name": name, "login": name, "public_repos": len(name)},
                      separators=(",", ":"))
    return web.Response(text=text + "\n", content_type="application/json")


async def items(request):
    page = int(request.query.get("page", 1))
    numbers = range(10 * page - 9, 10 * page + 1) if page <= 3 else ()
    return web.json_response({"page": page, "results": [{"id": i, "name": f"item {i}"}
                                                        for i in numbers]})


async def flaky(request):
    failed = request.app["failed"]
    failed[request.path_qs] = failed.get(request.path_qs, 0) + 1
    times = int(request.match_info["times"])
    if failed[request.path_qs] <= times:
        return web.Response(status=503)
    return web.Response(text=f"succeeded after {times} failures\n")


async def status(request):
    code = request.match_info["code"]
    return web.Response(status=int(code), text=f"status {code}\n")


@contextlib.asynccontextmanager
async def standin():
    app = web.Application()
    app["failed"] = {}
    app.router.add_get("/delay/{seconds}", delay)
    app.router.add_get("/posts/{number}", post)
    app.router.add_get("/status/{code}", status)
    app.router.add_get("/users/{name}", user)
    app.router.add_get("/items", items)
    app.router.add_route("*", "/flaky/{times}", flaky)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
