import asyncio
import aiohttp
from jumping import now, run
from standin import standin


async def fetch(gate, session, url):
    async with gate, session.get(url) as response:
        return await response.text()


async def main():
    gate = asyncio.Semaphore(10)
    async with standin() as base, aiohttp.ClientSession() as session:
        start = now()
        texts = await asyncio.gather(*[fetch(gate, session, f"{base}/delay/1")
                                       for _ in range(100)])
        print(f"Fetched {len(texts)} URLs in {now() - start:.2f}s")

run(main())
