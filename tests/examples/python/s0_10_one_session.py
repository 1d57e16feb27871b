import asyncio
import aiohttp
from jumping import run
from standin import standin

connections = 0


async def count(session, context, params):
    global connections
    connections += 1


def opened(limit):
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(count)
    return aiohttp.ClientSession(trace_configs=[trace],
                                 connector=aiohttp.TCPConnector(limit=limit))


async def good_fetch(session, url):
    async with session.get(url) as response:
        return await response.text()


async def bad_fetch(session, url):
    async with opened(100) as session:
        return await good_fetch(session, url)


async def fetch_all(how, fetch, session, url):
    global connections
    connections = 0
    await asyncio.gather(*[fetch(session, url) for _ in range(30)])
    print(f"{how}: 30 fetches, {connections} connections")


async def main():
    async with standin() as base, opened(5) as session:
        await fetch_all("a session per call", bad_fetch, session, f"{base}/posts/1")
        await fetch_all("one session", good_fetch, session, f"{base}/posts/1")

run(main())
