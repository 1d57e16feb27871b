import asyncio
import aiohttp
from jumping import now, run
from standin import standin


async def fetch(session, url):
    async with session.get(url) as response:
        return url, response.status, len(await response.text())


async def main():
    async with standin() as base, aiohttp.ClientSession() as session:
        start = now()
        urls = [f"{base}/delay/{n}" for n in (1, 2, 1, 2, 1)]
        for url, status, length in await asyncio.gather(*[fetch(session, u) for u in urls]):
            print(f"{url}: status={status}, length={length}")
        print(f"Total: {now() - start:.1f}s")

run(main())
