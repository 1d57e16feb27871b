#!/usr/bin/env python3
"""bide fetch when things go wrong: each failure has its line, and the others go on."""
import contextlib
import os
import resource
import socket
import struct
import subprocess
import time

from certificates import TlsServer
from servers import Server, free_port, raw, reply
from tool import Skip, equal, fetch, file_in, finish, folder, holds, main, start, test


def failing(url, *words, code, part, status=None):
    """Fetches url among good ones: it fails as told, they do not."""
    with Server(reply()) as good:
        done = fetch("--timeout", "5", *words, f"{good.url}/1", url, f"{good.url}/2")
        equal(done.status, 1)
        lines = done.by_url()
        equal(len(lines), 3)
        for other in ("/1", "/2"):
            equal(lines[good.url + other]["error"], None)
        line = lines[url]
        equal(list(line["error"]), ["code", "message"])
        equal((line["error"]["code"], line["status"]), (code, status))
        holds(line["error"]["message"].lower(), part)
        return line


def failing_server(behave, *words, **told):
    with Server(behave) as server:
        return failing(server.url + "/", *words, **told)


@test
def a_body_that_is_cut_short():
    line = failing_server(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
                          code="EEOF", part="", status=200)
    equal(line["bytes"], 3)


@test
def a_chunk_that_is_cut_short():
    failing_server(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
                   code="EEOF", part="", status=200)


@test
def chunks_that_are_none():
    failing_server(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc"),
                   code="EHTTP", part="chunk", status=200)


@test
def a_head_that_is_cut_short():
    failing_server(raw(b"HTTP/1.1 200 OK\r\nContent-Le"), code="EEOF", part="")


@test
def a_connection_that_is_closed_at_once():
    failing_server(raw(b""), code="EEOF", part="")


@test
def a_connection_that_is_reset():
    def reset(connection, _head):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        return False
    with Server(reset) as server:
        done = fetch(server.url + "/")
        equal(done.status, 1)
        assert done.lines()[0]["error"]["code"] in ("ECONNRESET", "EEOF"), done.out


@test
def a_head_that_is_too_long():
    failing_server(raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100000 + b"\r\n\r\n"),
                   code="ELIMIT", part="")


@test
def a_head_that_never_ends():
    def behave(connection, _head):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X: y\r\n" * 1000)
    failing_server(behave, code="ELIMIT", part="")


@test
def a_reply_that_is_no_http():
    failing_server(raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n"), code="EHTTP", part="")
    failing_server(raw(os.urandom(32) + b"\r\n\r\n"), code="EHTTP", part="")


@test
def a_reply_that_could_be_read_two_ways():
    failing_server(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"),
                   code="EHTTP", part="length")
    failing_server(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), code="EHTTP", part="")


@test
def a_server_that_never_answers():
    def silent(_connection, _head):
        time.sleep(3)
    failing_server(silent, "--timeout", "0.3", code="ETIMEDOUT", part="timed out after 0.3 s")


@test
def a_body_that_never_ends_in_time():
    def drip(connection, _head):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.03)
    line = failing_server(drip, "--timeout", "0.3", code="ETIMEDOUT", part="timed out", status=200)
    assert 0.3 <= line["seconds"] < 3, line


@test
def a_body_that_is_too_long():
    failing_server(reply(b"x" * 5000), "--max-size", "4k", code="ELIMIT",
                   part="longer than 4096 bytes", status=200)


@test
def a_port_where_nobody_listens():
    failing(f"http://127.0.0.1:{free_port()}/", code="ECONNREFUSED", part="connection refused")


@test
def urls_that_are_none():
    for url in ("not a url", "http://", "http://127.0.0.1:99999/", "gopher://127.0.0.1/",
                "http://127.0.0.1/\x7f", "http://[::1/"):
        failing(url, code="EURL", part="")


@test
def a_server_that_is_not_who_it_says():
    with TlsServer(reply()) as server:
        failing(server.url, code="ETLS", part="localhost: ")


