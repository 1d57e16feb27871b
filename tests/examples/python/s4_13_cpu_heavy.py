import asyncio
from jumping import run


def cpu_heavy(data):
    return sorted(data)


async def main():
    result = await asyncio.to_thread(cpu_heavy, [31, 4, 15, 9, 2, 6])
    print("processed:", *result)

run(main())
