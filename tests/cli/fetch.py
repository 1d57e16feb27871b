#!/usr/bin/env python3
"""bide fetch when all goes well: results, order, limits, requests, files, input."""
import os
import re
import resource
import subprocess
import time

from servers import Server, free_port, reply
from tool import (demo, equal, fetch, file_in, finish, folder, holds, main, program, start,
                  test)

MEMBERS = ["url", "status", "bytes", "seconds", "attempts", "error"]


@test
def a_result_has_every_member():
    with demo() as url:
        done = fetch(f"{url}/bytes/1000")
        equal((done.status, done.err), (0, b""))
        [line] = done.lines()
        equal(list(line), MEMBERS)
        equal((line["url"], line["status"], line["bytes"], line["attempts"], line["error"]),
              (f"{url}/bytes/1000", 200, 1000, 1, None))
        assert 0 < line["seconds"] < 10, line


@test
def a_hundred_at_once_take_as_long_as_one():
    with demo() as url:
        urls = [f"{url}/delay/1?i={i}" for i in range(100)]
        started = time.monotonic()
        done = fetch("-j100", *urls)
        took = time.monotonic() - started
        equal(done.status, 0)
        equal(sorted(done.by_url()), sorted(urls))
        assert 1 <= took < 10, took


@test
def lines_come_as_they_are_done_or_in_order():
    with demo() as url:
        urls = [f"{url}/delay/0.5", f"{url}/get", f"{url}/delay/0.2"]
        equal([line["url"] for line in fetch(*urls).lines()], [urls[1], urls[2], urls[0]])
        equal([line["url"] for line in fetch("--ordered", *urls).lines()], urls)


@test
def no_more_run_at_once_than_asked_for():
    def slow(connection, head):
        time.sleep(0.03)
        return reply()(connection, head)
    with Server(slow) as server:
        urls = [f"{server.url}/{i}" for i in range(24)]
        equal(fetch("-j", "4", *urls).status, 0)
        equal(server.most_running, 4)


@test
def jobs_fit_the_limit_of_open_files():
    def limited():
        resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
    with Server(reply()) as server:
        done = fetch(*[f"{server.url}/{i}" for i in range(100)], preexec_fn=limited)
        equal((done.status, done.err.decode()),
              (0, "bide fetch: only 28 jobs: 60 files may be open (see bide info)\n"))
        equal(len(done.lines()), 100)


@test
def a_host_gets_its_share_and_waiting_is_not_charged():
    def slow(connection, head):
        time.sleep(0.2)
        return reply()(connection, head)
    with Server(slow) as server, Server(reply()) as other:
        urls = [f"{server.url}/{i}" for i in range(20)] + [f"{other.url}/"]
        done = fetch("--per-host", "2", "--timeout", "1.5", *urls)
        equal(done.status, 0)
        equal(server.most_running, 2)
        equal(done.lines()[0]["url"], f"{other.url}/")
        assert all(line["seconds"] < 1.5 for line in done.lines())


@test
def a_rate_is_kept():
    with Server(reply()) as server:
        started = time.monotonic()
        done = fetch("--rate", "50/s", *[f"{server.url}/{i}" for i in range(26)])
        took = time.monotonic() - started
        equal(done.status, 0)
        assert 0.49 <= took < 5, took


@test
def a_request_is_made_as_asked():
    with Server(reply()) as server, folder() as path:
        equal(fetch("-X", "PUT", "-H", "X-One: 1", "-H", "X-Two:2 ", "-d", "body",
                    f"{server.url}/a?b=c").status, 0)
        head, body = server.requests.pop()
        holds(head, "PUT /a?b=c HTTP/1.1\r\n")
        for line in ("X-One: 1", "X-Two: 2", "Content-Length: 4",
                     "Content-Type: application/x-www-form-urlencoded"):
            holds(head.lower(), f"\r\n{line}\r\n".lower())
        equal(body, b"body")
        data = bytes(range(256)) * 1000
        equal(fetch("-d", "@" + file_in(path, "data", data), "-H", "content-type: a/b",
                    server.url + "/").status, 0)
        head, body = server.requests.pop()
        holds(head, "POST / HTTP/1.1\r\n")
        equal(head.lower().count("content-type: "), 1)
        equal(body, data)
        equal(fetch("-d@-", server.url + "/", given=b"from standard input").status, 0)
        equal(server.requests.pop()[1], b"from standard input")


