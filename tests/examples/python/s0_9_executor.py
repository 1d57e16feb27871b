import asyncio
from concurrent.futures import ThreadPoolExecutor
from jumping import run


def blocking_compute(n):
    return sum(i ** 2 for i in range(n))


async def main():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(2) as pool:
        print(await loop.run_in_executor(pool, blocking_compute, 1_000_000))

run(main())
