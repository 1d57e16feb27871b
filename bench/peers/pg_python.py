"""The rows of PostgreSQL in Python: pg_python.py asyncpg|psycopg MODE URL COUNT.

asyncpg runs on uvloop. It has one statement at a time on a connection and says so when it is given
two: 100 tasks wait for a lock. psycopg has a pipeline: a Sync for each 100. The records of `copy`
are made before the clock starts. bench/stint.h says what this is told and what it prints.
"""
import asyncio
import re
import sys
import time

FLIGHT = 100
QUERY, SERIES = "select 1 as n", "select generate_series(1, $1) as n"


class Clock:
    def __init__(self, count):
        self.count, self.wall, self.cpu = count, time.perf_counter(), time.process_time()

    def tell(self):
        seconds, used = time.perf_counter() - self.wall, time.process_time() - self.cpu
        with open("/proc/self/status") as file:
            peak = int(re.search(r"VmHWM:\s*(\d+)", file.read())[1]) * 1024 / 1e6
        print(f"rate {self.count / seconds} 1/s\ncpu_us {used / self.count * 1e6} us")
        print(f"peak {peak} MB")


def records(count):
    return [(i, f"user number {i}", f"user{i}@example.com", bool(i & 1)) for i in range(count)]


def check(good, what):
    if not good:
        sys.exit(what)


# ---- asyncpg ------------------------------------------------------------------------------------

async def ask(connection, count):
    for _ in range(count):
        check(await connection.fetchval(QUERY) == 1, "not a 1")


async def ask_by_tasks(connection, count):
    lock, left = asyncio.Lock(), iter(range(count))

    async def task():
        for _ in left:
            async with lock:
                check(await connection.fetchval(QUERY) == 1, "not a 1")
    await asyncio.gather(*(task() for _ in range(FLIGHT)))


async def stream(connection, count):
    """Not fetch(), which keeps all rows; as many rows at once as make it fast."""
    total = 0
    async with connection.transaction():
        async for row in connection.cursor(SERIES, count, prefetch=10000):
            total += row["n"]
    check(total == count * (count + 1) // 2, "not the rows expected")


async def copy(connection, made):
    await connection.copy_records_to_table("bench_copy", records=made)


async def with_asyncpg(mode, url, count):
    import asyncpg
    connection = await asyncpg.connect(url)
    made = records(count) if mode == "copy" else None
    run = {"sequential": ask, "pipelined": ask_by_tasks, "rows": stream, "copy": copy}[mode]
    if mode in ("sequential", "pipelined"):
        await run(connection, count // 10 + 1)
    clock = Clock(count)
    await run(connection, made or count)
    clock.tell()


# ---- psycopg ------------------------------------------------------------------------------------

def with_psycopg(mode, url, count):
    import psycopg
    connection = psycopg.connect(url, autocommit=True)
    cursor = connection.cursor()
    made = records(count) if mode == "copy" else None
    clock = Clock(count)
    if mode == "sequential":
        for _ in range(count):
            check(cursor.execute(QUERY, prepare=True).fetchone()[0] == 1, "not a 1")
    elif mode == "pipelined":
        for _ in range(0, count, FLIGHT):
            with connection.pipeline():
                cursors = [connection.execute(QUERY, prepare=True) for _ in range(FLIGHT)]
            check(all(each.fetchone()[0] == 1 for each in cursors), "not a 1")
    elif mode == "rows":
        rows = cursor.stream(SERIES.replace("$1", "%s::int"), [count])
        check(sum(row[0] for row in rows) == count * (count + 1) // 2, "not the rows expected")
    else:
        with cursor.copy("copy bench_copy from stdin (format binary)") as out:
            out.set_types(["int4", "text", "text", "bool"])
            for record in made:
                out.write_row(record)
    clock.tell()


def main(library, mode, url, count):
    if library == "psycopg":
        with_psycopg(mode, url, int(count))
        return
    import uvloop
    uvloop.install()
    asyncio.run(with_asyncpg(mode, url, int(count)))


main(*sys.argv[1:])
