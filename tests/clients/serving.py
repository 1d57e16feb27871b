"""What the tests with real clients share: servers as processes, and what they hold.

The first two arguments are the tool and the program orchard (orchard.c); further ones are words of
which one must be in the name of a test for it to be run.
"""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / name) for name in ("", "cli")]

import tool                                                     # noqa: E402
from tool import Skip, equal, folder, holds, test               # noqa: E402, F401

BIDE, ORCHARD = (os.path.abspath(path) for path in sys.argv[1:3])
del sys.argv[2]
SLOW = int(os.environ.get("CK_TIMEOUT_MULTIPLIER") or 1)
TIME_LIMIT = 20 * SLOW
IS_SANITIZED = SLOW > 1
PYTHONS = (sys.executable, "/usr/bin/python3")


class Server:
    """A server as a process, on free ports: what it told of itself, and what it holds."""

    def __init__(self, *words, lines=1):
        self.process = subprocess.Popen([*map(str, words)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.urls = [self.process.stdout.readline().strip() for _ in range(lines)]
        if not all(self.urls):
            self.process.kill()
            raise AssertionError(f"{words}: {self.process.communicate()}")
        self.url, self.pid = self.urls[0], self.process.pid
        self.port = urllib.parse.urlsplit(self.url).port
        self.told = None

    def stop(self):
        """Ends it as a signal does: its exit status; self.told is what it has complained of."""
        if self.told is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                _, self.told = self.process.communicate(timeout=TIME_LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.told = self.process.communicate()[1]
                raise AssertionError(f"still running after {TIME_LIMIT} s") from None
        return self.process.returncode

    def connect(self, request=b""):
        """A connection of ours, with what is sent first."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=TIME_LIMIT)
        connection.sendall(request)
        return connection

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory(self, field="RssAnon"):
        """kB, as the system counts: RssAnon is its own now, VmHWM the most there was of all."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(text.split(field + ":")[1].split()[0])


@contextlib.contextmanager
def server(*words, lines=1):
    """A server that must end well when it is told to."""
    running = Server(*words, lines=lines)
    try:
        yield running
    except BaseException:
        with contextlib.suppress(AssertionError):
            running.stop()
        print(f"# the server said: {running.told!r}")
        raise
    equal((running.stop(), running.told), (0, ""))


def bide_serve(*words):
    return server(BIDE, "serve", *words)


@contextlib.contextmanager
def orchard(*words, lines=1):
    """One service of each kind; at /files/ are a small file and a large one."""
    with folder() as path:
        tool.file_in(path, "small.txt", b"small\n" * 2000)
        tool.file_in(path, "large.bin", bytes(range(256)) * 40000)
        with server(ORCHARD, *words, path, lines=lines) as running:
            yield running


def until(holds_now, what, seconds=TIME_LIMIT):
    """Asks again and again until it is so; what it returned then."""
    end = time.monotonic() + seconds
    while not (found := holds_now()):
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds} s: {what}")
        time.sleep(0.02)
    return found


def python_with(*packages):
    """A Python that has these packages: Debian's are seen by its own alone."""
    for python in PYTHONS:
        with contextlib.suppress(OSError):
            if subprocess.run([python, "-c", f"import {', '.join(packages)}"], check=False,
                              stderr=subprocess.DEVNULL).returncode == 0:
                return python
    raise Skip(f"{' or '.join(packages)} is not installed")


def output_of(*words, given=None, **options):
    """What a client printed; it must end well."""
    done = subprocess.run([*map(str, words)], input=given, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=3 * TIME_LIMIT, check=False, **options)
    assert done.returncode == 0, f"{words[0]} ended with {done.returncode}: {done.stderr[-2000:]}"
    return done.stdout


main = tool.main
