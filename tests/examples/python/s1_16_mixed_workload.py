import asyncio
from concurrent.futures import ProcessPoolExecutor
from jumping import run


def cpu_heavy_function(data):
    return f"sum of squares {sum(int(c) ** 2 for c in data)}"


async def fetch_data(host):
    await asyncio.sleep(1)
    return f"data from {host}"


async def mixed_workload():
    loop = asyncio.get_event_loop()
    with ProcessPoolExecutor(1) as pool:
        return tuple(await asyncio.gather(
            loop.run_in_executor(pool, cpu_heavy_function, "12345"),
            fetch_data("api.example.com")))

if __name__ == "__main__":
    print(run(mixed_workload()))
