import asyncio
from jumping import run


async def produce(queue):
    for i in range(20):
        await queue.put(f"item-{i}")
        print(f"Produced: item-{i}")
    await queue.put(None)


async def consume(queue, name):
    while (item := await queue.get()) is not None:
        await asyncio.sleep(0.1)
        print(f"{name} consumed: {item}")
        queue.task_done()
    await queue.put(None)


async def main():
    queue = asyncio.Queue(maxsize=10)
    await asyncio.gather(produce(queue), consume(queue, "worker-1"), consume(queue, "worker-2"))
    print(f"Left in the queue: {queue.qsize()}")

run(main())
