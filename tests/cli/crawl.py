#!/usr/bin/env python3
"""bide crawl: over a site of a thousand pages, within bounds, and on again after any end."""
import collections
import contextlib
import json
import os
import random
import signal
import time

import site_of_pages as pages
from servers import Server, free_port, raw, reply
from tool import TIME_LIMIT, bide, equal, finish, folder, holds, main, start, test

MEMBERS = ["url", "status", "depth", "title", "links", "bytes", "seconds", "noindex", "error"]


def crawl(*words, **options):
    return bide("crawl", *words, **options)


def asked(server):
    """Every path that was asked for, robots.txt aside."""
    found = [head.split()[1] for head, _ in server.requests]
    return [where for where in found if where != "/robots.txt"]


@contextlib.contextmanager
def whole_site():
    """The site and another host, which nobody is to ask for anything."""
    with Server(reply()) as elsewhere:
        with Server(pages.behaviour(lambda: site.url, elsewhere.url)) as site:
            yield site
        equal(elsewhere.requests, [])


def small_site(documents, robots="", status="404 Not Found"):
    """A server of a few pages: path to HTML, or to a behaviour."""
    def behave(connection, head):
        where = head.split()[1].decode()
        if where == "/robots.txt":
            answer = reply(robots.encode()) if robots else reply(b"", status)
        else:
            answer = documents.get(where, pages.html(b"", "404 Not Found"))
            if isinstance(answer, str):
                answer = pages.html(answer.encode())
        return answer(connection, head)
    return Server(behave)


def link(*names):
    return "".join(f'<a href="{name}">to {name}</a>' for name in names)


def check_site(site, lines):
    """Each page once, and what each says."""
    base = site.url
    found = {line["url"].removeprefix(base): line for line in lines}
    equal(len(found), len(lines))
    equal(sorted(found), sorted(pages.reachable()))
    for where in asked(site):
        assert not where.startswith(pages.FORBIDDEN), where
    for n in range(pages.PAGES):
        line = found[pages.path(n)]
        equal((line["status"], line["title"], line["error"]), (200, f"Page {n} &c", None))
        for other in pages.neighbours(n):
            assert base + pages.path(other) in line["links"], line
        assert all(to.startswith("http://") for to in line["links"]), line
    by_kind = collections.defaultdict(list)
    for where, line in found.items():
        by_kind[where.split("/")[1]].append(line)
    for line in by_kind["redirect"]:
        equal((line["status"], line["links"]), (302, [line["url"].replace("redirect", "target")]))
    assert all(line["status"] == 404 and line["error"] is None for line in by_kind["broken"])
    assert all(line["status"] == 500 for line in by_kind["error"])
    assert all(line["error"]["code"] == "EEOF" for line in by_kind["drop"])
    assert all(line["bytes"] > pages.HUGE for line in by_kind["huge"])
    assert all(line["title"] == "meta" and line["links"] for line in by_kind["meta"])
    assert all((line["title"], line["links"], line["noindex"]) == (None, [], True)
               for line in by_kind["header"])
    assert all((line["bytes"], line["links"]) == (0, []) for line in by_kind["binary"])


@test
def a_thousand_pages_are_each_fetched_once():
    with whole_site() as site:
        started = time.monotonic()
        done = crawl("-j", "50", "--per-host", "50", site.url)
        took = time.monotonic() - started
        equal((done.status, done.err), (1, b""))        # some pages break off
        check_site(site, done.lines())
        equal(sorted(asked(site)), sorted(pages.reachable()))
        print(f"# {len(done.lines())} pages in {took:.1f} s")
        assert took < TIME_LIMIT / 2, took


