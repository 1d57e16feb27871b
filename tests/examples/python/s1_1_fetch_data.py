import asyncio
from jumping import run


async def fetch_data(url):
    print(f"Starting fetch: {url}")
    await asyncio.sleep(1)
    print(f"Completed fetch: {url}")
    return {"url": url, "data": "response"}


async def main():
    print(await fetch_data("https://api.example.com"))

run(main())
