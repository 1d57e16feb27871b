"""What the tests of bide crawl --queue share: a site whose requests are counted, and the check that
all of it was crawled."""
import contextlib
import time

import site_of_pages as pages
from servers import Server, listen, reply
from tool import equal

OPTIONS = ("-j", "10", "--per-host", "10", "--queue-claim", "1", "--queue-tries", "2")


@contextlib.contextmanager
def whole_site(seconds=0.0, address="127.0.0.1"):
    """The site and another host, which nobody is to ask for anything."""
    with Server(reply(), listen(address)) as elsewhere:
        behave = pages.behaviour(lambda: site.url, elsewhere.url)

        def slowly(connection, head):
            time.sleep(seconds)
            return behave(connection, head)
        with Server(slowly, listen(address)) as site:
            yield site
        equal(elsewhere.requests, [])


def check(work, site):
    """Every page is done once, but those that break off, which are put aside."""
    lines = work.results()
    found = {url.removeprefix(site.url) for url in lines}
    dead = {one["item"].removeprefix(site.url) for one in work.queue("dead").lines()}
    equal(sorted(found | dead), sorted(pages.reachable()))
    assert all(where.startswith("/drop/") for where in dead), dead
    for head, _ in site.requests:
        assert not head.split()[1].startswith(pages.FORBIDDEN), head
    for n in range(pages.PAGES):
        line = lines[site.url + pages.path(n)]
        equal((line["status"], line["title"], line["error"]), (200, f"Page {n} &c", None))
    equal((work.state()["left"], work.state()["dead"]), (0, len(dead)))
