"""What grows, how far, and how it may grow.

A subject is a program that is run once for each number of things; its stretches (bench/scale.h)
are its curves. All values are per item: "1" is a curve that stays flat, "log n" one that grows
with the depth of a heap.
"""
from dataclasses import dataclass


@dataclass
class Curve:
    figure: str                 # as the program calls it
    title: str
    order: str = "O(1)"         # of what one item takes
    unit: str = "ns"


@dataclass
class Subject:
    name: str
    program: str                # bench_<program>
    thing: str                  # the x axis
    curves: list
    counts: tuple               # how many
    quick: tuple = ()
    counted: tuple = ()         # where instructions are counted, which takes fifty times as long
    how: str = "alone"          # or "hosts", "echo", "fetch", "cores", "kernel": what is around it
    figures: tuple = ()         # (figure, title, unit) of the largest run that are told as well
    needs_bytes: int = 0        # of memory, for each of them
    descriptors: bool = False   # each takes one
    otherwise: str = ""         # where that is not allowed: what else there is
    asked: bool = False         # run where it is named, and not otherwise

    def numbers(self, options):
        if options.count:
            return self.counted
        return self.quick if options.quick else self.counts


def tens(*powers):
    return tuple(10 ** power for power in powers)


TASKS = [
    Curve("spawn", "a task is spawned, on a new stack"),
    Curve("call", "an event wakes all"),
    Curve("staggered", "each wakes at a moment of its own", "O(log n)"),
    Curve("storm", "all wake at one moment", "O(log n)"),
    Curve("lap", "a message goes to the neighbour, round the ring of all"),
    Curve("again", "the same once more"),
    Curve("end", "a task ends"),
    Curve("memory", "a sleeping task", unit="bytes"),
    Curve("memory_ring", "a task in the ring, and the queue before it", unit="bytes"),
]
TIMERS = [
    Curve("sleep", "a timer ends and is set anew", "O(log n)"),
    Curve("timeout", "a scope with a deadline, entered and left", "O(log n)"),
]
QUEUES = [
    Curve("fill", "an item into a queue that grows"),
    Curve("fifo", "put and get, first in first out"),
    Curve("lifo", "put and get, last in first out"),
    Curve("priority", "put and get, the least first", "O(log n)"),
    Curve("threads", "put and get, between threads"),
    Curve("line", "one in a line of waiters is cancelled"),
    Curve("memory", "an item of 8 bytes", unit="bytes"),
]
ROUTES = [
    Curve("add", "a route is added"),
    Curve("start", "a route, when the application starts"),
    Curve("fixed", "a request for a path without parameters"),
    Curve("parameter", "a request for a path with a parameter"),
    Curve("absent", "a request for no route's path"),
    Curve("mount", "an application is mounted for a host"),
    Curve("host", "a request for a host that has an application"),
    Curve("memory", "a route", unit="bytes"),
]
HOSTS = [
    Curve("first", "the first request to a host"),
    Curve("again", "one more over its kept connection"),
    Curve("expire", "a connection is closed when its time is over"),
    Curve("memory", "a host and its idle connection", unit="bytes"),
]
ECHO = [
    Curve("memory", "a live WebSocket, in the server", unit="bytes"),
    Curve("p50", "latency of an echo, median", unit="us"),
    Curve("p99", "latency of an echo, 99 of 100", unit="us"),
]
KERNEL = [
    Curve("memory", "emulated: a live WebSocket, in the server", unit="bytes"),
    Curve("slab", "emulated: a live WebSocket, in the kernel, both ends", unit="bytes"),
    Curve("server", "emulated: an echo, in the server"),
    Curve("p50", "emulated: latency of an echo, median", unit="us"),
    Curve("p99", "emulated: latency of an echo, 99 of 100", unit="us"),
]
FETCH = [
    Curve("url", "`bide fetch` of a list, per URL"),
    Curve("memory", "`bide fetch` of a list, per URL", unit="bytes"),
]

SUBJECTS = [
    Subject("tasks", "scale_tasks", "tasks", TASKS, tens(1, 2, 3, 4, 5, 6), tens(2, 4, 5),
            tens(2, 3, 4, 5), needs_bytes=5000,
            figures=(("storm_lasts", "from the moment until the last one runs", "ms"),
                     ("memory_mappings", "lines of /proc/self/maps", "lines"))),
    Subject("timers", "scale_timers", "timers", TIMERS, tens(1, 2, 3, 4, 5, 6), tens(2, 4, 5),
            tens(2, 3, 4, 5), needs_bytes=5000),
    Subject("queues", "scale_queues", "items", QUEUES, tens(1, 2, 3, 4, 5, 6), tens(2, 4, 5),
            tens(2, 3, 4, 5), needs_bytes=5000),
    Subject("routes", "scale_routes", "routes", ROUTES, tens(1, 2, 3, 4, 5), tens(2, 3, 4),
            tens(2, 3, 4, 5)),
    Subject("hosts", "scale_hosts", "hosts", HOSTS, tens(1, 2, 3, 4), tens(2, 3), tens(2, 3, 4),
            how="hosts", descriptors=True),
    Subject("fetch", "", "URLs", FETCH, tens(1, 2, 3, 4, 5), tens(2, 3, 4), tens(2, 3, 4),
            how="fetch"),
    Subject("connections", "scale_echo", "connections", ECHO, tens(1, 2, 3, 4, 5), tens(2, 3, 4),
            how="echo", descriptors=True,
            otherwise="; ./dev bench-scale kernel has them all, in an emulated machine",
            figures=(("p50", "latency of an echo, median", "us"), ("p99", "99 of 100", "us"),
                     ("p999", "999 of 1000", "us"), ("max", "the longest", "us"),
                     ("echoes", "messages and their echoes", "echoes/s"),
                     ("opened", "connections opened", "connections/s"))),
    Subject("kernel", "scale_echo", "connections in an emulated machine", KERNEL,
            tens(1, 2, 3, 4, 5), tens(1, 2, 3), how="kernel", asked=True,
            figures=(("p50", "latency of an echo, median", "us"), ("p99", "99 of 100", "us"),
                     ("p999", "999 of 1000", "us"), ("max", "the longest", "us"),
                     ("echoes", "messages and their echoes", "echoes/s"),
                     ("memory", "a live WebSocket, in the server", "bytes"),
                     ("slab", "the same, in the kernel, both ends", "bytes"),
                     ("longest_open", "the slowest 64 open together", "ms"),
                     ("opened", "connections opened", "connections/s"))),
    Subject("cores", "scale_cores", "loops", [], (1, 2), (1, 2), how="cores"),
]
