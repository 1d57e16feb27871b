import asyncio
from jumping import run


async def tick():
    for n in range(1, 5):
        await asyncio.sleep(0.4)
        print(f"tick {n}")


async def good_sleep():
    await asyncio.sleep(2)
    print("slept 2 s, and the other task ticked on")


async def main():
    await asyncio.gather(good_sleep(), tick())

run(main())
