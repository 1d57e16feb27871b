"""nginx and haproxy, set up as docs/http-server.md has it.

What is printed there is what is run: only the places are changed, of sockets and of certificates.
"""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess

from serving import Skip, folder, until

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/http-server.md"

# What a distribution's own files say, and what a test needs to be alone.
NGINX = """
daemon off;
master_process off;
pid {path}/pid;
error_log {path}/errors;
events {{ worker_connections 500; }}
http {{
    access_log off;
    client_body_temp_path {path}/body;
    proxy_temp_path {path}/proxy;
    fastcgi_temp_path {path}/fastcgi;
    uwsgi_temp_path {path}/uwsgi;
    scgi_temp_path {path}/scgi;
    client_max_body_size 0;
    {printed}
}}
"""

HAPROXY = """
global
    maxconn 500
{printed}
"""


def printed(language):
    """The guide's one piece in that language."""
    pieces = re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text(), re.M | re.S)
    assert len(pieces) == 1, f"{len(pieces)} pieces of {language} in {GUIDE.name}"
    return pieces[0]


def replaced(text, *pairs):
    """With other places; each must have been there."""
    for old, new in pairs:
        assert old in text, f"{GUIDE.name} does not say {old}"
        text = text.replace(old, new)
    return text


def nginx_config(port, backend, certificate):
    text = replaced(printed("nginx"), ("unix:/run/app/app.sock", backend),
                    ("listen 443", f"listen 127.0.0.1:{port}"))
    if certificate:
        return replaced(text, ("/etc/ssl/example.org.pem", certificate))
    return re.sub(r"\n *ssl_certificate.*", "", replaced(text, (" ssl;", ";")))


def haproxy_config(port, backend, certificate):
    text = replaced(printed("haproxy"), ("127.0.0.1:8080", backend),
                    ("bind :443", f"bind 127.0.0.1:{port}"))
    mine = f" ssl crt {certificate}" if certificate else ""
    return replaced(text, (" ssl crt /etc/ssl/example.org.pem", mine))


def config_for(name, path, *places):
    if name == "nginx":
        return NGINX.format(path=path, printed=nginx_config(*places))
    return HAPROXY.format(printed=haproxy_config(*places))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


@contextlib.contextmanager
def proxy(name, backend, certificate=None):
    """One of the two in front of a server at `backend`: its port.  With the path of a certificate
    and key it speaks TLS.  It is ended by its number."""
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not program:
        raise Skip(f"there is no {name} here")
    with folder() as path:
        port = free_port()
        config = os.path.join(path, "config")
        pathlib.Path(config).write_text(config_for(name, path, port, backend, certificate))
        words = ["-p", path, "-c", config] if name == "nginx" else ["-db", "-q", "-f", config]
        with open(os.path.join(path, "said"), "w+b") as said:
            process = subprocess.Popen([program, *words], stdin=subprocess.DEVNULL, stdout=said,
                                       stderr=said)
            try:
                until(lambda: listens(port) or process.poll() is not None, f"{name} listens")
                said.seek(0)
                assert process.poll() is None, f"{name}: {said.read()!r}"
                yield port
            finally:
                process.kill()
                process.wait()
