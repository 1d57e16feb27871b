"""A picture in SVG, written line by line: no library, no random names, no date, so that the same
figures always make the same file.

Colours are classes, in two sets: a reader who likes it dark gets the dark one. What cannot choose
(a PNG) is light. Nothing but the figures decides sizes, so texts are given room for a wide font.
"""
from xml.sax.saxutils import escape

FONT = "-apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Helvetica, Arial, sans-serif"
SIZES = {"heading": 19, "title": 13.5, "label": 12, "text": 12, "small": 10.5}
BOLD = "heading", "title", "label", "own"
# Class to its colour in light and in dark.
FILLS = {"ground": ("#ffffff", "#0d1117"), "panel": ("#f6f8fa", "#161b22"),
         "heading": ("#111827", "#f0f6fc"), "title": ("#1f2937", "#e6edf3"),
         "label": ("#1f2937", "#e6edf3"), "text": ("#374151", "#c9d1d9"),
         "small": ("#57606a", "#9da7b3"), "own": ("#0b57d0", "#79b8ff"),
         "bar": ("#b3bcc9", "#56606d"), "bar-own": ("#1f6feb", "#388bfd"),
         "bar-more": ("#d7dde5", "#3b444f"), "bar-own-more": ("#8cb8f8", "#1f4f96"),
         "ceiling-text": ("#a14a00", "#f0a04b")}
STROKES = {"grid": ("#dfe3e8", "#2a313a"), "whisker": ("#4b5563", "#c9d1d9"),
           "ceiling": ("#d9730d", "#f0883e"), "line": ("#8a94a3", "#7d8794"),
           "line-own": ("#1f6feb", "#58a6ff"), "guide": ("#9aa4b2", "#6b7480"),
           "open": ("#8a94a3", "#7d8794"), "open-own": ("#1f6feb", "#58a6ff")}
WIDTHS = {"grid": 1, "whisker": 1.2, "ceiling": 1.6, "line": 1.8, "line-own": 2.2, "guide": 1.2,
          "open": 1.6, "open-own": 1.8}
DASHED = {"ceiling": "5 3", "guide": "3 4"}
WIDE = 0.62                     # of a letter, in sizes of the font: what DejaVu Sans takes


def number(value):
    """Coordinates to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def width_of(text, kind="text"):
    """About how wide it will be."""
    return len(text) * WIDE * SIZES.get(kind, SIZES["text"])


def style():
    lines = [f"text {{ font-family: {FONT}; font-size: {SIZES['text']}px }}"]
    lines += [f".{name} {{ font-size: {size}px }}" for name, size in SIZES.items()
              if name != "text"]
    lines += [f".{name} {{ font-weight: 600 }}" for name in BOLD]
    lines += [f".{name} {{ fill: none; stroke-width: {WIDTHS[name]}px"
              f"{'; stroke-dasharray: ' + DASHED[name] if name in DASHED else ''} }}"
              for name in STROKES]
    light, dark = ([f".{name} {{ {what}: {pair[i]} }}"
                    for what, pairs in (("fill", FILLS), ("stroke", STROKES))
                    for name, pair in pairs.items()] for i in (0, 1))
    return "\n".join(lines + light + ["@media (prefers-color-scheme: dark) {"] + dark + ["}"])


class Canvas:
    def __init__(self, width, height, heading, about):
        self.width, self.height = width, height
        self.heading, self.about = heading, about
        self.parts = []

    def add(self, tag, kind, text=None, **places):
        words = "".join(f' {name.rstrip("_").replace("_", "-")}="{self.told(value)}"'
                        for name, value in places.items())
        inner = f">{escape(text)}</{tag}>" if text is not None else "/>"
        self.parts.append(f'<{tag} class="{kind}"{words}{inner}')

    @staticmethod
    def told(value):
        return value if isinstance(value, str) else number(value)

    def text(self, x, y, text, kind="text", anchor="start"):
        more = {} if anchor == "start" else {"text_anchor": anchor}
        self.add("text", kind, text, x=x, y=y, **more)

    def box(self, x, y, width, height, kind, radius=2):
        self.add("rect", kind, x=x, y=y, width=max(width, 0.5), height=height, rx=radius)

    def line(self, x1, y1, x2, y2, kind):
        self.add("line", kind, x1=x1, y1=y1, x2=x2, y2=y2)

    def dot(self, x, y, radius, kind):
        self.add("circle", kind, cx=x, cy=y, r=radius)

    def path(self, points, kind):
        self.add("polyline", kind,
                 points=" ".join(f"{number(x)},{number(y)}" for x, y in points))

    def svg(self):
        size = f'width="{number(self.width)}" height="{number(self.height)}" ' \
               f'viewBox="0 0 {number(self.width)} {number(self.height)}"'
        head = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
                f"<title>{escape(self.heading)}</title>", f"<desc>{escape(self.about)}</desc>",
                f"<style>\n{style()}\n</style>",
                f'<rect class="ground" width="{number(self.width)}" '
                f'height="{number(self.height)}" rx="8"/>']
        return "\n".join(head + self.parts + ["</svg>", ""])
