#!/usr/bin/env python3
"""SIGTERM to a server with clients of each kind: what each is told, and when it has ended."""
import concurrent.futures
import contextlib
import signal
import socket
import ssl
import threading
import time

from serving import ORCHARD, SLOW, TIME_LIMIT, Server, equal, folder, main, test
from certificates import authority

GRACE = 2 if SLOW == 1 else 4           # seconds; the server gives up slow bodies after 5
AT_ONCE = 1 * SLOW
UPGRADE = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
GOING_AWAY = b"\x88\x02\x03\xe9"
CLOSE = b"\x88\x82\0\0\0\0\x03\xe9"     # the same from a client


class Client:
    """A connection, and what it hears."""

    def __init__(self, server, request="", url=0):
        self.socket = socket.create_connection(("127.0.0.1", server.port_of(url)),
                                               timeout=TIME_LIMIT)
        if url:
            self.socket = server.trust.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.sendall(request.encode())
        self.heard = b""

    def hear(self, words):
        """Reads until these have come."""
        while words not in self.heard:
            piece = self.socket.recv(65536)
            assert piece, f"{words} is not in {self.heard[-500:]}"
            self.heard += piece
        return self

    def rest(self):
        """Everything up to the end, however that comes."""
        with contextlib.suppress(ConnectionResetError, ssl.SSLError):
            while piece := self.socket.recv(65536):
                self.heard += piece
        self.socket.close()
        return self.heard


class Orchard(Server):
    """The server of orchard.c, plain and (url 1) with TLS."""

    def __init__(self, path, workers, tls=None):
        words = ["--tls", tls.server] if tls else []
        super().__init__(ORCHARD, "--workers", workers, "--grace", GRACE, *words, path,
                         lines=2 if tls else 1)
        self.trust = ssl.create_default_context(cafile=tls.ca) if tls else None
        self.ended = None

    def port_of(self, url):
        return int(self.urls[url].rpartition(":")[2])

    def end(self):
        """Tells it to, and goes on; ended is when it had."""
        def wait():
            self.process.wait()
            self.ended = time.monotonic() - begun
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.waiter = threading.Thread(target=wait)
        self.waiter.start()
        return begun

    def took(self):
        """Seconds; it must have ended well, without a word."""
        self.waiter.join(TIME_LIMIT)
        equal((self.process.poll(), self.process.stderr.read()), (0, ""))
        return self.ended


@contextlib.contextmanager
def each(tls=False):
    """Servers with one worker and with several, one after the other, as tests want them."""
    made = authority() if tls else None
    with folder() as path:
        running = []

        def start():
            for workers in (1, 3):
                running.append(Orchard(path, workers, made))
                yield running[-1]
        try:
            yield start()
        finally:
            for server in running:
                server.process.kill()
                server.process.wait()
                server.process.stdout.close()
                server.process.stderr.close()


def get(path, more=""):
    return f"GET {path} HTTP/1.1\r\nHost: h\r\n{more}\r\n"


def upload(size, body):
    return f"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n{body}"


def quickly(server):
    took = server.took()
    assert took < AT_ONCE, f"{took} s"


@test
def who_has_asked_nothing_is_closed_at_once():
    with each() as servers:
        for server in servers:
            silent = [Client(server) for _ in range(50)]
            asked = [Client(server, get("/plaintext")).hear(b"world!") for _ in range(50)]
            half = Client(server, get("/plaintext") * 3).hear(b"world!")
            server.end()
            quickly(server)
            equal({client.rest() for client in silent}, {b""})
            equal({client.rest().count(b"HTTP/1.1 200") for client in asked}, {1})
            equal(half.rest().count(b"world!"), 3)


@test
def https_clients_hear_that_it_was_closed_and_half_handshakes_hold_nothing_up():
    with each(tls=True) as servers:
        for server in servers:
            idle = [Client(server, get("/plaintext"), url=1).hear(b"world!") for _ in range(10)]
            half = socket.create_connection(("127.0.0.1", server.port_of(1)))
            half.sendall(b"\x16\x03\x01\x02")
            silent = socket.create_connection(("127.0.0.1", server.port_of(1)))
            time.sleep(0.1)
            server.end()
            quickly(server)
            for client in idle:
                equal(client.socket.recv(1), b"")       # close_notify: else it raises
                client.socket.close()
            half.close()
            silent.close()


