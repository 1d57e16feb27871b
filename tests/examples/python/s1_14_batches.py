import asyncio
from jumping import now, run


async def process(item):
    await asyncio.sleep(1)
    return item * item


async def main():
    start = now()
    results = []
    for first in range(0, 120, 50):
        items = range(first, min(first + 50, 120))
        results += await asyncio.gather(*map(process, items))
        print(f"batch from {first}: {len(items)} items, {now() - start:.1f} s")
    print(f"{len(results)} results, the last is {results[-1]}")

run(main())
