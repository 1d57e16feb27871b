import asyncio
from jumping import now, run


async def work(barrier, name, seconds):
    for round in range(1, 4):
        await asyncio.sleep(seconds * round)
        print(f"{now():.1f} s: {name} has done round {round}")
        place = await barrier.wait()
        if place == 0:
            print(f"{now():.1f} s: round {round} is over, says {name}")


async def main():
    barrier = asyncio.Barrier(3)
    async with asyncio.TaskGroup() as g:
        g.create_task(work(barrier, "quick", 0.1))
        g.create_task(work(barrier, "steady", 0.2))
        g.create_task(work(barrier, "slow", 0.5))

run(main())
