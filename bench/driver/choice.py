"""What ./dev bench-peers measures: rows of ./dev bench with shorter stints, and their time.

`seconds` is what one turn takes on average, over the contestants, on two cores of 2025; `start` is
what comes before the first. The slow ones are told by the average: where twelve take part and one
is Python, a turn of half a second is one of six. From these the budget is made.
"""
from dataclasses import dataclass, replace

from driver.measures import CLIENTS, FETCH, RUNTIME
from driver.measuring import rows_of, run_client, run_fetch, run_runtime, run_server
from driver.server_rows import SERVERS

ROUNDS, QUICK_ROUNDS = 5, 3
LIMIT_SECONDS, QUICK_LIMIT_SECONDS = 1170, 102
SERVER_START = 2.5              # seconds until all servers of a row listen
TURN = 0.2                      # of a load, beside its seconds: its start, its warming up


@dataclass
class Choice:
    measure: object
    run: object                 # the function of driver/measuring.py
    title: str
    group: str                  # which table and which picture it stands in
    seconds: float
    start: float = 0
    quick: bool = False
    rounds_max: int = 99

    @property
    def row(self):
        return rows_of(self.measure)[0]

    def rounds(self, wanted):
        return min(wanted, self.rounds_max, getattr(self.measure, "rounds_max", 99))


def measure_of(measures, name):
    return next(m for m in measures if name in [row.name for row in rows_of(m)])


def runtime(name, title, seconds, **more):
    return Choice(measure_of(RUNTIME, name), run_runtime, title, "runtime", seconds, **more)


def server(name, title, stint=0.5, **more):
    measure = replace(measure_of(SERVERS, name), seconds=stint)
    seconds = (stint + TURN) * (2 if measure.share else 1)
    return Choice(measure, run_server, title, more.pop("group", "server"),
                  more.pop("seconds", seconds), SERVER_START, **more)


def client(name, title, seconds, count=0, **more):
    measure = measure_of(CLIENTS, name)
    measure = replace(measure, rows=measure.rows[:1], servers=measure.servers[:1],
                      **({"count": count, "warm": count // 10} if count else {}))
    return Choice(measure, run_client, title, "client", seconds, 1, **more)


def fetch(name, title, seconds, count):
    measure = replace(measure_of(FETCH, name), count=count)
    return Choice(measure, run_fetch, title, "client", seconds, 2)


CHOICES = [
    runtime("switch", "switch from task to task", 1, quick=True),
    runtime("spawn", "spawn, run and wait for a task", 1.5),
    runtime("message", "a message through a queue", 1, quick=True),
    runtime("memory_100k", "memory per task, 100,000 asleep", 1.2, rounds_max=3),
    runtime("timers", "100,000 sleeps, processor time", 2),
    runtime("lateness", "a sleep of 10 ms beside a busy task, late by", 0.9),
    runtime("to_thread", "a job on a thread and back", 2.5),
    server("server_plaintext", "plain text, 64 connections", quick=True),
    server("server_plaintext_512", "plain text, 512 connections"),
    server("server_json", "JSON made for each request"),
    server("server_pipelined", "plain text, 16 requests in one write", quick=True),
    server("server_tls", "plain text over TLS 1.3"),
    server("server_static", "a file of 10 KB"),
    server("server_latency", "99th percentile at 70 % of the highest rate", 0.8,
           group="latency", rounds_max=5),
    server("server_idle", "memory per idle connection, of 10,000", group="memory", seconds=3),
    server("ws_echo", "WebSocket echo of 64 bytes", quick=True),
    server("ws_idle", "memory per idle WebSocket, of 10,000", group="memory", seconds=4),
    client("client_keepalive", "GETs on 64 kept connections", 0.9, 50000, quick=True),
    client("client_new", "GETs, a new connection for each", 0.9, 10000),
    client("client_tls", "GETs on 64 kept connections of TLS 1.3", 1, 40000),
    client("client_memory", "memory per request, 10,000 in flight", 2.5, rounds_max=3),
    fetch("fetch_rate", "20,000 URLs by a whole process, 64 at once", 1.8, 20000),
]


def quickened(choice):
    """The same in less time: a quarter of a second for a load, fewer requests for a client."""
    if choice.run is run_server:
        return replace(choice, measure=replace(choice.measure, seconds=0.2), seconds=0.2 + TURN)
    if choice.run is run_client:
        count = choice.measure.count // 2
        return replace(choice, measure=replace(choice.measure, count=count, warm=count // 10),
                       seconds=choice.seconds / 2)
    return choice


def chosen(quick, names=()):
    """The choices of a run; names, if there are any, say which rows."""
    if names:
        return [choice for choice in CHOICES if choice.row.name in names]
    return [quickened(choice) for choice in CHOICES if choice.quick] if quick else CHOICES
