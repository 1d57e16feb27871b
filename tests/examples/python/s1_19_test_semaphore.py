import asyncio
from jumping import now, run


async def test_semaphore_limits_concurrency():
    semaphore = asyncio.Semaphore(2)
    running = 0
    max_running = 0

    async def tracked_fetch(url):
        nonlocal running, max_running
        async with semaphore:
            running += 1
            max_running = max(max_running, running)
            await asyncio.sleep(0.1)
            running -= 1

    await asyncio.gather(*[tracked_fetch(f"url{i}") for i in range(10)])
    print(f"at most {max_running} at a time, {now():.1f} s")
    assert max_running <= 2

run(test_semaphore_limits_concurrency())
print("passed")
