import asyncio
from jumping import run


async def fetch_data():
    await asyncio.sleep(1)
    return "data"

print(run(fetch_data()))
