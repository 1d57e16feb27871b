import asyncio
from jumping import now, run


async def fetch_data(url):
    await asyncio.sleep(1)
    return url


async def fetch_with_rate_limit(urls, at_once=10):
    gate = asyncio.Semaphore(at_once)

    async def limited(url):
        async with gate:
            return await fetch_data(url)

    return await asyncio.gather(*map(limited, urls))


async def main():
    urls = [f"url{i}" for i in range(30)]
    start = now()
    results = await fetch_with_rate_limit(urls)
    print(f"{len(results)} URLs, ten at a time: {now() - start:.1f} s")
    print("in order" if results == urls else "out of order")

run(main())
