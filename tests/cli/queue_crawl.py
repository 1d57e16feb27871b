#!/usr/bin/env python3
"""bide crawl --queue: workers that share a crawl, and who dies or is stopped in it."""
import signal
import time

import site_of_pages as pages
from crawls import OPTIONS, check, whole_site
from lists import finish_all, printed, work_list
from tool import equal, finish, holds, main, test


def crawlers(work, site, count):
    return [work.worker(*OPTIONS, site.url, command="crawl") for _ in range(count)]


@test
def two_workers_crawl_a_site_together():
    with work_list() as work, whole_site() as site:
        runs = finish_all(crawlers(work, site, 2))
        assert all(len(run.lines()) > 150 for run in runs), [len(run.lines()) for run in runs]
        equal(len(printed(*runs)), len(pages.reachable()))
        check(work, site)


@test
def what_a_killed_worker_had_is_crawled_by_others():
    with work_list() as work, whole_site(0.01) as site:
        workers = crawlers(work, site, 3)
        site.until_asked(300)
        workers[0].kill()
        workers[1].send_signal(signal.SIGSTOP)
        time.sleep(2)
        workers[1].send_signal(signal.SIGCONT)
        runs = finish_all(workers)
        equal(runs[0].status, -signal.SIGKILL)
        printed(*runs[1:])
        check(work, site)


@test
def who_is_stopped_gives_back_what_it_had():
    with work_list() as work, whole_site(0.01) as site:
        [worker] = crawlers(work, site, 1)
        site.until_asked(200)
        worker.send_signal(signal.SIGINT)
        first = finish(worker)
        equal(first.status, 130)
        holds(first.err, "pages given back")
        equal(work.state()["in_hand"], 0)
        second = work.work(*OPTIONS, site.url, command="crawl")
        equal(len(printed(first, second)), len(pages.reachable()))
        check(work, site)


@test
def a_depth_and_a_number_of_pages_end_it():
    with work_list() as work, whole_site() as site:
        done = work.work("--depth", "1", site.url, command="crawl")
        equal((done.status, sorted(line["depth"] for line in done.lines())), (0, [0, 1, 1, 1]))
        equal(work.work("--depth", "1", site.url, command="crawl").out, b"")
    with work_list() as work, whole_site() as site:
        done = work.work("--pages", "5", site.url, command="crawl")
        equal((done.status, len(done.lines())), (0, 5))
        state = work.state()
        equal((state["done"], state["in_hand"], state["workers"]), (5, 0, []))


@test
def workers_must_agree_on_what_belongs_to_it():
    with work_list() as work, whole_site() as site:
        equal(work.work("--pages", "1", site.url, command="crawl").status, 0)
        done = work.work("--pages", "1", "--depth", "3", site.url, command="crawl")
        equal(done.status, 2)
        holds(done.err, "bide crawl: list urls at ")
        holds(done.err, f"its work is 'crawl depth=any {site.url[7:]}', not 'crawl depth=3 ")
        equal(work.work().status, 2)
        done = work.work("--state", "x", site.url, command="crawl")
        equal((done.status, done.err),
              (2, b"bide crawl: --state: the list knows already what is done\n"))


main()
