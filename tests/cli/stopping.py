#!/usr/bin/env python3
"""Ctrl-C, and its kin: what was done is told, the rest is given up, at once."""
import contextlib
import os
import select
import signal
import subprocess
import time

from tool import demo, equal, file_in, finish, folder, holds, main, start, test


def read_lines(process, count):
    """That many lines, without buffering more than what has come."""
    data = b""
    while data.count(b"\n") < count:
        ready, _, _ = select.select([process.stdout], [], [], 20)
        assert ready, f"only {data!r} came"
        data += os.read(process.stdout.fileno(), 65536)
    return data


def stopped(process, by=signal.SIGINT):
    started = time.monotonic()
    process.send_signal(by)
    done = finish(process)
    assert time.monotonic() - started < 25              # the answers take 30 s
    equal(done.status, 130)
    return done


@test
def ctrl_c_prints_what_was_done():
    with demo() as url:
        for by in (signal.SIGINT, signal.SIGTERM):
            process = start("fetch", "--summary", *[f"{url}/get?{i}" for i in range(3)],
                            *[f"{url}/delay/30?{i}" for i in range(5)])
            equal(read_lines(process, 3).count(b'"status":200'), 3)
            done = stopped(process, by)
            equal(done.out, b"")
            holds(done.err, "Fetched 3 URLs in ")
            holds(done.err, "  stopped  5 not done\n")


@test
def lines_that_wait_for_their_turn_are_printed_as_well():
    with demo() as url:
        process = start("fetch", "--ordered", f"{url}/get", f"{url}/delay/30",
                        *[f"{url}/get?{i}" for i in range(3)])
        read_lines(process, 1)
        time.sleep(0.3)
        done = stopped(process)
        equal([line["url"] for line in done.lines()], [f"{url}/get?{i}" for i in range(3)])


@test
def ctrl_c_ends_waiting_for_input():
    process = start("fetch", "-i", "-", stdin=subprocess.PIPE)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    equal(process.wait(10), 130)
    finish(process)


@test
def ctrl_c_ends_waiting_for_a_rate():
    with demo() as url:
        process = start("fetch", "--rate", "1/h", f"{url}/get?1", f"{url}/get?2")
        read_lines(process, 1)
        stopped(process)


@test
def ctrl_c_ends_waiting_between_tries():
    with demo() as url:
        process = start("fetch", "--retries", "9", "--retry-delay", "30", f"{url}/status/503",
                        f"{url}/get")
        read_lines(process, 1)
        equal(stopped(process).out, b"")


@test
def nothing_is_left_of_a_body_that_was_not_finished():
    with demo() as url, folder() as path:
        process = start("fetch", "-o", path, f"{url}/get", f"{url}/delay/30")
        read_lines(process, 1)
        stopped(process)
        equal(len(os.listdir(path)), 1)


@contextlib.contextmanager
def nobody_reads():
    """A run that is held up because what it prints is not read."""
    with demo() as url, folder() as path:
        text = f"{url}/bytes/1?{'x' * 1000}\n" * 2000
        process = start("fetch", "-i", file_in(path, "urls", text.encode()))
        ended = []
        time.sleep(1)
        yield process, ended
        ended.append(finish(process))


@test
def last_words_that_nobody_reads_end_after_a_while():
    with nobody_reads() as (process, ended):
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        equal(process.wait(20), 130)
        assert 4 < time.monotonic() - started < 15
    equal(ended[0].err,
          b"bide fetch: standard output: nobody reads, the last results are lost\n")


@test
def a_second_ctrl_c_ends_it_at_once():
    with nobody_reads() as (process, _):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        equal(process.wait(20), -signal.SIGINT)         # after a while it would be 130


@test
def the_demo_server_ends_well_by_both_signals():
    for by in (signal.SIGINT, signal.SIGTERM):
        process = start("serve", "--demo")
        process.stdout.readline()
        process.send_signal(by)
        equal(finish(process).status, 0)


main()
