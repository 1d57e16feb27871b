"""gdb walks out of a running task, and tools/gdb/bide-gdb.py out of one that waits.

Usage: gdb.py PROGRAM SCRIPT, where PROGRAM is tests/stack/waiting.c.  Speaks TAP.  Tried on a live
process, on one stopped in its poller, and on a core file where the system writes one here.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

PROGRAM, SCRIPT = (os.path.abspath(path) for path in sys.argv[1:3])
WAITER = ["waiter (", "waiting.c:", "waits for an event", "bide_event_wait (", "waits_inside (",
          "waits (", "bide__task_main (", "bide.entry|bide__entry"]


def gdb(*arguments):
    commands = ["gdb", "-nx", "-q", "-batch", "-iex", "set debuginfod enabled off",
                "-x", SCRIPT, *arguments]
    done = subprocess.run(commands, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=100)
    return done.stdout


def execute(*commands):
    return [word for command in commands for word in ("-ex", command)]


def in_order(text, parts):
    """Are the parts in the text, one after another?"""
    at = 0
    for part in parts:
        places = [text.find(choice, at) for choice in part.split("|")]
        places = [place for place in places if place >= 0]
        if not places:
            return "no '%s' after %d characters" % (part, at)
        at = min(places)
    return None


def last_frame(text):
    return [line for line in text.splitlines() if line.startswith("#")][-1]


def running():
    said = gdb(*execute("break stop_here", "run", "bt"), PROGRAM)
    wrong = in_order(said, ["#0  stop_here", "waits_on (", "bide__task_main (", "entry"])
    if not wrong and "entry" not in last_frame(said):
        wrong = "goes on after the entry"
    return wrong, said


def waiting():
    said = gdb(*execute("break stop_here", "run", "bide-tasks", "bide-bt waiter", "bt", "continue"),
               PROGRAM)
    tasks = ["main (", "runs", "waiter (", "waits for an event", "parent (",
             "waits for its group's tasks", "child ("]
    # and the process goes on unharmed
    wrong = in_order(said, tasks + WAITER + ["#0  stop_here", "exited with code 07"])
    return wrong, said


def all_of_them():
    said = gdb(*execute("break stop_here", "run", "bide-bt all"), PROGRAM)
    return in_order(said, ["#0  stop_here", "waits_on ("] + WAITER + [
        "parent (", "bide_group_wait (", "sleeps_with_child (", "entry",
        "child (", "bide_sleep (", "sleeps (", "entry"]), said


def in_the_poller():
    said = gdb(*execute("break wait_for_events", "run", "bide-tasks", "bide-bt waiter"), PROGRAM)
    return in_order(said, ["main (", "waits for sleep"] + WAITER), said


def not_yet_started():
    said = gdb(*execute("break waits", "run", "bide-tasks", "bide-bt parent"), PROGRAM)
    return in_order(said, ["waiter (", "runs", "parent (", "ready to run", "parent (",
                           "#0  not started"]), said


def core_file():
    with open("/proc/sys/kernel/core_pattern") as pattern:
        if pattern.read().strip() not in ("core", "core.%p"):
            return "SKIP", ""
    with tempfile.TemporaryDirectory() as folder:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        subprocess.run([PROGRAM, "abort"], cwd=folder, stderr=subprocess.DEVNULL)
        cores = [name for name in os.listdir(folder) if name.startswith("core")]
        if not cores:
            return "SKIP", ""
        said = gdb(*execute("bide-tasks", "bide-bt waiter"), PROGRAM,
                   os.path.join(folder, cores[0]))
        return in_order(said, ["main (", "runs", "waiter ("] + WAITER), said


TESTS = [running, waiting, all_of_them, in_the_poller, not_yet_started, core_file]


def why_not():
    """Why gdb cannot be tried here; None if it can."""
    if not shutil.which("gdb"):
        return "no gdb"
    if "it has them" not in gdb("-ex", "python import gdb.unwinder; print('it has them')"):
        return "gdb without python"
    if "Breakpoint 1, " not in gdb(*execute("break main", "run", "kill"), PROGRAM):
        return "gdb may not trace programs here"
    return None


def main():
    reason = why_not()
    if reason:
        print("1..0 # SKIP " + reason)
        return 0
    failed = 0
    print("1..%d" % len(TESTS))
    for number, test in enumerate(TESTS, 1):
        wrong, said = test()
        name = test.__name__ + (" # SKIP no core files here" if wrong == "SKIP" else "")
        if wrong and wrong != "SKIP":
            failed += 1
            print("not ok %d - %s" % (number, name))
            print("# " + wrong)
            print("".join("# %s\n" % line for line in said.splitlines()), end="")
        else:
            print("ok %d - %s" % (number, name))
    return failed > 0


sys.exit(main())
