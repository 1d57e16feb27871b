"""Latency: a line for each server from its median to its 99.9th percentile, logarithmic."""
from driver.summary import CEILING, best_first
from page.bars import HEAD_ROOM, MARGIN, draw_heading
from page.canvas import Canvas
from page.scales import Log, words_of

WIDTH, LINE, NAME_ROOM, VALUE_ROOM = 880, 24, 110, 300
KEY = (("median", "p50_us"), ("99th percentile", "p99"), ("99.9th", "p999_us"))


def points_of(entry):
    """Median, 99th, 99.9th percentile; None if one is missing."""
    points = [entry["more"].get("p50_us"), entry["median"], entry["more"].get("p999_us")]
    return points if all(points) else None


def draw_axis(canvas, scale, bottom):
    for tick in scale.ticks():
        x = scale.at(tick)
        canvas.line(x, HEAD_ROOM + 20, x, bottom, "grid")
        text = f"{tick:g} µs" if tick < 1000 else f"{tick / 1000:g} ms"
        canvas.text(x, bottom + 16, text, "small", "middle")


def draw_key(canvas):
    x, y = MARGIN + NAME_ROOM, HEAD_ROOM + 6
    for (words, _), kind, radius in zip(KEY, ("open", "bar", "bar"), (4, 5, 3)):
        canvas.dot(x, y - 4, radius, kind)
        canvas.text(x + 10, y, words, "small")
        x += 32 + 7 * len(words)


def told(points, rate):
    text = " / ".join(words_of(value) for value in points) + " µs"
    return text + (f" at {words_of(rate)}/s" if rate else "")


def draw_server(canvas, y, name, points, text, scale):
    own = "-own" if name == "bide" else ""
    kind = "own" if own else "ceiling-text" if name == CEILING else "text"
    canvas.text(MARGIN + NAME_ROOM - 12, y + 4, "ceiling" if name == CEILING else name, kind, "end")
    places = [scale.at(value) for value in points]
    canvas.line(places[0] + 4, y, places[2], y, "line" + own)
    canvas.dot(places[0], y, 4, "open" + own)
    canvas.dot(places[1], y, 5, "bar" + own)
    canvas.dot(places[2], y, 3, "bar" + own)
    canvas.text(WIDTH - MARGIN - VALUE_ROOM + 16, y + 4, text, kind)


def figure(row, heading, about):
    names = [CEILING] * (CEILING in row["contestants"]) + best_first(row)
    servers = {name: points_of(row["contestants"][name]) for name in names}
    servers = {name: points for name, points in servers.items() if points}
    bottom = HEAD_ROOM + 28 + LINE * len(servers)
    canvas = Canvas(WIDTH, bottom + 34, heading, about)
    draw_heading(canvas, heading, about)
    every = [value for points in servers.values() for value in points]
    scale = Log(min(every), max(every), MARGIN + NAME_ROOM,
                WIDTH - 2 * MARGIN - NAME_ROOM - VALUE_ROOM)
    draw_axis(canvas, scale, bottom)
    draw_key(canvas)
    for i, (name, points) in enumerate(servers.items()):
        text = told(points, row["contestants"][name]["more"].get("rate"))
        draw_server(canvas, HEAD_ROOM + 38 + i * LINE, name, points, text, scale)
    return canvas.svg()
