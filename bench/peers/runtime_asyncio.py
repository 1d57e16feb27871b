"""The runtime measures in Python: asyncio, or asyncio on uvloop's loop.

    runtime_asyncio.py asyncio|uvloop MEASURE [COUNT]

Prints the same lines as the programs on bide. Fewer rounds than those, for a round costs a
thousand times as much; the figures are per operation all the same.
"""
import asyncio
import gc
import os
import sys
import tempfile
import threading
import time

SWITCHES, SPAWNS, MESSAGES, SCOPES = 500_000, 200_000, 200_000, 200_000
LINES_PIECE, LINES_PIECES = 1 << 20, 954
SLEEPS, BUSY_TASKS, BUSY_NS = 50, 10, 100_000
GATE_TASKS, SUBSCRIBERS, ITEMS = 20_000, 1_000, 100
TRIPS, STREAMED, CHILDREN = 5_000, 100_000, 800

wall, cpu = time.perf_counter_ns, time.process_time_ns


def show(name, value, unit):
    print(f"{name} {value:.6g} {unit}", flush=True)


def show_each(name, start, count):
    show(name, (cpu() - start) / count, "ns")


def memory():
    fields = ("VmRSS:", "VmPTE:")
    with open("/proc/self/status") as status:
        return sum(int(line.split()[1]) * 1024 for line in status if line.startswith(fields))


def delays():
    state = 12345
    while True:
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        yield 1 + (state >> 8) % 1000


