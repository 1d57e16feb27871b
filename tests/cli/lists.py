"""What the tests of shared work lists share: a Redis, a list on it, and who works at it."""
import concurrent.futures
import contextlib
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import redis_server                                         # noqa: E402
from servers import Server, listen, reply                           # noqa: E402
from tool import Skip, bide, equal, finish, start           # noqa: E402


def encode(words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def read_reply(file):
    line = file.readline()
    kind, rest = line[:1], line[1:-2].decode()
    if kind in (b"+", b"-"):
        return rest
    if kind == b":":
        return int(rest)
    if kind == b"$":
        return None if rest == "-1" else file.read(int(rest) + 2)[:-2].decode()
    assert kind == b"*", line
    return None if rest == "-1" else [read_reply(file) for _ in range(int(rest))]


class List:
    """A list on a server of its own."""

    def __init__(self, server, name="urls"):
        self.server, self.name = server, name
        self.url = f"redis://{server.address}:{server.port}/{name}"

    def ask(self, *words):
        """A command of Redis, on a connection of its own."""
        with socket.create_connection((self.server.address, self.server.port)) as connection:
            connection.sendall(encode(words))
            return read_reply(connection.makefile("rb"))

    def queue(self, *words, **options):
        """bide queue VERB URL WORD..."""
        return bide("queue", words[0], self.url, *words[1:], **options)

    def add(self, urls):
        done = self.queue("add", "-i", "-", given="".join(f"{url}\n" for url in urls).encode())
        equal((done.status, done.err), (0, b""))

    def state(self):
        [state] = self.queue("show", "--json").lines()
        return state

    def results(self):
        """By URL; each is there once."""
        lines = self.queue("results").lines()
        found = {line["url"]: line for line in lines}
        equal(len(found), len(lines))
        return found

    def worker(self, *words, command="fetch", **options):
        """A worker of the list, as a process."""
        return start(command, "--queue", self.url, *words, **options)

    def work(self, *words, **options):
        return finish(self.worker(*words, **options))

    def until(self, holds):
        """Waits until the state is as wanted."""
        end = time.monotonic() + 30
        while True:
            states = self.queue("show", "--json").lines()       # none, before there is a list
            if states and holds(states[0]):
                return
            assert time.monotonic() < end, states
            time.sleep(0.05)


def finish_all(workers):
    """How each ended; all are read from at the same time, for who cannot print does not end."""
    with concurrent.futures.ThreadPoolExecutor(len(workers)) as threads:
        return list(threads.map(finish, workers))


def printed(*runs):
    """All that workers printed, by URL; none was printed twice."""
    lines = [line for run in runs for line in run.lines()]
    found = {line["url"]: line for line in lines}
    equal(len(found), len(lines))
    return found


@contextlib.contextmanager
def work_list(*more, **options):
    try:
        server = redis_server.Redis(*more, **options)
    except redis_server.Missing as why:
        raise Skip(str(why)) from None
    with server:
        yield List(server)


class Site(Server):
    """Pages that take a while; how often each was asked for is counted."""

    def __init__(self, seconds=0.02, status="200 OK", address="127.0.0.1"):
        super().__init__(self.answer, listen(address))
        self.seconds, self.status = seconds, status
        self.hold = threading.Event()
        self.hold.set()

    def answer(self, connection, head):
        time.sleep(self.seconds)
        self.hold.wait()
        return reply(b"ok", self.status)(connection, head)

    def urls(self, count):
        return [f"{self.url}/{number}" for number in range(count)]

    def asked(self):
        """How often, by URL."""
        count = {}
        with self.lock:
            for head, _ in self.requests:
                url = self.url + head.split(" ")[1]
                count[url] = count.get(url, 0) + 1
        return count
