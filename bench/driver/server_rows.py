"""What is measured of servers, and what must be reached: the rows of driver/serving.py."""
from dataclasses import dataclass

from driver.measures import Bar, Row, value_at_most

PLAIN = {"path": "/plaintext", "size": 13, "text": "Hello, World!"}
JSON = {"path": "/json", "text": '"Hello, World!"'}
FILE = {"path": "/static/10k.bin", "size": 10240}
ECHO = {"path": "/ws", "size": 64}
NO_SOCKETS = frozenset({"nginx", "h2o",
                        "haproxy", "libmicrohttpd", "libuv", "libevent", "hyper"})
NO_TLS = frozenset({"libuv"})           # it has none
NO_FILES = frozenset({"haproxy"})
COST = "user_us", "system_us", "busy"
LATENCY = "p50_us", "p999_us", "rate"
IDLE = "server", "opened"


@dataclass
class Serve:
    """One load on every server, each with its own process."""
    row: Row
    load: dict                  # what bench_load is told
    connections: int = 64
    depth: int = 1
    seconds: float = 0.5
    share: float = 0            # of the saturated rate, to measure latency at
    tls: bool = False
    websocket: bool = False
    everywhere: bool = False    # servers and load on all processors
    without: frozenset = frozenset()
    idle: int = 0               # not a load: so many connections that only stay
    rounds_max: int = 99


def is_before_all(row):
    if not row["peers"]:
        raise KeyError("peers")
    return row["value"] > max(row["peers"].values())


def before_all():
    return Bar("> all peers", lambda row, _: is_before_all(row))


def plain_bar():
    def met(row, details):
        return (row["ratio"] >= 0.95 and row["value"] >= 4.5 * row["peers"]["aiohttp"]
                and details["user_us_bide"] <= max(0.5, details["user_us_floor"] + 0.3))
    return Bar(">= 0.95 x floor, 4.5 x aiohttp; user <= 0.5 us or floor + 0.3", met)


def value_at_least(limit):
    return Bar(f">= {limit:,}", lambda row, _: row["value"] >= limit)


def echo_bar():
    return Bar(">= 0.92 x floor, > all peers", lambda row, _:
               row["ratio"] >= 0.92 and is_before_all(row))


def as_nginx():
    return Bar("<= nginx", lambda row, _: row["value"] <= row["peers"]["nginx"])


def rate(name, bar):
    return Row(name, "requests/s", bar, "requests", each=COST)


def memory(name, limit):
    return Row(name, "bytes", value_at_most(limit, "bytes"), "memory", each=IDLE)


SERVERS = [
    Serve(rate("server_plaintext", plain_bar()), PLAIN, seconds=1),
    Serve(rate("server_plaintext_512", before_all()), PLAIN, 512, rounds_max=3),
    Serve(rate("server_json", before_all()), JSON),
    Serve(rate("server_json_512", before_all()), JSON, 512, rounds_max=3),
    Serve(rate("server_pipelined", value_at_least(2000000)), PLAIN, depth=16),
    Serve(rate("server_tls", before_all()), PLAIN, tls=True, without=NO_TLS),
    Serve(rate("server_static", before_all()), FILE, without=NO_FILES),
    Serve(rate("server_cores", before_all()), PLAIN, depth=16, everywhere=True,
          rounds_max=3),
    Serve(Row("server_latency", "us", as_nginx(), "p99_us", each=LATENCY), PLAIN, share=0.7,
          rounds_max=3),
    Serve(memory("server_idle", 200), PLAIN, idle=10000, rounds_max=1),
    Serve(memory("server_idle_100k", 200), PLAIN, idle=100000, rounds_max=1),
    Serve(rate("ws_echo", echo_bar()), ECHO, websocket=True, without=NO_SOCKETS),
    Serve(memory("ws_idle", 400), ECHO, idle=10000, websocket=True, without=NO_SOCKETS,
          rounds_max=1),
    Serve(memory("ws_idle_100k", 400), ECHO, idle=100000, websocket=True, without=NO_SOCKETS,
          rounds_max=1),
]
