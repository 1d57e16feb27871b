"""What is shown and kept: a table on standard output, rows in a JSON file."""
import json
import os
import re
import subprocess
import time

HEAD = "measure", "bide", "floor", "ratio", "must reach", "", "peers"


def number(value):
    """Three figures that matter, and no exponent."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if value == int(value):
        return f"{value:.0f}"
    return f"{value:#.3g}".rstrip(".") if abs(value) >= 0.001 else f"{value:.5f}"


def verdict(row):
    if not row["bar"]:
        return ""
    return {True: "met", False: "MISSED", None: "?"}[row["met"]]


def cells(row):
    peers = ", ".join(f"{name} {number(value)}" for name, value in row["peers"].items())
    return [f'{row["name"]} ({row["unit"]})', number(row["value"]), number(row["floor"]),
            f'{row["ratio"]:.2f}' if row["ratio"] is not None else "-", row["bar"],
            verdict(row), peers]


def table(rows):
    """The table as text. The last column is as wide as it likes."""
    lines = [list(HEAD)] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD) - 1)] + [0]
    aligned = [(str.rjust if i in (1, 2, 3) else str.ljust) for i in range(len(HEAD))]
    text = [" | ".join(a(c, w) for a, c, w in zip(aligned, line, widths)).rstrip()
            for line in lines]
    text.insert(1, "-+-".join("-" * width for width in widths[:-1]) + "-+------")
    return "\n".join(text)


def notes(rows):
    """What belongs to a row and has no column, and why a row has no figure."""
    for row in rows:
        words = [f"{re.sub('^(memory|timers|lateness_busy|lateness|fairness|scope)_', '', name)} "
                 f"{number(value)}" for name, value in row["details"].items()]
        words += [f"{name} failed: {why}" for name, why in row["failed"].items()]
        if words:
            yield f'{row["name"]}: ' + ", ".join(words)


def now():
    """The day, and the commit of the tree that is measured, "+" if more is changed in it."""
    here = os.path.dirname(os.path.abspath(__file__))
    tree = subprocess.run(["git", "-C", here, "describe", "--always", "--dirty=+"],
                          capture_output=True, text=True).stdout.strip()
    return f"{time.strftime('%Y-%m-%d')} {tree}".strip()


def keep(path, rows):
    """Writes the rows; rows of other names that are there already stay."""
    measured = now()
    rows = [{**row, "measured": measured} for row in rows]
    old = []
    if os.path.exists(path):
        with open(path) as file:
            try:
                old = json.load(file)
            except ValueError:
                pass
    names = {row["name"] for row in rows}
    old = [row for row in old if row.get("name") not in names]
    with open(path + ".new", "w") as file:
        json.dump(old + rows, file, indent=1)
        file.write("\n")
    os.replace(path + ".new", path)
