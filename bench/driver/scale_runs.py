"""The runs of one subject: its program once for each number, with what must stand beside it.

Timed, the numbers take turns and the medians count. Counted, valgrind's callgrind counts the
instructions of each stretch (bench/scale.h), and divides nothing: that is done here.
"""
import contextlib
import glob
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field

from driver import children, fetching, kernel_runs, scale_limits, servers

TIMEOUT, COUNTED_TIMEOUT = 600, 900     # seconds
ONCE_FROM = 1000000             # so many take a minute, most of it for the first touch of stacks
ECHO_RATE, ECHO_SECONDS, ECHO_QUICK_SECONDS = 10000, 5, 2       # messages a second
FETCH_JOBS = 64
CORE_REQUESTS = 200000


@dataclass
class Made:
    curves: list = field(default_factory=list)
    facts: list = field(default_factory=list)      # what, value, unit
    loops: list = field(default_factory=list)      # with one and with two of them
    notes: list = field(default_factory=list)

    def add(self, other):
        self.curves += other.curves
        self.facts += other.facts
        self.loops += other.loops
        self.notes += other.notes


def program_of(options, name):
    path = os.path.join(options.build, "bench", "bench_" + name)
    if not os.access(path, os.X_OK):
        raise children.Failed(f"bench_{name} is not built")
    return path


# ---- one run -------------------------------------------------------------------------------------

def figures_in(output):
    words = (line.split() for line in output.splitlines())
    return {w[0]: float(w[1]) for w in words if len(w) >= 2}


def counted_stretches(folder):
    """Stretch to instructions, from what callgrind has written at the end of each."""
    counts = {}
    for path in glob.glob(os.path.join(folder, "counted.*")):
        with open(path) as file:
            text = file.read()
        name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.M)
        total = re.search(r"^totals: (\d+)", text, re.M)
        if name and total:
            counts[name[1]] = counts.get(name[1], 0) + int(total[1])
    return counts


def count(command):
    """The figures of a program, with instructions per item for its stretches, and the memory,
    which is valgrind's as well, left out."""
    if not shutil.which("valgrind"):
        raise children.Failed("valgrind is not installed")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "counted")
        output = children.output_of(["valgrind", "--tool=callgrind", "--instr-atstart=no",
                                     f"--callgrind-out-file={out}", *command], COUNTED_TIMEOUT)
        items = figures_in(output)
        return {name: total / items[name + ".items"]
                for name, total in counted_stretches(folder).items() if name + ".items" in items}


def measure(command, options):
    return count(command) if options.count else children.figures_of(command, TIMEOUT)


# ---- what stands beside it -----------------------------------------------------------------------

@contextlib.contextmanager
def server(options, workers=1):
    """bide's server of the server rows, on the first core if it is one loop; yields its port and
    its session."""
    folder = os.path.join(options.build, "bench", "peers")
    os.makedirs(folder, exist_ok=True)
    setting = servers.Setting("scale", folder, servers.free_port(), workers)
    how = servers.program_in_c, program_of(options, "server")
    core = children.cores()[0] if workers == 1 else None
    with servers.running(how, setting, core) as child:
        yield setting.port, child.pid


def run_alone(subject, number, options):
    return measure([program_of(options, subject.program), number], options)


def run_hosts(subject, number, options):
    with server(options) as (port, _):
        return measure([program_of(options, subject.program), number, port], options)


def run_echo(subject, number, options):
    seconds = ECHO_QUICK_SECONDS if options.quick else ECHO_SECONDS
    with server(options) as (port, session):
        return children.figures_of([program_of(options, subject.program), port, number,
                                    min(ECHO_RATE, 10 * number), seconds, session], TIMEOUT)


def whole_process(command, options):
    """(processor nanoseconds or instructions, bytes at the most) of a whole process."""
    if options.count:
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "counted")
            children.output_of(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                                *command], COUNTED_TIMEOUT)
            with open(out) as file:
                return int(re.search(r"^totals: (\d+)", file.read(), re.M)[1]), 0
    child = children.start(command, children.cores()[1], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise children.Failed(f"exit {child.returncode}")
    return (used.ru_utime + used.ru_stime) * 1e9, used.ru_maxrss << 10


def run_fetch(_, number, options):
    """What a list of so many costs above a list of as many as are fetched at once."""
    tool = os.path.join(options.build, "src", "cli", "bide")
    with fetching.demo_server(tool) as port, tempfile.TemporaryDirectory() as folder:
        def fetch(count):
            path = os.path.join(folder, "urls")
            with open(path, "w") as file:
                file.writelines(f"http://127.0.0.1:{port}/bytes/13?page={i}\n"
                                for i in range(count))
            return whole_process([tool, "fetch", "-q", "--fail", "-j", str(FETCH_JOBS), "-i",
                                  path], options)
        (base, base_bytes), (cost, most) = fetch(FETCH_JOBS), fetch(FETCH_JOBS + number)
    made = {"url": (cost - base) / number}
    if not options.count:
        made["memory"] = max(0, most - base_bytes) / number
    return made


HOW = {"alone": run_alone, "hosts": run_hosts, "echo": run_echo, "fetch": run_fetch}


# ---- all runs of a subject -----------------------------------------------------------------------

def medians(runs):
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: statistics.median(run[name] for run in runs if name in run) for name in names}


