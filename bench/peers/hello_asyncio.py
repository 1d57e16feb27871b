"""The least program with a task in it: hello_asyncio.py."""
import asyncio


async def main():
    print("hello")
    await asyncio.sleep(0)


asyncio.run(main())
