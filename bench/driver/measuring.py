"""How each kind of measure is run: (row, everybody's figures, who failed and why) of each row.

`options` has `rounds`, `build`, `quick` and `until` (turns.take_turns, or None).
"""
import os

from driver import children, clients, databases, fetching, importing, serving, techempower
from driver.database_rows import IMPORTS, QUERIES, TECHEMPOWER
from driver.measures import CLIENTS, FETCH, RUNTIME
from driver.server_rows import SERVERS
from driver.turns import say, take_turns


def available_bytes():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvail"))


def run_runtime(measure, found, options):
    if measure.needs_bytes > available_bytes():
        say(f"{measure.rows[0].name}: left out, it needs {measure.needs_bytes >> 30} GiB of memory")
        return []
    contestants = {}
    program = found.program(measure.program)
    if program:
        contestants["bide"] = [program, *measure.own_words], {}
    floor, *words = measure.floor or ("floor", *measure.words)
    floor = found.program(floor)
    if floor:
        contestants["floor"] = [floor, *words], {}
    for name, (command, environment) in found.runtimes.items():
        contestants[name] = [*command, *measure.words], environment
    contestants = {n: c for n, c in contestants.items() if n not in measure.without}
    figures, failed = take_turns(
        contestants, min(options.rounds, measure.rounds_max), measure.rows[0].name,
        lambda _, command, more: children.figures_of(command, measure.timeout, more,
                                                     measure.everywhere), options.until)
    return [(row, figures, failed) for row in measure.rows]


def tool_of(build):
    for path in ("src/cli/bide", "bide"):
        path = os.path.join(build, path)
        if os.access(path, os.X_OK):
            return path
    raise children.Failed("the tool is not built")


def run_fetch(fetch, found, options):
    tool = tool_of(options.build)
    contestants = {"bide": ([tool], {})}
    if fetch.floor and found.program("floor_fetch"):
        contestants["floor"] = [found.program("floor_fetch")], {}
    contestants.update(found.fetchers)
    with fetching.demo_server(tool) as port:
        errand = fetching.Errand(fetch, fetch.count, port, found.made)
        fetching.check_answers(tool, errand)
        figures, failed = take_turns(contestants, options.rounds, fetch.row.name, errand.figures,
                                     options.until)
    return [(fetch.row, figures, failed)]


def run_client(client, found, options):
    contestants = {name: how for name, how in found.clients.items()
                   if name not in client.without}
    errand = clients.Errand(client, found)
    with errand.servers():
        figures, failed = take_turns(contestants, options.rounds, client.rows[0].name,
                                     errand.figures, options.until)
    return [(row, figures, failed) for row in client.rows]


def run_with_servers(measure, errand, contestants, options):
    """The one row of a measure whose servers run as long as its rounds."""
    with errand.servers(contestants) as running:
        if "bide" not in running:
            raise children.Failed("bide's program is not built, or does not do it")
        figures, failed = take_turns(running, min(options.rounds, measure.rounds_max),
                                     measure.row.name, errand.figures, options.until)
    return [(measure.row, figures, failed)]


def run_server(serve, found, options):
    wanted = {name: how for name, how in found.servers.items() if name not in serve.without}
    return run_with_servers(serve, serving.Errand(serve, found, say), wanted, options)


def run_query(query, found, options):
    return run_with_servers(query, databases.Errand(query, found), found.queries[query.server],
                            options)


def run_import(measure, found, options):
    errand = importing.Errand(measure, found, tool_of(options.build), options.quick)
    return run_with_servers(measure, errand, errand.contestants(), options)


def run_techempower(serve, found, options):
    return run_with_servers(serve, techempower.Errand(serve, found, say), found.web_databases,
                            options)


# What is measured, in this order, and by what.
ALL = [(RUNTIME, run_runtime), (CLIENTS, run_client), (SERVERS, run_server), (FETCH, run_fetch),
       (QUERIES, run_query), (IMPORTS, run_import), (TECHEMPOWER, run_techempower)]


def rows_of(measure):
    return measure.rows if hasattr(measure, "rows") else [measure.row]
