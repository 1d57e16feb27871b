import aiohttp
from aiohttp import web
from jumping import run


async def hello(request):
    return web.Response(text=f"hello, {request.match_info['name']}\n")


async def main():
    app = web.Application()
    app.add_routes([web.get("/hello/{name}", hello)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hello/world"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        print(response.status, (await response.text()).strip())
    await runner.cleanup()

run(main())
