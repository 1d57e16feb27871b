import asyncio
import threading
from jumping import run

ticked = threading.Semaphore(0)


def blocking_io(loop, begun):
    print("blocking_io begins")
    loop.call_soon_threadsafe(begun.set)
    for _ in range(3):
        ticked.acquire()
    print("blocking_io is done")


async def tick(begun):
    await begun.wait()
    for n in range(1, 4):
        print(f"tick {n}")
        ticked.release()
        await asyncio.sleep(0)


async def main():
    begun = asyncio.Event()
    async with asyncio.TaskGroup() as g:
        g.create_task(tick(begun))
        await asyncio.to_thread(blocking_io, asyncio.get_running_loop(), begun)

run(main())
