import asyncio
from concurrent.futures import ThreadPoolExecutor
from jumping import run


def blocking_function():
    return 6 * 7


async def run_blocking():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(4) as pool:
        result = await loop.run_in_executor(pool, blocking_function)
    print(f"result {result}")
    try:
        await loop.run_in_executor(pool, blocking_function)
    except RuntimeError:
        print("the pool takes no more")

run(run_blocking())
