import asyncio
from jumping import now, run


async def fetch_data(url, seconds):
    await asyncio.sleep(seconds)
    return f"data from {url}"


async def main():
    start = now()
    jobs = [("api/users", 2), ("api/posts", 3), ("api/comments", 1)]
    for next_done in asyncio.as_completed([fetch_data(*job) for job in jobs]):
        result = await next_done
        print(f"Completed: {result} after {now() - start:.0f} s")

run(main())
