import asyncio
import aiohttp
from jumping import now, run
from standin import standin


async def fetch(session, url):
    async with session.get(url) as response:
        return await response.text()


async def fetch_all(base):
    start = now()
    async with aiohttp.ClientSession() as session:
        texts = await asyncio.gather(*[fetch(session, f"{base}/delay/1") for _ in range(100)])
    print(f"Fetched {len(texts)} URLs in {now() - start:.2f}s")


async def main():
    async with standin() as base:
        await fetch_all(base)

run(main())
