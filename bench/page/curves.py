"""Growth: small panels with both axes logarithmic, and the curve that the order would give."""
import math
import textwrap

from page.bars import GAP, HEAD_ROOM, MARGIN, draw_heading
from page.canvas import Canvas
from page.scales import Log, short, words_of

PANEL_WIDTH, PANEL_HEIGHT, COLUMNS = 242, 196, 4
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 70, 34
TITLE_LETTERS = 29              # of a line; there are two
ORDERS = {"O(1)": lambda n: 1, "O(log n)": lambda n: math.log2(max(n, 2)), "O(n)": lambda n: n,
          "O(n log n)": lambda n: n * math.log2(max(n, 2)), "O(n^2)": lambda n: n * n}


def lines_of(curve):
    """(name, points) of each line; a curve of one has no name. A logarithm needs more than 0."""
    series = curve.get("series") or [{"name": "", "points": curve["points"]}]
    return [(each["name"], [(n, value) for n, value in each["points"]
                           if n and (value or 0) > 0])
            for each in series]


def guide(curve):
    """The order's own curve through the first line's last point, over the same places."""
    grow = ORDERS.get(curve.get("order", ""))
    points = lines_of(curve)[0][1]
    if not grow or not points:
        return []
    n, value = points[-1]
    return [[at, value * grow(at) / grow(n)] for at, _ in points]


def is_drawable(curve):
    return len(lines_of(curve)[0][1]) > 1


def draw_axes(canvas, x, y, across, up):
    bottom = y + PANEL_HEIGHT - BOTTOM
    for tick in across.ticks():
        canvas.line(across.at(tick), y + TOP, across.at(tick), bottom, "grid")
        canvas.text(across.at(tick), bottom + 14, short(tick), "small", "middle")
    for tick in up.ticks():
        canvas.line(x + LEFT, up.at(tick), x + PANEL_WIDTH - RIGHT, up.at(tick), "grid")
        canvas.text(x + LEFT - 6, up.at(tick) + 4, short(tick), "small", "end")


def draw_line(canvas, name, points, across, up, own):
    kind = "-own" if own else ""
    canvas.path([(across.at(n), up.at(value)) for n, value in points], "line" + kind)
    for n, value in points:
        canvas.dot(across.at(n), up.at(value), 2.6, "bar" + kind)
    if name:
        n, value = points[-1]
        canvas.text(across.at(n) - 4, up.at(value) - 7, name, "small own" if own else "small",
                    "end")


def draw_title(canvas, x, y, curve):
    title = textwrap.wrap(curve["title"], TITLE_LETTERS, max_lines=2, placeholder=" …")
    for i, line in enumerate(title):
        canvas.text(x + 12, y + 18 + 15 * i, line, "label")
    points = lines_of(curve)[0][1]
    first, last = (words_of(value) for _, value in (points[0], points[-1]))
    canvas.text(x + 12, y + 50, f"{first} → {last} {curve['unit']}", "small")
    canvas.text(x + PANEL_WIDTH - 12, y + 50, curve.get("order", ""), "small", "end")


def draw_panel(canvas, x, y, curve):
    lines = lines_of(curve)
    every = [point for _, points in lines for point in points] + guide(curve)
    values = [value for _, value in every]
    least, most = min(values), max(values)
    if most / least < 10:       # flat is to look flat
        least, most = least / 2.5, most * 2.5
    across = Log(min(n for n, _ in every), max(n for n, _ in every), x + LEFT,
                 PANEL_WIDTH - LEFT - RIGHT, whole=False)
    up = Log(least, most, y + PANEL_HEIGHT - BOTTOM, -(PANEL_HEIGHT - TOP - BOTTOM))
    canvas.box(x, y, PANEL_WIDTH, PANEL_HEIGHT, "panel", 6)
    draw_title(canvas, x, y, curve)
    draw_axes(canvas, x, y, across, up)
    canvas.text(x + PANEL_WIDTH - RIGHT, y + PANEL_HEIGHT - 6, curve.get("x_unit", ""), "small",
                "end")
    if guide(curve):
        canvas.path([(across.at(n), up.at(value)) for n, value in guide(curve)], "guide")
    for i, (name, points) in enumerate(lines):
        draw_line(canvas, name, points, across, up, i == 0)


def figure(curves, heading, about):
    rows = -(-len(curves) // COLUMNS)
    width = 2 * MARGIN + COLUMNS * PANEL_WIDTH + (COLUMNS - 1) * GAP
    height = HEAD_ROOM + rows * (PANEL_HEIGHT + GAP) - GAP + MARGIN
    canvas = Canvas(width, height, heading, about)
    draw_heading(canvas, heading, about)
    for i, curve in enumerate(curves):
        draw_panel(canvas, MARGIN + i % COLUMNS * (PANEL_WIDTH + GAP),
                   HEAD_ROOM + i // COLUMNS * (PANEL_HEIGHT + GAP), curve)
    return canvas.svg()
