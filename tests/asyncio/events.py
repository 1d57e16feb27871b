"""Events."""
import asyncio

from scenario import now, say, scenario


@scenario("setting it lets all who wait go on, in the order in which they came")
async def set_wakes_all():
    event = asyncio.Event()

    async def waiter(name):
        await event.wait()
        say(name, "goes on at", now())
    tasks = [asyncio.create_task(waiter(name)) for name in "abc"]
    await asyncio.sleep(1)
    event.set()
    await asyncio.wait(tasks)


@scenario("who waits for an event that is set goes on at once")
async def is_set():
    event = asyncio.Event()
    event.set()
    await event.wait()
    say("at", now(), event.is_set())


@scenario("who was let go stays let go when it is cleared")
async def cleared():
    event = asyncio.Event()

    async def waiter():
        await event.wait()
        say("goes on, set", event.is_set())
    task = asyncio.create_task(waiter())
    await asyncio.sleep(0)
    event.set()
    event.clear()
    await task


@scenario("a cleared event is waited for anew")
async def again():
    event = asyncio.Event()

    async def waiter():
        for _ in range(2):
            await event.wait()
            say("at", now())
            event.clear()
    task = asyncio.create_task(waiter())
    for _ in range(2):
        await asyncio.sleep(1)
        event.set()
    await task


@scenario("who is cancelled while waiting leaves; the others are not touched")
async def cancelled():
    event = asyncio.Event()

    async def waiter(name):
        await event.wait()
        say(name, "goes on")
    a, b = asyncio.create_task(waiter("a")), asyncio.create_task(waiter("b"))
    await asyncio.sleep(0)
    a.cancel()
    event.set()
    await asyncio.wait([a, b])
    say("a cancelled", a.cancelled())
