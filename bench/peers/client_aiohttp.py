"""The client rows with aiohttp on uvloop; bench/errand.h says what it is told and what it prints.

As many workers as jobs take the URLs in turn: starting a task per URL is slower and takes more
memory. There is no resuming of TLS sessions: asyncio has no way to ask for it.
"""
import asyncio
import re
import ssl
import sys
import time

import aiohttp
import uvloop

PIECE = 1 << 18


def status(field):
    """One line of /proc/self/status, in bytes."""
    with open("/proc/self/status") as file:
        return int(re.search(field + r":\s*(\d+)", file.read())[1]) << 10


async def read_body(response):
    if (response.content_length or 0) < 1 << 20:
        return len(await response.read())
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
    return size


async def work(session, urls):
    size = 0
    for url in urls:
        async with session.get(url) as response:
            size += await read_body(response)
            if response.status != 200:
                sys.exit(f"{url}: {response.status}")
    return size


async def run(session, urls, count, jobs):
    left = (urls[i % len(urls)] for i in range(count))
    return sum(await asyncio.gather(*(work(session, left) for _ in range(jobs))))


async def main(mode, path, count, warm, jobs, ca=None):
    with open(path) as file:
        urls = file.read().split()
    connector = aiohttp.TCPConnector(limit=max(jobs, 200), force_close=mode != "keep",
                                     ssl=ssl.create_default_context(cafile=ca) if ca else None)
    timeout = aiohttp.ClientTimeout(total=60)
    memory = status("VmRSS") + status("VmPTE")
    async with aiohttp.ClientSession(connector=connector, timeout=timeout,
                                     read_bufsize=PIECE) as session:
        await run(session, urls, warm, jobs)
        start, used = time.perf_counter(), time.process_time()
        size = await run(session, urls, count, jobs)
        seconds, used = time.perf_counter() - start, time.process_time() - used
    peak = status("VmHWM") + status("VmPTE")
    print(f"requests {count / seconds} requests/s")
    print(f"bandwidth {size / seconds / 1e6} MB/s")
    print(f"cpu_us {used / count * 1e6} us")
    print(f"peak {peak / 1e6} MB")
    print(f"memory {(peak - memory) / jobs} bytes")


uvloop.install()
MODE, PATH, COUNT, WARM, JOBS, *REST = sys.argv[1:]
asyncio.run(main(MODE, PATH, int(COUNT), int(WARM), int(JOBS), *REST))
