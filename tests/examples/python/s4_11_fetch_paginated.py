import aiohttp
from jumping import run
from standin import standin


async def fetch(url):
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.json()


async def fetch_paginated(base_url):
    page = 1
    while True:
        data = await fetch(f"{base_url}?page={page}")
        if not data["results"]:
            break
        for item in data["results"]:
            yield item
        page += 1


async def main():
    count = 0
    async with standin() as base:
        async for item in fetch_paginated(f"{base}/items"):
            count += 1
            if count % 10 == 1:
                print(f"{item['id']}: {item['name']}, and so on")
    print(count, "items")

run(main())
