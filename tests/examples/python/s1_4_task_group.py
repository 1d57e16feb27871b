import asyncio
from jumping import now, run


async def fetch_data(url, seconds):
    await asyncio.sleep(seconds)
    return f"{url}: response"


async def main():
    start = now()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetch_data(f"url{i}", 1.0 - i / 10)) for i in range(4)]
    for task in tasks:
        print(task.result())
    print(f"Total: {now() - start:.1f} s")

run(main())
