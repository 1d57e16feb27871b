import asyncio
from jumping import now, run


async def fetch(gate, i):
    async with gate:
        await asyncio.sleep(1)
        return f"item {i} at {now():.0f} s"


async def main():
    gate = asyncio.Semaphore(10)
    results = await asyncio.gather(*[fetch(gate, i) for i in range(100)])
    for i in (0, 9, 10, 55, 99):
        print(results[i])

run(main())
