#!/usr/bin/env python3
"""examples/apps/scheduler from outside; its parser of cron lines has tests of its own.

    scheduler.py SCHEDULER PAGE.HTML
"""
import contextlib
import os
import pathlib
import subprocess

from outside import ARGS, Skip, browser, equal, folder, holds, main, running, test, until

SCHEDULER, PAGE = ARGS[:2]


@contextlib.contextmanager
def scheduler(text, **options):
    with folder() as path:
        conf = pathlib.Path(path) / "jobs.conf"
        conf.write_text(text)
        with running(SCHEDULER, "--address", "127.0.0.1:0", "--page", PAGE, conf,
                     **options) as program:
            program.folder = pathlib.Path(path)
            yield program


def job(program, name):
    return next(one for one in program.get("/jobs").json()["jobs"] if one["name"] == name)


def refused(text):
    with folder() as path:
        conf = pathlib.Path(path) / "jobs.conf"
        conf.write_text(text)
        done = subprocess.run([SCHEDULER, "--address", "127.0.0.1:0", conf], capture_output=True,
                              text=True, timeout=20)
        assert done.returncode == 1, done
        return done.stderr


@test
def a_job_at_an_interval_runs_again_and_again():
    with scheduler("[tick]\nwhen = every 50ms\ndo = run echo hello\n") as program:
        until(lambda: job(program, "tick")["runs"] >= 3, "three runs")
        told = job(program, "tick")
        equal((told["failed"], told["last"]["well"], told["last"]["said"]), (0, True, "hello"))


@test
def a_job_by_a_cron_line_waits_for_its_time():
    with scheduler("[yearly]\nwhen = @yearly\ndo = run echo\n") as program:
        told = job(program, "yearly")
        equal(told["runs"], 0)
        assert told["next"] > 0 and "last" not in told, told


@test
def a_job_is_run_at_once_when_somebody_wants_it():
    with scheduler("[on demand]\nwhen = @yearly\ndo = run echo here\n") as program:
        equal(program.ask("POST", "/jobs/on%20demand/run").status, 202)
        until(lambda: job(program, "on demand")["runs"] == 1, "a run")
        equal(program.ask("POST", "/jobs/other/run").status, 404)


@test
def a_job_never_overlaps_itself_and_what_it_misses_is_left_out():
    with scheduler("[slow]\nwhen = every 50ms\ndo = run sh -c 'x'\n"
                   .replace("sh -c 'x'", "sleep 0.3")) as program:
        until(lambda: job(program, "slow")["runs"] >= 2, "two runs")
        assert job(program, "slow")["skipped"] >= 1


@test
def what_a_job_misses_is_made_up_for_once_if_it_is_to_be_queued():
    with scheduler("[slow]\nwhen = every 100ms\ndo = run sleep 0.25\noverlap = queue\n") as program:
        until(lambda: job(program, "slow")["runs"] >= 3, "three runs")
        told = job(program, "slow")
        assert told["last"]["began"] > 0, told


@test
def a_job_that_takes_too_long_is_ended_and_told_of():
    with scheduler("[hang]\nwhen = every 100ms\ndo = run sleep 100\ntimeout = 200ms\n") as program:
        until(lambda: job(program, "hang")["failed"] >= 1, "a failure")
        holds(job(program, "hang")["last"]["said"], "timed out after 0.2 s")
    holds(program.said, "hang: timed out")


@test
def a_program_that_fails_is_told_of_with_its_last_line():
    with scheduler("[bad]\nwhen = every 100ms\ndo = run ls /no/such/file\n") as program:
        until(lambda: job(program, "bad")["failed"] >= 1, "a failure")
        holds(job(program, "bad")["last"]["said"], "ls exited with 2: ")


@test
def a_cache_is_warmed_and_health_is_checked():
    with scheduler("[none]\nwhen = @yearly\ndo = run true\n") as site:
        text = (f"[warm]\nwhen = every 100ms\ndo = warm {site.url}/ {site.url}/jobs\n"
                f"[well]\nwhen = every 100ms\ndo = check {site.url}/jobs\n"
                f"[ill]\nwhen = every 100ms\ndo = check {site.url}/nothing\n")
        with scheduler(text) as program:
            for name in ("warm", "well", "ill"):
                until(lambda: job(program, name)["runs"] >= 1, name)
            holds(job(program, "warm")["last"]["said"], "2 pages are warm")
            holds(job(program, "well")["last"]["said"], "200 after")
            holds(job(program, "ill")["last"]["said"], "404")
            equal(job(program, "ill")["failed"], job(program, "ill")["runs"])


@test
def a_log_is_rotated_when_it_is_large_enough():
    with folder() as path:
        log = pathlib.Path(path) / "a.log"
        text = f"[rotate]\nwhen = @yearly\ndo = rotate {log} 1K 2\n"
        with scheduler(text) as program:
            for round, size in enumerate((10, 2000, 3000, 4000), 1):
                log.write_bytes(b"%d" % round * size)
                program.ask("POST", "/jobs/rotate/run")
                until(lambda: job(program, "rotate")["runs"] == round, f"run {round}")
            equal(sorted(os.listdir(path)), ["a.log.1", "a.log.2"])
            equal((pathlib.Path(path) / "a.log.1").read_bytes()[:1], b"4")
            equal((pathlib.Path(path) / "a.log.2").read_bytes()[:1], b"3")


@test
def a_stop_ends_what_runs_and_leaves_nothing_behind():
    with scheduler("[long]\nwhen = every 100ms\ndo = run sleep 98.765\n") as program:
        until(lambda: job(program, "long")["running"], "a run")
        equal(program.stop(), 0)
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert "sleep 98.765" not in left.splitlines(), left


@test
def mistakes_in_the_file_are_told_with_their_line():
    holds(refused(""), "there are no jobs")
    holds(refused("when = every 1s\n"), "jobs.conf:1: a job begins with its [name]")
    holds(refused("[a]\nwhen = every 1x\n"), "jobs.conf:2: not a time")
    holds(refused("[a]\n# x\nwhen = 61 * * * *\n"), "jobs.conf:3: the minute is not right")
    holds(refused("[a]\nwhen = 0 0 31 2 *\n"), "there is no such day")
    holds(refused("[a]\ndo = dance\n"), "there is no such action")
    holds(refused("[a]\ndo = check\n"), "check URL")
    holds(refused("[a]\noverlap = maybe\n"), "skip, or queue")
    holds(refused("[a]\ncolour = red\n"), "there is no such setting")
    holds(refused("[a]\nwhen = @daily\n"), "needs both when and do")
    holds(refused("[a]\nwhen = @daily\ndo = run x\n[a]\n"), "jobs.conf:4: there is a job of that")


@test
def the_page_shows_the_jobs_and_runs_one():
    try:
        browser.program()
    except browser.Missing as why:
        raise Skip(why) from None
    with scheduler("[one]\nwhen = @yearly\ndo = run echo <b>done</b>\n") as program:
        with browser.Browser() as chromium:
            page = chromium.open(program.url + "/")
            page.wait_for("document.querySelectorAll('li').length == 1")
            page.click("button[data-job=one]")
            page.wait_for("document.querySelector('.well')")
            holds(page.text(), "<b>done</b>")           # as text, not as HTML
            equal(page.errors(), [])


main()
