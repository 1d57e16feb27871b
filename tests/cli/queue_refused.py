#!/usr/bin/env python3
"""bide import --queue --reject: each refused row is there once, whatever became of its commit."""
import contextlib
import os
import random
import signal
import socket
import subprocess
import threading
import time

from import_places import place, worker
from imports import bad_lines, generated, rejected
from tool import TIME_LIMIT, equal, file_in, finish, holds, main, test

ROWS = 200000              # a dozen batches, each a commit


class Proxy:
    """Before a server.  The connections that come to commit refused rows meet what is planned, one
    after the other: the commit is "lost", or its answer is ("unanswered"); then they are cut."""

    def __init__(self, port, plan):
        self.port, self.plan = port, list(plan)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.at = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                for end in (client, server):    # or each statement waits 40 ms for its last bytes
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                mute = threading.Event()
                for way in (self.to_server, self.to_client):
                    threading.Thread(target=self.carry, args=(way, client, server, mute),
                                     daemon=True).start()

    @staticmethod
    def carry(way, client, server, mute):
        with contextlib.suppress(OSError):
            way(client, server, mute)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def to_server(self, client, server, mute):
        counts = False
        while data := client.recv(65536):
            counts = (counts or b"set reject_size = " in data) and b"rollback" not in data
            if counts and b"commit" in data:
                counts = False
                fate = self.plan.pop(0) if self.plan else None
                if fate == "lost":
                    return
                if fate == "unanswered":
                    mute.set()
            server.sendall(data)

    @staticmethod
    def to_client(client, server, mute):
        while data := server.recv(65536):
            if mute.is_set():
                return
            client.sendall(data)

    def close(self):
        self.listener.close()


def check(database, path, good):
    equal(database.ask("select count(*), count(distinct id), sum(id) from t"),
          [(len(good), len(good), sum(good))])
    lines = sorted(int(one["line"]) for one in rejected(os.path.join(path, "refused")))
    equal(lines, bad_lines(ROWS))
    equal(database.ask("select count(*), min(file) from bide_import"), [(1, -1)])


def cut_at_commits(kind):
    with place(kind) as (work, path, database):
        file, good = generated(path, ROWS)
        proxy = Proxy(database.port, ["unanswered", "lost"] * 2)
        run = finish(worker(work, database.url_at(proxy.at), "--jobs", "1", "--commit", "0.001",
                            "--queue-tries", "9", "--reject", os.path.join(path, "refused"), file))
        proxy.close()
        equal((run.status, run.err, proxy.plan), (1, b"", []))
        check(database, path, good)


@test
def postgresql_refuses_once_where_nobody_knows_of_the_commit():
    cut_at_commits("pg")


@test
def mariadb_refuses_once_where_nobody_knows_of_the_commit():
    cut_at_commits("mysql")


@test
def what_a_crash_of_the_server_undoes_is_refused_once():
    with place("pg") as (work, path, database):
        file, good = generated(path, ROWS)
        process = worker(work, database.url, "--commit", "0.001", "--queue-tries", "999",
                         "--reject", os.path.join(path, "refused"), file)
        for _ in range(3):
            time.sleep(0.3)
            database.server.stop("immediate")
            database.server.start()
        run = finish(process)
        equal((run.status, run.err), (1, b""))
        check(database, path, good)


def stopped_again_and_again(kind):
    """Another worker goes on, with the same file of refused rows."""
    dice, stops = random.Random(5), 0
    with place(kind) as (work, path, database):
        file, good = generated(path, ROWS)
        work.add([file])
        while True:
            process = worker(work, database.url, "--commit", "0.001", "--reject",
                             os.path.join(path, "refused"))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(dice.uniform(0.02, 0.2) if stops < 15 else TIME_LIMIT)
            process.send_signal(signal.SIGTERM)
            run = finish(process)
            equal(run.err, b"")
            if run.status not in (130, -signal.SIGTERM):    # or it had not heard of it yet
                break
            stops += 1
        print(f"# {stops} stops")
        assert run.status in (0, 1), run.status
        assert stops > 0
        check(database, path, good)


@test
def who_is_stopped_again_and_again_refuses_once():
    stopped_again_and_again("sqlite")


@test
def who_is_stopped_at_postgresql_refuses_once():
    stopped_again_and_again("pg")


@test
def two_processes_do_not_write_to_one_file_of_refused_rows():
    with place("sqlite") as (work, path, database):
        reject = os.path.join(path, "refused")
        words = ("--reject", reject)
        first = worker(work, database.url, "--queue-stay", *words,
                       file_in(path, "a.csv", b"id,name\n1,a\nx\n"))
        work.until(lambda state: state["done"] == 1)
        second = finish(worker(work, database.url, *words))
        equal(second.status, 2)
        holds(second.err, f"bide import: {reject}: another process writes its refused rows there")
        first.send_signal(signal.SIGTERM)
        equal(finish(first).status, 130)
        # What a worker has refused stays when it is started anew.
        equal(finish(worker(work, database.url, *words,
                            file_in(path, "b.csv", b"id,name\ny\n2,b\n"))).status, 1)
        equal([(os.path.basename(one["file"]), one["line"]) for one in rejected(reject)],
              [("a.csv", "3"), ("b.csv", "2")])


main()
