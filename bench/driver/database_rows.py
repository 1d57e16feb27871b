"""What is measured of databases, and what must be reached: the rows of driver/databases.py,
driver/importing.py and driver/techempower.py."""
from dataclasses import dataclass

from driver.measures import Bar, NO_BAR, Row
from driver.server_rows import Serve, before_all

COST = "cpu_us", "peak"
PIPELINED = "cpu_us", "rate_one_sync"
ROWS = "cpu_us", "peak", "rate_whole", "libpq"


@dataclass
class Query:
    """One stint (bench/stint.h) of every client of a server."""
    row: Row
    server: str                 # "pg", "redis"
    mode: str
    count: int
    rounds_max: int = 99
    timeout: int = 90


@dataclass
class Import:
    """A CSV file into a table, by whole processes."""
    row: Row
    kind: str                   # "pg", "sqlite"
    count: int = 5000000
    count_quick: int = 500000
    rounds_max: int = 3
    timeout: int = 120


def ratio_at_least(limit):
    return Bar(f">= {limit} x floor", lambda row, _: row["ratio"] >= limit)


def query(name, unit, bar, each=COST):
    return Row(name, unit, bar, "rate", each=each)


QUERIES = [
    Query(query("pg_sequential", "queries/s", NO_BAR), "pg", "sequential", 30000),
    Query(query("pg_pipelined", "queries/s", ratio_at_least(0.85), PIPELINED), "pg", "pipelined",
          200000),
    Query(query("pg_rows", "rows/s", ratio_at_least(0.90), ROWS), "pg", "rows", 1000000),
    Query(query("pg_copy", "rows/s", ratio_at_least(0.90)), "pg", "copy", 1000000, rounds_max=3),
    Query(query("redis_pipelined", "requests/s", ratio_at_least(0.70)), "redis", "pipelined",
          1000000),
]

IMPORTS = [
    Import(Row("import_pg", "rows/s", before_all(), "rate"), "pg"),
    Import(Row("import_sqlite", "rows/s", before_all(), "rate"), "sqlite"),
]


def techempower(name, path, text, seconds=1.0):
    row = Row(name, "requests/s", before_all(), "requests", each=("user_us", "system_us", "busy"))
    return Serve(row, {"path": path, "text": text}, seconds=seconds, rounds_max=3)


TECHEMPOWER = [
    techempower("te_db", "/db", '"randomNumber"'),
    techempower("te_queries", "/queries?queries=20", '"randomNumber"'),
    techempower("te_fortunes", "/fortunes", "フレームワークのベンチマーク"),
    techempower("te_updates", "/updates?queries=20", '"randomNumber"'),
]
