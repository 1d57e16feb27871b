"""Two of the runtime measures with gevent: runtime_gevent.py switch | memory COUNT."""
import sys
import time

import gevent

SWITCHES = 200_000


def memory():
    fields = ("VmRSS:", "VmPTE:")
    with open("/proc/self/status") as status:
        return sum(int(line.split()[1]) * 1024 for line in status if line.startswith(fields))


def yield_often():
    for _ in range(SWITCHES // 2):
        gevent.sleep(0)


def measure_switch():
    start = time.process_time_ns()
    gevent.joinall([gevent.spawn(yield_often), gevent.spawn(yield_often)])
    print("switch", (time.process_time_ns() - start) / SWITCHES, "ns")


def measure_memory(count):
    before = memory()
    tasks = [gevent.spawn(gevent.sleep, 3600) for _ in range(count)]
    gevent.sleep(0.01)
    print("memory", (memory() - before) / len(tasks), "bytes", flush=True)
    gevent.killall(tasks)


if sys.argv[1] == "switch":
    measure_switch()
else:
    measure_memory(int(sys.argv[2]))
