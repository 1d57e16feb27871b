import asyncio
from jumping import run


async def risky(n):
    if n == 2:
        raise ValueError(f"Error in task {n}")
    return f"result-{n}"


async def main():
    outcomes = await asyncio.gather(*map(risky, (1, 2, 3)), return_exceptions=True)
    for outcome in outcomes:
        print("Error:" if isinstance(outcome, Exception) else "OK:", outcome)

run(main())
