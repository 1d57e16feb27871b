#!/usr/bin/env python3
"""curl, and requests in a row as nc sends them, against `bide serve` in each of its forms."""
import hashlib
import os
import shutil
import subprocess

from serving import (IS_SANITIZED, bide_serve, equal, folder, holds, main, orchard, output_of,
                     test)
from certificates import authority
from tool import file_in

TEXT = b"words that come again and again\n" * 3000
LARGE = 100_000_000                     # bytes
MEMORY = 32 * 1024                      # kB for a server that they pass through

if not shutil.which("curl"):
    print("1..0 # SKIP there is no curl here")
    raise SystemExit(0)


def curl(*words, **options):
    return output_of("curl", "-sS", "--max-time", "40", *words, **options)


def head_and_body(*words):
    """The last head, in lower case, and the body."""
    told = curl("-i", *words)
    while True:
        head, _, body = told.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 100"):
            return head.decode().lower(), body
        told = body


@test
def both_versions_are_spoken_and_kept_alive_as_each_has_it():
    with bide_serve("--demo") as server:
        for words, connects in ((["--http1.1"], 1), (["--http1.0"], 2),
                                (["--http1.0", "-H", "Connection: keep-alive"], 1)):
            told = curl(*words, "-o", os.devnull, "-o", os.devnull, "-w", "%{num_connects} ",
                        server.url + "/get", server.url + "/bytes/70000")
            equal(sum(map(int, told.split())), connects)
        equal(len(curl("--http1.0", server.url + "/stream/5").splitlines()), 5)


@test
def who_expects_to_be_invited_is_invited_or_told_no():
    with bide_serve("--echo") as echo, bide_serve("--demo") as demo:
        told = subprocess.run(["curl", "-sv", "-H", "Expect: 100-continue", "--data-binary", "@-",
                               "--expect100-timeout", "20", echo.url], input=TEXT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
        equal(told.stdout, TEXT)
        holds(told.stderr, "< HTTP/1.1 100 Continue")
        head, _ = head_and_body("-H", "Expect: 100-continue", "-d", "x", "--expect100-timeout",
                                "20", demo.url + "/get")
        holds(head, "http/1.1 405 ")


@test
def head_tells_what_get_would_and_sends_nothing():
    with folder() as path, bide_serve(path) as server:
        file_in(path, "text.txt", TEXT)
        asked, _ = head_and_body(server.url + "/text.txt")
        told, body = head_and_body("-I", server.url + "/text.txt")
        equal(body, b"")
        equal([line for line in told.splitlines() if not line.startswith("date:")],
              [line for line in asked.splitlines() if not line.startswith("date:")])


@test
def parts_and_what_is_compressed_come_out_as_they_were():
    with folder() as path, bide_serve("--compress", path) as server:
        file_in(path, "text.txt", TEXT)
        url = server.url + "/text.txt"
        equal(curl("-r", "100-199", url), TEXT[100:200])
        equal(curl("-r", "-7", url), TEXT[-7:])
        holds(head_and_body("-r", "999999-", url)[0], "http/1.1 416 ")
        head, body = head_and_body("--compressed", url)
        equal(body, TEXT)
        holds(head, "content-encoding: ")
        file_in(path, "begun", TEXT[:5000])
        curl("-C", "-", "-o", os.path.join(path, "begun"), url)
        with open(os.path.join(path, "begun"), "rb") as file:
            equal(file.read(), TEXT)


@test
def requests_in_a_row_are_answered_in_a_row():
    nc = shutil.which("nc") or shutil.which("ncat")
    one = "POST /{} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{}"
    bodies = [f"body {i}\n" for i in range(500)]
    asked = "".join(one.format(i, len(body), body) for i, body in enumerate(bodies))
    asked += "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    with bide_serve("--echo") as server:
        if nc:
            told = output_of(nc, "127.0.0.1", server.port, given=asked.encode())
        else:
            with server.connect(asked.encode()) as connection:
                told = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    equal(told.count(b"HTTP/1.1 200 OK\r\n"), 501)
    at = 0
    for body in bodies:
        at = told.find(f"\r\n\r\n{body}".encode(), at) + 1
        assert at > 0, f"{body!r} is not in its place"


def check_stream(server, *words):
    """What goes up comes down while it goes up, and the server keeps none of it."""
    script = (f"head -c {LARGE} /dev/zero | tr '\\0' x | "
              f"curl -sS --max-time 50 {' '.join(words)} -X POST -T - {server.url} | sha256sum")
    told = output_of("sh", "-c", script).split()[0].decode()
    equal(told, hashlib.sha256(b"x" * LARGE).hexdigest())
    if not IS_SANITIZED:
        peak = server.memory("VmHWM")
        assert peak < MEMORY, f"{peak} kB"


@test
def a_hundred_megabytes_go_up_and_come_back_in_little_memory():
    with bide_serve("--echo") as server:
        check_stream(server)


@test
def the_same_goes_through_tls():
    made = authority()
    with bide_serve("--echo", "--tls", made.server, "--workers", "2") as server:
        check_stream(server, "--cacert", made.ca)


@test
def files_of_forms_are_taken():
    with folder() as path, orchard("--workers", 2) as server:
        file_in(path, "large", bytes(3_000_000))
        equal(curl("-F", f"file=@{path}/large", server.url + "/form"), b"3000000")
        head, _ = head_and_body("-F", "other=1", server.url + "/form")
        holds(head, "http/1.1 422 ")


@test
def events_come_as_they_are_made():
    with orchard() as server:
        process = subprocess.Popen(["curl", "-sN", server.url + "/events/10"],
                                   stdout=subprocess.PIPE)
        for i in range(5):
            equal(process.stdout.readline(), f"data: {i}\n".encode())
            equal(process.stdout.readline(), b"\n")
        process.kill()
        process.communicate()


main()
