"""gather: several at once, results in the order of the arguments."""
import asyncio

from scenario import job, now, say, scenario


@scenario("results stand in the order of the arguments, whoever ends first")
async def in_order():
    say(await asyncio.gather(job("a", 3), job("b", 1), job("c", 2)))


@scenario("it takes as long as the slowest")
async def slowest():
    await asyncio.gather(job("a", 3), job("b", 1))
    say("over at", now())


@scenario("gathering nothing")
async def nothing():
    say(await asyncio.gather())


@scenario("one fails: what of the others?")
async def one_fails():
    try:
        await asyncio.gather(job("a", 3), job("b", 1, fails=True))
    except ValueError as error:
        say("failed:", error, "at", now())
    await asyncio.sleep(5)


@scenario("with return_exceptions each has its own result or failure")
async def collect():
    for result in await asyncio.gather(job("a", 2), job("b", 1, fails=True), job("c", 3),
                                       return_exceptions=True):
        say("failed" if isinstance(result, ValueError) else "good")


@scenario("cancelling who gathers cancels all that are gathered")
async def cancel_gather():
    async def body():
        await asyncio.gather(job("a", 10), job("b", 1), job("c", 10))
    task = asyncio.create_task(body())
    await asyncio.sleep(2)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        say("cancelled at", now())


@scenario("gathers may stand in one another")
async def nested():
    async def pair(first, second):
        return await asyncio.gather(job(first, 1), job(second, 2))
    say(await asyncio.gather(pair("a", "b"), pair("c", "d")))


@scenario("two fail: the first in time is the result")
async def two_fail():
    try:
        await asyncio.gather(job("a", 2, fails=True), job("b", 1, fails=True))
    except ValueError as error:
        say("failed:", error)
    await asyncio.sleep(5)
