import asyncio
from jumping import now, run


async def test_cancellation_cleanup():
    cleanup_ran = False

    async def long_task():
        nonlocal cleanup_ran
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            cleanup_ran = True
            raise

    task = asyncio.create_task(long_task())
    await asyncio.sleep(0.01)
    task.cancel()
    try:
        await task
        cancelled = False
    except asyncio.CancelledError:
        cancelled = True
    print("cancelled:", "yes" if cancelled else "no")
    print("cleaned up:", "yes" if cleanup_ran else "no")
    print(f"{now():.2f} s")

run(test_cancellation_cleanup())
