"""A semaphore serves the longest waiter; who is cancelled leaves the line; no newcomer passes."""
import asyncio


async def job(name, gate, first, seconds):
    await asyncio.sleep(first)
    try:
        async with gate:
            print(name, "in")
            await asyncio.sleep(seconds)
            print(name, "out")
    except asyncio.CancelledError:
        print(name, "cancelled")


async def main():
    gate = asyncio.Semaphore(2)
    tasks = [asyncio.create_task(job(name, gate, first / 1000, seconds / 1000))
             for name, first, seconds in [("a", 0, 10), ("b", 0, 15), ("c", 1, 10), ("d", 2, 10),
                                          ("e", 3, 10), ("f", 22, 10)]]
    await asyncio.sleep(0.005)
    tasks[3].cancel()
    await asyncio.sleep(0)
    print("locked", gate.locked())
    await asyncio.gather(*tasks)
    print("locked", gate.locked())

asyncio.run(main())
