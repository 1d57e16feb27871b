"""A task group: the first failure cancels the rest; failures come in the order of time."""
import asyncio


cancelled = []


async def job(name, seconds, end):
    try:
        print(name, "starts")
        await asyncio.sleep(seconds)
        if end:
            print(name, "fails")
            raise ValueError(name)
        print(name, "ends")
    except asyncio.CancelledError:
        cancelled.append(name)          # in no order: asyncio keeps its tasks in a set
        if name == "d":
            raise ValueError(name) from None    # fails while it is cleaned up
        raise


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(job("a", 0.03, False))
            group.create_task(job("b", 0.02, True))
            group.create_task(job("c", 0.01, False))
            group.create_task(job("d", 0.05, False))
            group.create_task(job("e", 0.04, True))
            print("all spawned")
    except* ValueError as group:
        for error in group.exceptions:
            print("failure of", error)
    print("cancelled", *sorted(cancelled))

asyncio.run(main())
