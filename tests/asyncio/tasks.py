"""Tasks: when they run, what comes of them, and cancelling one."""
import asyncio

from scenario import job, now, say, scenario


@scenario("a task first runs when its creator waits")
async def task_runs_later():
    task = asyncio.create_task(job("a"))
    say("created")
    await task


@scenario("tasks begin in the order in which they were created")
async def begin_in_order():
    tasks = [asyncio.create_task(job(name)) for name in "abc"]
    await asyncio.sleep(0)
    say("main")
    for task in tasks:
        await task


@scenario("sleeping for 0 lets every ready task run once")
async def sleep_zero():
    async def twice(name):
        say(name, 1)
        await asyncio.sleep(0)
        say(name, 2)
    a, b = asyncio.create_task(twice("a")), asyncio.create_task(twice("b"))
    await asyncio.sleep(0)
    say("main 1")
    await asyncio.sleep(0)
    say("main 2")
    await a
    await b


@scenario("a negative sleep is a sleep of 0")
async def sleep_negative():
    task = asyncio.create_task(job("a"))
    await asyncio.sleep(-5)
    say("main at", now())
    await task


@scenario("sleepers wake in the order of their deadlines, equal ones as they came")
async def deadlines_in_order():
    tasks = [asyncio.create_task(job(name, seconds))
             for name, seconds in (("a", 3), ("b", 1), ("c", 2), ("d", 1))]
    for task in tasks:
        await task


@scenario("a task's result is read by who awaits it")
async def result():
    task = asyncio.create_task(job("a", 1))
    say("result", await task)


@scenario("a task that has ended is awaited without waiting")
async def await_ended():
    task = asyncio.create_task(job("a"))
    await asyncio.sleep(1)
    say("done", task.done())
    await task
    say("awaited at", now())


@scenario("a failure reaches who awaits the task")
async def failure():
    task = asyncio.create_task(job("a", 1, fails=True))
    try:
        await task
    except ValueError as error:
        say("failed:", error)


@scenario("several may await one task, and go on in the order in which they came")
async def two_await_one():
    task = asyncio.create_task(job("a", 1))

    async def follow(name):
        await task
        say(name, "goes on at", now())
    followers = [asyncio.create_task(follow(name)) for name in "xyz"]
    for follower in followers:
        await follower


@scenario("cancelling interrupts the wait")
async def cancel_sleeping():
    task = asyncio.create_task(job("a", 10))
    await asyncio.sleep(1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("a is cancelled")


@scenario("a task that is cancelled before it has begun")
async def cancel_before_begin():
    task = asyncio.create_task(job("a", 10))
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("a is cancelled")


@scenario("cancelling a task that has ended changes nothing")
async def cancel_ended():
    task = asyncio.create_task(job("a"))
    await task
    task.cancel()
    await asyncio.sleep(0)
    say("cancelled", task.cancelled())


@scenario("cancelling twice is as cancelling once, while nobody has noticed")
async def cancel_twice():
    task = asyncio.create_task(job("a", 10))
    await asyncio.sleep(1)
    task.cancel()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("a is cancelled")


@scenario("a task that swallows its cancelling and waits again")
async def swallow():
    async def stubborn():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            say("swallowed")
        try:
            await asyncio.sleep(1)
            say("slept on")
        except asyncio.CancelledError:
            say("and again")
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    await task
    say("cancelled", task.cancelled())


@scenario("clean-up may wait")
async def cleanup_waits():
    async def careful():
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(2)
            say("cleaned up at", now())
    task = asyncio.create_task(careful())
    await asyncio.sleep(1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("cancelled at", now())


@scenario("cancelling who awaits a task")
async def cancel_awaiter():
    inner = asyncio.create_task(job("inner", 5))

    async def follow():
        await inner
    outer = asyncio.create_task(follow())
    await asyncio.sleep(1)
    outer.cancel()
    try:
        await outer
    except asyncio.CancelledError:
        say("outer is cancelled at", now())
    await asyncio.wait([inner])
    say("inner cancelled", inner.cancelled())


@scenario("what is waited for comes, and then the cancelling, before the task runs")
async def cancel_too_late():
    event = asyncio.Event()

    async def body():
        await event.wait()
        say("the event is set")
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            say("cancelled in the next wait")
            raise
    task = asyncio.create_task(body())
    await asyncio.sleep(0)
    event.set()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("cancelled")


@scenario("a task has a name, and knows itself")
async def names():
    async def body():
        say("I am", asyncio.current_task().get_name())
    await asyncio.create_task(body(), name="worker-7")
