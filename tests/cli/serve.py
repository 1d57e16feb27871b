#!/usr/bin/env python3
"""bide serve as real clients see it: curl, and aiohttp where it is installed."""
import contextlib
import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess

from certificates import authority
from tool import TIME_LIMIT, Skip, equal, file_in, folder, holds, main, start, test

if not shutil.which("curl"):
    print("1..0 # SKIP there is no curl here")
    raise SystemExit(0)

TOP = b"<!doctype html><title>top</title>\n"
SCRIPT = b"console.log('hello');\n" * 200


@contextlib.contextmanager
def serving(*words, lines=1, stderr=None):
    """A server: yields its URLs, and ends it as a signal does."""
    process = start("serve", *words, stderr=stderr)
    try:
        urls = [process.stdout.readline().decode().strip() for _ in range(lines)]
        yield urls[0] if lines == 1 else urls
    finally:
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=TIME_LIMIT)[1]
        serving.told = (told or b"").decode()
    equal(process.returncode, 0)


def curl(*words, given=None):
    """The body, and the last head as a list of lines."""
    done = subprocess.run(["curl", "-sS", "-i", "--http1.1", "--max-time", "20", *words],
                          input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stderr
    head, body = done.stdout.split(b"\r\n\r\n", 1)
    while head.startswith(b"HTTP/1.1 100"):
        head, body = body.split(b"\r\n\r\n", 1)
    return body, head.decode().split("\r\n")


def status_of(*words):
    return int(curl(*words)[1][0].split()[1])


@contextlib.contextmanager
def site():
    """A directory with something of everything."""
    with folder() as path:
        public = os.path.join(path, "public")
        os.makedirs(os.path.join(public, "sub"))
        file_in(path, "secret.txt", b"secret")
        file_in(public, "index.html", TOP)
        file_in(public, "app.js", SCRIPT)
        file_in(public, "app.js.gz", gzip.compress(SCRIPT))
        file_in(public, "bytes.bin", bytes(range(256)) * 4096)
        file_in(public, ".hidden", b"hidden")
        file_in(os.path.join(public, "sub"), "a b.txt", b"text")
        os.symlink("../secret.txt", os.path.join(public, "out"))
        yield public


@test
def the_first_line_is_the_address():
    with site() as path, serving(path) as url:
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", url), url
        body, head = curl(url + "/")
        equal(body, TOP)
        assert "Content-Type: text/html; charset=utf-8" in head, head
    with site() as path, serving(path, "-a", "127.0.0.1:0", "-a", "[::1]:0", lines=2) as urls:
        assert urls[0].startswith("http://127.0.0.1:") and urls[1].startswith("http://[::1]:"), urls
        for url in urls:
            equal(curl("-g", url + "/")[0], TOP)


@test
def a_unix_socket_serves_as_well():
    with site() as path, folder() as place:
        where = os.path.join(place, "socket")
        with serving(path, "--address", f"unix:{where}") as url:
            holds(url, where)
            equal(curl("--unix-socket", where, "http://h/")[0], TOP)


@test
def curl_gets_parts_conditions_and_codings():
    with site() as path, serving(path) as url:
        body, head = curl("-r", "256-259", url + "/bytes.bin")
        equal(body, b"\x00\x01\x02\x03")
        holds(head[0], "206 Partial Content")
        assert "Content-Range: bytes 256-259/1048576" in head, head
        body, head = curl("-r", "0-1,1000-1001", url + "/bytes.bin")
        equal(body.count(b"Content-Range: bytes "), 2)
        equal(curl(url + "/bytes.bin")[0], bytes(range(256)) * 4096)
        etag = next(line for line in curl(url + "/")[1] if line.startswith("ETag: "))[6:]
        body, head = curl("-H", f"If-None-Match: {etag}", url + "/")
        equal((body, head[0].split()[1]), (b"", "304"))
        body, head = curl("--compressed", url + "/app.js")
        equal(body, SCRIPT)
        assert "Content-Encoding: gzip" in head and "Vary: Accept-Encoding" in head, head
        equal(curl(url + "/app.js")[0], SCRIPT)
        body, head = curl("-I", url + "/bytes.bin")
        equal(body, b"")
        assert "Content-Length: 1048576" in head, head


@test
def an_interrupted_download_goes_on():
    with site() as path, serving(path) as url, folder() as place:
        whole = bytes(range(256)) * 4096
        file_in(place, "bytes.bin", whole[:500000])
        subprocess.run(["curl", "-sS", "-C", "-", "-o", "bytes.bin", url + "/bytes.bin"],
                       cwd=place, check=True, timeout=TIME_LIMIT)
        with open(os.path.join(place, "bytes.bin"), "rb") as file:
            equal(file.read(), whole)


@test
def nothing_but_the_directory_is_served():
    with site() as path, serving(path) as url:
        for name in ("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/out",
                     "/.hidden", "/sub/../../secret.txt", "//etc/passwd", "/none"):
            body, head = curl("--path-as-is", url + name)
            assert head[0].split()[1] in ("404", "400"), (name, head)
            assert b"secret" != body, name
        equal(status_of("-X", "DELETE", url + "/index.html"), 405)
    with site() as path, serving(path, "--hidden", "--follow-links") as url:
        equal(curl(url + "/.hidden")[0], b"hidden")
        equal(curl(url + "/out")[0], b"secret")


@test
def directories_are_listed_unless_that_is_not_wanted():
    with site() as path, serving(path) as url:
        body, head = curl(url + "/sub/")
        holds(body, '<a href="a%20b.txt">a b.txt</a>')
        body, head = curl("-H", "Accept: application/json", url + "/sub/")
        equal([item["name"] for item in json.loads(body)["items"]], ["a b.txt"])
        body, head = curl("-L", url + "/sub?x=1")
        holds(body, "a b.txt")
    with site() as path, serving(path, "--no-listing", "--index", "app.js") as url:
        equal(status_of(url + "/sub/"), 403)
        equal(curl(url + "/")[0], SCRIPT)


@test
def caching_cors_and_compressing_are_as_asked():
    with site() as path, serving(path, "--max-age", "3600", "--cors", "--compress") as url:
        os.unlink(os.path.join(path, "app.js.gz"))
        body, head = curl("--compressed", "-H", "Origin: http://other.example", url + "/app.js")
        equal(body, SCRIPT)
        for line in ("Cache-Control: public, max-age=3600", "Access-Control-Allow-Origin: *"):
            assert line in head, (line, head)
        assert any(line.startswith("Content-Encoding: ") for line in head), head


@test
def requests_are_logged_in_the_form_that_was_asked_for():
    forms = {"common": r'127\.0\.0\.1 - - \[[^]]+\] "GET /\?q HTTP/1\.1" 200 [0-9]+',
             "combined": r'127\.0\.0\.1 - - \[[^]]+\] "GET /\?q HTTP/1\.1" 200 [0-9]+ "-" "curl',
             "json": r'\{.*"/\?q".*\}',
             "%m %U %s": r"GET / 200$"}
    for form, pattern in forms.items():
        with site() as path, serving(path, "--log", form, stderr=subprocess.PIPE) as url:
            curl(url + "/?q")
        assert re.search("^" + pattern, serving.told, re.M), (form, serving.told)


@test
def several_loops_serve_one_port():
    with site() as path, serving(path, "--workers", "3") as url:
        for _ in range(20):
            equal(curl(url + "/")[0], TOP)


@test
def it_serves_https():
    made = authority()
    key = os.path.join(made.path, "server.key")
    with site() as path, serving(path, "--tls", made.server, "--key", key) as url:
        assert url.startswith("https://127.0.0.1:"), url
        equal(curl("--cacert", made.ca, url + "/")[0], TOP)
        equal(curl("--cacert", made.ca, url + "/bytes.bin")[0], bytes(range(256)) * 4096)


@test
def an_echo_answers_every_method_on_every_path():
    with serving("--echo") as url:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ODD"):
            body, head = curl("-X", method, url + "/any/path?x", "-d", "hello",
                              "-H", "Content-Type: text/odd")
            equal((body, head[0].split()[1]), (b"hello", "200"))
            assert "Content-Type: text/odd" in head, head
        equal(curl(url)[0], b"")
        equal(status_of("-I", url + "/"), 200)
        chunked = ("-H", "Transfer-Encoding: chunked")
        equal(curl(*chunked, "--data-binary", "@-", url, given=b"ab" * 100000)[0], b"ab" * 100000)


def shake_hands(url, *headers):
    """A socket that has become a WebSocket, and the head of the answer."""
    host, port = url.removeprefix("http://").rsplit(":", 1)
    s = socket.create_connection((host, int(port)), timeout=20)
    lines = ["GET /any HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers]
    s.sendall("\r\n".join([*lines, "", ""]).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += s.recv(1)
    return s, head.decode()


@test
def an_echo_is_a_websocket_for_who_wants_one():
    offer = "Sec-WebSocket-Extensions: permessage-deflate"
    for words, deflates in ((["--echo"], False), (["--echo", "--deflate"], True)):
        with serving(*words) as url:
            s, head = shake_hands(url, offer, "Origin: http://elsewhere.example")
            with s:
                holds(head, "HTTP/1.1 101 ")
                holds(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                equal("permessage-deflate" in head, deflates)
                s.sendall(bytes([0x82, 0x85, 0, 0, 0, 0]) + b"hello")
                answer = b""
                while len(answer) < 7:
                    answer += s.recv(7 - len(answer))
                equal(answer[0] & 0x0f, 2)
                if not deflates:
                    equal(answer, bytes([0x82, 5]) + b"hello")
                s.sendall(bytes([0x88, 0x82, 0, 0, 0, 0, 3, 232]))
            assert status_of("-H", "Upgrade: websocket", "-H", "Connection: Upgrade", url) in (
                400, 426)


@test
def aiohttp_gets_files_and_echoes():
    try:
        import aiohttp
        import asyncio
    except ImportError:
        raise Skip("there is no aiohttp here") from None

    async def get(url, **options):
        async with aiohttp.ClientSession() as session, session.get(url, **options) as response:
            return response.status, await response.read()

    async def send(url, data):
        async with aiohttp.ClientSession() as session, session.post(url, data=data) as response:
            return await response.read()

    with site() as path, serving(path, "--compress") as url:
        equal(asyncio.run(get(url + "/app.js")), (200, SCRIPT))
        equal(asyncio.run(get(url + "/bytes.bin", headers={"Range": "bytes=-2"})),
              (206, b"\xfe\xff"))
        equal(asyncio.run(get(url + "/none"))[0], 404)
    with serving("--echo") as url:
        equal(asyncio.run(send(url, b"x" * 300000)), b"x" * 300000)


@test
def a_port_that_is_taken_is_told():
    with site() as path, socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("serve", path, "-a", f"127.0.0.1:{taken.getsockname()[1]}")
        out, err = process.communicate(timeout=TIME_LIMIT)
        equal((process.returncode, out), (1, b""))
        holds(err, "bide serve: ")


main()
