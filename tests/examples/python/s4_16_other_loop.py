"""Python's other loop is another package (uvloop); here it is the same one on another selector."""
import asyncio
import selectors


async def work(name, seconds):
    await asyncio.sleep(seconds)
    print(name, "is done")


async def main():
    await asyncio.gather(work("slow", 0.03), work("quick", 0.01), work("middling", 0.02))

for selector in selectors.EpollSelector, selectors.PollSelector:
    print(f"on {selector.__name__.removesuffix('Selector').lower()}:")
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector())) as runner:
        runner.run(main())