async def switch(_count):
    async def yield_often():
        for _ in range(SWITCHES // 2):
            await asyncio.sleep(0)

    start = cpu()
    await asyncio.gather(yield_often(), yield_often())
    show_each("switch", start, SWITCHES)


async def spawn(_count):
    async def do_nothing():
        pass

    start = cpu()
    for _ in range(SPAWNS):
        await asyncio.create_task(do_nothing())
    show_each("spawn", start, SPAWNS)


async def message(_count):
    there, back = asyncio.Queue(1), asyncio.Queue(1)

    async def echo():
        for _ in range(MESSAGES // 2):
            await back.put(await there.get())

    task = asyncio.create_task(echo())
    start = cpu()
    for i in range(MESSAGES // 2):
        await there.put(i)
        await back.get()
    show_each("message", start, MESSAGES)
    await task


async def memory_of(count):
    gc.collect()
    before = memory()
    tasks = [asyncio.create_task(asyncio.sleep(1000)) for _ in range(count)]
    await asyncio.sleep(0.01)
    show("memory", (memory() - before) / count, "bytes")
    show("memory_tasks", len(tasks), "tasks")
    os._exit(0)


async def timers(count):
    count = count or 100_000
    late = []

    async def sleep_some(delay):
        due = wall() + delay * 1_000_000
        await asyncio.sleep(delay / 1000)
        late.append(wall() - due)

    start = cpu()
    await asyncio.gather(*(sleep_some(d) for _, d in zip(range(count), delays())))
    show("timers", (cpu() - start) / 1e9, "s")
    show("timers_late_mean", sum(late) / len(late) / 1e6, "ms")


async def late_sleeps(name):
    late = []
    for _ in range(SLEEPS):
        due = wall() + 10_000_000
        await asyncio.sleep(0.01)
        late.append((wall() - due) / 1e6)
    show(name, sum(late) / len(late), "ms")
    os._exit(0)


async def lateness(_count):
    async def yield_for_ever():
        while True:
            await asyncio.sleep(0)

    task = asyncio.create_task(yield_for_ever())
    await late_sleeps("lateness")
    await task


async def lateness_busy(_count):
    async def compute_for_ever():
        while True:
            start = wall()
            while wall() - start < BUSY_NS:
                pass
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(compute_for_ever()) for _ in range(BUSY_TASKS)]
    await late_sleeps("lateness_busy")
    await tasks[0]


async def scope(_count):
    for name, seconds in ("scope", None), ("scope_deadline", 5):
        start = cpu()
        for _ in range(SCOPES):
            async with asyncio.timeout(seconds):
                pass
        show_each(name, start, SCOPES)


async def lines(_count):
    """A thread's hop per line, as aiofiles does it: one of the file's 954 parts, and the rest by
    multiplication, for the whole would take minutes."""
    state, at, ends = 12345, 0, []
    while True:
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        at += 20 + (state >> 8) % 120
        if at >= LINES_PIECE:
            break
        ends.append(at)
    piece = bytearray(b"x" * LINES_PIECE)
    for end in [*ends, LINES_PIECE - 1]:
        piece[end] = ord("\n")
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryFile() as file:
        file.write(piece)
        file.seek(0)
        start = wall()
        while await loop.run_in_executor(None, file.readline):
            pass
        show("lines", (wall() - start) / 1e9 * LINES_PIECES, "s")


async def gate(_count):
    permits = asyncio.Semaphore(10)

    async def pass_gate():
        async with permits:
            await asyncio.sleep(0)

    for name in "cold", "gate":
        start = cpu()
        await asyncio.gather(*(pass_gate() for _ in range(GATE_TASKS)))
        if name == "gate":
            show_each(name, start, GATE_TASKS)


async def lock(_count):
    one = asyncio.Lock()
    start = cpu()
    for _ in range(SWITCHES):
        async with one:
            pass
    show_each("lock", start, SWITCHES)

    async def take_turns():
        for _ in range(MESSAGES // 2):
            async with one:
                await asyncio.sleep(0)

    start = cpu()
    await asyncio.gather(take_turns(), take_turns())
    show_each("lock_handoff", start, MESSAGES)


async def broadcast(_count):
    """A queue per subscriber: there is no broadcast."""
    queues = [asyncio.Queue() for _ in range(SUBSCRIBERS)]

    async def listen(queue):
        while await queue.get() is not None:
            pass

    tasks = [asyncio.create_task(listen(queue)) for queue in queues]
    await asyncio.sleep(0)
    start = cpu()
    for item in [*range(ITEMS), None]:
        for queue in queues:
            queue.put_nowait(item)
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    show_each("broadcast", start, SUBSCRIBERS * ITEMS)


async def thread(_count):
    start = wall()
    for _ in range(TRIPS):
        await asyncio.to_thread(int)
    show("to_thread", (wall() - start) / TRIPS, "ns")


async def cross(_count):
    """Two loops: what goes to the other is a callback."""
    here, there = asyncio.get_running_loop(), asyncio.new_event_loop()
    answered = asyncio.Event()
    other = threading.Thread(target=there.run_forever)
    other.start()
    start = wall()
    for _ in range(TRIPS):
        there.call_soon_threadsafe(here.call_soon_threadsafe, answered.set)
        await answered.wait()
        answered.clear()
    show("cross_loop", (wall() - start) / 2 / TRIPS, "ns")
    start = wall()
    for _ in range(STREAMED):
        there.call_soon_threadsafe(int)
    there.call_soon_threadsafe(here.call_soon_threadsafe, answered.set)
    await answered.wait()
    show("cross_stream", (wall() - start) / STREAMED, "ns")
    there.call_soon_threadsafe(there.stop)
    other.join()


async def processes(_count):
    async def run_some():
        for _ in range(CHILDREN // 8):
            child = await asyncio.create_subprocess_exec("/bin/true")
            await child.wait()

    start = wall()
    await asyncio.gather(*(run_some() for _ in range(8)))
    show("processes", (wall() - start) / CHILDREN, "ns")


async def documents(_count):
    import json_python

    json_python.main()


MEASURES = {f.__name__: f for f in (switch, spawn, message, timers, lateness, lateness_busy, scope,
                                    gate, lock, broadcast, thread, cross, processes, lines)}
MEASURES["memory"] = memory_of
MEASURES["json"] = documents

if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(MEASURES[sys.argv[2]](int(sys.argv[3]) if len(sys.argv) > 3 else 0))
