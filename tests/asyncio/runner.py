"""asyncio.run()."""
import asyncio

from scenario import job, now, run, say, scenario


@scenario("run hands on main's result", plain=True)
def result():
    async def main():
        return 42
    say(run(main()))


@scenario("run hands on main's failure", plain=True)
def failure():
    try:
        run(job("main", 1, fails=True))
    except ValueError as error:
        say("failed:", error)


@scenario("tasks that are left when main ends are cancelled", plain=True)
def leftovers():
    async def main():
        global left
        left = asyncio.create_task(job("left", 10))
        await asyncio.sleep(1)
        say("main ends")
    run(main())
    say("over")


@scenario("a task that was left may clean up, and run waits for it", plain=True)
def leftovers_clean_up():
    async def careful():
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(1)
            say("cleaned up at", now())

    async def main():
        global left
        left = asyncio.create_task(careful())
        await asyncio.sleep(1)
    run(main())
    say("over")


@scenario("run inside of run")
async def nested():
    coroutine = job("inner")
    try:
        asyncio.run(coroutine)
    except RuntimeError:
        coroutine.close()
        say("refused")


@scenario("one loop after the other", plain=True)
def twice():
    run(job("first", 1))
    run(job("second", 1))


@scenario("a task whose handle nobody keeps", plain=True)
def dropped_handle():
    async def main():
        asyncio.create_task(job("dropped", 1))
        await asyncio.sleep(2)
    run(main())
