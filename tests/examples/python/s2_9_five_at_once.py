import asyncio
import aiohttp
from jumping import now, run
from standin import standin


async def fetch(session, url, gate):
    async with gate, session.get(url) as response:
        return await response.text()


async def main():
    gate = asyncio.Semaphore(5)
    async with standin() as base, aiohttp.ClientSession() as session:
        start = now()
        texts = await asyncio.gather(*[fetch(session, f"{base}/delay/1", gate)
                                       for _ in range(12)])
        print(f"{sum(1 for text in texts if text)} bodies in {now() - start:.1f} s")

run(main())
