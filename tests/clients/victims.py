"""Clients that are killed in the middle of what they do, as by kill -9.

Each is a process of its own that ends by SIGKILL where its victim's function ends: nothing of it
says goodbye but the kernel, which sends an RST if something came that was not read, else a FIN.
"""
import os
import signal
import socket
import ssl
import traceback

VICTIMS = []
HOST = b" HTTP/1.1\r\nHost: h\r\n"
UPGRADE = (HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
FORM = (b"POST /form" + HOST + b"Content-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: 900000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; "
        b"filename=\"f\"\r\n\r\n")


def victim(function):
    VICTIMS.append(function)
    return function


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def connect_secure(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connect(port))


def ask(connection, text, end=b""):
    """Sends, and reads until `end` is there."""
    connection.sendall(text)
    got = b""
    while end not in got:
        piece = connection.recv(1000)
        assert piece, got
        got += piece
    return connection


@victim
def half_a_head(plain, _):
    return ask(connect(plain), b"GET /plaintext HTTP/1.1\r\nHo")


@victim
def half_a_body(plain, _):
    return ask(connect(plain), b"POST /count" + HOST +
               b"Content-Length: 90000\r\n\r\n" + b"x" * 9999)


@victim
def half_a_chunk(plain, _):
    return ask(connect(plain), b"POST /count" + HOST +
               b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nffff\r\nx")


@victim
def half_an_upload(plain, _):
    return ask(connect(plain), FORM + b"x" * 200000)


@victim
def half_an_echo(plain, _):
    return ask(connect(plain), b"POST /echo" + HOST + b"Content-Length: 90000\r\n\r\n" + b"x" * 999,
               b"xxx")


@victim
def half_an_answer(plain, _):
    return ask(connect(plain), b"GET /stream/500" + HOST + b"\r\n", b"xxx")


@victim
def half_a_file(plain, _):
    return ask(connect(plain), b"GET /files/large.bin" + HOST + b"\r\n", b"\r\n\r\n")


@victim
def no_answer_yet(plain, _):
    return ask(connect(plain), (b"GET /wait/1" + HOST + b"\r\n") * 3)


@victim
def half_a_handshake(_, secure):
    """What a client says first, and no more; or half of that."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    if os.getpid() % 2:
        return ask(connect(secure), hello[:len(hello) // 2])
    return ask(connect(secure), hello, b"\x16\x03")


@victim
def half_a_body_in_tls(_, secure):
    return ask(connect_secure(secure), FORM + b"x" * 100000)


@victim
def half_an_answer_in_tls(_, secure):
    return ask(connect_secure(secure), b"GET /stream/500" + HOST + b"\r\n", b"xxx")


@victim
def events(plain, _):
    return ask(connect(plain), b"GET /events/5" + HOST + b"\r\n", b"data: 2")


@victim
def half_a_frame(plain, _):
    return ask(ask(connect(plain), b"GET /echo" + UPGRADE, b"\r\n\r\n"),
               b"\x82\xfe\x70\x00mask" + b"x" * 5000)


@victim
def half_a_message_of_many_frames(_, secure):
    return ask(ask(connect_secure(secure), b"GET /room" + UPGRADE, b"\r\n\r\n"),
               b"\x02\x84maskxxxx" + b"\x00\x84maskxxxx" + b"\x00\xff")


@victim
def a_member_of_a_hub(plain, _):
    member = ask(connect(plain), b"GET /room" + UPGRADE, b"\r\n\r\n")
    return ask(member, b"\x81\x85\0\0\0\0all o", b"all o" if os.getpid() % 2 else b"")


def kill_at(function, plain, secure):
    """Starts a client that is killed where this victim ends; its process, for waiting."""
    pid = os.fork()
    if pid:
        return pid
    try:
        connection = function(plain, secure)
        os.kill(os.getpid(), signal.SIGKILL)
        connection.close()                          # not reached: it is open until the end
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def was_killed(pid):
    return os.waitpid(pid, 0)[1] == signal.SIGKILL
