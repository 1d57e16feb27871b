"""The server rows: every contestant serves the same load, in turns.

All servers of a row run at once, each asleep while another is asked, so that those that are
compared are asked within a second of each other. For memory each gets a process of its own, that
has had nothing else to do.
"""
import contextlib

from driver import children, clients, servers

LOAD_TIMEOUT, IDLE_TIMEOUT = 90, 180    # seconds
SPARE_FILES = 200               # descriptors beside those of the connections
WARM_SECONDS = {"node": 1}      # before its first round: it compiles itself while it runs
LIMITED = {"haproxy": 2}        # descriptors that a server reserves for each connection


class Errand:
    """One server measure: its servers, and what is asked of them."""

    def __init__(self, serve, found, say):
        self.serve, self.found, self.say = serve, found, say
        self.files = clients.raise_limit()
        self.running = {}       # name to (port, session)
        self.warmed = set()
        self.pair, self.ca = (), None
        if serve.idle + SPARE_FILES > self.files:
            raise children.Failed(f"it needs {serve.idle + SPARE_FILES} descriptors, and a process "
                                  f"may have {self.files} (ulimit -n); ./dev bench-scale kernel "
                                  "counts them on a kernel of its own")
        if serve.tls:
            self.ca, *self.pair = clients.certificates(found.made)

    def core(self):
        return None if self.serve.everywhere else children.cores()[0]

    def setting(self, name):
        workers = 2 if self.serve.everywhere else 1
        return servers.Setting(name, self.found.made, servers.free_port(), workers,
                               tuple(self.pair), self.serve.idle or self.serve.connections)

    def load_is_alone(self):
        """Does it have a core for itself?"""
        return len(set(children.cores())) > 1 and not self.serve.everywhere

    def start(self, name, how):
        setting = self.setting(name)
        return setting.port, servers.running(how, setting, self.core())

    @contextlib.contextmanager
    def servers(self, contestants):
        """Runs them all, those of an idle row excepted; yields the contestants that do run."""
        servers.make_files(self.found.made)
        with contextlib.ExitStack() as stack:
            for name, how in list(contestants.items()):
                if self.serve.idle:
                    break
                port, server = self.start(name, how)
                try:
                    self.running[name] = port, stack.enter_context(server).pid
                except children.Failed as why:
                    self.say(f"{self.serve.row.name}: {name} {why}")
                    del contestants[name]
            yield contestants

    def figures(self, name, *how):
        if self.serve.idle:
            port, server = self.start(name, how)
            with server as child:
                return self.figures_of_idling(name, port, child.pid)
        port, session = self.running[name]
        warm = 0.1 if name in self.warmed else WARM_SECONDS.get(name, 0.1)
        self.warmed.add(name)
        return self.figures_of_load(port, session, {"warm": warm, "seconds": self.serve.seconds})

    def figures_of_load(self, port, session, more):
        serve = self.serve
        words = {**serve.load, "port": port, "server": session, "connections": serve.connections,
                 "depth": serve.depth, "share": serve.share, **more}
        if self.ca:
            words["ca"] = self.ca
        command = [self.found.program("load"), *(f"{key}={value}" for key, value in words.items())]
        command += ["websocket"] * serve.websocket + ["awake"] * self.load_is_alone()
        return children.figures_of(command, LOAD_TIMEOUT, everywhere=serve.everywhere)

    def figures_of_idling(self, name, port, session):
        count = min(self.serve.idle, (self.files - SPARE_FILES) // LIMITED.get(name, 1))
        command = [self.found.program("idle"), port, self.serve.load["path"], count, session]
        return children.figures_of(command + ["websocket"] * self.serve.websocket, IDLE_TIMEOUT)
