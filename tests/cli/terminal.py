#!/usr/bin/env python3
"""The progress line: on a terminal only, at most ten times a second, as wide as the window."""
import fcntl
import os
import pty
import re
import struct
import termios
import threading
import time

from tool import demo, equal, fetch, file_in, finish, folder, holds, main, start, test


def on_terminal(*words, columns=80, both=False, environment=None):
    """Runs bide fetch with standard error (and output, if both) on a terminal: how it ended, and
    what the terminal got."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    settings.update({"TERM": "xterm"}, **(environment or {}))
    options = {"stdout": theirs} if both else {}
    process = start("fetch", *words, stderr=theirs, env=settings, **options)
    os.close(theirs)
    shown = []
    reader = threading.Thread(target=read_all, args=(ours, shown))
    reader.start()
    done = finish(process)
    reader.join()
    os.close(ours)
    return done, b"".join(shown).decode()


def read_all(terminal, shown):
    try:
        while data := os.read(terminal, 65536):
            shown.append(data)
    except OSError:
        pass                            # how a terminal says that the other side is closed


def slow_urls(url):
    return [f"{url}/delay/{0.1 * i:.1f}" for i in range(1, 11)]


def frames(shown):
    """Every state of the line that was drawn, without colours."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    return [frame.split("\x1b[K")[0] for frame in plain.split("\r") if "in flight" in frame]


@test
def the_line_tells_how_far_it_is():
    with demo() as url:
        started = time.monotonic()
        done, shown = on_terminal(*slow_urls(url))
        took = time.monotonic() - started
        equal(done.status, 0)
        drawn = frames(shown)
        assert re.match(r"\[=*> *\]  \d+/10  [\d.]+/s  \d+ in flight  0 errors", drawn[0]), drawn
        holds(drawn[-1], " s left")
        assert 4 <= len(drawn) <= 10 * took, (len(drawn), took)


@test
def it_is_erased_before_the_summary():
    with demo() as url:
        _, shown = on_terminal(*slow_urls(url))
        before, after = shown.rsplit("\r\x1b[K", 1)
        holds(before, "in flight")
        assert re.match(r"Fetched 10 URLs in [\d.]+ s", after), after
        assert "in flight" not in after, after


@test
def the_summary_counts_and_measures():
    with demo() as url:
        _, shown = on_terminal(f"{url}/get", f"{url}/status/500", "http://", f"{url}/bytes/9")
        told = shown[shown.index("Fetched"):].splitlines()
        holds(told[0], "Fetched 3 of 4 URLs in ")
        holds(told[0], "; 1 failed")
        equal(told[1], "  status   200: 2, 500: 1")
        equal(told[2], "  errors   EURL: 1")
        assert re.match(r"  rate     [\d.]+ URLs/s, [\d.]+ k?B/s, \d+ B in all", told[3]), told
        assert re.match(r"  time     p50 .*, p90 .*, p99 .*, max ", told[4]), told


@test
def it_goes_on_when_nobody_reads_the_results():
    with demo() as url, folder() as path:
        text = f"{url}/bytes/1?{'x' * 1000}\n" * 2000
        ours, theirs = pty.openpty()
        process = start("fetch", "-i", file_in(path, "urls", text.encode()), stderr=theirs,
                        env=dict(os.environ, TERM="xterm"))
        os.close(theirs)
        time.sleep(1.5)
        equal(len(process.stdout.read().splitlines()), 2000)
        shown = []
        read_all(ours, shown)
        os.close(ours)
        equal(finish(process).status, 0)
        assert len(frames(b"".join(shown).decode())) >= 8, shown


@test
def no_color_means_no_colour():
    with demo() as url:
        _, shown = on_terminal(*slow_urls(url))
        holds(shown, "\x1b[32m")
        _, shown = on_terminal(*slow_urls(url), environment={"NO_COLOR": "1"})
        assert not re.search(r"\x1b\[[0-9;]*m", shown), shown
        holds(shown, "in flight")


@test
def quiet_means_nothing():
    with demo() as url:
        equal(on_terminal("-q", *slow_urls(url))[1], "")


@test
def a_terminal_that_cannot_erase_gets_no_line():
    with demo() as url:
        _, shown = on_terminal(*slow_urls(url), environment={"TERM": "dumb"})
        assert "\x1b" not in shown, shown


@test
def a_pipe_gets_nothing():
    with demo() as url:
        equal(fetch(*slow_urls(url)).err, b"")


@test
def the_line_fits_the_window():
    with demo() as url:
        for columns in (10, 30, 50, 79, 200):
            _, shown = on_terminal(*slow_urls(url), columns=columns)
            assert frames(shown) or columns < 50, columns
            for frame in shown[:shown.rindex("\r\x1b[K")].split("\r"):
                plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", frame)
                assert len(plain) < columns, (columns, plain)


@test
def results_on_the_same_terminal_stand_on_lines_of_their_own():
    with demo() as url:
        _, shown = on_terminal(*slow_urls(url), both=True)
        for line in shown.replace("\r\n", "\n").split("\n"):
            visible = re.sub(r".*\r\x1b\[K", "", line)
            if '{"url"' in visible:
                assert visible.startswith('{"url"') and visible.endswith("}"), line
        equal(shown.count('"status":200'), 10)


main()
