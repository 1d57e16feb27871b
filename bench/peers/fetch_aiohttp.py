"""GETs every URL of a file with aiohttp on uvloop, so many at a time.

    fetch_aiohttp.py URLS JOBS

As many workers as jobs take the URLs in turn: starting a task per URL is slower and takes
more memory. Exits with 1 unless every answer was a 200 that was read to its end.
"""
import asyncio
import sys

import aiohttp
import uvloop


async def work(session, urls):
    for url in urls:
        async with session.get(url) as response:
            await response.read()
            if response.status != 200:
                sys.exit(f"{url}: {response.status}")


async def main(path, jobs):
    with open(path) as file:
        urls = iter(file.read().split())
    connector = aiohttp.TCPConnector(limit=jobs)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(work(session, urls) for _ in range(jobs)))


uvloop.install()
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
