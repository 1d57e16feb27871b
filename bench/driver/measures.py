"""What is measured, and what must be reached.

A measure is one command per contestant; it may give several rows. A row's bar stands beside its
ratio in the table; a bar that is missed is marked, and nothing else happens: a benchmark is no
test. The bars hold for the ratio to the floor of the same run where there is a floor, else for
the figure itself.
"""
from dataclasses import dataclass
from typing import Callable

BYTES_PER_TASK = 4300           # a page, and what the page tables need for it


@dataclass
class Bar:
    text: str
    met: Callable               # of (row, details) to bool; raises KeyError, TypeError: unknown


@dataclass
class Row:
    name: str
    unit: str
    bar: Bar
    figure: str = ""            # what the programs call it, if not by the row's name
    details: tuple = ()         # other figures worth a line under the table
    each: tuple = ("cpu_us",)   # figures worth a line under the table of everybody

    def __post_init__(self):
        self.figure = self.figure or self.name


@dataclass
class Measure:
    words: tuple                # what the floor and the peers are called with
    program: str                # bide's own: bench_<program>
    rows: list
    own_words: tuple = ()       # what bide's own is called with
    floor: tuple = ()           # the floor's program and words, if it is not `floor` with `words`
    without: frozenset = frozenset()            # who cannot do it, or not in reasonable time
    timeout: int = 60
    rounds_max: int = 99        # figures that hardly vary need no more
    needs_bytes: int = 0        # of memory
    everywhere: bool = False    # on all processors: there are threads in it


def ratio_at_most(limit):
    return Bar(f"<= {limit} x floor", lambda row, _: row["ratio"] <= limit)


def value_at_most(limit, unit):
    return Bar(f"<= {limit} {unit}", lambda row, _: row["value"] <= limit)


def above_floor_at_most(limit, unit):
    return Bar(f"<= floor + {limit} {unit}", lambda row, _: row["value"] - row["floor"] <= limit)


def as_go():
    return Bar("<= go", lambda row, _: row["value"] <= row["peers"]["go"])


def above_python(factor):
    return Bar(f">= {factor} x Python",
               lambda row, _: row["value"] >= factor * row["peers"]["asyncio"])


NO_BAR = Bar("", lambda row, _: None)


def memory_bar():
    def met(row, details):
        return (row["value"] <= BYTES_PER_TASK and details["memory_mappings"] <= 100
                and details["memory_missing"] == 0 and details["memory_guarded"] == 100)
    return Bar("<= 4300 bytes, <= 100 mappings, guarded", met)


def timers_bar():
    def met(row, details):
        return (row["ratio"] <= 1.0 and details["timers_early"] == 0
                and details["timers_disordered"] == 0)
    return Bar("<= 1.0 x floor, in order, none early", met)


MEMORY = "memory_mappings", "memory_missing", "memory_guarded", "memory_stack"
JSON_PARSE = "json_parse_small", "json_parse_texts", "json_parse_numbers"
JSON_WRITE = "json_write_small", "json_write_texts", "json_write_numbers"
TIMERS = "timers_early", "timers_disordered", "timers_late_mean", "timers_late_max"
PYTHON = frozenset({"asyncio", "uvloop"})
NO_TASKS = frozenset({"libuv"})         # callbacks: nobody who waits, yields or is spawned
NO_SCOPE = frozenset({"st", "tokio", "floor"}) | NO_TASKS
NO_FILES = frozenset({"st", "go", "tokio"}) | NO_TASKS
NO_THREADS = frozenset({"st", "tokio", "uvloop"})       # not written for them
NO_SYNC = NO_THREADS | NO_TASKS
JSON_WITHOUT = frozenset({"st", "go", "tokio", "uvloop", "floor"}) | NO_TASKS
NO_LOOK = frozenset({"floor"})  # the floor has no look at timers while something is ready
OURS_ALONE = JSON_WITHOUT | PYTHON      # what is asked is how long our own steps are
FAIRNESS = "fairness_p99", "fairness_p999", "fairness_max", "fairness_greedy"
STALLS = ("spawn", "timers", "timeouts", "posts", "cancel", "gather", "handles", "strings",
          "strings_free", "queue", "queue_wrapped", "queue_priority", "queue_free")
