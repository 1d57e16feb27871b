import asyncio
from contextlib import aclosing
from jumping import now, run

PAGES, PAGE_SIZE = 3, 4


async def fetch_page(page):
    await asyncio.sleep(1)
    print(f"fetched page {page}")
    first = (page - 1) * PAGE_SIZE + 1
    return list(range(first, first + PAGE_SIZE)) if page <= PAGES else []


async def items():
    page = 1
    while True:
        results = await fetch_page(page)
        if not results:
            break
        for item in results:
            yield item
        page += 1


async def take(wanted):
    taken = 0
    async with aclosing(items()) as everything:
        async for item in everything:
            print(f"item {item}")
            taken += 1
            if taken == wanted:
                break
    return taken


async def main():
    start = now()
    print(await take(6), "items taken, that is enough")
    print(await take(100), "items taken, there are no more")
    print(f"Total: {now() - start:.1f}s")

run(main())
