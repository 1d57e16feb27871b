#!/usr/bin/env python3
"""bide get: exactly the body, and what it says and leaves behind when there is none."""
import os
import signal
import socket
import stat
import time

from servers import Server, free_port, raw, reply
from tool import bide, demo, equal, file_in, finish, folder, holds, main, start, test


def get(*words, **options):
    return bide("get", *words, **options)


def prints(body, *words, **options):
    done = get(*words, **options)
    equal((done.status, done.out, done.err), (0, body, b""))


def fails(sentence, *words, out=b"", status=1):
    """With exactly one sentence that has this in it."""
    done = get(*words)
    equal(done.status, status)
    equal(done.out, out)
    equal(done.err.count(b"\n"), 1)
    assert done.err.startswith(b"bide get: "), done.err
    holds(done.err, sentence)


def refused(sentence, *words):
    fails(sentence, *words, status=2)


def asked(server):
    head, body = server.requests.pop()
    return head, body


# ---- the output ----

@test
def the_body_and_nothing_else_is_printed():
    data = os.urandom(1_000_000)
    with Server(reply(data)) as server:
        prints(data, server.url)
        prints(data, server.url.removeprefix("http://"))


@test
def a_body_that_comes_in_chunks_or_to_the_end_is_whole():
    chunks = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              b"5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nX-Sum: 12\r\n\r\n")
    with Server(raw(chunks)) as server:
        prints(b"hello, world", server.url)
    with Server(raw(b"HTTP/1.0 200 OK\r\n\r\nall of it")) as server:
        prints(b"all of it", server.url)


@test
def a_body_is_printed_while_it_comes():
    def behave(connection, _head):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        connection.recv(1)                      # until the reader has gone
        return False
    with Server(behave) as server:
        process = start("get", server.url)
        equal(os.read(process.stdout.fileno(), 100), b"one")
        process.send_signal(signal.SIGINT)
        done = finish(process)
        equal((done.status, done.out, done.err), (130, b"", b""))


@test
def a_status_is_a_failure_only_if_asked():
    with demo() as url:
        prints(b"status 404\n", f"{url}/status/404")
        fails("/status/404: 404 Not Found", "-f", f"{url}/status/404")
        fails("/status/404: 404 Not Found", "--fail-with-body", f"{url}/status/404",
              out=b"status 404\n")
        equal(get("-fs", f"{url}/status/404").err, b"")
        fails("404", "-fsS", f"{url}/status/404")


@test
def the_head_is_printed_if_asked():
    with Server(reply(b"abc", headers="X-A: 1\r\nX-A: 2\r\n")) as server:
        prints(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\nX-A: 2\r\n\r\nabc",
               "-i", server.url)
    with Server(raw(b"HTTP/1.1 200 Fine\r\nContent-Length: 3\r\n\r\n")) as server:
        prints(b"HTTP/1.1 200 Fine\r\nContent-Length: 3\r\n\r\n", "-I", server.url)
        holds(asked(server)[0], "HEAD / HTTP/1.1\r\n")


@test
def a_reader_that_has_gone_ends_it_without_a_word():
    with demo() as url:
        process = start("get", f"{url}/bytes/100000000")
        os.read(process.stdout.fileno(), 100)
        process.stdout.close()
        process.stdout = None
        done = finish(process)
        equal((done.status, done.err), (1, b""))
        with open("/dev/full", "wb") as full:
            done = get(f"{url}/get", stdout=full)
        equal(done.status, 1)
        equal(done.err, b"bide get: standard output: No space left on device\n")


@test
def a_file_is_whole_or_not_there():
    with folder() as path, Server(reply(b"new")) as good, \
         Server(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")) as bad:
        file = file_in(path, "body", b"old")
        done = get("-o", file, bad.url)
        equal((done.status, done.out), (1, b""))
        with open(file, "rb") as kept:
            equal(kept.read(), b"old")
        prints(b"", "-o", file, good.url)
        with open(file, "rb") as kept:
            equal(kept.read(), b"new")
        prints(b"", "-O", good.url + "/a/b%2F..c?x", cwd=path)
        equal(len(os.listdir(path)), 2)
        fails("No such file or directory", "-o", f"{path}/no/file", good.url)
        prints(b"", "-o", "/dev/null", good.url)
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
        refused("the URL has no name in it", "-O", good.url)


@test
def a_file_keeps_its_place_and_its_permissions():
    with folder() as path, Server(reply(b"new")) as server:
        file, link = file_in(path, "file", b"old"), os.path.join(path, "link")
        os.chmod(file, 0o640)
        os.symlink("file", link)
        prints(b"", "-o", link, server.url)
        assert os.path.islink(link)
        with open(file, "rb") as kept:
            equal(kept.read(), b"new")
        equal(os.stat(file).st_mode & 0o777, 0o640)
        equal(sorted(os.listdir(path)), ["file", "link"])


@test
def a_stop_leaves_no_part_of_a_file():
    def behave(connection, _head):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nSet-Cookie: a=1; "
                           b"Max-Age=99\r\n\r\nabc")
        connection.recv(1)
        return False
    with folder() as path, Server(behave) as server:
        process = start("get", "-o", "file", "-c", "jar", server.url, cwd=path)
        while not any(name.endswith(".part") for name in os.listdir(path)):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        done = finish(process)
        equal((done.status, done.out, done.err), (130, b"", b""))
        equal(os.listdir(path), ["jar"])


