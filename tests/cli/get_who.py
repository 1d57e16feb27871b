#!/usr/bin/env python3
"""bide get: who asks, by Basic, Digest, a token, the netrc; and cookies."""
import base64
import hashlib
import os
import re

from servers import Server, reply
from tool import bide, equal, file_in, folder, holds, main, test


def prints(body, *words, **options):
    done = bide("get", *words, **options)
    equal((done.status, done.out, done.err), (0, body, b""))


def header(head, name):
    found = re.search(rf"\r\n{name}: ([^\r]*)\r\n", head, re.IGNORECASE)
    return found and found[1]


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@test
def a_user_and_a_password_are_sent():
    with Server(reply()) as server:
        prints(b"ok", "-u", "me:pass:word", server.url)
        equal(header(server.requests.pop()[0], "Authorization"), basic("me:pass:word"))
        prints(b"ok", server.url.replace("//", "//me:p%40@"))
        head = server.requests.pop()[0]
        equal(header(head, "Authorization"), basic("me:p@"))
        assert "@" not in head, head
        prints(b"ok", "--bearer", "token", server.url)
        equal(header(server.requests.pop()[0], "Authorization"), "Bearer token")
        prints(b"ok", server.url)
        equal(header(server.requests.pop()[0], "Authorization"), None)


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


@test
def a_password_is_proved_by_digest():
    def behave(connection, head):
        said = header(head.decode(), "Authorization")
        if not said:
            challenge = 'WWW-Authenticate: Digest realm="r", qop="auth", nonce="n", opaque="o"\r\n'
            return reply(b"no", "401 Unauthorized", challenge)(connection, head)
        part = dict(re.findall(r'(\w+)="?([^",]*)"?', said))
        proof = md5(f"{md5('me:r:pw')}:n:{part['nc']}:{part['cnonce']}:auth:"
                    f"{md5('GET:' + part['uri'])}")
        good = part["response"] == proof and part["uri"] == "/x?y"
        return reply(b"yes" if good else b"wrong")(connection, head)
    with Server(behave) as server:
        prints(b"yes", "--digest", "-u", "me:pw", server.url + "/x?y")
        assert all("pw" not in head for head, _ in server.requests)
        prints(b"no", server.url + "/x?y")


@test
def the_netrc_counts_if_asked():
    with Server(reply()) as server, folder() as path:
        file = file_in(path, ".netrc", b"machine 127.0.0.1 login me password pw\n")
        os.chmod(file, 0o600)
        home = {"HOME": path}
        prints(b"ok", "-n", server.url, env=home)
        equal(header(server.requests.pop()[0], "Authorization"), basic("me:pw"))
        prints(b"ok", server.url, env=home)
        equal(header(server.requests.pop()[0], "Authorization"), None)


@test
def cookies_are_sent_as_given():
    with Server(reply()) as server:
        prints(b"ok", "-b", "a=1; b=2", "-b", "c=3", server.url)
        equal(header(server.requests.pop()[0], "Cookie"), "a=1; b=2; c=3")


@test
def a_jar_is_loaded_and_kept():
    with Server(reply(headers="Set-Cookie: a=1; Max-Age=900\r\n")) as server, folder() as path:
        jar = os.path.join(path, "jar")
        prints(b"ok", "-c", jar, server.url)
        with open(jar, encoding="utf-8") as file:
            holds(file.read(), "\ta\t1\n")
        equal(os.stat(jar).st_mode & 0o777, 0o600)
        for words in (["-c", jar], ["-b", jar], ["-b", jar, "-c", jar]):
            prints(b"ok", *words, server.url)
            equal(header(server.requests.pop()[0], "Cookie"), "a=1")
        prints(b"ok", "-b", jar, "-b", "z=2", server.url)
        equal(header(server.requests.pop()[0], "Cookie"), "a=1; z=2")
        bad = file_in(path, "bad", b"what is this\n")
        done = bide("get", "-b", bad, server.url)
        equal((done.status, done.out), (2, b""))
        holds(done.err, "bide get: cookies: ")


@test
def cookies_go_with_redirects_but_not_to_strangers():
    with Server(reply()) as stranger:
        def behave(connection, head):
            if head.startswith(b"GET /far "):
                return reply(b"", "302 Found", f"Location: {stranger.url}/\r\n")(connection, head)
            if b"Cookie: a=1" in head:
                return reply(b"in")(connection, head)
            return reply(b"", "302 Found", "Location: /\r\nSet-Cookie: a=1\r\n")(connection, head)
        with Server(behave) as server:
            prints(b"in", "-L", server.url)
            prints(b"ok", "-L", "-u", "me:pw", "-H", "Authorization: x", server.url + "/far")
            equal(header(stranger.requests.pop()[0], "Authorization"), None)


main()
