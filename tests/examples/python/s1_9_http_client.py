import asyncio
import aiohttp
from jumping import now, run
from standin import standin


class Client:
    def __init__(self, base):
        self.base = base
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100, limit_per_host=20),
            timeout=aiohttp.ClientTimeout(total=30), raise_for_status=True)

    async def get(self, path):
        for attempt in range(3):
            try:
                async with self.session.get(self.base + path) as response:
                    return print(await response.text(), end="")
            except aiohttp.ClientError as error:
                if attempt == 2:
                    raise
                print(f"Retry {attempt + 1}: <words: {error.status}>")
                await asyncio.sleep(2 ** attempt)

    async def post(self, path, data):
        async with self.session.post(self.base + path, json=data):
            pass


async def main():
    async with standin() as base:
        client = Client(base)
        async with client.session:
            start = now()
            await client.get("/flaky/2")
            print(f"after {now() - start:.0f} s")
            try:
                await client.post("/flaky/1?post", {})
            except aiohttp.ClientError as error:
                print(f"POST failed: <words: {error.status}>")
            await asyncio.gather(*[client.get(f"/users/{i}") for i in (1, 2, 3)])

run(main())
