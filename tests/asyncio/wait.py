"""wait and as_completed: until enough have ended; nothing is cancelled."""
import asyncio

from scenario import job, now, say, scenario


def start(**seconds):
    return [asyncio.create_task(job(name, s), name=name) for name, s in seconds.items()]


def names(tasks):
    return " ".join(sorted(task.get_name() for task in tasks)) or "none"


@scenario("wait until all have ended")
async def all_done():
    done, pending = await asyncio.wait(start(a=2, b=1))
    say("done", names(done), "pending", names(pending), "at", now())


@scenario("wait until one has ended; the others go on")
async def first_done():
    done, pending = await asyncio.wait(start(a=2, b=1), return_when=asyncio.FIRST_COMPLETED)
    say("done", names(done), "pending", names(pending), "at", now())
    await asyncio.wait(pending)


@scenario("wait until one has failed")
async def first_failed():
    tasks = start(a=1, c=3)
    tasks.append(asyncio.create_task(job("b", 2, fails=True), name="b"))
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    say("done", names(done), "pending", names(pending), "at", now())
    await asyncio.wait(pending)


@scenario("time running out is no failure, and cancels nothing")
async def time_out():
    done, pending = await asyncio.wait(start(a=1, b=3), timeout=2)
    say("done", names(done), "pending", names(pending), "at", now())
    await asyncio.wait(pending)


@scenario("cancelling who waits does not cancel what is waited for")
async def cancel_waiter():
    tasks = start(a=3)

    async def body():
        await asyncio.wait(tasks)
    waiter = asyncio.create_task(body())
    await asyncio.sleep(1)
    waiter.cancel()
    try:
        await waiter
    except asyncio.CancelledError:
        say("cancelled at", now())
    await tasks[0]


@scenario("as_completed hands them out in the order in which they end")
async def as_completed():
    for next_done in asyncio.as_completed(start(a=3, b=1, c=2)):
        say("got", await next_done)


@scenario("as_completed under a time limit")
async def as_completed_limit():
    try:
        for next_done in asyncio.as_completed(start(a=3, b=1), timeout=2):
            say("got", await next_done)
    except TimeoutError:
        say("timed out at", now())
    await asyncio.sleep(5)