@test
def a_line_has_every_member():
    body = "<title>One</title>" + link("/two", "http://b.test/")
    with small_site({"/": body}) as site:
        done = crawl("--pages", "1", site.url + "#here")
        equal((done.status, done.err), (0, b""))
        [line] = done.lines()
        equal(list(line), MEMBERS)
        assert 0 < line.pop("seconds") < 10
        equal(line, {"url": site.url + "/", "status": 200, "depth": 0, "title": "One",
                     "links": [site.url + "/two", "http://b.test/"], "bytes": len(body),
                     "noindex": False, "error": None})


@test
def one_job_goes_breadth_first():
    tree = {"/": link("/a", "/b"), "/a": link("/a1", "/a2"), "/b": link("/b1", "/"),
            "/a1": link("/deep"), "/a2": "", "/b1": "", "/deep": ""}
    with small_site(tree) as site:
        lines = crawl("-j1", site.url).lines()
        equal([(line["url"].removeprefix(site.url), line["depth"]) for line in lines],
              [("/", 0), ("/a", 1), ("/b", 1), ("/a1", 2), ("/a2", 2), ("/b1", 2), ("/deep", 3)])


@test
def depth_is_the_shortest_way_however_slow():
    def slow(connection, head):
        time.sleep(0.3)
        return pages.html(link("/x").encode())(connection, head)
    tree = {"/": link("/a", "/slow"), "/a": link("/b"), "/b": link("/x"), "/slow": slow,
            "/x": link("/y"), "/y": link("/z"), "/z": ""}
    with small_site(tree) as site:
        lines = crawl("--depth", "3", site.url).lines()
        equal({line["url"].removeprefix(site.url): line["depth"] for line in lines},
              {"/": 0, "/a": 1, "/slow": 1, "/b": 2, "/x": 2, "/y": 3})
        equal(len(crawl("--depth", "0", site.url).lines()), 1)


@test
def pages_and_bytes_are_limited():
    with whole_site() as site:
        equal(len(crawl("--pages", "37", site.url).lines()), 37)
        equal(len(asked(site)), 37)
    endless = small_site({})
    endless.behave = lambda connection, head: pages.html(
        b"x" * 1000 + f"<a href='{head.split()[1].decode()}1'>".encode())(connection, head)
    with endless as site:
        equal(len(crawl("-j1", "--max-total", "10000", "--ignore-robots", site.url).lines()), 10)
        [line] = crawl("--max-size", "500", "--ignore-robots", site.url).lines()
        equal((line["error"]["code"], line["links"]), ("ELIMIT", []))


@test
def a_host_gets_its_share_and_its_pause():
    def slow(connection, head):
        time.sleep(0.05)
        return pages.html(link(*[f"/{i}" for i in range(20)]).encode())(connection, head)
    with Server(slow) as site:
        equal(crawl("-j", "20", "--per-host", "3", "--ignore-robots", site.url).status, 0)
        equal(site.most_running, 3)
    moments = []

    def note(connection, head):
        moments.append(time.monotonic())
        return pages.html(link(*[f"/{i}" for i in range(9)]).encode())(connection, head)
    with Server(note) as site:
        equal(crawl("--delay", "0.1", site.url).status, 0)
        equal(len(moments), 11)
        gaps = [after - before for before, after in zip(moments, moments[1:])]
        assert min(gaps) > 0.05 and moments[-1] - moments[0] >= 0.99, gaps


@test
def a_crawl_delay_is_kept_to_up_to_a_cap():
    tree = {"/": link("/a", "/b"), "/a": "", "/b": ""}
    for wish, words, least in ((0.3, (), 0.89), (30, ("--max-delay", "0.1"), 0.29)):
        with small_site(tree, robots=f"User-agent: bide\nCrawl-delay: {wish}\n") as site:
            started = time.monotonic()
            equal(len(crawl(*words, site.url).lines()), 3)
            took = time.monotonic() - started
            assert least <= took < 30, (words, took)


