"""The contestants of the server rows: how each one is told what to serve, and where.

All answer the same: `Hello, World!` on /plaintext, an object with that text made for each request
on /json, a file of 10 KB on /static/10k.bin; those that can, echo messages on /ws. All keep
connections for as long as a run takes, and none writes an access log. Their configurations are
made here, in BUILD/bench/peers.
"""
import contextlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass

from driver import children

FILE_SIZE = 10240
JSON = '{"message":"Hello, World!"}'
FIRST_PORT, LAST_PORT = 21000, 31000    # below those that the kernel gives to clients
PATIENCE_SECONDS = 10


@dataclass
class Setting:
    """What one server is to be like."""
    name: str
    folder: str                 # for what it needs, and with static/10k.bin and the like in it
    port: int
    workers: int = 1
    pair: tuple = ()            # certificate and key: serve by TLS
    connections: int = 1024     # that it must bear, and some more
    database: str = ""          # URL of the one to be used
    database_connections: int = 0

    def write(self, name, text):
        """A file of the server's own; its path."""
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path


def make_files(folder):
    """What the servers serve as files."""
    static = os.path.join(folder, "static")
    os.makedirs(static, exist_ok=True)
    for path, text in ((os.path.join(static, "10k.bin"), "x" * FILE_SIZE),
                       (os.path.join(folder, "plaintext"), "Hello, World!"),
                       (os.path.join(folder, "json"), JSON)):
        with open(path, "w") as file:
            file.write(text)


# ---- the servers that are configured ------------------------------------------------------------

def nginx(program, s):
    own = os.path.join(s.folder, f"nginx_{s.port}")
    os.makedirs(own, exist_ok=True)
    pair = "".join(f"ssl_{what} {path}; " for what, path in
                   zip(("certificate", "certificate_key"), s.pair))
    temporary = "".join(f"{what}_temp_path {own}/{what}; " for what in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.getuid() == 0 else ""
    path = s.write(f"nginx_{s.port}.conf", f"""
{user} daemon off; master_process {"on" if s.workers > 1 else "off"};
worker_processes {s.workers}; pid {own}/pid;
events {{ worker_connections {s.connections + 1024}; }}
http {{
  access_log off; {temporary}
  keepalive_timeout 600; keepalive_requests 1000000000; sendfile off; output_buffers 2 32k;
  open_file_cache max=100; ssl_protocols TLSv1.3;
  server {{
    listen 127.0.0.1:{s.port} backlog=4096 {"reuseport" if s.workers > 1 else ""}
      {"ssl" if s.pair else ""};
    {pair}
    location = /plaintext {{ default_type text/plain; return 200 'Hello, World!'; }}
    location = /json {{ default_type application/json; return 200 '{JSON}'; }}
    location /static/ {{ root {s.folder}; }}
  }}
}}
""")
    return [program, "-e", "stderr", "-p", own, "-c", path], {}


def h2o(program, s):
    pair = (f"\n  ssl:\n    certificate-file: {s.pair[0]}\n    key-file: {s.pair[1]}"
            if s.pair else "")
    path = s.write(f"h2o_{s.port}.conf", f"""
num-threads: {s.workers}
max-connections: {s.connections + 1024}
http1-request-timeout: 600
{"user: root" if os.getuid() == 0 else ""}
listen:
  host: 127.0.0.1
  port: {s.port}{pair}
hosts:
  default:
    paths:
      /plaintext:
        file.file: {s.folder}/plaintext
      /json:
        file.file: {s.folder}/json
      /static:
        file.dir: {s.folder}/static
""")
    return [program, "-c", path], {}


def haproxy(program, s):
    pair = ""
    if s.pair:
        with open(s.pair[0]) as certificate, open(s.pair[1]) as key:
            pair = " ssl crt " + s.write("haproxy.pem", certificate.read() + key.read())
    quoted = JSON.replace('"', '\\"')
    path = s.write(f"haproxy_{s.port}.cfg", f"""
global
  nbthread {s.workers}
defaults
  mode http
  timeout client 600s
  timeout http-keep-alive 600s
  timeout connect 5s
  timeout server 5s
frontend bench
  bind 127.0.0.1:{s.port} backlog 4096{pair}
  acl plain path /plaintext
  http-request return status 200 content-type text/plain string "Hello, World!" if plain
  http-request return status 200 content-type application/json string "{quoted}"
""")
    return [program, "-db", "-f", path], {}


# ---- the programs -------------------------------------------------------------------------------

def program_in_c(program, s):
    return [program, s.port, s.workers, s.folder, *s.pair], {}


def floor(program, s):
    return [program, s.port, s.workers, os.path.join(s.folder, "static", "10k.bin"), *s.pair], {}


def go(program, s):
    return [program, s.port, s.folder, *s.pair], {"GOMAXPROCS": str(s.workers)}


def script(interpreter, path):
    def command(_, s):
        return [interpreter, path, s.port, s.workers, s.folder, *s.pair], \
            {"NODE_PATH": "/usr/share/nodejs"}
    return command


# ---- running ------------------------------------------------------------------------------------

def free_port(taken=[FIRST_PORT]):
    """One that nobody listens at, and that this has not given before."""
    while taken[0] < LAST_PORT:
        taken[0] += 1
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", taken[0]))
            return taken[0]
    raise children.Failed("no port is free")


def is_listening(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_it_listens(child, port, log):
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_listening(port):
        if child.poll() is not None or time.monotonic() > end:
            with open(log, errors="replace") as file:
                lines = file.read().strip().splitlines() or ["no word"]
            raise children.Failed(f"does not start: {lines[-1][:100]}")
        time.sleep(0.02)


@contextlib.contextmanager
def running(how, setting, core):
    """Runs one server; yields its process, whose session has all that it starts."""
    make_command, program = how
    command, environment = make_command(program, setting)
    log = os.path.join(setting.folder, f"server_{setting.name}.log")
    with open(log, "w") as out:
        child = children.start(command, core, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                               env={**os.environ, **environment})
    try:
        wait_until_it_listens(child, setting.port, log)
        yield child
    finally:
        children.stop(child)


def find(name):
    """Where a server's program is; those of the system are not in everybody's PATH."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
