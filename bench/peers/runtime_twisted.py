"""Two of the runtime measures with Twisted: runtime_twisted.py switch | memory COUNT."""
import sys
import time

from twisted.internet import defer, reactor, task

SWITCHES = 40_000


def memory():
    fields = ("VmRSS:", "VmPTE:")
    with open("/proc/self/status") as status:
        return sum(int(line.split()[1]) * 1024 for line in status if line.startswith(fields))


@defer.inlineCallbacks
def yield_often():
    for _ in range(SWITCHES // 2):
        yield task.deferLater(reactor, 0)


@defer.inlineCallbacks
def sleep_long():
    yield task.deferLater(reactor, 3600)


@defer.inlineCallbacks
def measure_switch():
    start = time.process_time_ns()
    yield defer.gatherResults([yield_often(), yield_often()])
    print("switch", (time.process_time_ns() - start) / SWITCHES, "ns")


@defer.inlineCallbacks
def measure_memory(count):
    before = memory()
    tasks = [sleep_long() for _ in range(count)]
    yield task.deferLater(reactor, 0.01)
    print("memory", (memory() - before) / len(tasks), "bytes", flush=True)


@defer.inlineCallbacks
def measure(_reactor, what, count=0):
    yield measure_switch() if what == "switch" else measure_memory(int(count))


task.react(measure, sys.argv[1:])
