#!/usr/bin/env python3
"""Writes AREA.out for every AREA.py: what CPython says.  The tests compare with these files and
do not need Python; this program is kept so that they can be made again."""
import importlib
import pathlib

import scenario

HERE = pathlib.Path(__file__).resolve().parent
AREAS = ["tasks", "gather", "wait", "groups", "timeouts", "locks", "queues", "events", "runner",
         "generators", "promises", "threads"]

for area in AREAS:
    if (HERE / f"{area}.py").exists():
        importlib.import_module(area)
        with open(HERE / f"{area}.out", "w") as out:
            scenario.record(out)
