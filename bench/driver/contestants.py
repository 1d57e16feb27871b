"""Who takes part: bide's programs, the floor, and the peers that this machine has.

The C programs come out of the build folder. Go and Rust are compiled here, once, into
BUILD/bench/peers, because no build of the library should need them. A peer that is missing is
left out, and `missing` says which package would bring it.
"""
import os
import shutil
import subprocess

from driver import rust, servers, techempower

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(HERE, "peers")
PYTHONS = "/usr/bin/python3", "python3"         # the distribution's modules are the first one's
GO_LIBRARIES = "/usr/share/gocode"              # and its Go sources


class Contestants:
    """With compiles=False only those take part that were compiled before: that takes minutes."""

    def __init__(self, build, say, compiles=True):
        self.build, self.say, self.compiles = build, say, compiles
        self.bench = os.path.join(build, "bench")
        self.made = os.path.join(self.bench, "peers")
        self.missing = []
        self.runtimes, self.fetchers, self.clients = {}, {}, {}
        self.servers = {}       # name to (function that makes its command, its program)
        self.queries = {"pg": {}, "redis": {}}
        self.web_databases = {}         # as `servers`
        self.psql, self.sqlite = shutil.which("psql"), None
        os.makedirs(self.made, exist_ok=True)
        self.find_own()

    def find_own(self):
        for name, program in ("bide", "client"), ("floor", "floor_client"):
            if self.program(program):
                self.clients[name] = [self.program(program)], {}
        for name, program, how in (("bide", "server", servers.program_in_c),
                                   ("floor", "floor_web", servers.floor)):
            if self.program(program) and self.program("load"):
                self.servers[name] = how, self.program(program)
        for kind, programs in self.queries.items():
            for name, program in ("bide", kind), ("floor", f"floor_{kind}"):
                if self.program(program):
                    programs[name] = [self.program(program)], {}
        shop = os.path.join(self.build, "examples/apps/shop/shop")
        if os.access(shop, os.X_OK):
            self.web_databases["bide"] = techempower.bide, shop

    def program(self, name):
        """A program of ours in the build folder, or None."""
        path = os.path.join(self.bench, "bench_" + name)
        return path if os.access(path, os.X_OK) else None

    def find(self):
        """Fills `runtimes` (name to (command, environment)) and the others."""
        self.find_c()
        self.find_servers()
        self.find_go()
        self.find_node()
        self.find_python()
        self.find_databases()
        self.find_rust()
        return self

    def find_c(self):
        self.take(self.runtimes, "st", self.program("runtime_st"), "libst-dev")
        self.take(self.runtimes, "libuv", self.program("runtime_libuv"), "libuv1-dev")
        self.take(self.fetchers, "libcurl", self.program("fetch_curl"), "libcurl4-openssl-dev")
        if self.program("client_curl"):
            self.clients["libcurl"] = [self.program("client_curl")], {}
        if self.program("client_libevent"):
            self.clients["libevent"] = [self.program("client_libevent")], {}
        self.take(self.fetchers, "curl", shutil.which("curl"), "curl")

    def find_servers(self):
        for name, how in (("nginx", servers.nginx), ("h2o", servers.h2o),
                          ("haproxy", servers.haproxy)):
            self.take_server(name, how, servers.find(name), name)
        for name, program, package in (
                ("libmicrohttpd", "server_microhttpd", "libmicrohttpd-dev"),
                ("libuv", "server_libuv", "libuv1-dev, libhttp-parser-dev"),
                ("libevent", "server_libevent", "libevent-dev")):
            self.take_server(name, servers.program_in_c, self.program(program), package)

    def find_databases(self):
        pg, redis = self.queries["pg"], self.queries["redis"]
        self.take(pg, "libpq", self.program("pg_libpq"), "libpq-dev")
        self.take(pg, "psql", self.psql, "postgresql-client")
        self.take(redis, "hiredis", self.program("redis_hiredis"), "libhiredis-dev")
        if "hiredis" in redis:
            redis["hiredis async"] = redis["hiredis"]
        self.sqlite = shutil.which("sqlite3")
        if not self.sqlite:
            self.missing.append("sqlite3 (package sqlite3)")
        self.find_go_database()

    def take_server(self, name, how, program, package):
        if program:
            self.servers[name] = how, program
        else:
            self.missing.append(f"{name} (package {package})")

    def take(self, where, name, program, package):
        if program:
            where[name] = [program], {}
        else:
            self.missing.append(f"{name} (package {package})")

    def find_go(self):
        environment = {"GOMAXPROCS": "1"}
        if not shutil.which("go"):
            self.missing.append("go (package golang-go)")
            return
        for where, source in ((self.runtimes, "runtime_go"), (self.fetchers, "fetch_go"),
                              (self.clients, "client_go")):
            target = os.path.join(self.made, source)
            command = ["go", "build", "-o", target, os.path.join(PEERS, source + ".go")]
            more = {"GO111MODULE": "off", "GOCACHE": os.path.join(self.made, "go-cache")}
            if self.compile("go", target, source + ".go", command, more):
                where["go"] = [target], environment
        self.find_go_server()

    def find_go_server(self):
        sources = ["server_go.go", "server_go_websocket.go"]
        if not os.path.isdir(os.path.join(GO_LIBRARIES, "src/github.com/gorilla/websocket")):
            self.missing.append("gorilla (package golang-github-gorilla-websocket-dev)")
            sources.pop()
        target = os.path.join(self.made, "server_go")
        command = ["go", "build", "-o", target, *(os.path.join(PEERS, name) for name in sources)]
        more = {"GO111MODULE": "off", "GOCACHE": os.path.join(self.made, "go-cache"),
                "GOPATH": GO_LIBRARIES}
        if self.compile("go", target, sources[0], command, more):
            self.servers["go"] = servers.go, target

    def find_go_database(self):
        if not os.path.isdir(os.path.join(GO_LIBRARIES, "src/github.com/jackc/pgx/v4/pgxpool")):
            self.missing.append("pgx (package golang-github-jackc-pgx-v4-dev)")
            return
        target = os.path.join(self.made, "te_go")
        command = ["go", "build", "-o", target, os.path.join(PEERS, "te_go.go")]
        more = {"GO111MODULE": "off", "GOCACHE": os.path.join(self.made, "go-cache"),
                "GOPATH": GO_LIBRARIES}
        if shutil.which("go") and self.compile("go", target, "te_go.go", command, more):
            self.web_databases["go"] = techempower.go, target

    def find_node(self):
        node = shutil.which("node") or shutil.which("nodejs")
        if node:
            self.clients["node"] = [node, os.path.join(PEERS, "client_node.js")], {}
            path = os.path.join(PEERS, "server_node.js")
            self.servers["node"] = servers.script(node, path), node
        else:
            self.missing.append("node (package nodejs)")

    def find_python(self):
        python = next((p for p in map(shutil.which, PYTHONS) if p and has_module(p, "aiohttp")),
                      shutil.which(PYTHONS[0]) or PYTHONS[1])
        script = os.path.join(PEERS, "runtime_asyncio.py")
        self.runtimes["asyncio"] = [python, script, "asyncio"], {}
        if has_module(python, "uvloop"):
            self.runtimes["uvloop"] = [python, script, "uvloop"], {}
        else:
            self.missing.append("uvloop (package python3-uvloop)")
        if has_module(python, "uvloop") and has_module(python, "aiohttp"):
            for where, kind in (self.fetchers, "fetch"), (self.clients, "client"):
                where["aiohttp"] = [python, os.path.join(PEERS, kind + "_aiohttp.py")], {}
            path = os.path.join(PEERS, "server_aiohttp.py")
            self.servers["aiohttp"] = servers.script(python, path), python
        else:
            self.missing.append("aiohttp (packages python3-aiohttp, python3-uvloop)")
        self.find_python_databases(python)

    def find_python_databases(self, python):
        pg, redis = os.path.join(PEERS, "pg_python.py"), os.path.join(PEERS, "redis_python.py")
        for where, name, module, script, words in (
                ("pg", "asyncpg", "asyncpg, uvloop", pg, ["asyncpg"]),
                ("pg", "psycopg", "psycopg", pg, ["psycopg"]),
                ("redis", "redis-py", "redis.asyncio, uvloop", redis, [])):
            if has_module(python, module):
                self.queries[where][name] = [python, script, *words], {}
            else:
                package = "python3-" + name.removesuffix("-py")
                self.missing.append(f"{name} (packages {package}, python3-uvloop)")
        if "asyncpg" in self.queries["pg"] and "aiohttp" in self.servers:
            path = os.path.join(PEERS, "te_aiohttp.py")
            self.web_databases["aiohttp"] = techempower.aiohttp(path), python

    def find_rust(self):
        for name in rust.NEEDS:
            kind, _, peer = name.partition("_")
            if not rust.is_here():
                self.missing.append(f"{peer} (packages cargo, {rust.PACKAGES[name]})")
                continue
            target, command, more = rust.prepare(name, self.made)
            if not self.compile(peer, target, name + ".rs", command, more):
                continue
            if kind == "server":
                self.servers[peer] = servers.program_in_c, target
            else:
                {"runtime": self.runtimes, "client": self.clients}[kind][peer] = [target], {}

    def compile(self, name, target, source, command, environment):
        """Compiles unless the target is newer than its source; False with a word if it fails."""
        source_name, source = source, os.path.join(PEERS, source)
        if os.path.exists(target) and os.path.getmtime(target) > os.path.getmtime(source):
            return True
        if not self.compiles:
            self.missing.append(f"{name}'s {source_name} (bench/run compiles it)")
            return False
        self.say(f"compiling {name}'s program ...")
        try:
            subprocess.run(command, check=True, timeout=600, capture_output=True, text=True,
                           env={**os.environ, **environment})
        except (subprocess.SubprocessError, OSError) as why:
            words = (getattr(why, "stderr", None) or str(why)).strip().splitlines()
            self.missing.append(f"{name} (does not compile: {words[-1] if words else 'no word'})")
            return False
        os.utime(target)        # cargo leaves one alone that it finds fresh
        return True


def has_module(python, name):
    return subprocess.run([python, "-c", f"import {name}"], capture_output=True).returncode == 0