@test
def robots_txt_is_heeded_as_the_rfc_has_it():
    tree = {"/": link("/a", "/b"), "/a": "", "/b": ""}

    def crawled(robots="", status="404 Not Found", words=()):
        with small_site(tree, robots, status) as site:
            done = crawl(*words, site.url)
            equal(sum("/robots.txt " in head for head, _ in site.requests),
                  0 if "--ignore-robots" in words else 1)
            return done, [line["url"].removeprefix(site.url) for line in done.lines()]
    equal(sorted(crawled()[1]), ["/", "/a", "/b"])
    equal(sorted(crawled(status="403 Forbidden")[1]), ["/", "/a", "/b"])
    equal(sorted(crawled("User-agent: *\nDisallow: /a\n")[1]), ["/", "/b"])
    equal(sorted(crawled("User-agent: *\nDisallow: /\n\nUser-agent: BIDE/1\nDisallow: /b")[1]),
          ["/", "/a"])
    equal(sorted(crawled("User-agent: *\nDisallow: /", words=("--ignore-robots",))[1]),
          ["/", "/a", "/b"])
    equal(sorted(crawled("User-agent: mine\nDisallow: /a", words=("--user-agent", "Mine/2"))[1]),
          ["/", "/b"])
    done, _ = crawled("User-agent: *\nDisallow: /")
    equal((done.status, done.lines()[0]["error"]["code"]), (1, "EACCES"))
    done, _ = crawled(status="503 Service Unavailable")
    equal((done.status, done.lines()[0]["error"]["code"]), (1, "EHTTP"))
    holds(done.lines()[0]["error"]["message"], "robots.txt: ")


@test
def robots_txt_may_be_elsewhere():
    with small_site({"/rules": reply(b"User-agent: *\nDisallow: /a")}) as other:
        tree = {"/": link("/a", "/b"), "/b": ""}
        with small_site(tree, status=f"301 Moved\r\nLocation: {other.url}/rules") as site:
            lines = crawl(site.url).lines()
            equal([line["url"].removeprefix(site.url) for line in lines], ["/", "/b"])


@test
def other_hosts_are_followed_when_asked():
    with small_site({"/": "<title>other</title>"}) as other:
        with small_site({"/": link(other.url)}) as site:
            equal(len(crawl(site.url).lines()), 1)
            equal(len(other.requests), 0)
            for words in (("--any-host",), ("--allow", other.url.removeprefix("http://"))):
                titles = [line["title"] for line in crawl(*words, site.url).lines()]
                equal(titles, [None, "other"])
        moved = {"/": reply(b"", "301 Moved", f"Location: {other.url}/\r\n")}
        with small_site(moved) as site:
            done = crawl(site.url)
            equal(done.status, 0)
            holds(done.err, f"{site.url}/ leads to another host (see --allow): {other.url}/\n")
            equal(len(crawl("--any-host", site.url).lines()), 2)


@test
def one_dead_host_holds_nobody_up():
    with small_site({"/a": "", "/b": ""}) as site:
        dead = f"http://127.0.0.1:{free_port()}"
        done = crawl("--any-host", dead, site.url + "/a", dead + "/x", site.url + "/b")
        equal(done.status, 1)
        lines = done.by_url()
        equal([lines[site.url + where]["status"] for where in ("/a", "/b")], [200, 200])
        equal([lines[dead + where]["error"]["code"] for where in ("/", "/x")],
              ["ECONNREFUSED"] * 2)


@test
def traps_end():
    def circle(connection, head):
        where = head.split()[1].decode()
        return pages.html(link("a/", "b/").encode() if where.count("/") < 30 else b"")(
            connection, head)
    with Server(circle) as site:
        lines = crawl("--ignore-robots", "--pages", "300", site.url).lines()
        assert not any("/a/a/a/a/" in line["url"] for line in lines)
    calendar = small_site({})
    calendar.behave = lambda connection, head: pages.html(
        link(f"/day?d={len(calendar.requests)}").encode())(connection, head)
    with calendar as site:
        equal(len(crawl("--ignore-robots", "--max-queries", "20", site.url).lines()), 21)
    with small_site({"/": link("/" + "x" * 3000, "/ok"), "/ok": ""}) as site:
        equal(len(crawl(site.url).lines()), 2)


