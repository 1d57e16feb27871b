#!/usr/bin/env python3
"""bide get over TLS and through proxies: who is believed, and what is told when nobody is."""
import base64

from certificates import TlsServer, authority
from servers import Server, free_port, reply, tunnel
from tool import bide, equal, holds, main, test


def prints(body, *words, **options):
    done = bide("get", *words, **options)
    equal((done.status, done.out, done.err), (0, body, b""))


def fails(sentence, *words, **options):
    done = bide("get", *words, **options)
    equal((done.status, done.out), (1, b""))
    equal(done.err.count(b"\n"), 1)
    holds(done.err, sentence)


@test
def a_server_is_verified_unless_told_otherwise():
    with TlsServer(reply(b"secret")) as server:
        fails("localhost: ", server.url)
        fails("certificate", server.url)
        prints(b"secret", "--cacert", authority().ca, server.url)
        prints(b"secret", "-k", server.url)


@test
def the_name_must_be_that_of_the_certificate():
    with TlsServer(reply(b"x")) as server:
        words = ["--cacert", authority().ca, server.url]
        fails("example.org: ", "--server-name", "example.org", *words)
        prints(b"x", "--server-name", "localhost", "--cacert", authority().ca,
               server.url.replace("localhost", "127.0.0.1"))


@test
def a_client_shows_its_certificate():
    with TlsServer(reply(b"hello"), client=True) as server:
        ca = ["--cacert", authority().ca]
        prints(b"hello", *ca, "--cert", authority().client, server.url)
        done = bide("get", *ca, server.url)
        equal((done.status, done.out), (1, b""))


@test
def a_key_that_is_not_the_pinned_one_is_refused():
    with TlsServer(reply(b"x")) as server:
        other = "sha256//" + base64.b64encode(bytes(32)).decode()
        words = ["--cacert", authority().ca, server.url]
        prints(b"x", "--pinnedpubkey", authority().pin(), *words)
        prints(b"x", "--pinnedpubkey", f"{other};{authority().pin()}", *words)
        fails("pin", "--pinnedpubkey", other, *words)
        fails("pin", "-k", "--pinnedpubkey", other, server.url)


@test
def a_line_that_is_cut_within_a_body_is_a_failure():
    def cut(connection, _head):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nonly half")
        return False                            # without a word of TLS's
    with TlsServer(cut) as server:
        done = bide("get", "--cacert", authority().ca, server.url)
        equal((done.status, done.out), (1, b"only half"))


@test
def a_proxy_is_asked_for_plain_urls():
    with Server(reply(b"from the proxy")) as proxy:
        prints(b"from the proxy", "-x", proxy.url, "--proxy-header", "X-P: 1", "http://a.invalid/x")
        head = proxy.requests.pop()[0]
        holds(head, "GET http://a.invalid/x HTTP/1.1\r\n")
        holds(head, "\r\nX-P: 1\r\n")


@test
def a_proxy_makes_a_tunnel_for_https():
    with TlsServer(reply(b"secret")) as server, Server(tunnel()) as proxy:
        words = ["--cacert", authority().ca, server.url]
        prints(b"secret", "-x", proxy.url, *words)
        holds(proxy.requests.pop()[0], f"CONNECT {server.url[8:]} HTTP/1.1\r\n")
        fails("localhost: ", "-x", proxy.url, server.url)


@test
def a_proxy_may_want_a_password():
    secret = base64.b64encode(b"me:pw")
    with TlsServer(reply(b"x")) as server, Server(tunnel(b"Basic " + secret)) as proxy:
        words = ["--cacert", authority().ca, server.url]
        prints(b"x", "-x", proxy.url.replace("//", "//me:pw@"), *words)
        fails("407", "-x", proxy.url, *words)


@test
def the_environment_names_proxies_and_options_overrule_it():
    with Server(reply(b"proxy")) as proxy, Server(reply(b"server")) as server:
        given = {"http_proxy": proxy.url}
        prints(b"proxy", server.url, env=given)
        prints(b"server", "-x", "", server.url, env=given)
        prints(b"server", "--noproxy", "127.0.0.1", server.url, env=given)
        prints(b"proxy", "--noproxy", "localhost", server.url, env=given)
        prints(b"server", server.url, env=given | {"NO_PROXY": "*"})
        prints(b"server", "-x", proxy.url, "--noproxy", "*", server.url)
        prints(b"proxy", "-x", proxy.url, "--noproxy", "other", server.url)


@test
def a_proxy_that_is_not_there_is_told():
    fails("proxy", "-x", f"http://127.0.0.1:{free_port()}", "http://a.invalid/")


@test
def connections_come_from_where_they_are_told():
    with Server(reply(b"x")) as server:
        prints(b"x", "--local-address", "127.0.0.1", "-4", server.url)
        done = bide("get", "-6", server.url)
        equal((done.status, done.out), (1, b""))


main()
