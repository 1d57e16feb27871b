#!/usr/bin/env python3
"""Clients that are killed in the middle, hundreds of them: the server does not mind."""
import http.client
import time

from serving import IS_SANITIZED, equal, main, orchard, test, until
from certificates import authority
from victims import VICTIMS, kill_at, was_killed

ROUNDS = 12
MEMORY = 1024           # kB that may stay, of buffers and heaps that once more have been needed


def answers(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", "/plaintext")
    answer = connection.getresponse().read()
    connection.close()
    return answer


def kill_all(server, rounds):
    """So many of each kind, each kind at once."""
    secure = int(server.urls[1].rpartition(":")[2])
    for function in VICTIMS:
        pids = [kill_at(function, server.port, secure) for _ in range(rounds)]
        equal((function.__name__, sum(map(was_killed, pids))), (function.__name__, rounds))


def quiet(server):
    """The descriptors that are left when no more go: the workers' own, and files they keep open."""
    seen = [server.descriptors()]

    def is_steady():
        time.sleep(0.5)
        seen.append(server.descriptors())
        return len(seen) > 4 and len(set(seen[-4:])) == 1
    until(is_steady, "the connections are gone")
    return seen[-1]


@test
def clients_that_are_killed_in_the_middle_leave_nothing_behind():
    with orchard("--workers", 2, "--tls", authority().server, lines=2) as server:
        equal(answers(server), b"Hello, world!")
        kill_all(server, ROUNDS)
        before = quiet(server)
        memory = server.memory()
        kill_all(server, ROUNDS)
        until(lambda: server.descriptors() <= before, "the connections are gone again")
        equal((server.descriptors(), answers(server)), (before, b"Hello, world!"))
        print(f"# {2 * ROUNDS * len(VICTIMS)} killed; {before} descriptors; "
              f"{memory} kB, then {server.memory()} kB")
        assert IS_SANITIZED or server.memory() < memory + MEMORY, (memory, server.memory())


main()
