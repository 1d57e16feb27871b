"""A real redis-server for tests in Python: on a free port, in a folder of its own.

    with redis_server.Redis() as server:
        subprocess.run(program, env={**os.environ, **server.environment()})
"""
import shutil
import socket
import subprocess
import tempfile
import time

SECONDS_MAX = 20
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


class Missing(Exception):
    """There is no redis-server on this machine."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Redis:
    """Started by start(), killed by stop(): what it holds is kept between them with `durable`."""

    def __init__(self, *more, durable=False, address="127.0.0.1"):
        self.program = shutil.which("redis-server")
        if not self.program:
            raise Missing("no redis-server")
        self.address, self.port = address, free_port()
        self.folder = tempfile.mkdtemp(prefix="bide-redis-")
        self.more = [*more, *(DURABLE if durable else ())]
        self.process = None

    @property
    def url(self):
        return f"redis://{self.address}:{self.port}/0"

    def environment(self):
        return {"REDIS_URL": self.url}

    def answers(self):
        try:
            with socket.create_connection((self.address, self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "--port", str(self.port), "--bind", self.address, "--protected-mode",
             "no", "--save", "", "--dir", self.folder, "--logfile", "log", *self.more],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        end = time.monotonic() + SECONDS_MAX
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("redis-server does not answer")
            time.sleep(0.01)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
