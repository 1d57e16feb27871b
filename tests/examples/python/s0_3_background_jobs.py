import asyncio
from jumping import run


async def process(item):
    await asyncio.sleep(2)
    print(f"Processed {item}")


async def main():
    tasks = [asyncio.create_task(process(item)) for item in (1, 2)]
    print("Tasks created, doing other work...")
    await asyncio.sleep(0.1)
    for task in tasks:
        await task

run(main())
