"""An event lets all who wait go on in the order in which they came; clearing keeps nobody back."""
import asyncio


async def waiter(name, event, first):
    await asyncio.sleep(first / 1000)
    await event.wait()
    print(name, "goes on")


async def main():
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(name, event, first))
             for name, first in [("c", 3), ("a", 1), ("b", 2), ("d", 9)]]
    await asyncio.sleep(0.005)
    event.set()
    event.clear()
    print("set and cleared")
    await asyncio.sleep(0.010)
    print("again")
    event.set()
    await asyncio.gather(*tasks)
    print("is set", event.is_set())

asyncio.run(main())
