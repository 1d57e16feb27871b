"""What is shown and kept of growth: a table, and build/scale.json, from which plots are made."""
import json
import math
import os
import platform

from driver.report import number

# Growth beyond what its O() says that is called a bend where instructions are counted. Time also
# has the caches in it, and is only shown. Fewer things than GROWTH_FROM fit into what remembers the
# last ones (such as the requests that a server knows already), and take less.
GROWTH_FROM, TOLERANCE = 1000, 1.25


def expected_growth(order, first, last):
    return math.log(last) / math.log(first) if order == "O(log n)" else 1.0


def growth(curve):
    """(how many times its first value the last one is, how many times it may be)."""
    points = [(n, value) for n, value in curve["points"] if n >= GROWTH_FROM and value]
    if len(points) < 2:
        return None
    (first, low), (last, high) = points[0], points[-1]
    return high / low, expected_growth(curve["order"], first, last)


def verdict(curve):
    grown = growth(curve)
    if not grown:
        return ""
    is_bent = curve["unit"] == "instructions" and grown[0] > grown[1] * TOLERANCE
    return f"x {grown[0]:.2f}" + (", BENDS" if is_bent else "")


def table(curves, thing):
    numbers = sorted({n for curve in curves for n, _ in curve["points"]})
    lines = [["per item", *(f"{n:,}" for n in numbers), "may be",
              f"from {GROWTH_FROM:,} on"]]
    for curve in curves:
        values = dict(curve["points"])
        lines.append([f'{curve["name"]} ({curve["unit"]})',
                      *(number(values[n]) if n in values else "-" for n in numbers),
                      curve["order"], verdict(curve)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                      for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
            for line in lines]
    return "\n".join([f"# {thing}", *text])


def loops_table(loops):
    return "\n".join(["# loops on two cores", *(
        f'{each["name"]}: 1 loop {number(each["one"])}, 2 loops {number(each["two"])} '
        f'{each["unit"]}; x {each["speedup"]:.2f}' for each in loops)])


def text(made):
    things = list(dict.fromkeys(curve["x_unit"] for curve in made.curves))
    parts = [table([c for c in made.curves if c["x_unit"] == thing], thing) for thing in things]
    if made.facts:
        parts.append("\n".join(f'{each["what"]}: {number(each["value"])} {each["unit"]}'
                               for each in made.facts))
    if made.loops:
        parts.append(loops_table(made.loops))
    return "\n\n".join(parts + (["\n".join(made.notes)] if made.notes else []))


def merge(old, new):
    """The old ones that are not made anew, and the new ones."""
    names = {(each["name"], each["unit"]) for each in new}
    return [each for each in old if (each["name"], each["unit"]) not in names] + new


def keep(path, made):
    """Writes what was made; what was made before and not now stays."""
    old = {}
    if os.path.exists(path):
        with open(path) as file:
            try:
                old = json.load(file)
            except ValueError:
                pass
    kept = {"machine": f"{platform.machine()}, {os.cpu_count()} processors, "
                       f"{platform.system()} {platform.release()}"}
    for kind in "curves", "facts", "loops":
        kept[kind] = merge(old.get(kind, []), getattr(made, kind))
    kept["notes"] = made.notes
    with open(path + ".new", "w") as file:
        json.dump(kept, file, indent=1)
        file.write("\n")
    os.replace(path + ".new", path)