# ---- what is no reply ----

@test
def a_reply_that_is_cut_short_is_a_failure():
    with Server(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")) as server:
        fails("", server.url, out=b"abc")
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Server(raw(head + b"3\r\nabc\r\n")) as server:
        fails("", server.url, out=b"abc")
    with Server(raw(b"HTTP/1.1 200")) as server:
        fails("", server.url)


@test
def a_reply_that_is_not_legal_is_a_failure():
    for head in (b"hello\r\n\r\n",
                 b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                 b"HTTP/1.1 200 OK\r\n bad\r\n\r\n"):
        with Server(raw(head + b"abc")) as server:
            fails("", server.url)


@test
def what_is_not_there_is_told():
    fails("onnection refused", f"http://127.0.0.1:{free_port()}/")
    fails("/nowhere: No such file", "--unix-socket", "/nowhere", "http://x/")
    refused("neither http nor https", "ftp://x/")


@test
def a_time_out_says_what_took_too_long():
    def silent(connection, _head):
        connection.recv(1)
        return False
    with Server(silent) as server:
        fails("timed out after 0.2 s", "-m", "0.2", server.url)
        fails("first byte", "--phase-timeout", "first_byte=0.2", server.url)


@test
def a_body_that_is_too_long_is_a_failure():
    with Server(reply(b"x" * 5000)) as server:
        fails("body longer than 4096 bytes (see --max-size)", "--max-size", "4k", "-o/dev/null",
              server.url)
        prints(b"x" * 5000, "--max-size", "5000", server.url)


# ---- the request ----

@test
def a_request_is_made_as_asked():
    with Server(reply()) as server:
        prints(b"ok", "-X", "PUT", "-H", "X-One: 1", "-H", "Accept:", "-A", "me", "-e", "from",
               "-r", "5-9", "-d", "a=1", "-d", "b=2", server.url + "/p?q")
        head, body = asked(server)
        equal(body, b"a=1&b=2")
        holds(head, "PUT /p?q HTTP/1.1\r\n")
        for line in ("x-one: 1", "user-agent: me", "referer: from", "range: bytes=5-9",
                     "content-type: application/x-www-form-urlencoded"):
            holds(head.lower(), f"\r\n{line}\r\n")
        assert "\r\naccept:" not in head.lower(), head
        assert "\r\naccept-encoding:" not in head.lower(), head
        assert "\r\ncookie:" not in head.lower(), head


@test
def data_are_sent_as_written_as_files_and_encoded():
    with Server(reply()) as server, folder() as path:
        file = file_in(path, "data", b"x\r\n\0 &")
        for words, expected in (
                (["-d", "@" + file], b"x\r\n\0 &"), (["--data-binary=@" + file], b"x\r\n\0 &"),
                (["--data-raw", "@" + file], b"@" + file.encode()),
                (["--data-urlencode", "a b=c d"], b"a b=c%20d"),
                (["--data-urlencode", "x@" + file, "-d", "y"], b"x=x%0D%0A%00%20%26&y"),
                (["--data-urlencode", "=&="], b"%26%3D"), (["-d", ""], b"")):
            prints(b"ok", *words, server.url)
            head, body = asked(server)
            equal(body, expected)
            holds(head, "POST / ")
        prints(b"ok", "-d@-", server.url, given=b"standard input")
        equal(asked(server)[1], b"standard input")


@test
def data_can_go_into_the_query():
    with Server(reply()) as server:
        for url, expected in (("/", "/?a=1&b=%26"), ("/x?y", "/x?y&a=1&b=%26"),
                              ("/?#f", "/?a=1&b=%26")):
            prints(b"ok", "-G", "-d", "a=1", "--data-urlencode", "b=&", server.url + url)
            head, body = asked(server)
            holds(head, f"GET {expected} HTTP/1.1\r\n")
            equal(body, b"")
        prints(b"ok", "--url-query", "q=black & white", server.url)
        holds(asked(server)[0], "GET /?q=black%20%26%20white HTTP/1.1\r\n")


@test
def json_has_its_type():
    with Server(reply()) as server:
        prints(b"ok", "--json", '{"a": 1}', server.url)
        head, body = asked(server)
        equal(body, b'{"a": 1}')
        holds(head, "POST / ")
        holds(head.lower(), "\r\ncontent-type: application/json\r\n")
        holds(head.lower(), "\r\naccept: application/json\r\n")


@test
def a_redirect_is_followed_if_asked():
    def behave(connection, head):
        if head.startswith(b"GET /end "):
            return reply(b"end")(connection, head)
        return reply(b"moved", "302 Found", "Location: /end\r\n")(connection, head)

    def circle(connection, head):
        return reply(b"", "302 Found", "Location: /x\r\n")(connection, head)
    with Server(behave) as server:
        prints(b"moved", server.url)
        prints(b"end", "-L", server.url)
        prints(b"end", "-L", "-d", "x", server.url)
        head, body = asked(server)
        equal(body, b"")
        assert "\r\nContent-" not in head, head
    with Server(circle) as server:
        fails("redirect", "-L", "--max-redirs", "3", server.url)
        equal(len(server.requests), 4)


@test
def what_fails_at_times_is_tried_again():
    with demo() as url:
        done = get("--retries", "3", "--retry-delay", "0.01", "-f", f"{url}/flaky/2")
        equal((done.status, done.err), (0, b""))


@test
def a_unix_socket_is_connected_to():
    with folder() as path, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path + "/socket")
        listener.listen()
        with Server(reply(b"through a socket"), listener) as server:
            prints(b"through a socket", "--unix-socket", path + "/socket", "http://any/")
            holds(asked(server)[0], "\r\nHost: any\r\n")