@test
def a_page_that_is_made_to_hurt_does_not():
    nested = "<div>" * 100_000 + link("/deep")
    bold = "".join(f"<b id={i}><p>" for i in range(3000))
    tree = {"/": link("/nested", "/bold", "/fine"), "/nested": nested, "/bold": bold, "/fine": ""}
    with small_site(tree) as site:
        started = time.monotonic()
        lines = crawl(site.url).by_url()
        assert time.monotonic() - started < TIME_LIMIT
        equal(lines[site.url + "/fine"]["error"], None)
        equal(lines[site.url + "/bold"]["error"]["code"], "ELIMIT")
        line = lines[site.url + "/nested"]
        assert line["error"] is None or line["error"]["code"] == "ELIMIT", line


@test
def what_a_server_sends_cannot_break_a_line():
    odd = b'<title>\xff"\\\x01</title><a href="/\xe4\xf6 x%zz">'
    with small_site({"/": pages.html(odd)}) as site:
        done = crawl("-j1", site.url)
        line = done.lines()[0]
        equal(line["title"].replace("\ufffd", "?")[:3], '?"\\')
        assert line["links"][0].isascii(), line
    for broken in (raw(b"nonsense\r\n\r\n"), raw(b""), raw(b"HTTP/1.1 200 OK\r\nContent-Le")):
        with Server(broken) as site:
            done = crawl("--ignore-robots", site.url)
            equal(done.status, 1)
            assert done.lines()[0]["error"], done.out


# ---- the state file ----

def lines_of(file):
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def done_in(state):
    """What a state file calls done, and has a line."""
    found, done = [], set()
    with open(state, "rb") as file:
        for line in file.read().decode().split("\n")[1:-1]:
            kind, first, *rest = line.split(" ")
            if kind == "u":
                found.append(rest[0])
            elif kind == "d":
                done.add(found[int(first)])
    return done


@test
def killed_again_and_again_it_loses_nothing_and_doubles_nothing():
    dice = random.Random(4)
    with whole_site() as site, folder() as path:
        state, output = os.path.join(path, "state"), os.path.join(path, "lines")
        words = ("crawl", "-j20", "--per-host", "20", "--state", state, "-o", output, site.url)
        kills = 0
        while True:
            before = done_in(state) if os.path.exists(state) else set()
            first = len(site.requests)
            process = start(*words)
            try:
                process.wait(0.2 + dice.random() / 3 if kills < 6 else 60)
                break
            except Exception:           # still running: now it is not
                process.kill()
                finish(process)
                kills += 1
            again = {site.url + where for where in asked(site)[first:]} & before
            equal(again, set())
        equal(finish(process).status, 1)
        print(f"# killed {kills} times")
        assert kills >= 2, kills
        check_site(site, lines_of(output))


@test
def ctrl_c_keeps_the_state_and_the_next_run_goes_on():
    with whole_site() as site, folder() as path:
        state = os.path.join(path, "state")
        process = start("crawl", "--summary", "--state", state, site.url)
        while len(site.requests) < 200:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        first = finish(process)
        equal(first.status, 130)
        holds(first.err, " not done\n")
        second = crawl("-j50", "--summary", "--state", state, site.url)
        equal(second.status, 1)
        holds(second.err, f"  earlier  {len(first.lines())} pages\n")
        check_site(site, first.lines() + second.lines())
        third = crawl("--state", state, site.url)
        equal((third.status, third.out, third.err), (0, b"", b""))


@test
def a_limit_of_pages_can_be_raised():
    with whole_site() as site, folder() as path:
        state, output = os.path.join(path, "state"), os.path.join(path, "lines")
        for count in (10, 10, 25):
            crawl("--pages", str(count), "--state", state, "-o", output, site.url)
            equal(len(lines_of(output)), count)
        equal(len(asked(site)), 25)


