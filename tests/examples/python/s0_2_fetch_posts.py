import asyncio
import aiohttp
from jumping import run
from standin import standin


async def fetch(session, url):
    async with session.get(url) as response:
        return await response.json()


async def main():
    async with standin() as base, aiohttp.ClientSession() as session:
        posts = await asyncio.gather(*[fetch(session, f"{base}/posts/{i}") for i in (1, 2, 3)])
    print(f"Fetched {len(posts)} posts concurrently")
    for post in posts:
        print(post["title"])

run(main())
