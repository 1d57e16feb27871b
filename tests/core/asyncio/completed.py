"""The order in which as_completed hands out, and that in which gather does."""
import asyncio


async def job(name, seconds):
    await asyncio.sleep(seconds)
    return name


async def main():
    times = {"users": 0.03, "posts": 0.02, "comments": 0.01, "tags": 0.025}
    for done in asyncio.as_completed([job(*item) for item in times.items()]):
        print("completed", await done)
    for name in await asyncio.gather(*(job(*item) for item in times.items())):
        print("gathered", name)
    done = await asyncio.gather(job("good", 0.01), asyncio.wait_for(job("slow", 5), 0.02),
                                return_exceptions=True)
    print("all", done[0], type(done[1]).__name__)

asyncio.run(main())
