"""The database rows: a program per contestant, all told the same, against one server.

The server has the servers' core for itself, the client the other. A slow client makes fewer
requests, so that everybody runs for about as long; a rate does not depend on how many there were.
"""
import contextlib

from driver import children, database_servers

SHARES = {("pipelined", "asyncpg"): 0.1, ("pipelined", "psycopg"): 0.1,
          ("sequential", "psycopg"): 0.3, ("pipelined", "redis-py"): 0.1}
LACKS = {"sequential": {"psql"}, "pipelined": {"psql"}}      # psql is one process, not one call
MODES = {"hiredis async": "async"}


class Errand:
    """One measure of statements: its server and everybody's command."""

    def __init__(self, query, found):
        self.query, self.found = query, found
        self.database = self.copied = None

    @contextlib.contextmanager
    def servers(self, contestants):
        """Runs the server; yields those who can do it."""
        query = self.query
        run = {"pg": database_servers.postgres, "redis": database_servers.redis}[query.server]
        with run(children.cores()[0]) as self.database, contextlib.ExitStack() as stack:
            if query.mode == "copy":
                self.database.say(database_servers.MAKE_COPY)
                if "psql" in contestants:
                    self.copied = stack.enter_context(self.file_to_copy())
            lacks = LACKS.get(query.mode, ())
            yield {name: how for name, how in contestants.items() if name not in lacks}

    @contextlib.contextmanager
    def file_to_copy(self):
        """The rows of `copy` in a file, for psql."""
        with database_servers.temporary_file("copy.tsv") as path:
            rows = (f"{i}\tuser number {i}\tuser{i}@example.com\t{'ft'[i & 1]}\n"
                    for i in range(self.query.count))
            with open(path, "w") as file:
                file.writelines(rows)
            yield path

    def prepare(self):
        """Before each run."""
        if self.query.mode == "copy":
            self.database.say("truncate bench_copy", "checkpoint")

    def figures(self, name, program, environment):
        query = self.query
        self.prepare()
        if name == "psql":
            return self.figures_of_psql(program)
        count = int(query.count * SHARES.get((query.mode, name), 1))
        mode = MODES.get(name, query.mode)
        return children.figures_of([*program, mode, self.database.url, count], query.timeout,
                                   environment)

    def figures_of_psql(self, program):
        count = self.query.count
        command = {
            "rows": f"select generate_series(1, {count}) as n",
            "copy": f"\\copy bench_copy from '{self.copied}'",
        }[self.query.mode]
        seconds, used = children.seconds_of([*program, "-X", "-At", self.database.url, "-c",
                                             command], self.query.timeout)
        return {"rate": count / seconds, "cpu_us": used / count * 1e6}
