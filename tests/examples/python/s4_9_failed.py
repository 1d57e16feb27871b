import asyncio
from jumping import run


async def job(n):
    await asyncio.sleep(n)
    if n % 2:
        raise RuntimeError(f"job {n} broke")
    return n


async def main():
    outcomes = await asyncio.gather(*map(job, range(1, 5)), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            print(f"Failed: {outcome}")
    print(f"{sum(isinstance(o, int) for o in outcomes)} succeeded")

run(main())
