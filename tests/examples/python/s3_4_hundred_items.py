import asyncio
import aiohttp
from jumping import run
from standin import standin


async def fetch_url(session, url):
    async with session.get(url) as response:
        return await response.json()


async def main():
    async with standin() as base, aiohttp.ClientSession() as session:
        urls = [f"{base}/posts/{i}" for i in range(1, 101)]
        results = await asyncio.gather(*[fetch_url(session, url) for url in urls])
    print(f"{len(results)} results, from {results[0]['title']} to {results[-1]['title']}")

run(main())
