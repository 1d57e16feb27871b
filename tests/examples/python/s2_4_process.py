import asyncio
from jumping import run


async def fetch_data(url, seconds):
    print(f"Fetching {url}...")
    await asyncio.sleep(seconds)
    print(f"Done {url}")
    return f"data from {url}"


async def process():
    return await fetch_data("api/users", 1)

print(run(process()))
