import asyncio
from jumping import now, run


async def slow_operation():
    await asyncio.sleep(60)
    return "an answer"


async def fetch_with_timeout():
    try:
        async with asyncio.timeout(5):
            return await slow_operation()
    except TimeoutError:
        return None


async def main():
    result = await fetch_with_timeout()
    print(f"{result} after {now():.0f} s")

run(main())
