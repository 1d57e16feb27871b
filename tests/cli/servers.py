"""Small servers that a client has to cope with, each on a port of its own.

    with Server(behave) as url: ...

`behave(connection, head)` gets the socket and the head of each request; what it returns true for
keeps the connection.  Everything runs in daemon threads of this process.
"""
import contextlib
import socket
import threading


class Server:
    def __init__(self, behave, listener=None):
        self.behave = behave
        self.listener = listener or socket.create_server(("127.0.0.1", 0), backlog=512)
        self.lock = threading.Lock()
        self.requests = []              # (head, body)
        self.running = self.most_running = 0

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        if self.listener.family == socket.AF_INET:
            self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
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
        body = file.read(content_length(head))
        with self.lock:
            self.requests.append((head.decode("latin-1"), body))
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            return self.behave(connection, head)
        finally:
            with self.lock:
                self.running -= 1


def content_length(head):
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


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


def free_port():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
