"""What a machine that is busy with other things does not change: instructions, system calls,
allocations. Each counter is put before a program, which runs twice, with fewer and with more
requests; the difference is what a request costs.
"""
import contextlib
import mmap
import os
import re
import signal
import struct
import subprocess

from driver import children, clients, footprint, servers, serving

END_SECONDS = 60                # a counter writes down what it has counted when its program ends
NO_POLLING = {"BIDE_BUSY_POLL": "0"}    # how often a loop looks before it sleeps says nothing


class Instructions:
    """In the program and its libraries, by function, under valgrind; not in the kernel."""
    environment = NO_POLLING
    leads = False               # is the program's parent: valgrind and the program are one process

    def __init__(self, folder):
        self.out = os.path.join(folder, "counted_instructions")

    def before(self):
        return ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + self.out,
                "--error-exitcode=0"]

    def counts(self):
        """Function to instructions, and "" to all of them."""
        text = subprocess.run(["callgrind_annotate", "--threshold=100", self.out], check=True,
                              text=True, capture_output=True).stdout
        os.unlink(self.out)
        counts = {"": int(re.search(r"([\d,]+).*PROGRAM TOTALS", text)[1].replace(",", ""))}
        for count, name in re.findall(r"^ *([\d,]+) \([ \d.]+%\)  \S*?:(\S+)", text, re.M):
            name = name.partition("'")[0]
            counts[name] = counts.get(name, 0) + int(count.replace(",", ""))
        return counts


class Calls:
    """System calls of the program, its threads and its children."""
    environment = NO_POLLING
    leads = True

    def __init__(self, folder):
        self.out = os.path.join(folder, "counted_calls")

    def before(self):
        return ["strace", "-f", "-c", "-o", self.out]

    def counts(self):
        """System call to how often, and "" to all of them."""
        with open(self.out) as file:
            text = file.read()
        os.unlink(self.out)
        counts = {words[-1]: int(words[3]) for words in map(str.split, text.splitlines())
                  if len(words) >= 5 and words[3].isdigit()}
        counts[""] = counts.pop("total", 0)
        return counts


class AllCalls:
    """As Calls, but by the kernel itself, with perf: no name, and no program that is slowed down
    so much that other things happen in it. Not allowed everywhere."""
    environment = NO_POLLING
    leads = True
    command = ["perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter"]

    def __init__(self, folder):
        self.out = os.path.join(folder, "counted_all_calls")

    @classmethod
    def works(cls):
        try:
            return subprocess.run([*cls.command, "-o", "/dev/null", "true"],
                                  capture_output=True).returncode == 0
        except OSError:
            return False

    def before(self):
        return [*self.command, "-o", self.out]

    def counts(self):
        with open(self.out) as file:
            found = re.search(r"^(\d+),", file.read(), re.M)
        os.unlink(self.out)
        if not found:
            raise children.Failed("perf has counted nothing")
        return {"": int(found[1])}


class Allocations:
    """Calls of malloc and its like, by a library that stands before the C library's
    (bench/allocations.c). Python is told to have no allocator of its own."""
    leads = False

    def __init__(self, folder, library):
        self.out = os.path.join(folder, "counted_allocations")
        self.environment = {"LD_PRELOAD": library, "BENCH_ALLOCATIONS": self.out,
                            "PYTHONMALLOC": "malloc"}

    def before(self):
        with open(self.out, "wb") as file:
            file.write(bytes(mmap.PAGESIZE))
        return []

    def counts(self):
        with open(self.out, "rb") as file:
            count = struct.unpack("q", file.read(8))[0]
        os.unlink(self.out)
        return {"": count}


def per_request(count, fewer, more):
    """What the longer run has more than the shorter one, per request."""
    least, most = count(fewer), count(more)
    return {name: (value - least.get(name, 0)) / (more - fewer) for name, value in most.items()}


def of_client(measure, how, found, counter, fewer=2000, more=10000, kind=None):
    """Per request of a client row's program (found.clients); kind: which of the row's servers."""
    program, environment = how
    errand = clients.Errand(measure, found)
    with errand.servers():
        urls, ca = errand.urls[kind or measure.servers[0]], [errand.ca] if errand.ca else []
        full = "full" in errand.urls

        def count(requests):
            children.output_of([*counter.before(), *program, measure.mode, urls, requests, 0,
                                errand.jobs, *ca], 600, {**environment, **counter.environment})
            return counter.counts()
        return per_request(count, *((200, 700) if full else (fewer, more)))


def end_counted(leader, spared):
    """Ends a server; its leader is spared if it is what counts, and has to write that down."""
    for pid in list(footprint.processes_of(leader)):
        if pid != leader or not spared:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def of_server(measure, name, how, found, counter, fewer=4000, more=20000):
    """Per answer of a server row's program (found.servers)."""
    errand = serving.Errand(measure, found, print)
    make_command, program = how
    servers.make_files(found.made)

    def counted(path, setting):
        command, environment = make_command(path, setting)
        return [*counter.before(), *command], {**environment, **counter.environment}

    def count(requests):
        port, server = errand.start(name, (counted, program))
        with server as child:
            errand.figures_of_load(port, child.pid, {"warm": 0, "seconds": 60, "count": requests})
            end_counted(child.pid, spared=counter.leads)
            child.wait(END_SECONDS)
        return counter.counts()
    return per_request(count, fewer, more)
