"""The import rows: whole processes, timed from outside, that put one CSV file into a table.

The table is there before, and empty; afterwards its rows are counted. PostgreSQL has the servers'
core, and whoever imports the other; into SQLite everybody may use all cores, for there is no
server. The floor of PostgreSQL gives it the file as it is: the server's own speed.
"""
import contextlib
import os
import sqlite3

from driver import children, database_servers

COLUMNS = "id int, name text, email text, active {}, balance {}, joined {}"
TABLE = {"pg": COLUMNS.format("bool", "float8", "date"),
         "sqlite": COLUMNS.format("text", "real", "text")}


def write_file(path, rows):
    """Names are quoted, for they have the separator in them."""
    with open(path, "w") as file:
        file.write("id,name,email,active,balance,joined\n")
        file.writelines(
            f'{i},"Number, {i}",user{i}@example.com,{"true" if i & 1 else "false"},{i % 9973}.25,'
            f"20{i % 25:02}-{1 + i % 12:02}-{1 + i % 28:02}\n" for i in range(rows))


class Errand:
    """One measure of importing: its file, its server, and everybody's command."""

    def __init__(self, measure, found, tool, quick):
        self.measure, self.found, self.tool = measure, found, tool
        self.rows = measure.count_quick if quick else measure.count
        self.database = self.csv = self.target = None

    @contextlib.contextmanager
    def servers(self, contestants):
        """Yields the contestants, whom nothing is said against."""
        with contextlib.ExitStack() as stack:
            self.csv = stack.enter_context(database_servers.temporary_file("import.csv"))
            write_file(self.csv, self.rows)
            if self.measure.kind == "pg":
                core = children.cores()[0]
                self.database = stack.enter_context(database_servers.postgres(core))
            else:
                self.target = stack.enter_context(database_servers.temporary_file("import.db"))
            yield contestants

    def contestants(self):
        """Name to the function that makes its command, for what it needs is not yet there."""
        found = {"bide": (self.bide,)}
        if self.measure.kind == "sqlite" and self.found.sqlite:
            found["sqlite3"] = (self.sqlite,)
        if self.measure.kind == "pg" and self.found.program("floor_pg"):
            found["floor"] = (self.floor,)
        if self.measure.kind == "pg" and self.found.psql:
            found["psql"] = (self.psql,)
        return found

    def bide(self):
        to = self.database.url if self.database else f"sqlite:{self.target}"
        return [self.tool, "import", "-q", "--table", "bench_import", "--to", to, self.csv]

    def floor(self):
        return [self.found.program("floor_pg"), "import", self.database.url, 1, self.csv]

    def psql(self):
        return [self.found.psql, "-X", "-q", self.database.url, "-c",
                f"\\copy bench_import from '{self.csv}' with (format csv, header)"]

    def sqlite(self):
        return [self.found.sqlite, self.target, ".mode csv",
                f".import --skip 1 {self.csv} bench_import"]

    def empty(self):
        make = f"create table bench_import ({TABLE[self.measure.kind]})"
        if self.database:
            self.database.say("drop table if exists bench_import", make, "checkpoint")
            return
        for suffix in "", "-wal", "-shm", "-journal":
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.target + suffix)
        with contextlib.closing(sqlite3.connect(self.target)) as made:
            made.execute(make)

    def count(self):
        count = "select count(*) from bench_import"
        if self.database:
            return int(self.database.say(count))
        with contextlib.closing(sqlite3.connect(self.target)) as made:
            return made.execute(count).fetchone()[0]

    def figures(self, _, make_command):
        self.empty()
        seconds, used = children.seconds_of(make_command(), self.measure.timeout,
                                            everywhere=not self.database)
        found = self.count()
        if found != self.rows:
            raise children.Failed(f"{found} of {self.rows} rows are there")
        return {"rate": self.rows / seconds, "cpu_us": used / self.rows * 1e6}
