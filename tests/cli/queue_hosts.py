#!/usr/bin/env python3
"""bide fetch --queue on three hosts, which are network namespaces: one dies, one is cut off.

The first has Redis, the pages and a worker.  The second loses its link and its worker is killed, so
that nothing tells Redis; the third loses its link for longer than the claim time and comes back.
Every URL is done, and what the workers that lived print has none twice.  Needs root, for ip netns.
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import time

from tool import Skip, equal, finish, main, program, test

COUNT = 600
CLAIM = 2
AWAY = 4
HUB, HOSTS = f"bide-hub-{os.getpid()}", [f"bide-host{i}-{os.getpid()}" for i in (1, 2, 3)]


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


def inside(host, *words):
    return ["ip", "netns", "exec", host, *words]


def connect(number, host):
    """A cable from a host to the hub."""
    far = f"port{number}"
    ip("-n", host, "link", "add", "cable", "type", "veth", "peer", "name", far, "netns", HUB)
    ip("-n", HUB, "link", "set", far, "master", "bridge", "up")
    ip("-n", host, "address", "add", f"10.77.0.{number}/24", "dev", "cable")
    ip("-n", host, "link", "set", "cable", "up")
    ip("-n", host, "link", "set", "lo", "up")


@contextlib.contextmanager
def network():
    if not shutil.which("ip") or not shutil.which("redis-server"):
        raise Skip("ip and redis-server are needed")
    if ip("netns", "add", HUB, check=False).returncode != 0:
        raise Skip("network namespaces need root")
    try:
        if ip("-n", HUB, "link", "add", "bridge", "type", "bridge", check=False).returncode != 0:
            raise Skip("no bridges here")
        ip("-n", HUB, "link", "set", "bridge", "up")
        for number, host in enumerate(HOSTS, 1):
            ip("netns", "add", host)
            connect(number, host)
        yield
    finally:
        for host in (*HOSTS, HUB):
            ip("netns", "delete", host, check=False)


def wait_for_port(host, port):
    code = f"import socket; socket.create_connection(('10.77.0.1', {port}), 1)"
    for _ in range(200):
        if subprocess.run(inside(host, "python3", "-c", code), check=False,
                          stderr=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")


@contextlib.contextmanager
def running(host, *words, port):
    process = subprocess.Popen(inside(host, *words), stdout=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL)
    try:
        wait_for_port(host, port)
        yield
    finally:
        process.kill()
        process.wait()


def worker(host, url):
    return subprocess.Popen(inside(host, program(), "fetch", "-j", "4", "--queue", url,
                                   "--queue-claim", str(CLAIM)),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def state(url):
    done = subprocess.run(inside(HOSTS[0], program(), "queue", "--json", url), check=True,
                          capture_output=True)
    return json.loads(done.stdout)


def wait_for_done(url, count):
    end = time.monotonic() + 30
    while state(url)["done"] < count:
        assert time.monotonic() < end, state(url)
        time.sleep(0.05)


def cut(host):
    ip("-n", host, "link", "set", "cable", "down")


def mend(host):
    ip("-n", host, "link", "set", "cable", "up")


@test
def every_url_is_done_though_one_host_dies_and_one_is_cut_off():
    list_url, site = "redis://10.77.0.1:6379/urls", "http://10.77.0.1:8080"
    urls = [f"{site}/delay/0.05?{number}" for number in range(COUNT)]
    with network(), \
            running(HOSTS[0], "redis-server", "--bind", "10.77.0.1", "--protected-mode", "no",
                    "--save", "", port=6379), \
            running(HOSTS[0], program(), "serve", "--demo", "-a", "10.77.0.1:8080", port=8080):
        adding = subprocess.run(inside(HOSTS[0], program(), "queue", "add", "-i", "-", list_url),
                                input="\n".join(urls).encode(), check=True, capture_output=True)
        equal(adding.stdout, b"%d added, 0 were there already\n" % COUNT)
        workers = [worker(host, list_url) for host in HOSTS]
        wait_for_done(list_url, COUNT // 4)
        for host in HOSTS[1:]:
            cut(host)
        workers[1].kill()
        time.sleep(AWAY)
        assert state(list_url)["left"] > 0
        mend(HOSTS[2])
        runs = [finish(one) for one in workers]
        equal([run.status for run in runs], [0, -signal.SIGKILL, 0])
        results = subprocess.run(inside(HOSTS[0], program(), "queue", "results", list_url),
                                 check=True, capture_output=True).stdout
        last = state(list_url)
    done = [json.loads(line)["url"] for line in results.splitlines()]
    equal(sorted(done), sorted(urls))
    equal((last["left"], last["done"], last["dead"]), (0, COUNT, 0))
    printed = [line["url"] for run in (runs[0], runs[2]) for line in run.lines()]
    equal(len(set(printed)), len(printed))
    print(f"# {COUNT} URLs; printed by the hosts: {[run.out.count(10) for run in runs]}; "
          f"repeats: {last['repeats']}")


main()
