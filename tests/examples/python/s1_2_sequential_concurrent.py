import asyncio
from jumping import now, run


async def fetch_data(url):
    print(f"Starting fetch: {url}")
    await asyncio.sleep(1)
    print(f"Completed fetch: {url}")


async def main():
    urls = ["url1", "url2", "url3"]
    start = now()
    for url in urls:
        await fetch_data(url)
    print(f"Sequential: {now() - start:.1f} s")
    start = now()
    await asyncio.gather(*map(fetch_data, urls))
    print(f"Concurrent: {now() - start:.1f} s")

run(main())