@test
def redirects_are_followed_if_asked_and_told():
    def behave(connection, head):
        if head.startswith(b"GET /end "):
            return reply(b"end")(connection, head)
        return reply(b"moved", "302 Found", "Location: /end\r\n")(connection, head)
    with Server(behave) as server:
        [line] = fetch(server.url + "/a").lines()
        equal((list(line), line["status"]), (MEMBERS, 302))
        for more in ([], ["--ordered"]):
            [line] = fetch("-L", *more, server.url + "/a").lines()
            equal((line["status"], line["bytes"], line["redirects"], line["final_url"]),
                  (200, 3, 1, server.url + "/end"))
        [line] = fetch("-L", f"http://127.0.0.1:{free_port()}/").lines()
        equal((line["redirects"], line["final_url"]), (0, None))


@test
def phases_are_told_if_asked():
    with Server(reply()) as server:
        first, second = fetch("-v", "-j1", server.url + "/1", server.url + "/2").lines()
        equal(list(first["phases"]), ["pool", "dns", "connect", "proxy", "tls", "send",
                                      "first_byte", "total", "reused", "sent", "remote"])
        equal(first["phases"]["remote"], server.url.removeprefix("http://"))
        equal((first["phases"]["reused"], second["phases"]["reused"]), (False, True))
        assert 0 < first["phases"]["total"] <= first["seconds"], first


@test
def every_url_gets_the_form_and_who_asks():
    with Server(reply()) as server, folder() as path:
        part = "f=@" + file_in(path, "part", b"content")
        urls = [f"{server.url}/{i}" for i in range(20)]
        equal(fetch("-F", part, "-u", "me:pw", "-b", "a=1", *urls).status, 0)
        equal(len(server.requests), 20)
        for head, body in server.requests:
            holds(body, "\r\n\r\ncontent\r\n--")
            holds(head, "\r\nAuthorization: Basic bWU6cHc=\r\n")
            holds(head, "\r\nCookie: a=1\r\n")
        equal(fetch(server.url.replace("//", "//me:pw@")).status, 0)
        holds(server.requests.pop()[0], "\r\nAuthorization: Basic bWU6cHc=\r\n")


@test
def a_reply_to_head_has_no_body():
    def behave(connection, _head):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        return True
    with Server(behave) as server:
        lines = fetch("-XHEAD", "-j1", f"{server.url}/1", f"{server.url}/2").lines()
        equal([(line["status"], line["bytes"], line["error"]) for line in lines],
              [(200, 0, None)] * 2)


@test
def bodies_are_kept_under_safe_names():
    with demo() as url, folder() as path:
        into = os.path.join(path, "bodies")
        urls = [f"{url}/bytes/0", f"{url}/bytes/100000", f"{url}/users/ann",
                f"{url}/get?x=../../etc/passwd&y=%2e%2e%2f"]
        done = fetch("-o", into, *urls)
        equal(done.status, 0)
        files = {line["file"]: line for line in done.lines()}
        equal(sorted(os.listdir(into)), sorted(files))
        for name, line in files.items():
            equal(os.path.getsize(os.path.join(into, name)), line["bytes"])
            assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_"), name
        host = url.removeprefix("http://").replace(":", "_")
        assert f"000003-{host}_users_ann" in files, files


@test
def a_body_that_is_kept_is_the_one_that_was_sent():
    data = os.urandom(3_000_000)
    with Server(reply(data)) as server, folder() as path:
        [line] = fetch("-o", path, server.url + "/").lines()
        with open(os.path.join(path, line["file"]), "rb") as file:
            assert file.read() == data


@test
def a_failure_status_is_an_error_only_if_asked():
    with demo() as url, folder() as path:
        done = fetch(f"{url}/status/503", f"{url}/status/404")
        equal(done.status, 0)
        equal([line["error"] for line in done.lines()], [None, None])
        done = fetch("--fail", "-o", path, f"{url}/status/404", f"{url}/get")
        equal(done.status, 1)
        lines = done.by_url()
        line = lines[f"{url}/status/404"]
        equal((line["status"], line["error"]["code"]), (404, "EHTTP"))
        holds(line["error"]["message"], "404 Not Found")
        equal(lines[f"{url}/get"]["error"], None)
        equal(os.listdir(path), [lines[f"{url}/get"]["file"]])


