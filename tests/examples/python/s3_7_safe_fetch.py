import asyncio
import aiohttp
from jumping import run
from standin import standin


async def safe_fetch(session, url):
    try:
        limit = aiohttp.ClientTimeout(total=5)
        async with session.get(url, timeout=limit, raise_for_status=True) as response:
            return await response.text()
    except aiohttp.ClientResponseError as error:
        return f"error: <words: {error.status}>\n"
    except aiohttp.ClientError:
        return "error: <words: refused>\n"


async def main():
    async with standin() as base, aiohttp.ClientSession() as session:
        urls = [f"{base}/delay/1", f"{base}/status/404", "http://127.0.0.1:1/",
                f"{base}/delay/60"]
        results = await asyncio.gather(*[safe_fetch(session, url) for url in urls],
                                       return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            print("Task failed: <words: timed out>")
        else:
            print(result, end="")

run(main())
