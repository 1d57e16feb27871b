"""Futures."""
import asyncio

from scenario import now, say, scenario


@scenario("a future is settled by a callback, and read by all who wait")
async def settled():
    future = asyncio.get_running_loop().create_future()

    async def waiter(name):
        say(name, "has", await future, "at", now())
    tasks = [asyncio.create_task(waiter(name)) for name in "ab"]
    await asyncio.sleep(1)
    future.set_result(42)
    await asyncio.wait(tasks)
    say("again", await future)


@scenario("settling a future twice")
async def twice():
    future = asyncio.get_running_loop().create_future()
    future.set_result(1)
    try:
        future.set_result(2)
    except asyncio.InvalidStateError:
        say("refused")
    say(await future)


@scenario("a future may fail")
async def fails():
    future = asyncio.get_running_loop().create_future()
    future.set_exception(ValueError("no luck"))
    try:
        await future
    except ValueError as error:
        say("failed:", error)


@scenario("cancelling who waits for a future")
async def cancel_waiter():
    future = asyncio.get_running_loop().create_future()

    async def waiter():
        await future
    task = asyncio.create_task(waiter())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    try:
        future.set_result(1)
        say("set")
    except asyncio.InvalidStateError:
        say("refused: the future is cancelled")