def curve_of(subject, curve, values, options):
    points = [[n, figures[curve.figure]] for n, figures in values.items()
              if curve.figure in figures]
    is_counted = options.count and curve.unit == "ns"
    return {"name": f"{subject.name}_{curve.figure}", "title": curve.title,
            "x_unit": subject.thing, "unit": "instructions" if is_counted else curve.unit,
            "order": curve.order, "points": points}


def run_curves(subject, options, say):
    numbers = subject.numbers(options)
    if not numbers:
        return Made()
    numbers, note = scale_limits.fitting(subject, numbers)
    say(f"{subject.name}: {options.rounds} rounds of {', '.join(map(str, numbers))}")
    runs = {number: [] for number in numbers}
    for turn in range(options.rounds):
        for number in (n for n in numbers if turn == 0 or n < ONCE_FROM):
            runs[number].append(HOW[subject.how](subject, number, options))
    made = made_of(subject, {number: medians(each) for number, each in runs.items()}, options)
    made.notes += [note] if note else []
    return made


def made_of(subject, values, options):
    """Curves and figures of {number: figures}."""
    made = Made([curve_of(subject, curve, values, options) for curve in subject.curves])
    made.curves = [curve for curve in made.curves if curve["points"]]
    most = max(values)
    if not options.count:
        made.facts = [fact(f"{subject.name}_{name}", f"{most:,} {subject.thing}: {what}",
                           values[most][name], unit)
                      for name, what, unit in subject.figures if name in values[most]]
    return made


def fact(name, what, value, unit):
    return {"name": name, "what": what, "value": value, "unit": unit}


# ---- on a kernel of one's own --------------------------------------------------------------------

def run_kernel(subject, options, say):
    """Once each: its clock counts instructions, so there is nothing to take a median of."""
    numbers = subject.numbers(options)
    programs = [program_of(options, name) for name in ("server", subject.program, "idle")]
    values, idle = kernel_runs.run(programs, numbers, options.build, say)
    made = made_of(subject, values, options)
    made.facts += [fact(f"kernel_{name}", f"{max(numbers):,} idle connections: {name}",
                        figures["memory"], "bytes") for name, figures in idle.items()]
    made.notes.append("kernel: in an emulated machine an instruction takes a nanosecond: times "
                      "compare with each other, not with a real machine's")
    return made


# ---- loops on cores ------------------------------------------------------------------------------

def compared(name, one, two, figure, unit, is_rate):
    speed_up = two[figure] / one[figure] if is_rate else 2 * one[figure] / two[figure]
    return {"name": name, "one": one[figure], "two": two[figure], "unit": unit,
            "speedup": speed_up}


def run_cores(subject, options, say):
    """Loops that serve and fetch by themselves; clients whose server is another process, and that
    server with one loop and with two. Of those only the processor time of a request tells how it
    would be with a core for each: here they are in each other's way."""
    program = program_of(options, subject.program)
    requests = CORE_REQUESTS // 4 if options.quick else CORE_REQUESTS
    say(f"{subject.name}: {options.rounds} rounds of 1 and 2 loops")
    own, client, served = ({1: [], 2: []} for _ in range(3))
    for _ in range(options.rounds):
        for loops in 1, 2:
            own[loops].append(children.figures_of([program, loops, requests], TIMEOUT,
                                                  everywhere=True))
            with server(options) as (port, _):
                client[loops].append(children.figures_of([program, loops, requests, port], TIMEOUT,
                                                         everywhere=True))
            with server(options, loops) as (port, session):
                served[loops].append(load(options, port, session))
    return Made(loops=[
        compared(name, medians(runs[1]), medians(runs[2]), figure, unit, is_rate)
        for name, runs, figure, unit, is_rate in (
            ("a loop that serves, and fetches from itself", own, "rate", "requests/s", True),
            ("a client alone, processor time of a request", client, "cpu_us", "us", False),
            ("a server alone, processor time of a request", served, "cpu_us", "us", False))])


def load(options, port, session):
    """What a request takes of the server's processor time."""
    told = children.figures_of([program_of(options, "load"), f"port={port}", "path=/plaintext",
                                "size=13", "connections=64", "seconds=1", f"server={session}"],
                               TIMEOUT)
    return {"cpu_us": told["user_us"] + told["system_us"]}


ALONE = {"cores": run_cores, "kernel": run_kernel}      # with rounds of their own, and no counts


def run(subject, options, say):
    """Its curves and figures; raises Failed."""
    if subject.how in ALONE:
        return Made() if options.count else ALONE[subject.how](subject, options, say)
    return run_curves(subject, options, say)
