"""Everybody takes turns: A B C, A B C, ..., so that what slows the machine down slows all.

What comes out is each contestant's figures, one per round, and from them the row of bench/run.
"""
import statistics
import sys
import time

from driver import children


def say(text):
    print(text, file=sys.stderr, flush=True)


def take_turns(contestants, rounds, row_name, figures_of, until=None):
    """Everybody's figures, one per round, and why those failed that did. After `until`, by the
    monotonic clock, no further round begins; one is always made."""
    figures, failed = {}, {}
    say(f"{row_name}: {rounds} rounds of {', '.join(contestants)}")
    for done in range(rounds):
        if done and until and time.monotonic() > until:
            say(f"{row_name}: no time for more than {done} rounds")
            break
        for name, how in contestants.items():
            if name in failed:
                continue
            try:
                for figure, value in figures_of(name, *how).items():
                    figures.setdefault(name, {}).setdefault(figure, []).append(value)
            except children.Failed as why:
                say(f"{row_name}: {name}: {why}")
                failed[name] = str(why)
                figures.pop(name, None)
    return figures, failed


def middle(figures):
    """The medians of one contestant's figures."""
    return {name: statistics.median(values) for name, values in figures.items()}


def ratio_of(own, floor):
    """The median of the rounds' ratios."""
    pairs = zip(own or [], floor or [])
    ratios = [a / b for a, b in pairs if b]
    return statistics.median(ratios) if ratios else None


def make_row(row, figures, failed):
    """One row of the table and of the JSON file."""
    medians = {name: middle(each) for name, each in figures.items()}
    own = medians.get("bide", {})
    value = own.get(row.figure)
    floor = medians.get("floor", {}).get(row.figure)
    peers = {name: each[row.figure] for name, each in medians.items()
             if name not in ("bide", "floor") and row.figure in each}
    details = {name: own[name] for name in row.details if name in own}
    details.update({f"{figure}_{name}": each[figure] for figure in row.each
                    for name, each in medians.items() if figure in each})
    made = {"name": row.name, "value": value, "unit": row.unit, "floor": floor,
            "ratio": ratio_of(*(figures.get(name, {}).get(row.figure)
                                for name in ("bide", "floor"))), "peers": peers,
            "details": details, "bar": row.bar.text, "met": None, "failed": failed}
    try:
        if value is not None and row.bar.text:
            made["met"] = bool(row.bar.met(made, details))
    except (KeyError, TypeError):
        pass                    # what the bar is measured by was not measured
    return made
