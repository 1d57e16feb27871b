"""The fetching measures: whole processes, timed from outside, against `bide serve --demo`.

Everybody gets the same URLs from a file, keeps connections, throws the bodies away and counts an
answer that is not a 200 as a failure of the run.
"""
import contextlib
import os
import re
import select
import subprocess

from driver import children


@contextlib.contextmanager
def demo_server(tool):
    """Runs `bide serve --demo` on the servers' core; yields its port."""
    child = children.start([tool, "serve", "--demo"], children.cores()[0], text=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        yield port_of(child)
    finally:
        children.stop(child)
        child.stdout.close()


def port_of(child):
    """The first line that the server prints is its address."""
    readable = select.select([child.stdout], [], [], 5)[0]
    port = re.search(r":(\d+)/?$", child.stdout.readline().strip()) if readable else None
    if not port:
        raise children.Failed("`bide serve --demo` does not start")
    return int(port[1])


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
            return [*program, "fetch", "-q", "--fail", "-j", jobs, "-i", self.urls]
        if name == "curl":
            return [*program, "-q", "-s", "-f", "--http1.1", "--parallel", "--parallel-immediate",
                    "--parallel-max", jobs, "-K", self.config]
        if name == "floor":
            return [*program, self.port, self.fetch.path, self.count, jobs]
        return [*program, self.urls, jobs]

    def figures(self, name, program, environment):
        seconds, used = children.seconds_of(self.command(name, program), self.fetch.timeout,
                                            environment)
        return {self.fetch.row.figure: self.fetch.figure(seconds, self.count),
                "cpu_us": used / self.count * 1e6}


def check_answers(tool, errand):
    """Before anything is timed: does `bide fetch` really get a 200 for each URL?"""
    command = errand.command("bide", [tool])
    lines = children.output_of(command, errand.fetch.timeout).splitlines()
    good = sum(1 for line in lines if re.search(r'"status": ?200\b', line))
    if good != errand.count:
        raise children.Failed(f"{good} of {errand.count} answers were a 200")
