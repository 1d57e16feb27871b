"""A comparison that was never measured: what the tests of tables and pictures are made from."""
from types import SimpleNamespace

from driver import summary

# Everybody's figures, one per round, as driver/turns.py has them.
RATES = {"bide": {"requests": [100.0, 200.0, 150.0], "user_us": [1.0, 2.0, 3.0],
                  "system_us": [4.0, 5.0, 6.0], "busy": [1, 1, 1]},
         "floor": {"requests": [200.0, 250.0, 300.0], "user_us": [1.0, 1.0, 1.0],
                   "system_us": [2.0, 2.0, 2.0], "busy": [1, 1, 1]},
         "slow": {"requests": [50.0, 50.0, 75.0], "user_us": [9.0, 9.0, 9.0],
                  "system_us": [9.0, 9.0, 9.0], "busy": [1, 1, 1]}}
COSTS = {"bide": {"each": [10.0, 10.0]}, "floor": {"each": [5.0, 4.0]},
         "cheap": {"each": [8.0, 5.0]}, "dear": {"each": [5000.0, 4000.0]}}
LATENCIES = {"bide": {"p50_us": [20.0], "p99_us": [40.0], "p999_us": [90.0]},
             "late": {"p50_us": [200.0], "p99_us": [4000.0], "p999_us": [9000.0]}}
RATE = SimpleNamespace(name="server_plaintext", unit="requests/s", figure="requests",
                       each=("user_us", "system_us"))
COST = SimpleNamespace(name="switch", unit="ns", figure="each", each=())
LATENCY = SimpleNamespace(name="server_latency", unit="us", figure="p99_us",
                          each=("p50_us", "p999_us"))
CURVES = {"curves": [{"name": "tasks", "title": "tasks", "unit": "ns", "x_unit": "tasks",
                      "order": "O(1)", "points": [[10, 50.0], [1000, 52.0], [100000, 60.0]]}],
          "facts": [{"what": "connections", "value": 100000, "unit": ""}],
          "loops": [{"name": "server", "one": 10.0, "two": 19.0, "unit": "requests/s",
                     "speedup": 1.9}]}


def rows():
    return [{**summary.make_row("plain text", RATE, RATES, {"gone": "exit 1: no <word>"},
                                ["server PORT"]), "group": "server"},
            {**summary.make_row("switch", COST, COSTS, {}, ["switch"]), "group": "runtime"},
            {**summary.make_row("latency", LATENCY, LATENCIES, {}, ["load"]),
             "group": "latency"}]


def results():
    return {"format": 1, "quick": False, "rounds": 3, "seconds": 12, "missing": ["x (package y)"],
            "machine": {"processor": "P", "cores": 2, "memory_gib": 8, "kernel": "6.1",
                        "system": "Debian", "cores_used": [0, 1], "load": 0.1},
            "versions": {"go": "1.19.8"}, "rows": rows()}
