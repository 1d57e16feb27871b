"""TechEmpower's routes: a web server per contestant, all on the same PostgreSQL.

Two cores must do: the web server has the first, as in the server rows; the database shares the
second with the load, which therefore sleeps when it has nothing to do. What a web server costs per
request is in the notes; where it was not busy, the database was what limited.
"""
import contextlib
import json
import urllib.request

from driver import children, database_servers, servers, serving

CONNECTIONS = 16                # each web server's, to the database
FORTUNES = ("&lt;script&gt;alert(", "Additional fortune added at request time.", "</table>",
            "フレームワークのベンチマーク", "Emacs is a nice operating system, but I prefer UNIX.")


def fetch(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def is_world(value):
    return (isinstance(value, dict) and set(value) == {"id", "randomNumber"}
            and all(isinstance(n, int) and 1 <= n <= 10000 for n in value.values()))


def are_worlds(text, count):
    worlds = json.loads(text)
    return isinstance(worlds, list) and len(worlds) == count and all(map(is_world, worlds))


def check(port, path):
    """Once before it is measured: is it what TechEmpower's rules ask for?"""
    try:
        if path == "/db":
            good = is_world(json.loads(fetch(port, path)))
        elif path == "/fortunes":
            text = fetch(port, path)
            good = all(part in text for part in FORTUNES) and text.count("<tr>") == 14
        else:
            route = path.partition("=")[0]
            good = all(are_worlds(fetch(port, f"{route}={asked}"), count) for asked, count in
                       (("20", 20), ("0", 1), ("x", 1), ("501", 500)))
    except (OSError, ValueError) as why:
        raise children.Failed(f"{path}: {str(why)[:100]}") from None
    if not good:
        raise children.Failed(f"{path}: not the answer expected")


class Errand(serving.Errand):
    """One route: its database, its servers, and what is asked of them."""

    @contextlib.contextmanager
    def servers(self, contestants):
        with database_servers.postgres(children.cores()[1]) as self.database:
            self.database.say(*database_servers.MAKE_TECHEMPOWER)
            with super().servers(contestants) as running:
                for name in list(running):
                    try:
                        check(self.running[name][0], self.serve.load["path"])
                    except children.Failed as why:
                        self.say(f"{self.serve.row.name}: {name}: {why}")
                        del running[name]
                yield running

    def setting(self, name):
        setting = super().setting(name)
        setting.database, setting.database_connections = self.database.url, CONNECTIONS
        return setting

    def load_is_alone(self):
        return False


# ---- how each is told ---------------------------------------------------------------------------

def bide(program, s):
    return [program, "--database", s.database, "--address", f"127.0.0.1:{s.port}", "--workers",
            s.workers, "--connections", s.database_connections], {}


def go(program, s):
    return [program, s.port, s.database, s.database_connections], {"GOMAXPROCS": str(s.workers)}


def aiohttp(path):
    def command(interpreter, s):
        return [interpreter, path, s.port, s.database, s.database_connections], {}
    return command
