import asyncio
import aiohttp
from jumping import now, run
from standin import standin


async def fetch(gate, session, url):
    async with gate, session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as response:
        response.raise_for_status()
        await response.text()
        return response.status


async def main():
    gate = asyncio.Semaphore(10)
    connector = aiohttp.TCPConnector(limit=10)
    words = {aiohttp.ClientResponseError: "503", asyncio.TimeoutError: "timed out"}
    paths = {33: "/status/503", 66: "/delay/60"}
    async with standin() as base, aiohttp.ClientSession(connector=connector) as session:
        start = now()
        outcomes = await asyncio.gather(
            *[fetch(gate, session, base + paths.get(i, "/delay/1")) for i in range(100)],
            return_exceptions=True)
        for i, outcome in enumerate(outcomes):
            if isinstance(outcome, BaseException):
                print(f"job {i}: <words: {words[type(outcome)]}>")
        print(f"Fetched {outcomes.count(200)} of 100 URLs in {now() - start:.1f} s")

run(main())