RELEASES = ("event", "barrier", "condition", "once", "watch", "getters", "promise", "join",
            "readers")

RUNTIME = [
    Measure(("switch",), "switch", without=NO_TASKS,
            rows=[Row("switch", "ns", ratio_at_most(1.3))]),
    Measure(("spawn",), "spawn", without=NO_TASKS,
            rows=[Row("spawn", "ns", ratio_at_most(1.3))]),
    Measure(("message",), "message", without=NO_TASKS,
            rows=[Row("message", "ns", ratio_at_most(1.6))]),
    Measure(("memory", 100000), "memory", own_words=(100000,), without=NO_TASKS,
            rows=[Row("memory_100k", "bytes", memory_bar(), "memory", MEMORY)]),
    Measure(("memory", 1000000), "memory", own_words=(1000000,), timeout=180, rounds_max=2,
            without=PYTHON | NO_TASKS, needs_bytes=6 << 30,
            rows=[Row("memory_1m", "bytes", memory_bar(), "memory", MEMORY)]),
    Measure(("timers",), "timers", [Row("timers", "s", timers_bar(), details=TIMERS)]),
    Measure(("lateness",), "lateness", own_words=("yield",), without=NO_LOOK,
            rows=[Row("lateness", "ms", value_at_most(0.05, "ms"), details=("lateness_max",))]),
    Measure(("lateness_busy",), "lateness", own_words=("busy",), without=NO_LOOK,
            rows=[Row("lateness_busy", "ms", value_at_most(0.3, "ms"),
                      details=("lateness_busy_max",))]),
    Measure(("stalls",), "stalls", own_words=(100000, *STALLS), without=OURS_ALONE, timeout=120,
            rounds_max=3,
            rows=[Row(f"stall_{kind}", "ms", value_at_most(1, "ms")) for kind in STALLS]),
    Measure(("releases",), "releases", own_words=(100000, *RELEASES), without=OURS_ALONE,
            timeout=120, rounds_max=3,
            rows=[Row(f"stall_{kind}", "ms", value_at_most(1, "ms")) for kind in RELEASES]),
    Measure(("fairness",), "fairness", without=OURS_ALONE, everywhere=True,
            rows=[Row("fairness", "ms", value_at_most(0.3, "ms"), details=FAIRNESS)]),
    Measure(("scope",), "scope", without=NO_SCOPE,
            rows=[Row("scope", "ns", value_at_most(5, "ns")),
                  Row("scope_deadline", "ns", value_at_most(45, "ns"),
                      details=("scope_deadline_alone", "scope_deadline_first"))]),
    Measure(("gate",), "gate", [Row("gate", "ns", ratio_at_most(1.3))], without=NO_SYNC),
    Measure(("lock",), "lock", without=NO_SYNC,
            rows=[Row("lock", "ns", above_floor_at_most(5, "ns")),
                  Row("lock_handoff", "ns", NO_BAR)]),
    Measure(("broadcast",), "broadcast", [Row("broadcast", "ns", NO_BAR)], without=NO_SYNC),
    Measure(("thread",), "thread", floor=("floor_threads",), everywhere=True, without=NO_THREADS,
            rows=[Row("to_thread", "ns", as_go(), details=("to_thread_best", "loop_call"))]),
    Measure(("cross",), "cross", floor=("floor_threads",), everywhere=True, without=NO_THREADS,
            rows=[Row("cross_loop", "ns", NO_BAR), Row("cross_stream", "ns", NO_BAR)]),
    Measure(("processes",), "processes", floor=("floor_processes",), everywhere=True, timeout=120,
            rounds_max=3, without=NO_THREADS, rows=[Row("processes", "ns", NO_BAR)]),
    Measure(("lines",), "lines", floor=("floor_lines",), without=NO_FILES, needs_bytes=3 << 30,
            rows=[Row("lines", "s", ratio_at_most(1.8), details=("lines_each", "lines_wc"))]),
    Measure(("json",), "json", without=JSON_WITHOUT, timeout=120,
            rows=[Row("json_parse", "MB/s", above_python(10), details=JSON_PARSE),
                  Row("json_write", "MB/s", above_python(10), details=JSON_WRITE)]),
]


