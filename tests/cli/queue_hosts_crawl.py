#!/usr/bin/env python3
"""bide crawl --queue on three hosts, of which one dies and one is cut off: every page is crawled,
and what the workers that lived print has none twice."""
import crawls
import site_of_pages as pages
from hosts import CLAIM, finish_three, lose_two, network
from lists import printed, work_list
from tool import main, test


@test
def every_page_is_crawled_though_one_host_dies_and_one_is_cut_off():
    with network() as hosts, work_list(address=hosts[0].address) as work, \
            crawls.whole_site(0.04, hosts[0].address) as site:
        workers = [work.worker("-j", "4", "--per-host", "4", "--queue-claim", CLAIM, site.url,
                               command="crawl", under=host.under) for host in hosts]
        site.until_asked(pages.PAGES // 4)
        lose_two(work, hosts, workers)
        runs = finish_three(workers, 0, 1)       # some pages break off
        crawls.check(work, site)
        printed(*runs)
        print(f"# {len(pages.reachable())} pages; printed by those that lived: "
              f"{[run.out.count(10) for run in runs]}; repeats: {work.state()['repeats']}")


main()
