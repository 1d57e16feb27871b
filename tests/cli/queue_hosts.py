#!/usr/bin/env python3
"""bide fetch --queue on three hosts, of which one dies and one is cut off: every URL is done, and
what the workers that lived print has none twice."""
from hosts import CLAIM, finish_three, lose_two, network
from lists import Site, printed, work_list
from tool import equal, main, test

URLS = 600


@test
def every_url_is_done_though_one_host_dies_and_one_is_cut_off():
    with network() as hosts, work_list(address=hosts[0].address) as work, \
            Site(0.05, address=hosts[0].address) as site:
        urls = site.urls(URLS)
        work.add(urls)
        workers = [work.worker("-j", "4", "--queue-claim", CLAIM, under=host.under)
                   for host in hosts]
        site.until_asked(URLS // 4)
        lose_two(work, hosts, workers)
        runs = finish_three(workers, 0)
        equal(sorted(work.results()), sorted(urls))
        state = work.state()
        equal((state["left"], state["done"], state["dead"]), (0, URLS, 0))
        printed(*runs)
        print(f"# {URLS} URLs; printed by those that lived: {[run.out.count(10) for run in runs]}; "
              f"repeats: {state['repeats']}")


main()
