#!/usr/bin/env python3
"""examples/apps/jobs from outside.

    jobs.py JOBS
"""
import contextlib
import json
import pathlib

from outside import ARGS, equal, folder, holds, main, running, test, until

JOBS, = ARGS[:1]
LONG = 50000000                 # more than any machine counts during a test


@contextlib.contextmanager
def jobs(path, *options):
    with running(JOBS, "--address", "127.0.0.1:0", "--file", pathlib.Path(path) / "jobs.json",
                 *options) as program:
        yield program


def add(program, below):
    answer = program.ask("POST", "/jobs", json.dumps({"below": below}),
                         {"Content-Type": "application/json"})
    equal(answer.status, 202)
    equal(answer.headers["Location"], f"/jobs/{answer.json()['id']}")
    return answer.headers["Location"]


def state(program, job):
    return program.get(job).json()["state"]


def wait_for(program, job, wanted):
    until(lambda: state(program, job) == wanted, f"{job} is {wanted}")


@test
def a_job_is_taken_at_once_and_done_in_the_background():
    with folder() as path, jobs(path) as program:
        job = add(program, 1000)
        wait_for(program, job, "done")
        told = program.get(job).json()
        equal((told["below"], told["looked_at"], told["primes"]), (1000, 1000, 168))
        equal([one["id"] for one in program.get("/jobs").json()["jobs"]], [1])


@test
def a_running_job_is_cancelled_and_makes_room_for_the_next():
    with folder() as path, jobs(path, "--workers", 1) as program:
        first, second = add(program, LONG), add(program, 100)
        wait_for(program, first, "running")
        equal(state(program, second), "waiting")
        equal(program.ask("DELETE", first).status, 202)
        wait_for(program, first, "cancelled")
        wait_for(program, second, "done")
        equal(program.ask("DELETE", first).status, 409)
        equal(program.ask("DELETE", "/jobs/77").status, 404)


@test
def a_waiting_job_that_is_cancelled_never_runs():
    with folder() as path, jobs(path, "--workers", 1, "--finish", 0) as program:
        first, second = add(program, LONG), add(program, LONG)
        wait_for(program, first, "running")
        equal(program.ask("DELETE", second).status, 202)
        equal(state(program, second), "cancelled")
        equal(program.get(second).json()["looked_at"], 0)


@test
def what_too_many_ask_for_is_refused():
    with folder() as path, jobs(path, "--workers", 1, "--finish", 0) as program:
        first = add(program, LONG)
        wait_for(program, first, "running")
        waiting = [add(program, LONG) for _ in range(100)]
        answer = program.ask("POST", "/jobs", '{"below": 1}', {"Content-Type": "application/json"})
        equal((answer.status, answer.headers["Retry-After"]), (503, "5"))
        program.ask("DELETE", waiting[0])
        answer = program.ask("POST", "/jobs", '{"below": 1}', {"Content-Type": "application/json"})
        assert answer.status in (202, 503), answer.status


@test
def what_is_no_job_is_refused_with_a_reason():
    with folder() as path, jobs(path) as program:
        for body, status, words in (("{", 400, ""), ("{}", 422, "below"),
                                    ('{"below": -1}', 422, "below"),
                                    ('{"below": "x"}', 422, "below")):
            answer = program.ask("POST", "/jobs", body, {"Content-Type": "application/json"})
            equal(answer.status, status)
            holds(answer.body, words)
        equal(program.get("/jobs/1").status, 404)
        equal(program.get("/jobs/x").status, 404)


def events(response):
    event = {}
    while line := response.readline():
        line = line.decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if line and name:
            event[name] = value
        elif event:
            yield event
            event = {}


@test
def progress_is_told_as_it_is_made():
    with folder() as path, jobs(path) as program, program.connection() as connection:
        job = add(program, 3000000)
        connection.request("GET", job + "/events")
        response = connection.getresponse()
        equal(response.headers["Content-Type"], "text/event-stream")
        told = list(events(response))
        steps = [json.loads(event["data"])["looked_at"] for event in told]
        equal((steps, steps[-1]), (sorted(steps), 3000000))
        assert len(steps) > 3, steps
        equal(told[-1]["event"], "end")
        equal(json.loads(told[-1]["data"])["primes"], 216816)


@test
def a_follower_who_leaves_disturbs_nobody():
    with folder() as path, jobs(path, "--finish", 0) as program:
        job = add(program, LONG)
        with program.connection() as connection:
            connection.request("GET", job + "/events")
            connection.getresponse().readline()
        wait_for(program, job, "running")


@test
def a_stop_ends_followers_and_keeps_what_is_not_done():
    with folder() as path:
        with jobs(path, "--workers", 1, "--finish", 0) as program:
            first, second = add(program, LONG), add(program, 1000)
            with program.connection() as connection:
                connection.request("GET", first + "/events")
                response = connection.getresponse()
                until(lambda: program.get(first).json()["looked_at"] > 0, "progress")
                equal(program.stop(), 0)
                response.read()
        kept = json.loads((pathlib.Path(path) / "jobs.json").read_text())
        equal([one["id"] for one in kept], [1, 2])
        assert kept[0]["looked_at"] > 0, kept
        with jobs(path, "--workers", 2, "--finish", 0) as program:
            wait_for(program, second, "done")
            assert program.get(first).json()["looked_at"] >= kept[0]["looked_at"]
            equal(add(program, 10), "/jobs/3")


@test
def a_stop_lets_a_short_job_finish():
    with folder() as path:
        with jobs(path, "--finish", 60) as program:
            job = add(program, 2000000)
            wait_for(program, job, "running")
        equal(json.loads((pathlib.Path(path) / "jobs.json").read_text()), [])


main()
