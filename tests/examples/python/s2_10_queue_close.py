import asyncio
from jumping import now, run


async def produce(queue):
    for i in range(10):
        await queue.put(f"item-{i}")
        await asyncio.sleep(0.1)
    await queue.put(None)


async def consume(queue, name):
    while (item := await queue.get()) is not None:
        print(f"{name} processed {item}")
        await asyncio.sleep(0.2)
    await queue.put(None)


async def main():
    queue = asyncio.Queue(maxsize=5)
    start = now()
    await asyncio.gather(produce(queue), consume(queue, "worker-1"), consume(queue, "worker-2"))
    print(f"Total: {now() - start:.1f} s")

run(main())
