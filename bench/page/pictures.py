"""Which pictures there are: name to SVG, from the JSON of bench-peers and of bench-scale."""
from driver.summary import CEILING
from page import bars, curves, latency, overview

TIMES = "ns", "us", "ms", "s"
KEY = "bar: median; whisker: lowest and highest round; × is how many times as good as bide"


def cost(row, name):
    """User and system time per request, or both together where they are not told apart."""
    more = row["contestants"][name]["more"]
    if "user_us" in more:
        return [more["user_us"], more["system_us"]]
    return [more["cpu_us"]] if "cpu_us" in more else None


def costs_of(row):
    told = {name: cost(row, name) for name in row["contestants"]}
    return {"ceiling" if name == CEILING else name: parts for name, parts in told.items() if parts}


def of_groups(rows):
    by_group = {}
    for row in rows:
        by_group.setdefault(row["group"], []).append(row)
    for group, heading in (("server", "Servers"), ("client", "Clients"),
                           ("runtime", "Tasks, timers and threads"),
                           ("memory", "Memory of connections that wait")):
        if group in by_group:
            yield group, bars.figure(by_group[group], heading, KEY)
    for row in by_group.get("latency", []):
        yield "latency", latency.figure(row, "Latency of servers at 70 % of their highest rate",
                                        "from when a request was due to its answer; 64 connections")


def of_costs(rows):
    by_name = {row["name"]: row for row in rows}
    for name, picture, heading in (
            ("server_plaintext", "server-cost", "Processor time per answer, plain text"),
            ("client_keepalive", "client-cost", "Processor time per request of a client")):
        costs = costs_of(by_name[name]) if name in by_name else {}
        if costs:
            split = max(len(parts) for parts in costs.values()) > 1
            yield picture, bars.stacked(costs, heading, "microseconds, less is better",
                                        ("user", "system") if split else ("user and system",))


def of_growth(scale):
    for picture, units, heading in (("growth-time", TIMES, "Growth of time"),
                                    ("growth-memory", ("bytes",), "Growth of memory")):
        some = [curve for curve in scale.get("curves", [])
                if curve["unit"] in units and curves.is_drawable(curve)]
        if some:
            yield picture, curves.figure(some, heading, "what one takes, where there are so many; "
                                         "both axes logarithmic; dotted: the order that is meant")


def all_of(results, scale):
    """{name: SVG}, in the order of the page."""
    rows = results["rows"]
    made = {}
    if any(overview.is_comparable(row) for row in rows):
        made["overview"] = overview.figure(
            rows, "How near to the ceiling",
            "1 is what the machine can do when nothing stands around the operation; "
            "the grey bar is the best peer")
    made.update(of_groups(rows))
    made.update(of_costs(rows))
    made.update(of_growth(scale or {}))
    return made
