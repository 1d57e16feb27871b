"""From values to places on a picture, and from values to words."""
import math

LOG_FROM = 40                   # the greatest is so many times the least: then by powers of ten


def words_of(value):
    """Three figures that matter, in a reader's words: 1.24 M, 43,100, 0.315."""
    if value is None:
        return "–"
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 1000:
        digits = 3 - len(str(int(value)))
        return f"{round(value, digits):,.0f}"
    return f"{value:.3g}"


def times(ratio):
    """How many times as good: 1.2, 0.31, and 1/450 where two figures would say nothing."""
    if ratio is None:
        return "–"
    if ratio < 0.095:
        return f"1/{1 / ratio:,.0f}"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def short(value):
    """For an axis: 100k, 1M, 0.1."""
    for factor, letter in (1e9, "G"), (1e6, "M"), (1e3, "k"):
        if value >= factor:
            return f"{value / factor:g}{letter}"
    return f"{value:g}"


class Linear:
    def __init__(self, most, start, length):
        self.most, self.start, self.length = max(most, 0) or 1, start, length

    def at(self, value):
        return self.start + self.length * min(max(value, 0), self.most) / self.most

    def ticks(self):
        """Round values, three to six of them."""
        raw = self.most / 5
        power = 10 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 2.5, 5, 10) if raw <= m * power)
        return [i * step for i in range(int(self.most / step * 1.0001) + 1)]


class Log:
    """`start` to `start + length`; a negative length goes up."""

    def __init__(self, least, most, start, length, whole=True):
        self.low, self.high = math.log10(least), math.log10(most)
        if whole:
            self.low, self.high = math.floor(self.low + 1e-9), math.ceil(self.high - 1e-9)
        if self.high - self.low < 1e-9:
            self.high = self.low + 1
        self.start, self.length = start, length

    def at(self, value):
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + self.length * min(max(part, 0), 1)

    def ticks(self):
        first, last = math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9)
        step = max(1, -(-(last - first) // 8))
        return [10.0 ** power for power in range(first, last + 1, step)]


def for_bars(values, start, length, may_be_log):
    """What suits bars of these lengths."""
    least, most = min(values), max(values)
    if may_be_log and least > 0 and most / least > LOG_FROM:
        return Log(least / 2, most, start, length, whole=False)
    return Linear(most, start, length)
