"""Async generators."""
import asyncio

from scenario import now, say, scenario


async def count(limit):
    try:
        for number in range(limit):
            await asyncio.sleep(1)
            yield number
    finally:
        say("closed at", now())


@scenario("values come one by one")
async def one_by_one():
    async for number in count(3):
        say(number, "at", now())


@scenario("it runs only when it is asked")
async def lazy():
    generator = count(3)
    await asyncio.sleep(5)
    say(await anext(generator), "at", now())
    await generator.aclose()


@scenario("closing it early")
async def closed_early():
    generator = count(10)
    async for number in generator:
        say(number)
        if number == 1:
            break
    await generator.aclose()
    say("over")


@scenario("leaving the loop early, and nobody closes it")
async def abandoned():
    async for number in count(10):
        say(number)
        if number == 1:
            break
    say("left the loop")
    await asyncio.sleep(0)


@scenario("its failure reaches who asks")
async def fails():
    async def failing():
        yield 1
        raise ValueError("out of numbers")
    try:
        async for number in failing():
            say(number)
    except ValueError as error:
        say("failed:", error)


@scenario("asking after the end")
async def after_the_end():
    generator = count(1)
    say([number async for number in generator])
    say([number async for number in generator])
