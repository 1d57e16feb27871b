"""Small servers that a client has to cope with, each on a port of its own.

    with Server(behave) as url: ...

`behave(connection, head)` gets the socket and the head of each request; what it returns true for
keeps the connection.  Everything runs in daemon threads of this process.
"""
import contextlib
import socket
import threading
import time


def listen(address="127.0.0.1"):
    return socket.create_server((address, 0), backlog=512)


class Server:
    def __init__(self, behave, listener=None):
        self.behave = behave
        self.listener = listener or listen()
        self.lock = threading.Lock()
        self.requests = []              # (head, body)
        self.wait_for_body = self.keep_bodies = True
        self.running = self.most_running = 0

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        if self.listener.family == socket.AF_INET:
            self.url = "http://%s:%d" % self.listener.getsockname()
        return self

    def __exit__(self, *unused):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def until_asked(self, count):
        """Waits for so many requests."""
        end = time.monotonic() + 30
        while len(self.requests) < count:
            assert time.monotonic() < end, len(self.requests)
            time.sleep(0.01)

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            file = connection.makefile("rb")
            while self.serve_request(connection, file):
                pass

    def serve_request(self, connection, file):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = file.readline()
            if not line:
                return False
            head += line
        body = b"".join(read_body(file, head, self.keep_bodies)) if self.wait_for_body else b""
        with self.lock:
            self.requests.append((head.decode("latin-1"), body))
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            return self.behave(connection, head)
        finally:
            with self.lock:
                self.running -= 1


def read_size(file, size, keep):
    while size > 0 and (piece := file.read(min(size, 65536))):
        size -= len(piece)
        yield piece if keep else b""


def read_body(file, head, keep):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            yield from read_size(file, int(line.split(b":")[1]), keep)
        if line == b"transfer-encoding: chunked":
            while size := int(file.readline(), 16):
                yield from read_size(file, size, keep)
                file.readline()
            file.readline()


def reply(body=b"ok", status="200 OK", headers=""):
    """A behaviour: a good answer, always the same."""
    text = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"

    def behave(connection, _head):
        connection.sendall(text.encode() + body)
        return True
    return behave


def raw(data):
    """A behaviour: these bytes, then the end."""
    def behave(connection, _head):
        connection.sendall(data)
        return False
    return behave


def pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def tunnel(wanted=None):
    """A behaviour: a proxy that makes tunnels, to this machine whatever the name; `wanted` is what
    Proxy-Authorization must be."""
    def behave(connection, head):
        method, target = head.split(b" ")[:2]
        if wanted and wanted not in head:
            return reply(b"", "407 Proxy Authentication Required",
                         'Proxy-Authenticate: Basic realm="p"\r\n')(connection, head)
        assert method == b"CONNECT", head
        port = int(target.rsplit(b":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as other:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(other, connection), daemon=True)
            back.start()
            pump(connection, other)
            back.join()
        return False
    return behave


def free_port():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
