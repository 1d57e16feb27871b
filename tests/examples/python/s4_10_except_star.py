import asyncio
import aiohttp
from jumping import now, run
from standin import standin


async def fetch(session, url):
    try:
        async with session.get(url) as response:
            response.raise_for_status()
            return await response.text()
    except asyncio.CancelledError:
        print("a sibling was cancelled")
        raise


async def main():
    async with standin() as base, aiohttp.ClientSession() as session:
        start = now()
        try:
            async with asyncio.TaskGroup() as group:
                for path in ("/delay/5", "/status/404", "/delay/9"):
                    group.create_task(fetch(session, base + path))
        except* aiohttp.ClientError as several:
            for error in several.exceptions:
                print(f"HTTP error: <words: {error.status}>")
        print(f"after {now() - start:.0f} s")

run(main())
