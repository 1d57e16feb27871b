import asyncio
from jumping import now, run


async def fetch_data(url, seconds):
    print(f"Fetching {url}...")
    await asyncio.sleep(seconds)
    print(f"Done {url}")
    return f"data from {url}"


async def main():
    start = now()
    results = await asyncio.gather(fetch_data("api/users", 2), fetch_data("api/posts", 3),
                                   fetch_data("api/comments", 1))
    for result in results:
        print(result)
    print(f"Total: {now() - start:.1f}s")

run(main())
