"""Hosts for the tests of shared lists: network namespaces around one bridge.

    with network() as hosts:            # this process, with all that it starts, is on the first
        with work_list(address=hosts[0].address) as work:
            workers = [work.worker(under=host.under) for host in hosts]
            ...
            lose_two(work, hosts, workers)

The first has the servers.  The second loses its link and its worker is killed, so that nothing
tells the servers; the third loses its link for longer than the claim time and comes back.  It needs
root, for ip netns; Skip is raised where that is forbidden.
"""
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time

from lists import finish_all
from tool import Skip, equal

HUB = f"bide-hub-{os.getpid()}"
CLONE_NEWNET = 0x40000000
# Seconds without a word after which a worker is taken for dead, and those that one is cut off for.
CLAIM = "1"
AWAY = 3


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


class Host:
    def __init__(self, number):
        self.number, self.name = number, f"bide-host{number}-{os.getpid()}"
        self.address = f"10.77.0.{number}"
        self.under = ("ip", "netns", "exec", self.name)     # what runs there

    def connect(self):
        """A cable to the hub."""
        far = f"port{self.number}"
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "add", "cable", "type", "veth", "peer", "name", far,
           "netns", HUB)
        ip("-n", HUB, "link", "set", far, "master", "bridge", "up")
        ip("-n", self.name, "address", "add", f"{self.address}/24", "dev", "cable")
        self.mend()
        ip("-n", self.name, "link", "set", "lo", "up")

    def cut(self):
        ip("-n", self.name, "link", "set", "cable", "down")

    def mend(self):
        ip("-n", self.name, "link", "set", "cable", "up")


def enter(path):
    """Moves this thread, and all that it starts from now on."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path, "rb") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns: {path}")


@contextlib.contextmanager
def being_on(host):
    with open("/proc/thread-self/ns/net", "rb") as home:
        enter(f"/run/netns/{host.name}")
        try:
            yield
        finally:
            enter(f"/proc/self/fd/{home.fileno()}")


def make_hub():
    if not shutil.which("ip"):
        raise Skip("ip is needed")
    if ip("netns", "add", HUB, check=False).returncode != 0:
        raise Skip("network namespaces need root")
    if ip("-n", HUB, "link", "add", "bridge", "type", "bridge", check=False).returncode != 0:
        raise Skip("no bridges here")
    ip("-n", HUB, "link", "set", "bridge", "up")


@contextlib.contextmanager
def network():
    """Three of them."""
    hosts = [Host(number) for number in (1, 2, 3)]
    try:
        make_hub()
        for host in hosts:
            host.connect()
        with being_on(hosts[0]):
            yield hosts
    finally:
        for name in (*(host.name for host in hosts), HUB):
            ip("netns", "delete", name, check=False)


def lose_two(work, hosts, workers):
    """What becomes of the second and the third, in the middle."""
    for host in hosts[1:]:
        host.cut()
    workers[1].kill()
    time.sleep(AWAY)
    assert work.state()["left"] > 0
    hosts[2].mend()


def finish_three(workers, *statuses):
    """How the first and the third ended, with one of these; the second by its death."""
    first, second, third = finish_all(workers)
    equal(second.status, -signal.SIGKILL)
    for run in (first, third):
        assert run.status in statuses, (run.status, run.err)
    return first, third
