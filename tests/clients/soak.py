#!/usr/bin/env python3
"""The server under mixed load for SOAK_SECONDS (600): all is answered rightly, and nothing stays.

Two processes of visits.py make SOAK_RATE (60) visits a second between them, and clients are killed
(victims.py) all the while.  A tenth of the time is warm-up.  Then, and at the end, the load stops
until the server is quiet, and what it holds is compared.
"""
import json
import os
import subprocess
import sys
import time

from serving import IS_SANITIZED, equal, main, orchard, test, until
from certificates import authority
from victims import VICTIMS, kill_at, was_killed

SECONDS = float(os.environ.get("SOAK_SECONDS") or 600)
RATE = float(os.environ.get("SOAK_RATE") or 60)
LOADS = 2
WORKERS = 2
FILES = WORKERS         # each keeps the one large file open that it serves
VISITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "visits.py")

# What memory may be more at the end than after the warm-up.  The heaps of malloc (an arena for each
# worker and each helping thread) keep their highest level, which is that of the busiest moment, and
# a long time has busier moments than a short one; a stack that a task has used deeply keeps its
# pages.  A leak of 100 bytes for each request would be ten times this after ten minutes.
MARGIN = 2048           # kB


class Totals:
    def __init__(self):
        self.right, self.wrong, self.killed = {}, [], 0

    def add(self, told):
        told = json.loads(told)
        for name, count in told["right"].items():
            self.right[name] = self.right.get(name, 0) + count
        self.wrong += told["wrong"]

    def kill_until(self, loads, ports):
        while any(load.poll() is None for load in loads):
            pids = [kill_at(function, *ports) for function in VICTIMS]
            assert all([was_killed(pid) for pid in pids])
            self.killed += len(pids)
            time.sleep(0.5)


def load(server, totals, seconds):
    ports = [server.port, int(server.urls[1].rpartition(":")[2])]
    words = [sys.executable, VISITS, *map(str, ports), str(RATE / LOADS), str(seconds)]
    loads = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(LOADS)]
    try:
        totals.kill_until(loads, ports)
        for one in loads:
            totals.add(one.communicate()[0])
    finally:
        for one in loads:
            one.kill()


def threads(server):
    return len(os.listdir(f"/proc/{server.pid}/task"))


def held(server):
    return {"descriptors": server.descriptors(), "threads": threads(server),
            "memory": server.memory("VmRSS")}


def rest(server, enough):
    """What a quiet server holds: connections have gone, and so have threads without work."""
    until(lambda: server.descriptors() <= enough["descriptors"] and
          threads(server) <= enough["threads"], f"no more than {enough}, but {held(server)}", 90)
    return held(server)


@test
def all_is_answered_rightly_under_load_and_nothing_stays():
    totals = Totals()
    with orchard("--workers", WORKERS, "--tls", authority().server, lines=2) as server:
        time.sleep(1)                           # until each worker listens
        first = held(server)
        load(server, totals, SECONDS / 10)
        warm = rest(server, {**first, "descriptors": first["descriptors"] + FILES})
        load(server, totals, SECONDS * 9 / 10)
        last = rest(server, warm)
        for name, what in (("begun", first), ("warm", warm), ("end", last)):
            print(f"# {name}: {what}")
        for name, count in sorted(totals.right.items()):
            print(f"# {count:6} {name.replace('_', ' ')}")
        print(f"# {sum(totals.right.values())} visits right, {len(totals.wrong)} wrong, "
              f"{totals.killed} clients killed", flush=True)
        equal(totals.wrong[:20], [])
        equal((last["descriptors"], last["threads"]), (warm["descriptors"], first["threads"]))
        assert IS_SANITIZED or last["memory"] <= warm["memory"] + MARGIN, (warm, last)


main()