@dataclass
class Fetch:
    """URLs fetched by whole processes from `bide serve --demo`."""
    row: Row
    path: str
    count: int
    jobs: int
    figure: Callable            # of seconds to the row's value
    floor: bool                 # is there a floor program for it?
    timeout: int = 120


def fetch_rate_bar():
    def met(row, _):
        return (row["value"] >= 2.5 * row["peers"]["curl"]
                and row["value"] >= 8 * row["peers"]["aiohttp"])
    return Bar(">= 2.5 x curl, >= 8 x aiohttp", met)


FETCH = [
    Fetch(Row("fetch100", "s", value_at_most(1.02, "s")), "/delay/1", 100, 100,
          figure=lambda seconds, count: seconds, floor=False),
    Fetch(Row("fetch_rate", "requests/s", fetch_rate_bar()), "/bytes/13", 100000, 64,
          figure=lambda seconds, count: count / seconds, floor=True),
]


@dataclass
class Client:
    """Requests of long-lived programs to the floor's server; driver/clients.py."""
    rows: list
    count: int = 1
    warm: int = 0               # requests before the clock starts
    jobs: int = 64
    mode: str = "keep"          # or "new": a connection for each request
    path: str = "/bytes/13"
    hold: bool = False          # as many requests in flight as jobs, answered when all are there
    hosts: int = 1
    urls: int = 1               # how many different ones
    servers: tuple = ("plain",)         # or "full", "resumed": the handshakes of TLS
    divisible: bool = True      # the slow may make fewer requests
    without: frozenset = frozenset()
    timeout: int = 60


def keep_alive_bar():
    def met(row, details):
        return (row["ratio"] >= 0.85 and row["value"] >= 2.5 * row["peers"]["libcurl"]
                and row["value"] >= 15 * row["peers"]["aiohttp"] and details["cpu_us_bide"] <= 6)
    return Bar(">= 0.85 x floor, 2.5 x libcurl, 15 x aiohttp; <= 6 us of CPU", met)


def before_go():
    return Bar("> go", lambda row, _: row["value"] > row["peers"]["go"])


def resumed_bar():
    return Bar("CPU <= full / 4", lambda row, details:
               details["cpu_us_resumed_bide"] <= details["cpu_us_bide"] / 4)


BOTH = "cpu_us", "peak"
RESUMED = "cpu_us_resumed", "cpu_us"
NO_POOL = frozenset({"libevent"})       # a connection object is for one host
NO_TLS = frozenset({"hyper"})           # not written for it
NO_PROGRAM = frozenset({"floor"})       # as good as no memory: nothing to compare with
CLIENTS = [
    Client([Row("client_keepalive", "requests/s", keep_alive_bar(), "requests", each=BOTH)],
           200000, 20000),
    Client([Row("client_new", "requests/s", NO_BAR, "requests", each=BOTH)], 40000, 2000,
           mode="new"),
    Client([Row("client_hosts", "requests/s", NO_BAR, "requests", each=BOTH)], 10000,
           urls=10000, hosts=100, divisible=False, without=NO_POOL),
    Client([Row("client_download", "MB/s", NO_BAR, "bandwidth", each=BOTH)], jobs=1,
           path="/bytes/1073741824", divisible=False),
    Client([Row("client_memory", "bytes", value_at_most(8192, "bytes"), "memory", each=("peak",))],
           jobs=10000, hold=True, divisible=False, without=NO_PROGRAM),
    Client([Row("client_tls", "requests/s", before_go(), "requests", each=BOTH)], 100000, 10000,
           servers=("resumed",), without=NO_TLS),
    Client([Row("client_tls_new", "requests/s", NO_BAR, "requests", each=BOTH),
            Row("client_tls_resumed", "requests/s", resumed_bar(), "requests_resumed",
                each=RESUMED)], 3000, 300, mode="new", servers=("full", "resumed"),
           without=NO_TLS),
]
