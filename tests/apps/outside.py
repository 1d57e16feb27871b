"""What the tests of examples/apps/ share: programs as real processes, asked over the loopback.

The arguments are the programs and files of the app, in the order of its meson.build; after "--"
come words of which one must be in the name of a test for it to be run.  A program's first line is
its address; leaving the block of `running` sends it SIGTERM, and it must end well.
"""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / name) for name in ("", "cli")]

import browser                                                  # noqa: E402, F401
import tool                                                     # noqa: E402
from tool import Skip, equal, folder, holds, test               # noqa: E402, F401

ARGS = sys.argv[1:sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
WORDS = sys.argv[len(ARGS) + 2:]
SLOW = int(os.environ.get("CK_TIMEOUT_MULTIPLIER") or 1)
TIME_LIMIT = 20 * SLOW


class Program:
    def __init__(self, words, **options):
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http://"):
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"{words}: said {self.url!r} {out!r} {err!r}")
        self.address = urllib.parse.urlsplit(self.url).netloc
        self.pid = self.process.pid
        self.said = None

    def stop(self, number=signal.SIGTERM):
        """Sends a signal and waits for the end: the status, and self.said is what it has told."""
        if self.said is None:
            self.process.send_signal(number)
            try:
                _, self.said = self.process.communicate(timeout=TIME_LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.said = self.process.communicate()[1]
                raise AssertionError(f"still running after {TIME_LIMIT} s") from None
        return self.process.returncode

    def ask(self, method, target, body=None, headers=None):
        """One request on a connection of its own: an Answer."""
        with self.connection() as connection:
            connection.request(method, target, body, headers or {})
            return Answer(connection.getresponse())

    def get(self, target, **headers):
        return self.ask("GET", target,
                        headers={name.replace("_", "-"): value for name, value in headers.items()})

    @contextlib.contextmanager
    def connection(self):
        connection = http.client.HTTPConnection(self.address, timeout=TIME_LIMIT)
        try:
            yield connection
        finally:
            connection.close()

    def memory(self):
        """KiB that are its own."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(text.split("RssAnon:")[1].split()[0])


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        assert self.headers["Content-Type"].startswith("application/json"), self.headers
        return json.loads(self.body)


@contextlib.contextmanager
def running(*words, **options):
    """A program of ours, on a free port; it must end with status 0 when it is told to."""
    program = Program([*map(str, words)], **options)
    try:
        yield program
    except BaseException:
        with contextlib.suppress(AssertionError):
            program.stop()
        print(f"# {words[0]} said: {program.said!r}")
        raise
    status = program.stop()
    assert status == 0, f"{words[0]} ended with {status}: {program.said}"


def until(holds_now, what):
    """Asks again and again until it is so; what it returned then."""
    end = time.monotonic() + TIME_LIMIT
    while not (found := holds_now()):
        if time.monotonic() > end:
            raise AssertionError(f"not in {TIME_LIMIT} s: {what}")
        time.sleep(0.02)
    return found


def main():
    wanted = [one for one in tool.TESTS
              if not WORDS or any(word in one.__name__ for word in WORDS)]
    print(f"1..{len(wanted)}", flush=True)
    results = [tool.run_one(number, one) for number, one in enumerate(wanted, 1)]
    sys.exit(0 if all(results) else 1)
