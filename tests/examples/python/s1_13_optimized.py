import asyncio
import aiohttp
from jumping import now, run
from standin import standin


async def optimized_client():
    connector = aiohttp.TCPConnector(limit=100, limit_per_host=30, ttl_dns_cache=300)
    timeout = aiohttp.ClientTimeout(total=30, connect=5, sock_read=10)
    return aiohttp.ClientSession(connector=connector, timeout=timeout)


async def fetch(client, url):
    async with client.get(url) as response:
        return await response.text()


async def main():
    async with standin() as base, await optimized_client() as client:
        start = now()
        await asyncio.gather(*[fetch(client, f"{base}/delay/1") for _ in range(60)])
        print(f"60 URLs, 30 at once: {now() - start:.1f} s")
        start = now()
        try:
            await fetch(client, f"{base}/delay/20")
        except aiohttp.ServerTimeoutError:
            print(f"after {now() - start:.1f} s: <words: timed out>")

run(main())
