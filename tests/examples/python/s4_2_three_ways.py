import asyncio
from jumping import now, run


async def slow():
    await asyncio.sleep(1)


async def main():
    start = now()
    for _ in range(3):
        await slow()
    print(f"One after another: {now() - start:.1f} s")
    start = now()
    await asyncio.gather(slow(), slow(), slow())
    print(f"Gather: {now() - start:.1f} s")
    start = now()
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(slow())
    print(f"Group: {now() - start:.1f} s")

run(main())
