import asyncio
from jumping import now, run


async def fetch_data():
    await asyncio.sleep(1)
    return "ok"


async def main():
    print(f"status {await fetch_data()}")
    start = now()
    for _ in range(3):
        await fetch_data()
    print(f"Sequential: {now() - start:.1f} s")
    start = now()
    statuses = await asyncio.gather(*[fetch_data() for _ in range(3)])
    print(f"Concurrent: {now() - start:.1f} s, {' '.join(statuses)}")

run(main())
