"""PostgreSQL and Redis for the database rows: started in temporary folders, on free ports of
127.0.0.1, and ended by their process ids.

PostgreSQL does not wait for the disk (fsync) and does nothing beside what it is asked: what is
compared are clients. As root it runs as the user `postgres`, for it refuses root.
"""
import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

from driver import children, servers

SETTINGS = {"fsync": "off", "shared_buffers": "512MB", "max_wal_size": "4GB", "autovacuum": "off",
            "jit": "off", "ssl": "off", "max_parallel_workers_per_gather": "0",
            "max_connections": "200", "listen_addresses": "127.0.0.1"}
SERVER_USER = "postgres"
PATIENCE_SECONDS = 30

FORTUNES = (
    "fortune: No such file or directory",
    "A computer scientist is someone who fixes things that aren't broken.",
    "After enough decimal places, nobody gives a damn.",
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
    "Any program that runs right is obsolete.",
    "A list is only as strong as its weakest link. — Donald Knuth",
    "Feature: A bug with seniority.",
    "Computers make very fast, very accurate mistakes.",
    '<script>alert("This should not be displayed in a browser alert box.");</script>',
    "フレームワークのベンチマーク",
)
MAKE_COPY = "create table bench_copy (id int, name text, email text, active bool)"
MAKE_TECHEMPOWER = (
    "create table world (id int primary key, randomnumber int not null)",
    "insert into world select i, 1 + (random() * 9999)::int from generate_series(1, 10000) i",
    "create table fortune (id int primary key, message text not null)",
    "insert into fortune values " + ", ".join(
        "({}, '{}')".format(i + 1, text.replace("'", "''")) for i, text in enumerate(FORTUNES)),
    "vacuum analyze world", "vacuum analyze fortune",
)


@dataclass
class Database:
    """A server that runs."""
    url: str
    port: int
    process: int                # whose session has all its processes

    def say(self, *statements):
        """Has PostgreSQL do them; what the last one printed."""
        words = [word for each in statements for word in ("-c", each)]
        try:
            return subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", self.url,
                                   *words], check=True, capture_output=True, text=True,
                                  timeout=120).stdout.strip()
        except (OSError, subprocess.SubprocessError) as why:
            word = (getattr(why, "stderr", None) or str(why)).strip().splitlines()[0]
            raise children.Failed(f"psql: {word[:100]}") from None


def find_postgres():
    """The folder of its programs; Debian has one for each version."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=os.path.getmtime)
    path = found[-1] if found else shutil.which("postgres")
    return os.path.dirname(path) if path and shutil.which("psql") else None


def as_server_user():
    """Words before a command, so that root does not run it."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={SERVER_USER}", f"--regid={SERVER_USER}", "--clear-groups"]


def make_cluster(programs, folder):
    if os.getuid() == 0:
        shutil.chown(folder, SERVER_USER)
    command = [*as_server_user(), os.path.join(programs, "initdb"), "-D", f"{folder}/data", "-U",
               "bench", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, cwd="/")
    except (OSError, subprocess.SubprocessError) as why:
        word = (getattr(why, "stderr", None) or str(why)).strip().splitlines()[-1]
        raise children.Failed(f"initdb: {word[:100]}") from None


def wait_until_it_answers(child, command, log):
    end = time.monotonic() + PATIENCE_SECONDS
    while subprocess.run(command, capture_output=True).returncode != 0:
        if child.poll() is not None or time.monotonic() > end:
            with open(log, errors="replace") as file:
                lines = file.read().strip().splitlines() or ["no word"]
            raise children.Failed(f"does not start: {lines[-1][:100]}")
        time.sleep(0.05)


def end(child, number):
    """In its own way, and if it does not mind, as every child."""
    if child.poll() is None:
        os.kill(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)
    children.stop(child)


@contextlib.contextmanager
def temporary_file(name):
    """A path for a file that is to go."""
    with tempfile.TemporaryDirectory(prefix="bide-bench-") as folder:
        yield os.path.join(folder, name)


def prefer(process):
    with contextlib.suppress(OSError), open(f"/proc/{process}/autogroup", "w") as file:
        file.write(str(children.PRIORITY))


@contextlib.contextmanager
def preferring(parent):
    """PostgreSQL makes each of its processes a session of its own: their priority (see
    children.settle()) is set as they come."""
    over = threading.Event()

    def watch():
        seen = set()
        prefer("self")          # else this comes too late where much is going on
        while not over.wait(0.02):
            with open(f"/proc/{parent}/task/{parent}/children") as file:
                new = set(file.read().split()) - seen
            seen |= new
            for process in new:
                prefer(process)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


@contextlib.contextmanager
def postgres(core):
    """Runs one; yields its Database, with no table in it."""
    programs = find_postgres()
    if not programs:
        raise children.Failed("no PostgreSQL on this machine (package postgresql)")
    with tempfile.TemporaryDirectory(prefix="bide-bench-pg-", ignore_cleanup_errors=True) as folder:
        make_cluster(programs, folder)
        port, log = servers.free_port(), os.path.join(folder, "log")
        settings = {**SETTINGS, "port": port, "unix_socket_directories": folder}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(log, "w") as out:
            child = children.start([*as_server_user(), os.path.join(programs, "postgres"), "-D",
                                    f"{folder}/data", *words], core, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=out, cwd="/")
        url = f"postgresql://bench@127.0.0.1:{port}/postgres"
        try:
            wait_until_it_answers(child, ["psql", "-X", "-q", "-c", "select 1", url], log)
            with preferring(child.pid):
                yield Database(url, port, child.pid)
        finally:
            end(child, signal.SIGQUIT)          # it need not put its data in order


@contextlib.contextmanager
def redis(core):
    """Runs one that keeps nothing on the disk; yields its Database."""
    program = shutil.which("redis-server", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not program:
        raise children.Failed("no Redis on this machine (package redis-server)")
    with tempfile.TemporaryDirectory(prefix="bide-bench-redis-") as folder:
        port, log = servers.free_port(), os.path.join(folder, "log")
        with open(log, "w") as out:
            child = children.start([program, "--port", port, "--bind", "127.0.0.1", "--save", "",
                                    "--appendonly", "no", "--dir", folder], core,
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            servers.wait_until_it_listens(child, port, log)
            yield Database(f"redis://127.0.0.1:{port}/0", port, child.pid)
        finally:
            end(child, signal.SIGTERM)
