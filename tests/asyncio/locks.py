"""Lock, condition, semaphore, barrier."""
import asyncio

from scenario import now, say, scenario


@scenario("a lock is handed on in the order in which they came")
async def lock_order():
    lock = asyncio.Lock()

    async def user(name):
        async with lock:
            say(name, "has it at", now())
            await asyncio.sleep(1)
    await asyncio.gather(*(user(name) for name in "abc"))


@scenario("who waits for a lock and is cancelled is passed over")
async def lock_cancelled():
    lock = asyncio.Lock()

    async def user(name):
        try:
            async with lock:
                say(name, "has it at", now())
                await asyncio.sleep(2)
        except asyncio.CancelledError:
            say(name, "cancelled")
            raise
    tasks = [asyncio.create_task(user(name)) for name in "abc"]
    await asyncio.sleep(1)
    tasks[1].cancel()
    await asyncio.wait(tasks)


@scenario("releasing a lock that nobody holds")
async def lock_not_held():
    lock = asyncio.Lock()
    await lock.acquire()
    lock.release()
    try:
        lock.release()
    except RuntimeError:
        say("refused")


@scenario("acquiring a lock that one holds")
async def lock_again():
    lock = asyncio.Lock()
    async with lock:
        try:
            async with asyncio.timeout(5):
                await lock.acquire()
        except TimeoutError:
            say("waits for ever")


@scenario("a newcomer does not overtake who was handed the lock and has not run yet")
async def lock_newcomer():
    lock = asyncio.Lock()
    await lock.acquire()

    async def user(name):
        async with lock:
            say(name, "has it")
    waiter = asyncio.create_task(user("waiter"))
    await asyncio.sleep(0)
    lock.release()
    newcomer = asyncio.create_task(user("newcomer"))
    await waiter
    await newcomer


@scenario("notify lets the longest waiter go on")
async def condition_notify():
    condition = asyncio.Condition()

    async def waiter(name):
        async with condition:
            await condition.wait()
            say(name, "goes on at", now())
    tasks = [asyncio.create_task(waiter(name)) for name in "abc"]
    for _ in range(3):
        await asyncio.sleep(1)
        async with condition:
            condition.notify()
    await asyncio.wait(tasks)


@scenario("notify_all lets all go on, one after the other")
async def condition_all():
    condition = asyncio.Condition()

    async def waiter(name):
        async with condition:
            await condition.wait()
            say(name, "goes on at", now())
            await asyncio.sleep(1)
    tasks = [asyncio.create_task(waiter(name)) for name in "abc"]
    await asyncio.sleep(1)
    async with condition:
        condition.notify_all()
    await asyncio.wait(tasks)


@scenario("waiting for a predicate")
async def condition_predicate():
    condition, count = asyncio.Condition(), 0

    async def waiter():
        async with condition:
            await condition.wait_for(lambda: count >= 2)
            say("count is", count)
    task = asyncio.create_task(waiter())
    for _ in range(3):
        await asyncio.sleep(1)
        async with condition:
            count += 1
            condition.notify()
        if task.done():
            break
    await task
    say("over at", now())


@scenario("who is cancelled while waiting for a condition holds the lock again")
async def condition_cancelled():
    condition = asyncio.Condition()

    async def waiter():
        async with condition:
            try:
                await condition.wait()
            except asyncio.CancelledError:
                say("cancelled, locked", condition.locked(), "at", now())
                raise
    task = asyncio.create_task(waiter())
    await asyncio.sleep(1)
    async with condition:
        task.cancel()
        await asyncio.sleep(2)
        say("main leaves at", now())
    await asyncio.wait([task])


@scenario("waiting for a condition without the lock")
async def condition_unlocked():
    try:
        await asyncio.Condition().wait()
    except RuntimeError:
        say("refused")


@scenario("a semaphore of two lets two in")
async def semaphore():
    gate = asyncio.Semaphore(2)

    async def user(name):
        async with gate:
            say(name, "in at", now())
            await asyncio.sleep(1)
    await asyncio.gather(*(user(name) for name in "abcde"))


@scenario("releasing a bounded semaphore more often than it was acquired")
async def semaphore_bounded():
    gate = asyncio.BoundedSemaphore(1)
    await gate.acquire()
    gate.release()
    try:
        gate.release()
    except ValueError:
        say("refused")


@scenario("who waits for a semaphore and is cancelled loses no permit")
async def semaphore_cancelled():
    gate = asyncio.Semaphore(1)
    await gate.acquire()

    async def user(name):
        async with gate:
            say(name, "in")
    a, b = asyncio.create_task(user("a")), asyncio.create_task(user("b"))
    await asyncio.sleep(0)
    a.cancel()
    gate.release()
    await asyncio.wait([a, b])
    say("locked", gate.locked())


@scenario("a barrier lets all go on when the last has come")
async def barrier():
    meeting = asyncio.Barrier(3)

    async def party(name, seconds):
        await asyncio.sleep(seconds)
        await meeting.wait()
        say(name, "goes on at", now())
    await asyncio.gather(party("a", 1), party("b", 3), party("c", 2))


@scenario("who waits at a barrier and is cancelled does not break it")
async def barrier_cancelled():
    meeting = asyncio.Barrier(2)

    async def party(name):
        await meeting.wait()
        say(name, "goes on at", now())
    a = asyncio.create_task(party("a"))
    await asyncio.sleep(1)
    a.cancel()
    await asyncio.wait([a])
    await asyncio.gather(party("b"), party("c"))


@scenario("aborting a barrier fails who waits")
async def barrier_aborted():
    meeting = asyncio.Barrier(2)

    async def party():
        try:
            await meeting.wait()
        except asyncio.BrokenBarrierError:
            say("broken at", now())
    task = asyncio.create_task(party())
    await asyncio.sleep(1)
    await meeting.abort()
    await task
    await party()


@scenario("a barrier of zero")
async def barrier_of_zero():
    try:
        asyncio.Barrier(0)
    except ValueError:
        say("refused")
