"""A list of URLs with asyncio and aiohttp: so many at a time, five seconds for each, tried again
where that is worth it, an error for each that fails, the others untouched.

    central_aiohttp.py URLS LIMIT
"""
import asyncio
import sys

import aiohttp

AGAIN = {408, 429, 500, 502, 503, 504}


async def fetch(session, permits, url):
    async with permits, asyncio.timeout(5):
        for pause in 0.1, 0.2, None:
            try:
                async with session.get(url) as response:
                    response.raise_for_status()
                    return await response.read()
            except aiohttp.ClientResponseError as why:
                if pause is None or why.status not in AGAIN:
                    raise
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
                if pause is None:
                    raise
            await asyncio.sleep(pause)


async def main(path, limit):
    with open(path) as file:
        urls = file.read().split()
    permits = asyncio.Semaphore(limit)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=limit)) as session:
        results = await asyncio.gather(*(fetch(session, permits, url) for url in urls),
                                       return_exceptions=True)
    failed = 0
    for url, result in zip(urls, results):
        if isinstance(result, BaseException):
            print(f"{url}: {str(result) or type(result).__name__}")
            failed += 1
    print(f"Fetched {len(urls) - failed} of {len(urls)} URLs")
    return failed > 0


sys.exit(asyncio.run(main(sys.argv[1], int(sys.argv[2]))))
