import asyncio
from jumping import run


async def important(name):
    await asyncio.sleep(1)
    print(f"Important task done: {name}")


async def forgotten():
    asyncio.create_task(important("forgotten"))
    await asyncio.sleep(0)


async def awaited():
    await asyncio.create_task(important("waited for"))

run(forgotten())
run(awaited())
