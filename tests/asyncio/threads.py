"""Threads."""
import asyncio
import threading

from scenario import say, scenario


@scenario("a function in a thread hands back its result")
async def result():
    say(await asyncio.to_thread(lambda: 42))


@scenario("a function in a thread may fail")
async def failure():
    def fail():
        raise ValueError("in the thread")
    try:
        await asyncio.to_thread(fail)
    except ValueError as error:
        say("failed:", error)


@scenario("other tasks run meanwhile")
async def meanwhile():
    go_on = threading.Event()

    async def other():
        say("other")
        go_on.set()
    task = asyncio.create_task(other())
    await asyncio.to_thread(go_on.wait)
    say("thread")
    await task


@scenario("cancelling who waits for a thread that runs")
async def cancelled():
    begun, go_on = threading.Event(), threading.Event()
    ended = []

    def slow():
        begun.set()
        go_on.wait()
        ended.append(True)
        return 7

    async def body():
        try:
            say("result", await asyncio.to_thread(slow))
        finally:
            say("thread ended", bool(ended))
    task = asyncio.create_task(body())
    while not begun.is_set():
        await asyncio.sleep(0)
    task.cancel()
    asyncio.get_running_loop().call_later(1, go_on.set)
    await asyncio.wait([task])
    say("cancelled", task.cancelled())
    go_on.set()
