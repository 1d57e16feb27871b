import asyncio
from jumping import now, run


async def background():
    await asyncio.sleep(10)
    print("Done in background")


async def main():
    task = asyncio.create_task(background())
    await asyncio.sleep(1)
    print(f"Other work done after {now():.0f} s")
    await task
    print(f"All done after {now():.0f} s")

run(main())
