import asyncio
from jumping import run


async def save(text):
    await asyncio.sleep(0.1)
    print(f"Saved {text}")


async def fetch_data():
    await asyncio.sleep(1)
    return "ok"


async def main():
    await save("data")
    print(f"status {await fetch_data()}")

run(main())