@test
def a_state_of_something_else_is_refused():
    with small_site({"/": ""}) as site, folder() as path:
        state, output = os.path.join(path, "state"), os.path.join(path, "lines")
        equal(crawl("--state", state, "-o", output, site.url).status, 0)
        done = crawl("--state", state, "--depth", "3", site.url)
        equal(done.status, 2)
        holds(done.err, "is of a crawl with other options: 'depth=any', not 'depth=3'")
        open(output, "w").close()
        done = crawl("--state", state, "-o", output, site.url)
        equal((done.status, done.err.decode()),
              (2, f"bide crawl: {output}: is shorter than {state} says that it was\n"))
        with open(state, "w", encoding="utf-8") as file:
            file.write("something else\n")
        holds(crawl("--state", state, site.url).err, "is no state file of bide crawl")
        holds(crawl("--state", path, site.url).err, "Is a directory")


@test
def two_crawls_do_not_share_a_state():
    def never(_connection, _head):
        time.sleep(3)
        return False
    with Server(never) as site, folder() as path:
        state = os.path.join(path, "state")
        process = start("crawl", "--state", state, site.url)
        while not site.requests:
            time.sleep(0.01)
        done = crawl("--state", state, site.url)
        equal((done.status, done.err.decode()),
              (2, f"bide crawl: {state}: another crawl is using it\n"))
        process.send_signal(signal.SIGINT)
        equal(finish(process).status, 130)


@test
def an_output_that_breaks_ends_the_run():
    with whole_site() as site, folder() as path:
        with open("/dev/full", "wb") as full:
            done = crawl(site.url, stdout=full)
        full = "No space left on device\n"
        equal((done.status, done.err.decode()), (1, f"bide crawl: standard output: {full}"))
        done = crawl("-o", "/dev/full", site.url)
        equal((done.status, done.err.decode()), (1, f"bide crawl: /dev/full: {full}"))
        done = crawl("--state", "/dev/full", site.url)
        equal((done.status, done.err), (2, b"bide crawl: /dev/full: is no plain file\n"))
        done = crawl("-o", os.path.join(path, "none", "lines"), site.url)
        equal(done.status, 2)
        process = start("crawl", site.url)
        process.stdout.read(10)
        process.stdout.close()
        process.stdout = None
        assert finish(process).status in (0, 1)


@test
def wrong_questions_are_refused():
    def refused(sentence, *words):
        done = crawl(*words)
        equal((done.status, done.out, done.err.decode()), (2, b"", f"bide crawl: {sentence}\n"))
    refused("no URL to begin with (see bide crawl --help)")
    for url in ("ftp://a/", "http://", "http://a:99999/"):
        done = crawl(url)
        equal(done.status, 2)
        holds(done.err, f"bide crawl: {url}: the ")
    refused("--allow: expected a host such as example.org, got 'a/b'",
            "--allow", "a/b", "http://a/")
    refused("--depth: expected at most 65534", "--depth", "70000", "http://a/")
    refused("--jobs: expected at most 10000", "-j", "10001", "http://a/")
    refused("--user-agent: expected one line of text", "--user-agent", "", "http://a/")


@test
def a_summary_counts_what_was_not_followed():
    start_page = link("/a", "/no", "http://b.test/", "/x/x/x/x/x/")
    tree = {"/": start_page + "<a rel=nofollow href=/n>n</a>", "/a": ""}
    with small_site(tree, robots="User-agent: *\nDisallow: /no") as site:
        done = crawl("--summary", site.url)
        holds(done.err, "Fetched 2 URLs in ")
        holds(done.err, "  found    3 URLs; not followed: 1 links to other hosts, 1 forbidden by "
                        "robots.txt, 1 nofollow, 1 likely traps\n")
        equal(crawl("-q", "--summary", site.url).err, b"")


main()
