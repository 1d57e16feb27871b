"""What the tests of `bide import --queue` share: a list, a folder and a database of each kind."""
import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys

from lists import work_list
from tool import Skip, folder

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from mariadb import MariaDB                                 # pylint: disable=wrong-import-position
from postgres import Missing, Postgres                      # pylint: disable=wrong-import-position


class Sqlite:
    """A database file; processes of this machine share it."""
    def __init__(self, path):
        self.file = os.path.join(path, "out.db")
        self.url = f"sqlite:{self.file}"

    def ask(self, sql):
        with contextlib.closing(sqlite3.connect(self.file, timeout=30)) as db:
            return db.execute(sql).fetchall()


class Server:
    """A server, asked by its own client."""
    def __init__(self, server):
        self.server, self.url, self.port = server, server.url, server.port

    def client(self):
        if isinstance(self.server, Postgres):
            return [self.server.bin / "psql", self.url, "-X", "-q", "--csv", "-t", "-c"]
        return ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{self.port}", "-uroot", "-N", "-B",
                "bide", "-e"]

    def ask(self, sql):
        done = subprocess.run([*self.client(), sql], capture_output=True, check=False, text=True)
        return [tuple(int(value) for value in line.replace("\t", ",").split(","))
                for line in done.stdout.splitlines()]

    def url_at(self, port):
        return self.url.replace(f":{self.port}/", f":{port}/")


# The keys of rows that are not committed keep others waiting, and a row in a hundred takes a while,
# so that no machine is too fast to be stopped among them.
SLOW = """create table t (id int primary key, name text);
    create function slow() returns trigger language plpgsql as
    $$ begin perform pg_sleep(0.002); return new; end $$;
    create trigger slow before insert on t for each row when (new.id % 100 = 0)
    execute function slow()"""


@contextlib.contextmanager
def place(kind, **where):
    """A list, a folder and a database; servers at the address, if there is one."""
    with work_list(**where) as work, folder() as path:
        work.name, work.url = "files", work.url.replace("urls", "files")
        if kind == "sqlite":
            yield work, path, Sqlite(path)
            return
        try:
            server = Postgres(**where) if kind == "pg" else MariaDB(**where)
        except Missing as why:
            raise Skip(str(why)) from None
        with server:
            yield work, path, Server(server)


def worker(work, url, *more, **options):
    return work.worker("--to", url, "--table", "t", "--create", "--queue-claim", "1", "--quiet",
                       *more, command="import", **options)