@test
def bytes_that_are_no_text_still_give_lines_that_are():
    done = fetch("-i", "-", given=b"\xff\xfe\x80\nhttp://\x00/\n\x1b[31m\"\\\n\xed\xa0\x80\n")
    equal(done.status, 1)
    lines = done.lines()
    equal(sorted(line["url"] for line in lines),
          sorted(["\ufffd\ufffd\ufffd", "http://\0/", "\x1b[31m\"\\", "\ufffd\ufffd\ufffd"]))
    equal({line["error"]["code"] for line in lines}, {"EURL"})
    assert b"\x1b" not in done.out


@test
def a_line_that_is_too_long():
    with Server(reply()) as server:
        text = f"{server.url}/1\nhttp://{'x' * 300000}\n{server.url}/{'y' * 7000}\n"
        lines = fetch("--ordered", "-i", "-", given=text.encode()).lines()
        equal(len(lines), 3)
        equal([line["error"] and line["error"]["code"] for line in lines],
              [None, "ELIMIT", None])
        equal(len(lines[1]["url"]), 8192)


@test
def an_error_of_a_long_url_still_says_why():
    url = f"http://127.0.0.1:{free_port()}/" + "x" * 4000
    holds(fetch(url).lines()[0]["error"]["message"].lower(), "refused")


@test
def a_disk_that_is_full():
    with Server(reply(b"x" * 100000)) as big, Server(reply()) as small, folder() as path:
        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))
        done = fetch("-o", path, f"{big.url}/", f"{small.url}/", preexec_fn=limited)
        equal(done.status, 1)
        lines = done.by_url()
        equal(lines[f"{big.url}/"]["error"]["code"], "EFBIG")
        holds(lines[f"{big.url}/"]["error"]["message"], f"write {path}/000001-")
        equal(lines[f"{small.url}/"]["error"], None)
        equal(os.listdir(path), [lines[f"{small.url}/"]["file"]])


@test
def a_small_file_system_that_is_full():
    if os.geteuid() != 0:
        raise Skip("needs root")
    with Server(reply(b"x" * 300000)) as big, Server(reply()) as small, folder() as path:
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", path]
        if subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            raise Skip("cannot mount here")
        try:
            lines = fetch("-j1", "-o", path, f"{big.url}/", f"{small.url}/").by_url()
            equal(lines[f"{big.url}/"]["error"]["code"], "ENOSPC")
            holds(lines[f"{big.url}/"]["error"]["message"], "No space left on device")
            equal(lines[f"{small.url}/"]["error"], None)
        finally:
            subprocess.run(["umount", path], check=False)


@test
def a_directory_that_cannot_be_written():
    with Server(reply()) as server, folder() as path:
        os.mkdir(os.path.join(path, "000001-" + server.url[7:].replace(":", "_") + ".part"))
        done = fetch("-o", path, server.url + "/")
        equal(done.status, 1)
        equal(done.lines()[0]["error"]["code"], "EISDIR")


@test
def a_full_standard_output_ends_the_run():
    with Server(reply()) as server, open("/dev/full", "wb") as full:
        done = fetch(*[f"{server.url}/{i}" for i in range(10)], stdout=full)
        equal((done.status, done.err),
              (1, b"bide fetch: standard output: No space left on device\n"))
        done = fetch("-i", "/dev/zero", stdout=full)
        equal(done.status, 1)


@test
def a_reader_that_goes_away_ends_the_run_without_a_word():
    with Server(reply()) as server:
        process = start("fetch", "-i", "-", stdin=subprocess.PIPE)
        process.stdin.write(f"{server.url}/\n".encode() * 100)
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{server.url}/\n".encode() * 100000)
        done = finish(process)
        equal((done.status, done.err), (0, b""))


@test
def a_slow_reader_gets_every_line():
    with Server(reply()) as server, folder() as path:
        count = 5000
        file = file_in(path, "urls", "".join(
            f"{server.url}/{'x' * 100}{i}\n" for i in range(count)).encode())
        process = start("fetch", "-i", file)
        time.sleep(1)
        equal(len(finish(process).lines()), count)


main()
