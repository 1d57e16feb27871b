#!/usr/bin/env python3
"""bide import --queue on three hosts into one PostgreSQL, of which one dies and one is cut off:
every row is there once, and every refused row is told."""
import contextlib
import os

from hosts import finish_three, lose_two, network
from import_places import SLOW, place, worker
from imports import rejected
from tool import equal, file_in, main, test

FILES, ROWS = 9, 40_000


def is_bad(number):
    return number % 1000 == 777


def csv_file(path, n):
    rows = "".join(f'{"bad" if is_bad(i) else i},a name as long as that of number {i}\n'
                   for i in range(n * ROWS, (n + 1) * ROWS))
    return file_in(path, f"{n}.csv", ("id,name\n" + rows).encode())


def check_rows(database):
    good = [i for i in range(FILES * ROWS) if not is_bad(i)]
    equal(database.ask("select count(*), count(distinct id), sum(id) from t"),
          [(len(good), len(good), sum(good))])


def check_refused(rejects):
    """Each row once; but the last of the worker that was killed may be another's too."""
    refused = [[(os.path.basename(one["file"]), int(one["line"])) for one in rejected(file)]
               for file in rejects]
    expected = [(f"{i // ROWS}.csv", i % ROWS + 2) for i in range(FILES * ROWS) if is_bad(i)]
    living, killed = refused[0] + refused[2], refused[1]
    twice = set(living) & set(killed)
    equal(sorted([*living, *killed]), sorted([*expected, *twice]))
    equal(set(killed[len(killed) - len(twice):]), twice)
    print(f"# refused by the hosts: {[len(rows) for rows in refused]}, twice: {len(twice)}")


@contextlib.contextmanager
def files_to_import(address):
    with place("pg", address=address) as (work, path, database):
        database.ask(SLOW)
        work.add([csv_file(path, n) for n in range(FILES)])
        yield work, path, database


@test
def every_row_is_imported_though_one_host_dies_and_one_is_cut_off():
    with network() as hosts, files_to_import(hosts[0].address) as (work, path, database):
        rejects = [os.path.join(path, f"refused{host.number}") for host in hosts]
        workers = [worker(work, database.url, "--jobs", "2", "--commit", "0.001", "--reject",
                          reject, under=host.under) for host, reject in zip(hosts, rejects)]
        work.until(lambda state: state["done"] > 0)
        lose_two(work, hosts, workers)
        runs = finish_three(workers, 0, 1)                  # who refused something
        equal([run.err for run in runs], [b"", b""])
        state = work.state()
        equal((state["left"], state["done"], state["dead"]), (0, FILES, 0))
        check_rows(database)
        check_refused(rejects)
        lines = work.queue("results").lines()
        equal(sum(line["rows"] + line["refused"] for line in lines), FILES * ROWS)


main()
