"""100,000 live connections, on a kernel of one's own: what an ordinary machine's limits forbid.

The programs are those of the connections and of the idle rows; what differs is only where they run.
"""
import os

from driver import own_kernel
from driver.report import number

# Of messages a second, and how long: each connection has its turn.
RATE, SECONDS_LEAST = 10000, 1
TIMEOUT = 3600                  # seconds of this machine, for one number of connections
FIRST_PORT = 21000
IDLE = ("server_idle", "/plaintext", ()), ("ws_idle", "/ws", ("websocket",))


def server(kernel, port):
    """One that never looks busily for what is next: with one processor that is in the client's
    way, and would be counted as work."""
    return kernel.running(["env", "BIDE_BUSY_POLL=0", "bench_server", port, 1, "/srv"], TIMEOUT)


def run_echo(kernel, count, port):
    seconds = max(SECONDS_LEAST, count / RATE)
    with server(kernel, port) as session:
        return kernel.figures_of(["bench_scale_echo", port, count, min(RATE, 10 * count),
                                  seconds, session], TIMEOUT)


def run_idle(kernel, count, port, row):
    _, path, more = row
    with server(kernel, port) as session:
        return kernel.figures_of(["bench_idle", port, path, count, session, *more], TIMEOUT)


def told(figures):
    """In a line: for what takes ten minutes is not only told at its end."""
    return ", ".join(f"{name} {number(value)}" for name, value in figures.items())


def run(programs, numbers, folder, say):
    """{number: figures} of live connections, and {row: figures} of the largest number of idle
    ones; raises Failed."""
    with own_kernel.booted(os.path.join(folder, "kernel"), programs, max(numbers)) as kernel:
        values, idle, port = {}, {}, FIRST_PORT
        for count in numbers:
            values[count] = run_echo(kernel, count, port)
            say(f"kernel: {count:,} live connections: {told(values[count])}")
            port += 1
        for row in IDLE:
            idle[row[0]] = run_idle(kernel, max(numbers), port, row)
            say(f"kernel: {max(numbers):,} idle connections, {row[0]}: {told(idle[row[0]])}")
            port += 1
    return values, idle
