"""The client rows: a program per contestant, all told the same, against the floor's server.

bench/errand.h says what a program is told and what it prints. A slow one makes fewer requests, so
that everybody runs for about as long; a rate does not depend on how many there were.
"""
import contextlib
import os
import re
import resource
import select
import subprocess

from driver import children

SHARES = {"libcurl": 0.3, "libevent": 0.4, "go": 0.25, "node": 0.15, "aiohttp": 0.05}
SIGN = "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", \
    "-nodes", "-days", "30"


def raise_limit():
    """Sockets are descriptors, and the usual limit is for programs that have few; the new one."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def certificates(folder):
    """(authority's certificate, server's, its key): made once a day, or Failed."""
    path = lambda name: os.path.join(folder, name)
    ca, ca_key, own, key = map(path, ("ca.pem", "ca.key", "server.pem", "server.key"))
    commands = (
        [*SIGN, "-subj", "/CN=bench", "-keyout", ca_key, "-out", ca],
        [*SIGN, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-addext", "basicConstraints=critical,CA:FALSE", "-CA", ca, "-CAkey", ca_key,
         "-keyout", key, "-out", own])
    fresh = os.path.exists(own) and os.path.getmtime(own) > os.path.getmtime(__file__)
    if not fresh or os.system(f"openssl x509 -checkend 3600 -noout -in '{own}' >/dev/null") != 0:
        for command in commands:
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=60)
            except (OSError, subprocess.SubprocessError) as why:
                raise children.Failed(f"no certificate: {why}") from None
    return ca, own, key


@contextlib.contextmanager
def server(program, words):
    """Runs the floor's server on the servers' core; yields its address up to the port."""
    child = children.start([program, *words], children.cores()[0], text=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        readable = select.select([child.stdout], [], [], 5)[0]
        found = re.match(r"(https?)://.*:(\d+)/$", child.stdout.readline()) if readable else None
        if not found:
            raise children.Failed("the floor's server does not start")
        yield found[1], int(found[2])
    finally:
        children.stop(child)
        child.stdout.close()


class Errand:
    """One client measure: its servers, its files, and everybody's command."""

    def __init__(self, client, found):
        self.client, self.found, self.ca = client, found, None
        self.jobs = min(client.jobs, raise_limit() - 100)
        self.count = self.jobs if client.hold else client.count
        self.urls = {}          # of each server: the file; the second's figures get its name

    @contextlib.contextmanager
    def servers(self):
        program = self.found.program("floor_server")
        if not program:
            raise children.Failed("the floor's server is not built")
        cores = children.cores()
        awake = ["awake"] if cores[0] != cores[1] and len(self.client.servers) == 1 else []
        with contextlib.ExitStack() as running:
            for kind in self.client.servers:
                words = [self.client.hosts, *awake]
                if kind != "plain":
                    self.ca, *pair = certificates(self.found.made)
                    words += ["tls", *pair] + (["resume"] if kind == "resumed" else [])
                scheme, port = running.enter_context(server(program, words))
                self.urls[kind] = self.write_urls(kind, scheme, port)
            yield

    def write_urls(self, kind, scheme, port):
        path = os.path.join(self.found.made, f"{self.client.rows[0].name}_{kind}.urls")
        with open(path, "w") as file:
            for i in range(self.client.urls):
                host = f"127.0.0.{i % self.client.hosts + 1}"
                what = f"/hold/{self.jobs}" if self.client.hold else self.client.path
                more = f"?page={i}" if self.client.urls > 1 else ""
                file.write(f"{scheme}://{host}:{port}{what}{more}\n")
        return path

    def figures(self, name, program, environment):
        """What its program prints, once for each server."""
        client, figures = self.client, {}
        share = SHARES.get(name, 1) if client.divisible else 1
        count, warm = (max(1, int(n * share)) if n else 0 for n in (self.count, client.warm))
        for kind, urls in self.urls.items():
            command = [*program, client.mode, urls, count, warm, self.jobs]
            told = children.figures_of(command + [self.ca] * bool(self.ca), client.timeout,
                                       environment)
            suffix = "" if kind == client.servers[0] else f"_{kind}"
            figures.update({figure + suffix: value for figure, value in told.items()})
        return figures
