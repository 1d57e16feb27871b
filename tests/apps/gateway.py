#!/usr/bin/env python3
"""examples/apps/gateway from outside.

    gateway.py GATEWAY SERVICES LOAD
"""
import contextlib
import re
import socket
import subprocess
import time

from outside import ARGS, SLOW, TIME_LIMIT, equal, holds, main, running, test

GATEWAY, SERVICES, LOAD = ARGS[:3]
FIVE = ("profile", "orders", "inbox", "billing", "tips")


@contextlib.contextmanager
def gateway(*options, delay=0.2, names=FIVE, **others):
    """A gateway before services of that delay; `others` are services elsewhere, by URL."""
    here = [name for name in names if name not in others]
    with running(SERVICES, "--delay", delay, *here) as services:
        urls = {**{name: services.url for name in here}, **others}
        with running(GATEWAY, "--address", "127.0.0.1:0", *options,
                     *(f"{name}={url}" for name, url in urls.items())) as front:
            yield front


@contextlib.contextmanager
def dead_port():
    """An address where nobody answers a connection."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield "http://127.0.0.1:%d" % bound.getsockname()[1]


@contextlib.contextmanager
def silent_port():
    """An address that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield "http://127.0.0.1:%d" % listener.getsockname()[1]


@test
def five_services_take_as_long_as_one():
    with gateway() as front:
        front.get("/health")
        start = time.monotonic()
        answer = front.get("/dashboard/ann")
        seconds = time.monotonic() - start
        told = answer.json()
        equal(answer.status, 200)
        equal(sorted(told["parts"]), sorted(FIVE))
        equal((told["user"], told["complete"], told["missing"]), ("ann", True, []))
        assert 0.2 <= seconds < 0.6 * SLOW, seconds


@test
def a_dead_service_costs_its_own_part_alone():
    with dead_port() as dead, gateway(delay=0.05, tips=dead) as front:
        answer = front.get("/dashboard/ann")
        told = answer.json()
        equal(answer.status, 200)
        equal(told["complete"], False)
        equal(told["missing"], [{"service": "tips", "why": "it cannot be reached"}])
        equal(sorted(told["parts"]), sorted(set(FIVE) - {"tips"}))
    holds(front.said, "tips: get http://")             # the log says why


@test
def a_silent_service_is_given_up_when_the_callers_time_is_over():
    with silent_port() as silent, gateway(delay=0.05, orders=silent) as front:
        start = time.monotonic()
        told = front.get("/dashboard/ann", X_Request_Timeout="0.5").json()
        seconds = time.monotonic() - start
        equal(told["missing"], [{"service": "orders", "why": "it took too long"}])
        assert 0.4 < seconds < 0.5 * max(SLOW, 1.5), seconds


@test
def nobody_answers_is_a_bad_gateway():
    with dead_port() as dead, gateway(names=("a", "b"), a=dead, b=dead) as front:
        answer = front.get("/dashboard/ann")
        equal((answer.status, answer.json()["parts"]), (502, {}))


@test
def deadline_and_request_id_are_passed_on():
    with gateway("--trust", "127.0.0.1", delay=0.01) as front:
        answer = front.get("/dashboard/ann", Request_Timeout="0.9", X_Request_Id="abc-1")
        for part in answer.json()["parts"].values():
            equal(part["request_id"], "abc-1")
            assert 0.3 / SLOW < part["time_left"] <= 0.9, part
        equal(answer.headers["X-Request-Id"], "abc-1")
        long = front.get("/dashboard/ann", X_Request_Timeout="3600").json()
        assert all(part["time_left"] <= 2 for part in long["parts"].values()), long


@test
def an_id_of_strangers_is_not_believed():
    with gateway(delay=0.01) as front:
        answer = front.get("/dashboard/ann", X_Request_Id="mine")
        assert answer.headers["X-Request-Id"] not in ("mine", "", None)


@test
def a_service_is_never_called_more_often_at_once_than_its_limit():
    with gateway("--limit", 2, "--timeout", 10, delay=0.2, names=("orders",)) as front:
        start = time.monotonic()
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(front.connection()) for _ in range(6)]
            for connection in connections:
                connection.request("GET", "/dashboard/ann")
            running_now = front.get("/health").json()["services"]["orders"]["running"]
            for connection in connections:
                equal(connection.getresponse().status, 200)
        assert running_now <= 2, running_now
        assert time.monotonic() - start >= 0.6
        equal(front.get("/health").json()["services"]["orders"]["answered"], 6)


@test
def names_that_are_no_names_are_not_asked_for():
    with gateway(delay=0, names=("orders",)) as front:
        for name in ("..", "a%2fb", "a%20b", ""):
            equal(front.get(f"/dashboard/{name}").status, 404)


def load(front, *words):
    done = subprocess.run([LOAD, *words, front.url + "/dashboard/ann"], capture_output=True,
                          text=True, timeout=TIME_LIMIT)
    holds(done.stdout, "0 incomplete, 0 failed")
    found = re.search(r"(\d+) answers .* p50 (\d+) ms", done.stdout)
    return int(found.group(1)), int(found.group(2))


@test
def a_hundred_users_wait_no_longer_than_one():
    with gateway("--timeout", 20) as front:
        count, middle = load(front, "--users", "100", "--seconds", "1")
        assert count >= 100 and middle < 230 * max(SLOW, 3), (count, middle)


@test
def hundreds_of_requests_are_in_flight_at_once():
    with gateway("--timeout", 20, names=FIVE[:3]) as front:
        count, _ = load(front, "--rate", "200", "--seconds", "1")
        equal(count, 200)


main()
