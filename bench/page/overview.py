"""All rows at a glance: how near to the ceiling bide comes, and the best of the peers."""
from driver.summary import CEILING, best_peer
from page.bars import HEAD_ROOM, MARGIN, draw_heading
from page.canvas import Canvas
from page.scales import Linear

WIDTH, LINE, BAR, NAME_ROOM, VALUE_ROOM, MOST = 860, 36, 11, 300, 150, 1.25


def is_comparable(row):
    return all(row["contestants"].get(name, {}).get("to_ceiling") is not None
               for name in ("bide", best_peer(row))) and CEILING in row["contestants"]


def draw_bar(canvas, y, ratio, text, scale, own):
    end = scale.at(ratio)
    canvas.box(scale.start, y, end - scale.start, BAR, "bar-own" if own else "bar")
    more = " →" if ratio > MOST else ""
    canvas.text(WIDTH - MARGIN - VALUE_ROOM + 14, y + 10, f"{text} {ratio:.2f}{more}",
                "own" if own else "text")


def draw_row(canvas, y, row, scale):
    peer = best_peer(row)
    canvas.text(MARGIN + NAME_ROOM - 12, y + 16, row["title"], "text", "end")
    draw_bar(canvas, y, row["contestants"]["bide"]["to_ceiling"], "bide", scale, True)
    draw_bar(canvas, y + BAR + 2, row["contestants"][peer]["to_ceiling"], peer, scale, False)


def figure(rows, heading, about):
    rows = [row for row in rows if is_comparable(row)]
    bottom = HEAD_ROOM + 12 + LINE * len(rows)
    canvas = Canvas(WIDTH, bottom + 34, heading, about)
    draw_heading(canvas, heading, about)
    start, length = MARGIN + NAME_ROOM, WIDTH - 2 * MARGIN - NAME_ROOM - VALUE_ROOM
    scale = Linear(MOST, start, length)
    for tick in (0, 0.25, 0.5, 0.75, 1, 1.25):
        canvas.line(scale.at(tick), HEAD_ROOM, scale.at(tick), bottom, "grid")
        canvas.text(scale.at(tick), bottom + 16, f"{tick:g}", "small", "middle")
    for i, row in enumerate(rows):
        draw_row(canvas, HEAD_ROOM + 8 + i * LINE, row, scale)
    canvas.line(scale.at(1), HEAD_ROOM - 4, scale.at(1), bottom, "ceiling")
    canvas.text(scale.at(1), bottom + 29, "the ceiling", "small ceiling-text", "middle")
    return canvas.svg()
