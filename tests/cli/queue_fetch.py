#!/usr/bin/env python3
"""bide fetch --queue and bide queue: workers that share a list, die, stall and come back."""
import contextlib
import os
import signal
import time

from certificates import authority
from lists import List, Site, finish_all, printed, work_list
from servers import free_port
from tool import (bide, equal, fetch, finish, folder, holds, main, start, test)

COUNT = 300


def all_done(work, urls):
    equal(sorted(work.results()), sorted(urls))
    state = work.state()
    equal((state["left"], state["done"], state["dead"]), (0, len(urls), 0))
    equal(state["workers"], [])


# ---- together ----

@test
def two_workers_share_a_list():
    with work_list() as work, Site() as site:
        urls = site.urls(COUNT)
        work.add(urls)
        workers = [work.worker("-j", "8") for _ in range(2)]
        runs = finish_all(workers)
        equal([run.status for run in runs], [0, 0])
        equal(sorted(printed(*runs)), sorted(urls))
        assert all(len(run.lines()) > COUNT // 5 for run in runs), [len(r.lines()) for r in runs]
        equal(set(site.asked().values()), {1})
        all_done(work, urls)


@test
def the_same_input_given_to_two_workers_is_fetched_once():
    with work_list() as work, Site() as site, folder() as path:
        urls = site.urls(COUNT)
        with open(os.path.join(path, "urls"), "w", encoding="utf-8") as file:
            file.writelines(f"{url}\n" for url in urls)
        workers = [work.worker("-i", file.name) for _ in range(2)]
        equal(sorted(printed(*finish_all(workers))), sorted(urls))
        equal(set(site.asked().values()), {1})
        all_done(work, urls)


@test
def what_is_done_is_not_done_again():
    with work_list() as work, Site(0) as site:
        urls = site.urls(20)
        equal(work.work(*urls).status, 0)
        done = work.work(*urls)
        equal((done.status, done.out), (0, b""))
        equal(len(site.requests), 20)
        # Nor if somebody puts it there who does not ask.
        work.ask("XADD", work.name, "*", "item", urls[0])
        done = work.work()
        equal((done.status, done.out), (0, b""))
        holds(done.err, "1 URL done by others meanwhile")
        equal(work.state()["repeats"], 1)


@test
def bodies_are_named_by_the_number_in_the_list():
    with work_list() as work, Site(0) as site, folder() as path:
        work.add(site.urls(3))
        equal(work.work("-o", path).status, 0)
        equal(sorted(name.split("-")[0] for name in os.listdir(path)),
              ["000001", "000002", "000003"])


@test
def a_worker_that_stays_waits_for_more():
    with work_list() as work, Site(0) as site:
        worker = work.worker("--queue-stay")
        work.until(lambda state: len(state["workers"]) == 1)
        work.add(site.urls(5))
        work.until(lambda state: state["done"] == 5)
        worker.send_signal(signal.SIGTERM)
        run = finish(worker)
        equal((run.status, len(run.lines())), (130, 5))


# ---- who dies, stalls and stops ----

@contextlib.contextmanager
def three_in_the_middle():
    """Yields a list, its site, the URLs, and the workers, a third of whose work is done."""
    with work_list() as work, Site() as site:
        urls = site.urls(COUNT)
        work.add(urls)
        workers = [work.worker("-j", "8", "--queue-claim", "1") for _ in range(3)]
        site.until_asked(COUNT // 3)
        yield work, site, urls, workers


@test
def what_a_killed_worker_had_is_done_by_others():
    with three_in_the_middle() as (work, site, urls, workers):
        workers[0].kill()
        runs = finish_all(workers)
        equal([run.status for run in runs], [-signal.SIGKILL, 0, 0])
        equal(sorted(work.results()), sorted(urls))
        asked = site.asked()
        equal(sorted(asked), sorted(urls))
        assert max(asked.values()) <= 2, asked
        equal(work.state()["left"], 0)


@test
def a_worker_that_was_cut_off_does_no_harm_when_it_comes_back():
    with three_in_the_middle() as (work, site, urls, workers):
        workers[0].send_signal(signal.SIGSTOP)
        runs = finish_all(workers[1:])
        equal(sorted(work.results()), sorted(urls))
        workers[0].send_signal(signal.SIGCONT)
        runs.append(finish(workers[0]))
        equal([run.status for run in runs], [0, 0, 0])
        equal(sorted(printed(*runs)), sorted(urls))
        assert max(site.asked().values()) <= 2
        all_done(work, urls)


@test
def one_is_killed_and_one_is_cut_off():
    with three_in_the_middle() as (work, _, urls, workers):
        workers[0].kill()
        workers[1].send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        workers[1].send_signal(signal.SIGCONT)
        runs = finish_all(workers)
        equal([run.status for run in runs], [-signal.SIGKILL, 0, 0])
        equal(sorted(work.results()), sorted(urls))
        equal(work.state()["left"], 0)
        printed(*runs[1:])


@test
def a_slow_url_stays_with_its_worker():
    with work_list() as work, Site(2) as site:
        work.add(site.urls(2))
        workers = [work.worker("-j", "1", "--queue-claim", "0.6") for _ in range(2)]
        equal([run.status for run in finish_all(workers)], [0, 0])
        equal(set(site.asked().values()), {1})


@test
def who_is_stopped_gives_back_what_it_had():
    for by in (signal.SIGINT, signal.SIGTERM):
        with work_list() as work, Site() as site:
            urls = site.urls(30)
            work.add(urls)
            site.hold.clear()
            worker = work.worker("-j", "8")
            site.until_asked(8)
            worker.send_signal(by)
            run = finish(worker)
            equal(run.status, 130)
            holds(run.err, "URLs given back")
            state = work.state()
            equal((state["left"], state["in_hand"], state["workers"]), (30, 0, []))
            assert state["returned"] >= 8, state
            site.hold.set()
            started = time.monotonic()
            other = work.work()
            assert time.monotonic() - started < 20      # the claim time is a minute
            equal(sorted({**printed(run), **printed(other)}), sorted(urls))
            all_done(work, urls)


@test
def who_is_stopped_while_the_list_is_told_prints_what_it_took():
    for status, words in (("200 OK", ()), ("503 Service Unavailable", ("--queue-tries", "1"))):
        with work_list() as work, Site(0.01, status) as site:
            urls = site.urls(COUNT)
            work.add(urls)
            worker = work.worker("-f", "-j", "8", *words)
            site.until_asked(COUNT // 3)
            work.server.process.send_signal(signal.SIGSTOP)
            time.sleep(0.3)                             # the pages come, and are told to nobody
            worker.send_signal(signal.SIGINT)
            time.sleep(0.3)
            work.server.process.send_signal(signal.SIGCONT)
            run = finish(worker)
            equal(run.status, 130)
            other = work.work("-f", *words)
            equal(sorted({**printed(run), **printed(other)}), sorted(urls))
            equal(work.state()["in_hand"], 0)


# ---- what fails ----

@test
def a_url_that_fails_is_tried_again_and_then_put_aside():
    with work_list() as work, Site(0, "503 Service Unavailable") as site:
        [url] = site.urls(1)
        work.add([url])
        done = work.work("-f", "--queue-tries", "3", "--queue-claim", "1")
        equal(done.status, 1)
        [line] = done.lines()
        equal((line["status"], line["error"]["code"]), (503, "EHTTP"))
        equal(len(site.requests), 3)
        state = work.state()
        equal((state["left"], state["dead"], state["done"]), (0, 1, 0))
        [dead] = work.queue("dead").lines()
        equal((dead["item"], dead["tries"], dead["why"]), (url, 3, line))
        site.status = "200 OK"
        equal(work.queue("retry", "another").out, b"0 put back\n")
        equal(work.queue("retry").out, b"1 put back\n")
        equal(work.work("-f").status, 0)
        all_done(work, [url])


@test
def a_url_that_is_wrong_is_put_aside_at_once():
    with work_list() as work, Site(0, "404 Not Found") as site:
        done = work.work("-f", "no url", f"{site.url}/x")
        equal(done.status, 1)
        codes = {line["url"]: line["error"]["code"] for line in done.lines()}
        equal(codes, {"no url": "EURL", f"{site.url}/x": "EHTTP"})
        equal(len(site.requests), 1)
        equal(work.state()["dead"], 2)


@test
def an_item_at_which_workers_die_is_put_aside():
    with work_list() as work, Site(0) as site:
        urls = site.urls(2)
        work.add(urls)
        work.ask("XGROUP", "CREATE", work.name, "bide", "0")
        work.ask("XREADGROUP", "GROUP", "bide", "dying", "COUNT", "1", "STREAMS", work.name, ">")
        done = work.work("--queue-claim", "0.3", "--queue-tries", "1")
        equal((done.status, list(done.by_url())), (1, urls[1:]))
        holds(done.err, "1 URL put aside: handed out too often without an end")
        [dead] = work.queue("dead").lines()
        equal((dead["item"], dead["tries"], dead["why"]),
              (urls[0], 1, "none of the workers that had it came to an end"))


# ---- Redis ----

@test
def redis_may_be_restarted_in_the_middle():
    with work_list(durable=True) as work, Site() as site:
        urls = site.urls(COUNT)
        work.add(urls)
        workers = [work.worker("-j", "8", "--queue-claim", "2") for _ in range(2)]
        site.until_asked(COUNT // 3)
        work.server.stop()
        time.sleep(3)
        work.server.start()
        runs = finish_all(workers)
        equal([run.status for run in runs], [0, 0])
        for run in runs:
            holds(run.err, f"bide fetch: list urls at 127.0.0.1:{work.server.port} is away, ")
            holds(run.err, "is there again\n")
        equal(sorted(printed(*runs)), sorted(urls))
        all_done(work, urls)


@test
def a_redis_that_stays_away_ends_a_worker():
    with work_list() as work, Site() as site:
        work.add(site.urls(COUNT))
        worker = work.worker("-j", "4", "--queue-patience", "1")
        site.until_asked(8)
        work.server.stop()
        run = finish(worker)
        equal(run.status, 1)
        holds(run.err, "given up after ")


@test
def a_list_that_is_dropped_ends_its_workers():
    with work_list() as work, Site(0.2) as site:
        work.add(site.urls(COUNT))
        worker = work.worker("-j", "2")
        site.until_asked(4)
        holds(work.queue("drop").out, "list urls dropped; it had 2")
        equal(finish(worker).status, 0)


@test
def what_cannot_be_reached_is_told():
    port = free_port()
    done = fetch("--queue", f"redis://127.0.0.1:{port}/urls")
    equal((done.status, done.out), (2, b""))
    holds(done.err, f"bide fetch: list urls at 127.0.0.1:{port}: ")
    holds(done.err, "Connection refused")
    for verb in ("show", "results", "dead", "retry", "drain", "drop"):
        done = bide("queue", verb, f"redis://127.0.0.1:{port}/urls")
        equal((done.status, done.out), (1, b""))
        holds(done.err, f"bide queue: list urls at 127.0.0.1:{port}: after ")
    with work_list() as work:
        work.ask("CONFIG", "SET", "requirepass", "secret")
        for user, word in (("", "NOAUTH"), (":wrong@", "WRONGPASS")):
            url = f"redis://{user}127.0.0.1:{work.server.port}/urls"
            done = fetch("--queue", url)
            equal(done.status, 2)
            holds(done.err, word)
            assert b"wrong@" not in done.err, done.err
        good = List(work.server)
        good.url = f"redis://:secret@127.0.0.1:{work.server.port}/urls"
        equal(good.work().status, 0)
        usual = {**os.environ, "REDISCLI_AUTH": "secret"}
        equal(finish(work.worker(env=usual)).status, 0)


@test
def a_list_may_be_behind_tls():
    made, port = authority(), free_port()
    with work_list("--tls-port", str(port), "--tls-cert-file", made.server, "--tls-key-file",
                   made.server, "--tls-ca-cert-file", made.ca, "--tls-auth-clients", "no"):
        url = f"rediss://127.0.0.1:{port}/urls"
        trusting = {**os.environ, "SSL_CERT_FILE": made.ca}
        equal(bide("queue", "add", url, "http://127.0.0.1:1/", env=trusting).status, 0)
        done = fetch("--queue", url, "--queue-tries", "1", env=trusting)
        equal((done.status, [line["url"] for line in done.lines()]), (1, ["http://127.0.0.1:1/"]))
        done = fetch("--queue", url)
        equal(done.status, 2)
        holds(done.err, "certificate")


@test
def a_key_that_is_no_list_is_told():
    with work_list() as work:
        work.ask("SET", "urls", "text")
        done = work.work()
        equal((done.status, done.err.decode()),
              (2, f"bide fetch: list urls at 127.0.0.1:{work.server.port}: there is something "
                  "else of that name, not a stream\n"))
        work.ask("DEL", "urls")
        work.ask("HSET", "urls:counts", "scope", "import")
        done = work.work()
        equal(done.status, 2)
        holds(done.err, "its work is 'import', not 'fetch'")


@test
def urls_of_no_list_are_refused():
    expected = "expected redis://HOST[:PORT][/DATABASE]/STREAM"
    for url, why in (("x", ""), ("http://h/x", ""), ("redis://h", ""),
                     ("redis://h/", ": the stream needs a name"),
                     ("redis://h/0", ": a database alone is no stream"),
                     ("redis://h/x?y=1", ": no query and no fragment"),
                     ("unix:/x", ": or unix:/PATH?[db=DATABASE&]stream=STREAM")):
        done = fetch("--queue", url)
        equal((done.status, done.err.decode()), (2, f"bide fetch: --queue: {expected}{why}\n"))
    done = fetch("--queue-stay", "http://x/")
    equal(done.status, 2)
    equal(done.err, b"bide fetch: --queue-...: there is no --queue\n")
    done = fetch("--queue", "redis://h/x", "--ordered")
    equal(done.status, 2)


# ---- bide queue ----

@test
def adding_waits_while_the_list_is_full():
    with work_list() as work, Site(0) as site:
        urls = site.urls(300)
        adding = start("queue", "add", "--queue-max", "50", work.url, *urls)
        work.until(lambda state: state["left"] == 50)
        time.sleep(0.3)
        equal(work.state()["left"], 50)
        worker = work.worker("--queue-stay")
        equal(finish(adding).out, b"300 added, 0 were there already\n")
        work.until(lambda state: state["done"] == 300)
        worker.send_signal(signal.SIGTERM)
        finish(worker)
        all_done(work, urls)


@test
def what_nobody_works_at_can_be_taken_out():
    with work_list() as work:
        items = [f"item {number}" for number in range(250)]
        work.add(items)
        work.ask("XGROUP", "CREATE", work.name, "bide", "0")
        work.ask("XREADGROUP", "GROUP", "bide", "worker", "COUNT", "1", "STREAMS", work.name, ">")
        done = work.queue("drain")
        equal((done.status, done.out.decode().splitlines()), (0, items[1:]))
        state = work.state()
        equal((state["left"], state["in_hand"], state["added"]), (1, 1, 1))
        equal([worker["in_hand"] for worker in state["workers"]], [1])
        equal(work.queue("add", *items[:3]).out, b"2 added, 1 were there already\n")


@test
def a_list_is_shown_to_people():
    with work_list() as work:
        work.add(["a", "b"])
        done = work.queue("show")
        equal(done.status, 0)
        equal(done.out.decode(), f"list      urls at 127.0.0.1:{work.server.port}\n"
              "left      2: 2 waiting, 0 given back, 0 in hand\n"
              "done      0, and 0 repeats\ndead      0\nworkers   none\n")
        equal(bide("queue", work.url).out, done.out)


@test
def a_list_that_is_not_there_is_told():
    with work_list() as work:
        for verb in ("show", "drain"):
            done = work.queue(verb)
            equal(done.status, 1)
            holds(done.err, "bide queue: there is no list urls at 127.0.0.1:")
        for verb in ("results", "dead"):
            equal((work.queue(verb).status, work.queue(verb).out), (0, b""))


@test
def what_makes_no_sense_is_refused():
    url = "redis://h/x"
    for words, why in (((), "which list? (redis://HOST[:PORT]/STREAM)"),
                       (("fly",), "fly: neither a verb nor a list"),
                       (("show",), "show: which list? (redis://HOST[:PORT]/STREAM)"),
                       ((url, "x"), "show: takes the list alone"),
                       (("add", url), "add: nothing to add: name ITEMs, or a file of them with -i"),
                       (("dead", "--json", url), "dead: prints lines anyway"),
                       (("drain", "-i", "-", url), "drain: there is nothing to be read")):
        done = bide("queue", *words)
        equal((done.status, done.err.decode()),
              (2, f"bide queue: {why} (see bide queue --help)\n"))


main()
