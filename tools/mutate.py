#!/usr/bin/env python3
"""Breaks the runtime on purpose, one line at a time, and shows that the tests notice.

    tools/mutate.py [-j N] [-k WORD] [--seconds N] [--keep]
    tools/mutate.py --lines         says only which lines of the table are no longer there, as TAP

Reads tools/mutations.txt.  The sources are copied, once for each of N workers; for each mutation
one file there is changed, built with ninja, and tried: first with random programs (tests/random),
which say most in the least time, then with the tests of its own file, then with all those of core,
sync and child processes.  Prints what noticed.  With --seconds no mutation is begun after so many;
the table is then begun at another place each day, and what was left out is told.  Exits with 1 if
a mutation survives, or if the line it changes is no longer there."""
import argparse
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(tempfile.gettempdir()) / f"bide-mutate-{os.getpid()}"
LAYERS = ("base", "core", "sync", "io", "testing")
SEEDS = 400
RANDOM_SECONDS, TESTS_SECONDS = 30, 120
TEST_SECONDS = 5                        # a mutation often makes a test wait for ever
PATIENCE = 20                           # times longer may the unbroken take, on a busy machine
CFLAGS = ("-std=gnu11 -D_GNU_SOURCE -O1 -w -fno-strict-aliasing "
          "-Iinclude -Isrc -Itests -Itests/random")


class Mutation:
    """One block of the table."""

    def __init__(self, lines):
        self.what = lines[0]
        self.file, _, self.after = lines[1].partition(" ")
        self.old = lines[2][1:].strip()
        self.new = lines[3][1:].strip()

    def places(self, path):
        """Where in the file the line is: numbers of lines."""
        lines = path.read_text().split("\n")
        first = 0
        if self.after:
            first = next((i for i, line in enumerate(lines) if self.after in line), len(lines))
        found = [i for i in range(first, len(lines)) if lines[i].strip() == self.old]
        return found[:1] if self.after else found

    def place(self, tree):
        """The file and the number of the line, or None if the line is not there once."""
        found = [(path, i) for path in sorted(tree.glob(self.file)) for i in self.places(path)]
        return found[0] if len(found) == 1 else None

    def apply(self, tree):
        """Changes the line; the file and its old text, or None if the line is not there once."""
        found = self.place(tree)
        if found is None:
            return None
        path, place = found
        original = path.read_text()
        lines = original.split("\n")
        lines[place] = self.new
        path.write_text("\n".join(lines))
        return path, original


def read_table():
    mutations, block = [], []
    for line in (ROOT / "tools/mutations.txt").read_text().split("\n") + [""]:
        if line.startswith("#"):
            continue
        if line.strip():
            block.append(line)
        elif block:
            if len(block) != 4 or block[2][0] != "-" or block[3][0] != "+":
                sys.exit(f"tools/mutations.txt: a block has to have four lines: {block[0]}")
            mutations.append(Mutation(block))
            block = []
    return mutations


def sources(tree, folder):
    return sorted(str(p.relative_to(tree)) for p in (tree / folder).glob("*.c"))


def ring_library():
    """What the linker is to be told for io_uring, or None where it is not there, as in Meson."""
    command = [os.environ.get("PKG_CONFIG", "pkg-config"), "--libs", "liburing >= 2.3"]
    found = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return found.stdout.strip() if found.returncode == 0 else None


def is_of_ring(file):
    name = pathlib.Path(file).stem
    return name.startswith("ring") or name.endswith("_ring")


def write_ninja(tree):
    """Library, random programs, and in one program all tests of core and sync, and of io those
    of child processes and pipes."""
    cc = os.environ.get("CC", "cc")
    ring = ring_library()
    known = "" if ring is None else "-DBIDE_URING"
    library = [f for layer in LAYERS for f in sources(tree, f"src/{layer}")
               if ring is not None or not is_of_ring(f)]
    random = sources(tree, "tests/random")
    tests = (sources(tree, "tests/core") + sources(tree, "tests/sync")
             + [f for f in sources(tree, "tests/io") if "/test_p" in f]
             + ["tests/test.c", "tests/plain.c"])
    out = [f"rule cc\n command = {cc} {CFLAGS} {known} -MMD -MF $out.d -c $in -o $out",
           " depfile = $out.d\n deps = gcc",
           f"rule link\n command = {cc} $in -o $out -lm -lpthread {ring or ''}"]
    objects = {f: f"out/{f[:-2].replace('/', '_')}.o" for f in library + random + tests}
    out += [f"build {o}: cc {f}" for f, o in objects.items()]
    for name, parts in (("random", random), ("tests", tests)):
        out.append(f"build out/{name}: link " + " ".join(objects[f] for f in parts + library))
    (tree / "build.ninja").write_text("\n".join(out) + "\n")