@test
def phases_are_told_with_their_times():
    with demo() as url:
        done = get("-v", f"{url}/get")
        equal(done.status, 0)
        lines = done.err.decode().splitlines()
        for name in ("start", "connect_end", "sent_head", "head status 200"):
            assert any(f" {name}" in line for line in lines), (name, lines)
        holds(lines[-1], "1 attempt, 0 redirects, " + url.removeprefix("http://"))
        assert all(line.startswith("* ") for line in lines), lines


@test
def a_question_that_makes_no_sense_is_refused():
    with folder() as path:
        for sentence, words in (
                ("no URL", []), ("more than one URL; bide fetch takes many", ["a", "b"]),
                ("--json and --data do not go together", ["--json", "1", "-d", "2", "a"]),
                ("--data, --form and --upload-file do not", ["-d", "1", "-F", "a=b", "a"]),
                ("--form: expected 'NAME=VALUE', got 'ab'", ["-F", "ab", "a"]),
                ("--form: /nowhere: No such file", ["-F", "a=@/nowhere", "a"]),
                ("--upload-file: /nowhere: No such file", ["-T", "/nowhere", "a"]),
                ("--resume: name a file with -o", ["--resume", "a"]),
                ("--resume goes with GET alone", ["--resume", "-d1", "-ox", "a"]),
                ("--continue-at: expected '-'", ["-C", "100", "-o", "x", "a"]),
                ("--user and --bearer do not", ["-u", "a:b", "--bearer", "c", "a"]),
                ("--digest: there is no --user", ["--digest", "a"]),
                ("--head goes with no other method", ["-I", "-X", "GET", "a"]),
                ("--phase-timeout: expected PHASE=SECONDS", ["--phase-timeout", "lunch=5", "a"]),
                ("--phase-timeout: expected PHASE=SECONDS", ["--phase-timeout", "idle=x", "a"]),
                ("--get: there is no --data", ["-G", "a"]),
                ("--ipv4 and --ipv6 do not", ["-46", "a"]),
                ("--cookie: expected", ["-b", "a=1; b", "a"]),
                ("cookies: ", ["-b", "/nowhere", "a"]),
                ("proxy", ["-x", "gopher://a", "a"]),
                ("No such file", ["--cacert", "/nowhere", "a"]),
                ("/nowhere", ["--cert", "/nowhere", "a"]),
                ("pin", ["--pinnedpubkey", "sha1//x", "a"]),
                ("version", ["--tls-min", "9", "a"]),
                ("--header: a header is one line", ["-H", "a: b\nc: d", "a"])):
            refused(sentence, *words)
        equal(os.listdir(path), [])


main()
