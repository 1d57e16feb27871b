"""Queues."""
import asyncio

from scenario import now, say, scenario


@scenario("first in, first out")
async def fifo():
    queue = asyncio.Queue()
    for item in 1, 2, 3:
        queue.put_nowait(item)
    say(*[await queue.get() for _ in range(3)])


@scenario("last in, first out")
async def lifo():
    queue = asyncio.LifoQueue()
    for item in 1, 2, 3:
        queue.put_nowait(item)
    say(*[await queue.get() for _ in range(3)])


@scenario("the least first")
async def priority():
    queue = asyncio.PriorityQueue()
    for item in 3, 1, 2:
        queue.put_nowait(item)
    say(*[await queue.get() for _ in range(3)])


@scenario("a full queue makes the putter wait")
async def full():
    queue = asyncio.Queue(1)

    async def putter():
        for item in 1, 2, 3:
            await queue.put(item)
            say("put", item, "at", now())
    task = asyncio.create_task(putter())
    for _ in range(3):
        await asyncio.sleep(1)
        say("got", await queue.get())
    await task


@scenario("getters are served in the order in which they came")
async def getters():
    queue = asyncio.Queue()

    async def getter(name):
        say(name, "gets", await queue.get())
    tasks = [asyncio.create_task(getter(name)) for name in "abc"]
    await asyncio.sleep(1)
    for item in 1, 2, 3:
        queue.put_nowait(item)
    await asyncio.wait(tasks)


@scenario("who waits for an item and is cancelled takes none")
async def getter_cancelled():
    queue = asyncio.Queue()

    async def getter(name):
        say(name, "gets", await queue.get())
    a, b = asyncio.create_task(getter("a")), asyncio.create_task(getter("b"))
    await asyncio.sleep(1)
    a.cancel()
    queue.put_nowait(1)
    await asyncio.wait([a, b])
    say("left", queue.qsize())


@scenario("without waiting: empty and full")
async def nowait():
    queue = asyncio.Queue(1)
    try:
        queue.get_nowait()
    except asyncio.QueueEmpty:
        say("empty")
    queue.put_nowait(1)
    try:
        queue.put_nowait(2)
    except asyncio.QueueFull:
        say("full")
    say("size", queue.qsize())


@scenario("join waits until all that was put is done")
async def join():
    queue = asyncio.Queue()
    for item in 1, 2:
        queue.put_nowait(item)

    async def worker():
        for _ in range(2):
            await queue.get()
            await asyncio.sleep(1)
            queue.task_done()
    task = asyncio.create_task(worker())
    await queue.join()
    say("joined at", now())
    await task


@scenario("more done than was put")
async def done_too_often():
    try:
        asyncio.Queue().task_done()
    except ValueError:
        say("refused")


@scenario("two workers share what comes")
async def two_workers():
    queue = asyncio.Queue(2)

    async def worker(name):
        while (item := await queue.get()) is not None:
            say(name, "has", item, "at", now())
            await asyncio.sleep(1)
    tasks = [asyncio.create_task(worker(name)) for name in "ab"]
    for item in range(4):
        await queue.put(item)
    await queue.put(None)
    await queue.put(None)
    await asyncio.wait(tasks)