class Tree:
    """A copy of the sources, in which a worker breaks and builds and tries."""

    def __init__(self, path):
        self.path = path
        self.random_seconds, self.tests_seconds = RANDOM_SECONDS, TESTS_SECONDS

    def make(self, jobs):
        """Copies, and builds the unbroken runtime; what went wrong, or None."""
        self.path.mkdir(mode=0o700)
        for folder in ["include"] + [f"src/{layer}" for layer in LAYERS] + ["tests"]:
            shutil.copytree(ROOT / folder, self.path / folder)
        write_ninja(self.path)
        return self.build(["out/random", "out/tests"], jobs)

    def build(self, targets, jobs=1):
        done = subprocess.run(["ninja", "-j", str(jobs), *targets], cwd=self.path, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return None if done.returncode == 0 else done.stdout.strip()

    def first_complaint(self, command, limit, is_complaint):
        """Runs until the first line that is a complaint; that line, or None."""
        with subprocess.Popen(command, cwd=self.path, text=True, errors="replace",
                              start_new_session=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            watch = threading.Timer(limit, end, [process])
            watch.start()
            complaint = next((line.strip() for line in process.stdout if is_complaint(line)), None)
            if complaint:
                end(process)
            process.wait()
            watch.cancel()
        if complaint or process.returncode == 0:
            return complaint
        return f"no end after {limit} s" if process.returncode == -9 \
            else f"exit status {process.returncode}"

    def try_random(self):
        return self.first_complaint(["out/random", "--count", str(SEEDS)],
                                    self.random_seconds,
                                    lambda line: line.startswith("seed "))

    def try_tests(self, *words):
        return self.first_complaint(["out/tests", *words], self.tests_seconds,
                                    lambda line: line.startswith("not ok"))

    def try_unbroken(self):
        """Its first complaint, or None.  What it takes on this machine, as busy as that is, says
        when a mutation hangs."""
        self.random_seconds *= PATIENCE
        self.tests_seconds *= PATIENCE
        os.environ["CK_DEFAULT_TIMEOUT"] = str(TEST_SECONDS * PATIENCE)
        began = time.time()
        line = self.try_random()
        after_random = time.time()
        line = line or self.try_tests()
        self.random_seconds = max(RANDOM_SECONDS, 5 * (after_random - began))
        self.tests_seconds = max(TESTS_SECONDS, 5 * (time.time() - after_random))
        os.environ["CK_DEFAULT_TIMEOUT"] = str(
            math.ceil(TEST_SECONDS * self.tests_seconds / TESTS_SECONDS))
        return line

    def try_mutation(self, mutation):
        """What noticed it: ("random", line), ("tests", line), ("survives", ""), ..."""
        applied = mutation.apply(self.path)
        if applied is None:
            return "line not found", mutation.old
        path, original = applied
        try:
            if (trouble := self.build(["out/random"])):
                return "does not build", trouble.split("\n")[-1]
            if (line := self.try_random()):
                return "random", line
            if (trouble := self.build(["out/tests"])):
                return "does not build", trouble.split("\n")[-1]
            own = "/test_" + path.stem.split("_")[0]
            line = self.try_tests(own) or self.try_tests()
            return ("tests", line) if line else ("survives", "")
        finally:
            path.write_text(original)


def end(process):
    """It, and what it forked; its first line of a complaint is known, or it takes too long."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def make_trees(count):
    """One is built and tried unbroken, and copied."""
    WORK.mkdir(mode=0o700)
    first = Tree(WORK / "0")
    trouble = first.make(count)
    if trouble:
        sys.exit(trouble)
    if (line := first.try_unbroken()):
        sys.exit(f"the unbroken runtime fails: {line}")
    trees = [first] + [Tree(WORK / str(i)) for i in range(1, count)]
    for tree in trees[1:]:
        shutil.copytree(first.path, tree.path)
        tree.random_seconds, tree.tests_seconds = first.random_seconds, first.tests_seconds
    return trees


class Round:
    """The mutations of one run, for several workers to take from."""

    def __init__(self, mutations, seconds):
        self.start = time.time()
        self.end = self.start + seconds
        self.left = list(mutations)
        self.tried = self.bad = 0
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            return self.left.pop(0) if self.left and time.time() < self.end else None

    def tell(self, mutation, by, detail):
        with self.lock:
            self.tried += 1
            self.bad += by not in ("random", "tests")
            print(f"{self.tried:3} {mutation.what:66.66} {by:8} {detail[:90]}", flush=True)

    def work(self, tree):
        while (mutation := self.take()):
            self.tell(mutation, *tree.try_mutation(mutation))

    def report(self, trees):
        """Tries them; how many went unnoticed."""
        workers = [threading.Thread(target=self.work, args=[tree]) for tree in trees]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self.left:
            print(f"{len(self.left)} mutations were not tried, the time was over; the next would "
                  f"have been: {self.left[0].what}")
        print(f"{self.tried - self.bad} of {self.tried} mutations were noticed, "
              f"in {time.time() - self.start:.0f} s")
        return self.bad


def begun_elsewhere(mutations):
    """The table from another place each day: in some days, short rounds see the whole of it."""
    days = int(time.time() / 86400)
    first = days * 89 % max(1, len(mutations))
    return mutations[first:] + mutations[:first]


def check_lines(mutations):
    """Whether the table still fits the sources: a line of TAP each.  How many do not fit."""
    print(f"1..{len(mutations)}")
    bad = 0
    for i, mutation in enumerate(mutations, 1):
        there = mutation.place(ROOT) is not None
        bad += not there
        verdict = "ok" if there else "not ok"
        print(f"{verdict} {i} - {mutation.file} has the line of: {mutation.what}")
        if not there:
            print(f"# tools/mutations.txt looks for: {mutation.old}")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1, help="workers")
    parser.add_argument("-k", default="", help="only mutations whose description contains this")
    parser.add_argument("--seconds", type=float, help="begin none after so many")
    parser.add_argument("--keep", action="store_true", help="keep the copied trees")
    parser.add_argument("--lines", action="store_true", help="only look for the table's lines")
    options = parser.parse_args()
    mutations = [m for m in read_table() if options.k in m.what]
    if options.lines:
        sys.exit(1 if check_lines(mutations) else 0)
    if options.seconds:
        mutations = begun_elsewhere(mutations)
    try:
        trees = make_trees(max(1, options.j))
        sys.exit(1 if Round(mutations, options.seconds or math.inf).report(trees) else 0)
    finally:
        if options.keep:
            print(f"the copied trees are in {WORK}")
        else:
            shutil.rmtree(WORK, ignore_errors=True)


main()
