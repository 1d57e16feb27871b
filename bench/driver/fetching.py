"""The fetching measures: whole processes, timed from outside, against `bide serve --demo`.

Everybody gets the same URLs from a file, keeps connections, throws the bodies away and counts an
answer that is not a 200 as a failure of the run.
"""
import contextlib
import os
import re
import socket
import subprocess
import time

from driver import children


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def demo_server(tool):
    """Runs `bide serve --demo` on the servers' core; yields its port."""
    port = free_port()
    child = children.start([tool, "serve", "--demo", f"127.0.0.1:{port}"], children.cores()[0],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE)
    try:
        wait_for(child, port)
        yield port
    finally:
        children.stop(child)
        child.stderr.close()


def wait_for(child, port):
    for _ in range(100):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        if child.poll() is not None:
            raise children.Failed("the server ended: " + child.stderr.read().decode()[:100])
        time.sleep(0.05)
    raise children.Failed("the server does not listen")


class Errand:
    """One fetching measure against one server: its files and everybody's command."""

    def __init__(self, fetch, count, port, folder):
        self.fetch, self.count, self.port = fetch, count, port
        url = f"http://127.0.0.1:{port}{fetch.path}"
        self.urls = os.path.join(folder, fetch.row.name + ".urls")
        self.config = os.path.join(folder, fetch.row.name + ".curl")
        with open(self.urls, "w") as file:
            file.write(f"{url}\n" * count)
        with open(self.config, "w") as file:
            file.write(f'url = "{url}"\noutput = "/dev/null"\n' * count)

    def command(self, name, program):
        jobs = self.fetch.jobs
        if name == "bide":
            return [*program, "fetch", "-q", "--fail", "-j", jobs, "--per-host", jobs,
                    "-i", self.urls]
        if name == "curl":
            return [*program, "-q", "-s", "-f", "--http1.1", "--parallel", "--parallel-immediate",
                    "--parallel-max", jobs, "-K", self.config]
        if name == "floor":
            return [*program, self.port, self.fetch.path, self.count, jobs]
        return [*program, self.urls, jobs]

    def figures(self, name, program, environment):
        seconds = children.seconds_of(self.command(name, program), self.fetch.timeout,
                                      environment)
        return {self.fetch.row.figure: self.fetch.figure(seconds, self.count)}


def check_answers(tool, errand):
    """Before anything is timed: does `bide fetch` really get a 200 for each URL?"""
    command = errand.command("bide", [tool])
    lines = children.output_of(command, errand.fetch.timeout).splitlines()
    good = sum(1 for line in lines if re.search(r'"status": ?200\b', line))
    if good != errand.count:
        raise children.Failed(f"{good} of {errand.count} answers were a 200")
