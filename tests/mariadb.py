"""A real MariaDB for tests: in a temporary folder, on a free port of the loopback.

    with MariaDB() as server:
        run(program, server.url)
        server.stop()                       # a crash
        server.start()

As another user where we are root.  Missing is raised where there is none.
"""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

from postgres import Missing, free_port

# What is committed outlives a kill of the server (2), though not one of the machine (1).
OPTIONS = ["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve",
           "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=32M",
           "--innodb-log-file-size=8M", "--max-connections=40", "--character-set-server=utf8mb4",
           "--innodb-lock-wait-timeout=1000"]
PATH = os.environ["PATH"] + ":/usr/sbin"


def identity():
    """It refuses to be root."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("mysql")
    except KeyError:
        raise Missing("MariaDB does not run as root, and there is no user mysql") from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class MariaDB:
    def __init__(self):
        self.program, self.install = (shutil.which(name, path=PATH)
                                      for name in ("mariadbd", "mariadb-install-db"))
        if not self.program or not self.install:
            raise Missing("there is no MariaDB server here")
        self.identity = identity()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bide-mysql-"))
        self.folder.chmod(0o777)
        self.port, self.process = free_port(), None
        self.url = f"mysql://root@127.0.0.1:{self.port}/bide"

    def run(self, start, *words):
        with open(self.folder / "log", "ab") as log:
            return start([*words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                         stderr=log, **self.identity)

    def start(self):
        """Waits until it takes connections."""
        self.process = self.run(subprocess.Popen, self.program, *OPTIONS,
                                f"--datadir={self.folder}/data", f"--socket={self.folder}/socket",
                                f"--port={self.port}")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start: see {self.folder}/log")

    def stop(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        try:
            self.run(subprocess.check_call, self.install, "--no-defaults",
                     "--auth-root-authentication-method=normal", "--skip-test-db",
                     f"--datadir={self.folder}/data", "--innodb-log-file-size=8M")
            self.run(subprocess.check_call, "mkdir", "data/bide")      # a folder is a database
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
