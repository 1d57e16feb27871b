#!/usr/bin/env python3
"""bide get with bodies: forms beside curl's, files, codings both ways, downloads that go on."""
import email
import email.policy
import gzip
import os
import re
import shutil
import subprocess
import zlib

from servers import Server, raw, reply
from tool import Skip, bide, equal, file_in, folder, holds, main, test


def get(*words, **options):
    return bide("get", *words, **options)


def prints(body, *words, **options):
    done = get(*words, **options)
    equal((done.status, done.out, done.err), (0, body, b""))


def header(head, name):
    found = re.search(rf"\r\n{name}: ([^\r]*)\r\n", head, re.IGNORECASE)
    return found and found[1]


def parts_of(head, body):
    """Each part of a form: its name, file name, type and content."""
    text = f"Content-Type: {header(head, 'Content-Type')}\r\n\r\n".encode() + body
    message = email.message_from_bytes(text, policy=email.policy.HTTP)
    equal(message.get_content_type(), "multipart/form-data")
    return [(part.get_param("name", header="content-disposition"), part.get_filename(),
             part["Content-Type"], part.get_payload(decode=True)) for part in message.iter_parts()]


FORM = ["-F", "title=At the sea", "-F", "photo=@sea.bin;type=image/x-sea", "-F",
        "other=@sea.bin;filename=a b.jpg;type=image/jpeg", "-F", "text=<note.txt", "-F",
        "note=x;type=text/x-y", "--form-string", "plain=@no;type=x"]


@test
def a_form_is_what_curl_sends():
    if not shutil.which("curl"):
        raise Skip("needs curl")
    with Server(reply()) as server, folder() as path:
        file_in(path, "sea.bin", bytes(range(256)) * 400)
        file_in(path, "note.txt", b"a note\n")
        prints(b"ok", *FORM, server.url, cwd=path)
        ours = parts_of(*server.requests.pop())
        subprocess.run(["curl", "-s", "-H", "Expect:", *FORM, server.url], cwd=path, check=True,
                       stdout=subprocess.DEVNULL)
        equal(ours, parts_of(*server.requests.pop()))
        equal(len(ours), 6)


@test
def a_file_is_sent_as_it_is():
    data = os.urandom(3_000_000)
    with Server(reply()) as server, folder() as path:
        file = file_in(path, "data", data)
        prints(b"ok", "-T", file, server.url + "/up")
        head, body = server.requests.pop()
        holds(head, "PUT /up HTTP/1.1\r\n")
        assert body == data
        prints(b"ok", "-T", file, "-X", "POST", "--compress", "gzip", server.url, )
        head, _ = server.requests.pop()
        holds(head, "POST / HTTP/1.1\r\n")
        equal(header(head, "Content-Encoding"), "gzip")


@test
def standard_input_is_sent_as_it_comes():
    with Server(reply()) as server:
        prints(b"ok", "-T", "-", server.url, given=b"hello")
        head, body = server.requests.pop()
        equal(header(head, "Transfer-Encoding"), "chunked")
        equal(body, b"hello")


@test
def data_can_be_compressed():
    with Server(reply()) as server:
        data = b"again and again " * 1000
        prints(b"ok", "-d@-", "--compress", "gzip", server.url, given=data)
        head, body = server.requests.pop()
        equal(header(head, "Content-Encoding"), "gzip")
        equal(gzip.decompress(body), data)


@test
def a_body_waits_until_it_is_wanted():
    def behave(connection, head):
        assert b"100-continue" in head.lower(), head
        return reply(b"no", "413 Too Large", "Connection: close\r\n")(connection, head) and False
    with Server(behave) as server:
        server.wait_for_body = False
        prints(b"no", "--expect", "-d", "x" * 100000, server.url)
        equal(server.requests.pop()[1], b"")


@test
def a_compressed_body_is_decoded_if_asked():
    data = b"again and again " * 10000
    for name, coded in (("gzip", gzip.compress(data)), ("deflate", zlib.compress(data))):
        with Server(reply(coded, headers=f"Content-Encoding: {name}\r\n")) as server:
            prints(data, "--compressed", server.url)
            holds(header(server.requests.pop()[0], "Accept-Encoding"), "gzip")
            prints(coded, server.url)
            equal(header(server.requests.pop()[0], "Accept-Encoding"), None)
        with Server(reply(coded[:-9], headers=f"Content-Encoding: {name}\r\n")) as server:
            equal(get("--compressed", server.url).status, 1)


class Ranges:
    """A behaviour: a file that can be had from any byte; the first reply breaks off."""

    def __init__(self, data):
        self.data, self.asked = data, []

    def __call__(self, connection, head):
        head = head.decode()
        self.asked.append(header(head, "Range"))
        tag = 'ETag: "one"\r\nAccept-Ranges: bytes\r\n'
        if not self.asked[-1]:
            return raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n" %
                       (len(self.data), tag.encode()) + self.data[:1000])(connection, head)
        start = int(self.asked[-1][len("bytes="):-1])
        equal(header(head, "If-Range"), '"one"')
        span = f"Content-Range: bytes {start}-{len(self.data) - 1}/{len(self.data)}\r\n"
        return reply(self.data[start:], "206 Partial Content", span + tag)(connection, head)


@test
def a_download_goes_on_where_it_broke_off():
    data = os.urandom(5000)
    for words in (["--resume"], ["-C", "-"]):
        ranges = Ranges(data)
        with Server(ranges) as server, folder() as path:
            file = os.path.join(path, "file")
            done = get(*words, "-o", file, server.url)
            equal((done.status, done.out), (1, b""))
            assert not os.path.exists(file)
            prints(b"", *words, "-o", file, server.url)
            equal(ranges.asked, [None, "bytes=1000-"])
            with open(file, "rb") as kept:
                assert kept.read() == data
            equal(os.listdir(path), ["file"])


@test
def a_download_goes_on_within_one_call():
    data = os.urandom(5000)
    with Server(Ranges(data)) as server, folder() as path:
        file = os.path.join(path, "file")
        prints(b"", "--resume", "--retries", "1", "--retry-delay", "0.01", "-o", file, server.url)
        with open(file, "rb") as kept:
            assert kept.read() == data


@test
def many_downloads_go_on_as_well():
    data = os.urandom(5000)
    with Server(Ranges(data)) as server, folder() as path:
        words = ["fetch", "--resume", "-o", path, server.url + "/x"]
        [line] = bide(*words).lines()
        assert line["error"] and "file" not in line, line
        [line] = bide(*words).lines()
        equal((line["error"], line["bytes"], line["status"]), (None, 5000, 206))
        with open(os.path.join(path, line["file"]), "rb") as kept:
            assert kept.read() == data
        equal(os.listdir(path), [line["file"]])


main()
