"""sleep(0): everybody who is ready now goes first; tasks start in the order of their making."""
import asyncio


async def job(name, rounds):
    for i in range(rounds):
        print(name, i)
        await asyncio.sleep(0)
    print(name, "ends")


async def main():
    tasks = [asyncio.create_task(job("abc"[i], i + 1)) for i in range(3)]
    print("main")
    await asyncio.sleep(0)
    print("main again")
    late = asyncio.create_task(job("d", 1))
    for task in tasks:
        await task
    await late
    print("main ends")

asyncio.run(main())