@test
def what_ends_within_the_grace_is_answered_and_the_rest_is_cut():
    with each(tls=True) as servers:
        for server in servers:
            pause = GRACE / 3
            waits = [Client(server, get(f"/wait/{pause}"), url) for url in (0, 1) * 10]
            late = [Client(server, get("/wait/1000"), url) for url in (0, 1)]
            uploads = [Client(server, upload(5, "ab"), url) for url in (0, 1)]
            stuck = Client(server, upload(5, "ab"))
            deaf = Client(server, get("/stream/100000")).hear(b"xxx")
            time.sleep(0.2)
            server.end()
            time.sleep(0.2)
            for client in uploads:
                client.socket.sendall(b"cde")
                equal(client.rest().rpartition(b"\r\n\r\n")[2], b"5")
            for client in waits:
                answer = client.rest()
                assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"waited"), answer
                assert b"\r\nConnection: close\r\n" in answer, answer
            assert server.ended is None, "the grace is not over"
            equal({client.rest() for client in [*late, stuck]}, {b""})
            took = server.took()
            assert GRACE - 0.1 <= took < GRACE + AT_ONCE, f"{took} s"
            deaf.socket.close()


@test
def events_end_with_their_last_chunk():
    with each(tls=True) as servers:
        for server in servers:
            clients = [Client(server, get("/events/50"), url).hear(b"data: 1\n") for url in (0, 1)]
            server.end()
            for client in clients:
                assert client.rest().endswith(b"\r\n0\r\n\r\n"), client.heard[-100:]
            quickly(server)


@test
def websockets_of_both_forms_hear_1001():
    with each(tls=True) as servers:
        for server in servers:
            clients = [Client(server, get(path, UPGRADE), url).hear(b"\r\n\r\n")
                       for path in ("/echo", "/room") for url in (0, 1) for _ in range(10)]
            time.sleep(0.1)
            server.end()
            for client in clients:
                client.hear(GOING_AWAY)
                client.socket.sendall(CLOSE)
                assert client.rest().endswith(b"\r\n\r\n" + GOING_AWAY), client.heard
            quickly(server)


@test
def websockets_that_do_not_answer_the_close_are_cut_after_a_while():
    with each() as servers:
        for server in servers:
            mute = [Client(server, get(path, UPGRADE)).hear(b"\r\n\r\n")
                    for path in ("/echo", "/room")]
            time.sleep(0.1)
            server.end()
            for client in mute:
                assert client.rest().endswith(GOING_AWAY), client.heard
            took = server.took()
            assert took < GRACE + AT_ONCE, f"{took} s"


@test
def a_second_signal_ends_it_at_once():
    with each() as servers:
        for server in servers:
            client = Client(server, get("/wait/1000"))
            time.sleep(0.2)
            server.end()
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            server.waiter.join(TIME_LIMIT)
            equal(server.process.poll(), -signal.SIGTERM)
            equal(client.rest(), b"")


def flood(server, over):
    """Comes, asks and goes, in every which way; the answers, which must be whole."""
    count = answered = 0
    while not over.is_set():
        with contextlib.suppress(OSError):
            count += 1
            client = Client(server, get("/plaintext") if count % 2 == 0 else "")
            if count % 4 == 0:
                client.socket.shutdown(socket.SHUT_WR)
                client.rest()
                assert client.heard == b"" or client.heard.endswith(b"world!"), client.heard
                answered += client.heard != b""
            client.socket.close()
    return answered


@test
def a_flood_of_clients_does_not_hold_it_up():
    with each() as servers:
        for server in servers:
            over = threading.Event()
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                clients = [pool.submit(flood, server, over) for _ in range(8)]
                time.sleep(0.3)
                server.end()
                took = server.took()
                over.set()
                answered = sum(client.result() for client in clients)
            assert took < GRACE + AT_ONCE, f"{took} s"
            assert answered > 50, f"that was no flood: {answered}"


@test
def who_is_started_again_at_once_has_its_port():
    with folder() as path:
        address = "127.0.0.1:0"
        for workers in (1, 3, 1):
            server = Server(ORCHARD, "--workers", workers, "--address", address, path)
            address = f"127.0.0.1:{server.port}"
            with server.connect(get("/plaintext").encode()) as client:
                assert client.recv(65536).endswith(b"world!")
                equal((server.stop(), server.told), (0, ""))


main()
