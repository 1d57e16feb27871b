import asyncio
from jumping import now, run


async def main():
    try:
        async with asyncio.timeout(5):
            await asyncio.sleep(60)
    except TimeoutError:
        print("Too slow!")
    print(f"{now():.0f} s")

run(main())
