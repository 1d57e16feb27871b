"""Task groups: the block ends when all have ended."""
import asyncio

from scenario import job, now, say, scenario


@scenario("the end of the block waits for all")
async def block_waits():
    async with asyncio.TaskGroup() as group:
        group.create_task(job("a", 2))
        group.create_task(job("b", 1))
        say("body ends")
    say("left at", now())


@scenario("results are read after the block")
async def results():
    async with asyncio.TaskGroup() as group:
        a, b = group.create_task(job("a", 2)), group.create_task(job("b", 1))
    say(a.result(), b.result())


@scenario("the first failure cancels the siblings")
async def failure_cancels():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(job("a", 10))
            group.create_task(job("b", 1, fails=True))
    except* ValueError as errors:
        say("failures:", *errors.exceptions)


@scenario("a failure interrupts the body too")
async def failure_interrupts_body():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(job("a", 1, fails=True))
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                say("body cancelled at", now())
                raise
    except* ValueError:
        say("left at", now())


@scenario("the body's own failure cancels the tasks")
async def body_fails():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(job("a", 10))
            await asyncio.sleep(1)
            raise ValueError("body")
    except* ValueError as errors:
        say("failures:", *errors.exceptions)


@scenario("failures of one moment are all kept, in the order of time")
async def two_failures():
    async def fails_when_cancelled(name):
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            raise ValueError(name) from None
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails_when_cancelled("late"))
            group.create_task(job("early", 1, fails=True))
    except* ValueError as errors:
        say("failures:", *errors.exceptions)


@scenario("a task that is cancelled alone is no failure of its group")
async def cancelled_member():
    async with asyncio.TaskGroup() as group:
        a = group.create_task(job("a", 10))
        group.create_task(job("b", 2))
        await asyncio.sleep(1)
        a.cancel()
    say("left at", now())


@scenario("a member may add members")
async def member_spawns():
    async with asyncio.TaskGroup() as group:
        async def parent():
            group.create_task(job("child", 1))
            say("parent ends")
        group.create_task(parent())
    say("left at", now())


@scenario("groups may stand in one another; a failure inside leaves through both")
async def nested():
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(job("outer", 10))
            async with asyncio.TaskGroup() as inner:
                inner.create_task(job("inner", 1, fails=True))
    except* ValueError:
        say("failed at", now())


@scenario("cancelling who holds a group cancels its members and waits for them")
async def cancel_holder():
    async def body():
        async with asyncio.TaskGroup() as group:
            group.create_task(job("a", 10))
    task = asyncio.create_task(body())
    await asyncio.sleep(1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("cancelled at", now())


@scenario("spawning into a group that is being cancelled")
async def spawn_into_cancelled():
    try:
        async with asyncio.TaskGroup() as group:
            async def latecomer():
                try:
                    await asyncio.sleep(10)
                except asyncio.CancelledError:
                    coroutine = job("late")
                    try:
                        group.create_task(coroutine)
                    except RuntimeError:
                        coroutine.close()
                        say("refused")
                    raise
            group.create_task(latecomer())
            group.create_task(job("b", 1, fails=True))
    except* ValueError:
        say("left")


@scenario("an empty group is left at once")
async def empty():
    async with asyncio.TaskGroup():
        say("body")
    say("left at", now())
