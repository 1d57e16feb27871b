"""Time limits and shields."""
import asyncio

from scenario import job, now, say, scenario


@scenario("a limit that is not reached has no effect")
async def in_time():
    async with asyncio.timeout(2):
        await job("a", 1)
    say("left at", now())


@scenario("inside the limit the work is cancelled, outside it has timed out")
async def too_slow():
    try:
        async with asyncio.timeout(1):
            await job("a", 5)
    except TimeoutError:
        say("timed out at", now())


@scenario("the inner of two limits is the shorter")
async def inner_shorter():
    try:
        async with asyncio.timeout(5):
            try:
                async with asyncio.timeout(1):
                    await asyncio.sleep(10)
            except TimeoutError:
                say("inner timed out at", now())
            await asyncio.sleep(1)
            say("went on")
    except TimeoutError:
        say("outer timed out")


@scenario("the outer of two limits is the shorter")
async def outer_shorter():
    try:
        async with asyncio.timeout(1):
            try:
                async with asyncio.timeout(5):
                    await asyncio.sleep(10)
            except TimeoutError:
                say("inner timed out")
    except TimeoutError:
        say("outer timed out at", now())


@scenario("a limit may be moved while it runs")
async def moved():
    try:
        async with asyncio.timeout(1) as limit:
            limit.reschedule(asyncio.get_running_loop().time() + 3)
            await asyncio.sleep(10)
    except TimeoutError:
        say("timed out at", now(), limit.expired())


@scenario("a limit that has passed before it begins")
async def already_passed():
    try:
        async with asyncio.timeout(0):
            say("body")
            await asyncio.sleep(1)
            say("slept")
    except TimeoutError:
        say("timed out at", now())


@scenario("a limit that has passed, and a body that does not wait")
async def nothing_to_interrupt():
    try:
        async with asyncio.timeout(0):
            say("body")
        say("left")
    except TimeoutError:
        say("timed out")


@scenario("no limit")
async def no_limit():
    async with asyncio.timeout(None):
        await asyncio.sleep(1000)
    say("left at", now())


@scenario("swallowing the cancelling inside a limit")
async def swallowed():
    try:
        async with asyncio.timeout(1):
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                say("swallowed")
        say("left")
    except TimeoutError:
        say("timed out")


@scenario("wait_for hands on the result")
async def wait_for_result():
    say(await asyncio.wait_for(job("a", 1), 5))


@scenario("wait_for waits for the clean-up of what it has cancelled")
async def wait_for_cleanup():
    async def careful():
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(2)
            say("cleaned up at", now())
    try:
        await asyncio.wait_for(careful(), 1)
    except TimeoutError:
        say("timed out at", now())


@scenario("a failure inside a limit is itself, not a time-out")
async def failure_inside():
    try:
        async with asyncio.timeout(5):
            await job("a", 1, fails=True)
    except ValueError as error:
        say("failed:", error)


@scenario("shield: who waits is cancelled; the work goes on")
async def shielded():
    work = asyncio.create_task(job("work", 3))

    async def body():
        await asyncio.shield(work)
    task = asyncio.create_task(body())
    await asyncio.sleep(1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("cancelled at", now())
    await work