@test
def what_fails_at_times_is_tried_again():
    with demo() as url:
        [line] = fetch("--retries", "3", "--retry-delay", "0.01", f"{url}/flaky/2").lines()
        equal((line["status"], line["attempts"], line["error"]), (200, 3, None))


@test
def a_body_that_breaks_off_is_tried_again():
    seen = []

    def behave(connection, head):
        seen.append(head)
        if len(seen) < 3:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            return False
        return reply(b"0123456789")(connection, head)
    with Server(behave) as server:
        [line] = fetch("--retries", "5", "--retry-delay", "0.01", f"{server.url}/").lines()
        equal((line["status"], line["bytes"], line["attempts"], line["error"]),
              (200, 10, 3, None))


@test
def an_input_file_may_have_comments_blanks_and_no_end():
    with Server(reply()) as server, folder() as path:
        text = f"# a list\n\n  {server.url}/1  \r\n\t\n{server.url}/2\n#{server.url}/3\n" \
               f"{server.url}/4"
        done = fetch("--ordered", "-i", file_in(path, "urls", text.encode()), f"{server.url}/0")
        equal(done.status, 0)
        equal([line["url"] for line in done.lines()],
              [f"{server.url}/{i}" for i in (0, 1, 2, 4)])
        equal(fetch("-i", file_in(path, "none", b"\n\n#\n")).out, b"")


@test
def an_empty_input_is_no_error():
    done = fetch("-i", "-", given=b"")
    equal((done.status, done.out, done.err), (0, b"", b""))
    equal(fetch("-i", "/dev/null").status, 0)


@test
def a_pipe_that_trickles_holds_nobody_up():
    with Server(reply()) as server:
        process = start("fetch", "-i", "-", stdin=subprocess.PIPE)
        for i in range(3):
            half = f"{server.url}/{i}\n".encode()
            process.stdin.write(half[:9])
            process.stdin.flush()
            time.sleep(0.05)
            process.stdin.write(half[9:])
            process.stdin.flush()
            holds(process.stdout.readline(), f"{server.url}/{i}")
        done = finish(process)
        equal((done.status, done.out), (0, b""))


@test
def standard_input_is_left_as_it_was():
    with Server(reply()) as server:
        reader, writer = os.pipe()
        os.write(writer, f"{server.url}/\n".encode())
        os.close(writer)
        equal(fetch("-i", "-", stdin=reader).status, 0)
        assert os.get_blocking(reader)
        os.close(reader)


@test
def ten_thousand_urls_each_have_their_line():
    with demo() as url, folder() as path:
        urls = [f"{url}/bytes/{i % 50}?i={i}" for i in range(10000)]
        file = file_in(path, "urls", "\n".join(urls).encode())
        lines = fetch("-i", file).lines()
        equal(sorted(line["url"] for line in lines), sorted(urls))
        assert all(line["error"] is None for line in lines)
        equal([line["url"] for line in fetch("--ordered", "-i", file).lines()], urls)


@test
def a_slow_first_url_does_not_stop_an_ordered_run_at_once():
    with demo() as url:
        urls = [f"{url}/delay/0.5"] + [f"{url}/get?i={i}" for i in range(6000)]
        done = fetch("--ordered", "-i", "-", given="\n".join(urls).encode())
        equal([line["url"] for line in done.lines()], urls)


@test
def a_summary_is_printed_when_asked_for():
    with demo() as url:
        done = fetch("--summary", f"{url}/get", f"{url}/status/404", f"{url}/bytes/5")
        first, *rest = done.err.decode().splitlines()
        holds(first, "Fetched 3 URLs in ")
        holds(first, "(one after another: ")
        equal([line.split()[0] for line in rest], ["status", "rate", "time"])
        equal(rest[0], "  status   200: 2, 404: 1")
        equal(fetch("-q", "--summary", f"{url}/get").err, b"")


@test
def the_demo_script_shows_what_it_promises():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    done = subprocess.run([os.path.join(root, "tools/demo"), program()], capture_output=True,
                          timeout=120, check=False)
    equal(done.returncode, 0)
    times = re.findall(r"Fetched 100 URLs in ([\d.]+) s", done.stderr.decode())
    assert 1 <= float(times[0]) < 5 and 10 <= float(times[1]) < 20, times
    holds(done.stderr, "(one after another: 10")       # 100 s, or a little more on a busy machine
    for code in ("ECONNREFUSED", "ETIMEDOUT", "EURL", "EHTTP"):
        holds(done.stdout, f'"code":"{code}"')


main()
