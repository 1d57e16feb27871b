import aiohttp
from aiohttp import web
from jumping import run


async def users(request):
    page = int(request.query["page"])
    return web.Response(text="" if page > 2 else f"{2 * page - 1} {2 * page}")


async def fetch(url):
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return {"results": (await response.text()).split()}


async def fetch_paginated(base_url):
    page = 1
    while True:
        data = await fetch(f"{base_url}?page={page}")
        if not data["results"]:
            break
        for item in data["results"]:
            yield item
        page += 1


async def main():
    app = web.Application()
    app.router.add_get("/users", users)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async for item in fetch_paginated(f"http://127.0.0.1:{runner.addresses[0][1]}/users"):
        print("user", item)
    await runner.cleanup()

run(main())
