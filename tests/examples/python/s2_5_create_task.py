import asyncio
from jumping import now, run


async def fetch_data(url, seconds):
    print(f"Fetching {url}...")
    await asyncio.sleep(seconds)
    print(f"Done {url}")
    return f"data from {url}"


async def main():
    start = now()
    users = asyncio.create_task(fetch_data("api/users", 2))
    posts = asyncio.create_task(fetch_data("api/posts", 3))
    print(await users)
    print(await posts)
    print(f"Total: {now() - start:.1f}s")

run(main())
