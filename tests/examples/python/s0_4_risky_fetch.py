import asyncio
import aiohttp
from jumping import run
from standin import standin


async def risky_fetch(url):
    limit = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession() as session, session.get(url, timeout=limit) as response:
        response.raise_for_status()
        return (await response.text()).strip()


async def main():
    async with standin() as base:
        urls = [f"{base}/posts/1", "http://invalid-url-xyz.invalid/", "http://127.0.0.1:1/",
                f"{base}/status/503", f"{base}/delay/60"]
        outcomes = await asyncio.gather(*map(risky_fetch, urls), return_exceptions=True)
    words = {aiohttp.ClientConnectorError: "refused", aiohttp.ClientResponseError: "503",
             asyncio.TimeoutError: "timed out"}
    for url, outcome in zip(urls, outcomes):
        if isinstance(outcome, BaseException):      # its wording is the library's own
            word = "invalid-url-xyz" if ".invalid" in url else words[type(outcome)]
            print(f"Failed {url}: <words: {word}>")
        else:
            print(f"Success {url}: {outcome}")

run(main())
