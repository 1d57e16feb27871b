"""Nested time-outs: who is cancelled, and where it turns into a TimeoutError."""
import asyncio


async def nested(outer, inner, work):
    try:
        async with asyncio.timeout(outer):
            try:
                async with asyncio.timeout(inner):
                    try:
                        await asyncio.sleep(work)
                        print("worked")
                    except asyncio.CancelledError:
                        print("work cancelled")
                        raise
            except TimeoutError:
                print("inner timed out")
            await asyncio.sleep(0.010)
            print("went on")
    except TimeoutError:
        print("outer timed out")


async def main():
    for outer, inner, work in [(0.1, 0.2, 0.05), (0.1, 0.02, 0.05), (0.02, 0.1, 0.05),
                               (0.025, 0.02, 0.05)]:
        print(f"{outer:g} {inner:g} {work:g}")
        await nested(outer, inner, work)

asyncio.run(main())
