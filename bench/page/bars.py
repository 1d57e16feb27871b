"""Bars: a panel for each row of the comparison, the best one on top, the ceiling as a line."""
from driver.summary import CEILING, best_first, more_is_better
from page.canvas import Canvas, width_of
from page.scales import Log, for_bars, times, words_of

MARGIN, GAP = 20, 16
PANEL_WIDTH, LINE, BAR = 470, 19, 12
NAME_ROOM, VALUE_ROOM = 106, 136
TITLE_ROOM, HEAD_ROOM = 46, 66


def panel_height(row):
    return TITLE_ROOM + LINE * len(best_first(row)) + 8


def told(name, entry):
    """The text behind a bar."""
    ratio = f" · {times(entry['to_bide'])}×" if entry["to_bide"] and name != "bide" else ""
    return words_of(entry["median"]) + ratio


def draw_bar(canvas, x, y, name, entry, scale):
    own = "own" if name == "bide" else "text"
    canvas.text(x + NAME_ROOM - 8, y + 10, name, own, "end")
    end = scale.at(entry["median"])
    canvas.box(x + NAME_ROOM, y, end - x - NAME_ROOM, BAR,
               "bar-own" if name == "bide" else "bar")
    middle = y + BAR / 2
    low, high = scale.at(entry["low"]), scale.at(entry["high"])
    if high - low > 2:
        canvas.line(low, middle, high, middle, "whisker")
        for place in low, high:
            canvas.line(place, middle - 3, place, middle + 3, "whisker")
    canvas.text(x + PANEL_WIDTH - VALUE_ROOM + 12, y + 10, told(name, entry), own)


def draw_ceiling(canvas, row, scale, y):
    entry = row["contestants"].get(CEILING)
    if not entry:
        return
    place = scale.at(entry["median"])
    canvas.line(place, y - 5, place, y + LINE * len(best_first(row)) - 4, "ceiling")


def draw_panel(canvas, x, y, row):
    """One row of the comparison in a box of its own."""
    names = best_first(row)
    canvas.box(x, y, PANEL_WIDTH, panel_height(row), "panel", 6)
    canvas.text(x + 12, y + 20, row["title"], "title")
    values = [entry["high"] for entry in row["contestants"].values()]
    values += [entry["low"] for entry in row["contestants"].values()]
    scale = for_bars(values, x + NAME_ROOM, PANEL_WIDTH - NAME_ROOM - VALUE_ROOM,
                     not more_is_better(row["unit"]))
    unit = row["unit"] + (", more is better" if more_is_better(row["unit"])
                          else ", less is better")
    unit += " · logarithmic" if isinstance(scale, Log) else ""
    canvas.text(x + 12, y + 35, unit, "small")
    if CEILING in row["contestants"]:
        ceiling = f"ceiling {words_of(row['contestants'][CEILING]['median'])}"
        canvas.text(x + PANEL_WIDTH - 12, y + 35, ceiling, "small ceiling-text", "end")
    top = y + TITLE_ROOM
    for i, name in enumerate(names):
        draw_bar(canvas, x, top + i * LINE, name, row["contestants"][name], scale)
    draw_ceiling(canvas, row, scale, top)


def draw_heading(canvas, heading, about):
    canvas.text(MARGIN, 32, heading, "heading")
    canvas.text(MARGIN, 50, about, "small")


def figure(rows, heading, about):
    """Panels in two columns; the SVG."""
    pairs = [rows[i:i + 2] for i in range(0, len(rows), 2)]
    heights = [max(panel_height(row) for row in pair) for pair in pairs]
    width = 2 * MARGIN + 2 * PANEL_WIDTH + GAP
    canvas = Canvas(width, HEAD_ROOM + sum(heights) + GAP * (len(pairs) - 1) + MARGIN,
                    heading, about)
    draw_heading(canvas, heading, about)
    y = HEAD_ROOM
    for pair, height in zip(pairs, heights):
        for i, row in enumerate(pair):
            draw_panel(canvas, MARGIN + i * (PANEL_WIDTH + GAP), y, row)
        y += height + GAP
    return canvas.svg()


# ---- two bars in one: user and system time -----------------------------------------------------

def stacked(parts, heading, about, kinds):
    """`parts`: name to lengths, which are drawn one behind the other."""
    names = sorted(parts, key=lambda name: sum(parts[name]))
    width, room = 720, 190 if len(kinds) > 1 else 80
    key_room = 28 if len(kinds) > 1 else 0
    canvas = Canvas(width, HEAD_ROOM + key_room + 6 + LINE * len(names) + MARGIN, heading, about)
    draw_heading(canvas, heading, about)
    scale = for_bars([sum(each) for each in parts.values()], MARGIN + NAME_ROOM,
                     width - 2 * MARGIN - NAME_ROOM - room, False)
    x = MARGIN + NAME_ROOM
    for kind, bar in zip(kinds if key_room else (), ("bar", "bar-more")):
        canvas.box(x, HEAD_ROOM + 2, 12, 12, bar)
        canvas.text(x + 18, HEAD_ROOM + 12, kind, "small")
        x += 36 + width_of(kind, "small")
    for i, name in enumerate(names):
        draw_stack(canvas, HEAD_ROOM + key_room + i * LINE, name, parts[name], scale,
                   width - MARGIN - room + 10)
    return canvas.svg()


def draw_stack(canvas, y, name, lengths, scale, value_at):
    own = name == "bide"
    canvas.text(MARGIN + NAME_ROOM - 8, y + 10, name, "own" if own else
                "ceiling-text" if name == "ceiling" else "text", "end")
    done = 0
    for length, kind in zip(lengths, ("bar", "bar-more")):
        start = scale.at(done)
        canvas.box(start, y, scale.at(done + length) - start, BAR,
                   kind.replace("bar", "bar-own") if own else kind)
        done += length
    canvas.text(value_at, y + 10, f"{words_of(sum(lengths))} µs"
                + (f" ({' + '.join(words_of(each) for each in lengths)})"
                   if len(lengths) > 1 else ""), "own" if own else "text")
