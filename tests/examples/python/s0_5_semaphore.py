import asyncio
import aiohttp
from jumping import now, run
from standin import standin

inside = most = 0


async def fetch(gate, session, url):
    global inside, most
    async with gate:
        inside += 1
        most = max(most, inside)
        async with session.get(url) as response:
            await response.text()
        inside -= 1
        return response.status


async def main():
    gate = asyncio.Semaphore(10)
    async with standin() as base, aiohttp.ClientSession() as session:
        start = now()
        statuses = await asyncio.gather(*[fetch(gate, session, f"{base}/delay/1")
                                          for _ in range(100)])
        print(f"{statuses.count(200)} of 100 fetched, at most {most} at once, "
              f"in {now() - start:.1f} s")

run(main())
