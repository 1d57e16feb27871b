import asyncio
from jumping import run


async def greet(name):
    await asyncio.sleep(1)
    return f"Hello, {name}"


async def main():
    print(await greet("Muneer"))

run(main())
