import asyncio
import aiohttp
from jumping import now, run
from standin import standin


async def fetch(session, url, start):
    try:
        async with session.get(url) as response:
            text = await response.text()
            print(f"{now() - start:4.1f} s: {text}", end="")
    except asyncio.TimeoutError:
        print(f"{now() - start:4.1f} s: failed, <words: timed out>")


async def main():
    timeout = aiohttp.ClientTimeout(total=10, connect=3)
    connector = aiohttp.TCPConnector(limit=1)
    async with standin() as base, aiohttp.ClientSession(timeout=timeout,
                                                        connector=connector) as session:
        start = now()
        await asyncio.gather(fetch(session, f"{base}/delay/5", start),
                             fetch(session, f"{base}/delay/1", start))
        await fetch(session, f"{base}/delay/20", start)

run(main())
