#!/usr/bin/env python3
"""However many URLs there are, memory stays within 64 MB.

BIDE_TEST_URLS says how many are tried; a million is the promise, fewer show the same.
"""
import os
import threading

from servers import Server, reply
from tool import Skip, demo, equal, folder, main, start, test

COUNT = int(os.environ.get("BIDE_TEST_URLS") or 100_000)
LIMIT = 64 * 1024                       # kB, as the system counts


def run_measured(make_line, count, *words):
    """Feeds that many lines through a pipe: (exit status, peak memory in kB, lines printed)."""
    if os.environ.get("CK_TIMEOUT_MULTIPLIER"):
        raise Skip("what makes everything slower (a sanitizer) takes memory of its own")
    reader, writer = os.pipe()
    process = start("fetch", "-i", "-", *words, stdin=reader)
    os.close(reader)

    def feed():
        with os.fdopen(writer, "w") as pipe:
            for i in range(count):
                pipe.write(make_line(i))
    feeder = threading.Thread(target=feed)
    feeder.start()
    lines = 0
    while data := process.stdout.read(1 << 16):
        lines += data.count(b"\n")
    feeder.join()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss, lines


# First, for the memory of a child begins with that of who started it.
@test
def a_large_body_passes_through_and_a_large_file_is_sent_in_little_memory():
    if os.environ.get("CK_TIMEOUT_MULTIPLIER"):
        raise Skip("what makes everything slower (a sanitizer) takes memory of its own")
    with demo() as url, Server(reply()) as server, folder() as path:
        server.keep_bodies = False
        file = os.path.join(path, "large")
        with open(file, "wb") as large:
            large.truncate(100_000_000)
        for words, size in ((["get", f"{url}/bytes/200000000"], 200_000_000),
                            (["get", "-T", file, server.url], 2),
                            (["get", "-F", f"f=@{file}", server.url], 2)):
            process = start(*words)
            came = 0
            while data := process.stdout.read(1 << 16):
                came += len(data)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            equal((process.returncode, came), (0, size))
            assert usage.ru_maxrss < LIMIT, f"{words}: {usage.ru_maxrss} kB"


@test
def many_urls_take_little_memory():
    with demo() as url:
        for words in ((), ("--ordered",)):
            status, memory, lines = run_measured(lambda i: f"{url}/bytes/10?i={i}\n", COUNT, *words)
            equal((status, lines), (0, COUNT))
            print(f"# {COUNT} URLs {' '.join(words)}: {memory // 1024} MB")
            assert memory < LIMIT, f"{memory} kB"


@test
def an_ordered_run_held_up_by_its_first_url_takes_little_memory():
    with demo() as url:
        long = "x" * 7000
        status, memory, lines = run_measured(
            lambda i: f"{url}/get?{long}{i}\n" if i else f"{url}/delay/2\n", 12000, "--ordered")
        equal((status, lines), (0, 12000))
        assert memory < LIMIT, f"{memory} kB"


@test
def bad_urls_alone_take_little_memory():
    status, memory, lines = run_measured(lambda i: f"no url {i}\n", COUNT)
    equal((status, lines), (1, COUNT))
    assert memory < LIMIT, f"{memory} kB"


@test
def large_bodies_take_little_memory():
    with Server(reply(b"x" * 20_000_000)) as server, folder() as path:
        status, memory, _ = run_measured(lambda i: f"{server.url}/{i}\n", 16, "-o", path)
        equal(status, 0)
        equal(len(os.listdir(path)), 16)
        assert memory < LIMIT, f"{memory} kB"


main()
