"""A bounded queue: order of items, of waiting getters, of waiting putters."""
import asyncio


async def getter(name, queue, first, count):
    await asyncio.sleep(first / 1000)
    for _ in range(count):
        item = await queue.get()
        print(name, "gets", item)
        queue.task_done()
        await asyncio.sleep(0.004)


async def putter(name, queue, first, items):
    await asyncio.sleep(first / 1000)
    for item in items:
        await queue.put(item)
        print(name, "put", item)
        await asyncio.sleep(0.001)


async def main():
    queue = asyncio.Queue(2)
    early = [asyncio.create_task(getter(name, queue, first, 1))
             for name, first in [("x", 0), ("y", 1), ("z", 2)]]
    await asyncio.sleep(0.0025)
    first = asyncio.create_task(putter("p", queue, 0, [1, 2, 3]))
    await asyncio.gather(*early, first)
    print("size", queue.qsize())
    puts = [asyncio.create_task(putter("q", queue, 0, [4, 5, 6])),
            asyncio.create_task(putter("r", queue, 0.5, [7, 8, 9]))]
    await asyncio.sleep(0.0103)
    print("size", queue.qsize())
    last = asyncio.create_task(getter("w", queue, 0, 6))
    await asyncio.gather(*puts)
    await queue.join()
    print("joined")
    await last

asyncio.run(main())
