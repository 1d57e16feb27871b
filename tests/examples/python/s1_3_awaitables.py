import asyncio
from jumping import now, run


async def fetch_data(url):
    print(f"Starting fetch: {url}")
    await asyncio.sleep(1)
    print(f"Completed fetch: {url}")


async def main():
    start = now()
    waiting = fetch_data("url1")
    task = asyncio.create_task(waiting)
    await task
    await fetch_data("url2")
    await asyncio.gather(fetch_data("url3"), fetch_data("url4"))
    print(f"Total: {now() - start:.1f} s")

run(main())
