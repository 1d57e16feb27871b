"""What bench-peers keeps of a row: medians, spread, and ratios to bide and to the ceiling.

A ratio says how many times as good somebody is: of rates the quotient, of times and memory its
inverse, so that above 1 always is better. It is the median of the rounds' ratios, each between
figures that were taken seconds apart.
"""
import statistics

from driver.turns import middle

RATES = "requests/s", "MB/s"
CEILING = "floor"               # what the machine can do when nothing stands around it
DIGITS = 5                      # that the file keeps


def more_is_better(unit):
    return unit in RATES


def shortened(value):
    return float(f"{value:.{DIGITS}g}")


def times_as_good(unit, values, others):
    """None where there is nothing to compare with."""
    pairs = [(a, b) if more_is_better(unit) else (b, a)
             for a, b in zip(values or [], others or [])]
    if not pairs or any(a <= 0 or b <= 0 for a, b in pairs):
        return None
    return shortened(statistics.median(a / b for a, b in pairs))


def spread(values):
    """Lowest, first quartile, median, third quartile, highest."""
    if len(values) < 2:
        return [shortened(values[0])] * 5
    quarters = statistics.quantiles(values, n=4, method="inclusive")
    return [shortened(v) for v in (min(values), *quarters, max(values))]


def contestant(row, name, figures):
    """The entry of one of them."""
    values = figures[name][row.figure]
    other = {who: figures.get(who, {}).get(row.figure) for who in ("bide", CEILING)}
    low, first, median, third, high = spread(values)
    more = {figure: shortened(value) for figure, value in middle(figures[name]).items()
            if figure in row.each}
    return {"median": median, "low": low, "high": high, "quartiles": [first, third],
            "to_bide": times_as_good(row.unit, values, other["bide"]),
            "to_ceiling": times_as_good(row.unit, values, other[CEILING]),
            "rounds": [shortened(value) for value in values], "more": more}


def make_row(title, row, figures, failed, commands):
    entries = {name: contestant(row, name, figures) for name in figures
               if row.figure in figures[name]}
    return {"name": row.name, "title": title, "unit": row.unit, "contestants": entries,
            "failed": failed, "commands": commands}


def best_first(row):
    """Names of the contestants, the best one in front; the ceiling is none."""
    names = [name for name in row["contestants"] if name != CEILING]
    return sorted(names, key=lambda name: row["contestants"][name]["median"],
                  reverse=more_is_better(row["unit"]))


def best_peer(row):
    """The best contestant that is not bide, or None."""
    return next((name for name in best_first(row) if name != "bide"), None)
