#!/usr/bin/env python3
"""A server as a service of systemd: the units of docs/http-server.md, the sockets that a manager
hands over, and what it is told.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

from serving import ORCHARD, TIME_LIMIT, Skip, equal, folder, main, test, until

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/http-server.md"
REQUEST = b"GET /plaintext HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

# Descriptor 3 for the process that this shell becomes, as sd_listen_fds(3) has it.
HAND_OVER = 'exec 3<&"$0" && LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'


def units():
    """The guide's: {name: text}."""
    found = dict(re.findall(r"^```ini\n# /etc/systemd/system/(\S+)\n(.*?)^```",
                            GUIDE.read_text(), re.M | re.S))
    equal(sorted(found), ["app.service", "app.socket"])
    return found


@test
def the_units_of_the_guide_are_sound():
    if not shutil.which("systemd-analyze"):
        raise Skip("there is no systemd-analyze here")
    with folder() as path:
        for name, text in units().items():
            assert name == "app.socket" or "/usr/local/bin/app" in text
            text = text.replace("/usr/local/bin/app", ORCHARD)
            pathlib.Path(path, name).write_text(text)
        done = subprocess.run(["systemd-analyze", "verify", "./app.socket", "./app.service"],
                              cwd=path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=TIME_LIMIT, check=False)
    complaints = [line for line in done.stdout.splitlines() if "app." in line]
    equal(complaints, [])


@test
def the_server_stops_before_the_manager_loses_patience():
    text = units()["app.service"]
    patience = float(re.search(r"^TimeoutStopSec=(\d+)$", text, re.M).group(1))
    grace = float(re.search(r"\.grace = (\d+)", GUIDE.read_text()).group(1))
    assert patience > grace + 5, "grace, and 5 s for the clean-up"


@contextlib.contextmanager
def served(listener, directory, **environment):
    """The server on a socket that was open before it; it must end well when it is told to."""
    process = subprocess.Popen(
        ["sh", "-c", HAND_OVER, str(listener.fileno()), ORCHARD, "--address", "systemd:",
         directory], pass_fds=[listener.fileno()], env={**os.environ, **environment},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        equal((process.communicate(timeout=TIME_LIMIT)[1], process.returncode), (b"", 0))
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def ask(listener):
    connection = socket.create_connection(listener.getsockname(), timeout=TIME_LIMIT)
    connection.sendall(REQUEST)
    return connection


def check_answer(connection):
    told = b""
    with connection:
        while piece := connection.recv(65536):
            told += piece
    assert told.startswith(b"HTTP/1.1 200 ") and told.endswith(b"Hello, world!"), told


@test
def no_connection_is_lost_between_two_runs():
    with folder() as path, socket.create_server(("127.0.0.1", 0)) as listener:
        early = ask(listener)                   # nobody serves yet
        for _ in range(2):
            with served(listener, path):
                check_answer(early)
                check_answer(ask(listener))
            early = ask(listener)               # and nobody any more
        early.close()


@test
def the_manager_is_told_when_it_is_ready():
    with folder() as path, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        place = os.path.join(path, "notify")
        told.bind(place)
        told.settimeout(TIME_LIMIT)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            with served(listener, path, NOTIFY_SOCKET=place):
                equal(told.recv(1000), b"READY=1")
                check_answer(ask(listener))


@test
def systemds_own_launcher_hands_it_the_socket():
    launcher = shutil.which("systemd-socket-activate")
    if not launcher:
        raise Skip("there is no systemd-socket-activate here")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = taken.getsockname()
    with folder() as path:
        process = subprocess.Popen(
            [launcher, "--listen", f"{place[0]}:{place[1]}", "--fdname", "web", ORCHARD,
             "--address", "systemd:web", path],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

        def connected():
            with contextlib.suppress(ConnectionRefusedError):
                return socket.create_connection(place, timeout=TIME_LIMIT)
            assert process.poll() is None, process.stderr.read()
            return None
        try:
            connection = until(connected, "the launcher listens")
            connection.sendall(REQUEST)
            check_answer(connection)
            process.send_signal(signal.SIGTERM)         # it has become the server
            equal(process.wait(TIME_LIMIT), 0)
        finally:
            process.kill()
            process.communicate()


main()
