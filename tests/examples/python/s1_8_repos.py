import asyncio
import aiohttp
from jumping import run
from standin import standin


async def fetch_json(session, url):
    async with session.get(url) as response:
        response.raise_for_status()
        return await response.json()


async def main():
    names = ("octocat", "torvalds", "gvanrossum")
    async with standin() as base, aiohttp.ClientSession() as session:
        users = await asyncio.gather(*[fetch_json(session, f"{base}/users/{name}")
                                       for name in names])
    for user in users:
        print(f"{user['login']}: {user['public_repos']} repos")

run(main())
