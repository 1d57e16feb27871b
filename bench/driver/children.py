"""Child processes: started on one core, ended after a time, their lines read."""
import contextlib
import os
import resource
import signal
import subprocess
import time


PRIORITY = -15
STARTED = []                    # the words of every command, until take_started()


class Failed(Exception):
    """A child that did not do its work; the text says why in a few words."""


def cores():
    """(for servers, for everything measured); the same core where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[min(1, len(allowed) - 1)]


def settle(where):
    """In the child: onto its core (None: all of them), and before other work on the machine where
    that is allowed (for root). Kernels that share a core out by sessions have a priority of the
    session, too."""
    if where is not None:
        os.sched_setaffinity(0, {where})
    with contextlib.suppress(OSError):
        os.nice(PRIORITY)
        with open("/proc/self/autogroup", "w") as file:
            file.write(str(PRIORITY))


def start(command, core, **options):
    """Starts a child on the core, in a session of its own."""
    words = [str(word) for word in command]
    STARTED.append(words)
    return subprocess.Popen(words, start_new_session=True, preexec_fn=lambda: settle(core),
                            **options)


def take_started():
    """The commands that were started since this was called last."""
    taken, STARTED[:] = STARTED[:], []
    return taken


def stop(child):
    """Ends the child and what it started."""
    if child.poll() is None:
        for number, patience in (signal.SIGTERM, 2), (signal.SIGKILL, 10):
            try:
                os.killpg(child.pid, number)
                child.wait(patience)
                return
            except (subprocess.TimeoutExpired, ProcessLookupError):
                continue


def run(command, timeout, environment, out, everywhere=False):
    """Runs the command on the measuring core, or on all; its seconds, processor seconds, and what
    it printed. Raises Failed."""
    begin, used = time.monotonic(), processor_seconds()
    child = start(command, None if everywhere else cores()[1],
                  env={**os.environ, **(environment or {})},
                  stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)
    try:
        out, err = child.communicate(timeout=timeout)
        seconds = time.monotonic() - begin
    except subprocess.TimeoutExpired:
        raise Failed(f"no end within {timeout} s") from None
    finally:
        stop(child)
    if child.returncode != 0:
        lines = err.decode(errors="replace").strip().splitlines() or ["no word"]
        raise Failed(f"exit {child.returncode}: {lines[-1][:100]}")
    return seconds, processor_seconds() - used, out


def processor_seconds():
    """Of all children that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def output_of(command, timeout, environment=None, everywhere=False):
    return run(command, timeout, environment, subprocess.PIPE, everywhere)[2].decode()


def figures_of(command, timeout, environment=None, everywhere=False):
    """The "name value unit" lines of a measuring program, as name to value."""
    output = output_of(command, timeout, environment, everywhere)
    words = (line.split() for line in output.splitlines())
    return {w[0]: float(w[1]) for w in words if len(w) >= 2}


def seconds_of(command, timeout, environment=None, everywhere=False):
    """Seconds and processor seconds of the whole process, its output thrown away."""
    return run(command, timeout, environment, subprocess.DEVNULL, everywhere)[:2]
