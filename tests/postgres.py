"""A real PostgreSQL for tests: in a temporary folder, on a free port.

    with Postgres() as server:
        run(program, server.url)            # or with server.environment()
        server.stop("immediate")            # a crash
        server.start()

As another user where we are root.  Missing is raised where there is none.
"""
import glob
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

OPTIONS = "-c fsync=off"


class Missing(Exception):
    """There is no PostgreSQL server here."""


def find():
    """The folder of its programs."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise Missing("there is no PostgreSQL server here")
    return pathlib.Path(found[-1] if found else on_path).parent


def identity():
    """It refuses to be root."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise Missing("PostgreSQL does not run as root, and there is no user postgres") from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Postgres:
    def __init__(self, connections=40, address="127.0.0.1"):
        self.bin, self.identity = find(), identity()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bide-pg-"))
        self.folder.chmod(0o777)
        self.address, self.port, self.connections = address, free_port(), connections
        self.url = f"postgresql://tester@{address}:{self.port}/postgres"

    def do(self, *words):
        with open(self.folder / "log", "ab") as log:
            subprocess.run([self.bin / words[0], *words[1:]], cwd=self.folder, check=True,
                           stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.identity)

    def start(self):
        """Waits until it takes connections."""
        self.do("pg_ctl", "-D", "data", "-l", self.folder / "server.log", "-w", "-o",
                f"-p {self.port} -k {self.folder} -c listen_addresses={self.address} "
                f"-c max_connections={self.connections} {OPTIONS}", "start")

    def stop(self, mode="fast"):
        self.do("pg_ctl", "-D", "data", "-m", mode, "-w", "stop")

    def environment(self):
        """For programs that take libpq's variables."""
        return {"PGHOST": self.address, "PGPORT": str(self.port), "PGUSER": "tester",
                "PGDATABASE": "postgres"}

    def __enter__(self):
        try:
            self.do("initdb", "-D", "data", "-U", "tester", "-A", "trust", "--no-sync",
                    "-E", "UTF8", "--locale=C.UTF-8")
            with open(self.folder / "data" / "pg_hba.conf", "a", encoding="ascii") as who:
                who.write("host all all samenet trust\n")
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        try:
            if (self.folder / "data" / "postmaster.pid").exists():
                self.stop("immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
