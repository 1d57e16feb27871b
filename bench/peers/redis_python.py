"""The row of Redis with redis-py on uvloop: redis_python.py MODE URL COUNT.

Its tasks cannot share a connection; so `pipelined` is a pipeline object that sends 100 commands at
once. Replies are parsed by hiredis, if that is installed. bench/stint.h says what this is told and
what it prints.
"""
import asyncio
import re
import sys
import time

import redis.asyncio
import uvloop

FLIGHT, KEY, VALUE = 100, "key:bench", b"xxx"


async def ask(client, count):
    for _ in range(count):
        if await client.get(KEY) != VALUE:
            sys.exit("another value")


async def ask_by_pipeline(client, count):
    for _ in range(0, count, FLIGHT):
        pipeline = client.pipeline(transaction=False)
        for _ in range(FLIGHT):
            pipeline.get(KEY)
        if await pipeline.execute() != [VALUE] * FLIGHT:
            sys.exit("another value")


async def main(mode, url, count):
    client = redis.asyncio.from_url(url)
    await client.set(KEY, VALUE)
    run = ask_by_pipeline if mode == "pipelined" else ask
    await run(client, count // 10 + 1)
    wall, cpu = time.perf_counter(), time.process_time()
    await run(client, count)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with open("/proc/self/status") as file:
        peak = int(re.search(r"VmHWM:\s*(\d+)", file.read())[1]) * 1024 / 1e6
    print(f"rate {count / wall} 1/s\ncpu_us {cpu / count * 1e6} us\npeak {peak} MB")


uvloop.install()
MODE, URL, COUNT = sys.argv[1:]
asyncio.run(main(MODE, URL, int(COUNT)))
