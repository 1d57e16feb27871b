#!/usr/bin/env python3
"""A plain page, served by `bide serve` and looked at by a headless Chromium: style, script,
picture, sound that is sought in, what is kept, and the listing of a directory in both colours."""
import io
import os
import signal
import struct
import sys
import wave
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from browser import Browser, Failed, Missing, program      # noqa: E402
from tool import TIME_LIMIT, equal, file_in, folder, holds, main, start, test    # noqa: E402

PAGE = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>plain</title>
<link rel="icon" href="picture.png">
<link rel="stylesheet" href="style.css">
<h1 id="head">na\xc3\xafve</h1>
<img id="picture" src="picture.png" alt="">
<audio id="sound" src="sound.wav" preload="metadata"></audio>
<script type="module" src="script.mjs"></script>
"""
STYLE = b"#head { color: rgb(1, 2, 3) }\n"
SCRIPT = b"""import { word } from './module.js';
document.body.dataset.word = word;
document.body.dataset.json = (await (await fetch('data.json')).json()).answer;
"""


def picture():
    """A PNG of 3 by 2 red points."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    rows = b"".join(b"\0" + b"\xff\0\0" * 3 for _ in range(2))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def sound(seconds):
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(44100)
        out.writeframes(bytes(88200 * seconds))
    return data.getvalue()


def make_site(path):
    for name, content in (("index.html", PAGE), ("style.css", STYLE), ("script.mjs", SCRIPT),
                          ("module.js", b"export const word = 'imported';\n"),
                          ("data.json", b'{"answer": 42}'), ("picture.png", picture()),
                          ("sound.wav", sound(60))):
        os.utime(file_in(path, name, content), (784111777, 784111777))
    sub = os.path.join(path, "sub")
    os.mkdir(sub)
    file_in(sub, "<b>&'\".txt", b"odd")
    file_in(sub, "javascript:alert(1)", b"odd")
    os.mkdir(os.path.join(sub, "deeper"))


class Site:
    """A server of such a directory, and a browser."""

    def __enter__(self):
        self.browser = Browser()
        self.browser.__enter__()
        self.folder = folder()
        path = self.folder.__enter__()
        make_site(path)
        self.process = start("serve", path, "--compress", stderr=None)
        self.url = self.process.stdout.readline().decode().strip()
        return self

    def __exit__(self, *why):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(TIME_LIMIT)
        self.process.stdout.close()
        self.folder.__exit__(*why)
        self.browser.__exit__(*why)


@test
def a_page_has_its_style_script_and_picture():
    with Site() as site:
        page = site.browser.open(site.url + "/")
        page.wait_for("document.body.dataset.json")
        equal(page.evaluate("document.title"), "plain")
        equal(page.evaluate("document.characterSet"), "UTF-8")
        equal(page.evaluate("head.textContent"), "na\u00efve")
        equal(page.evaluate("getComputedStyle(head).color"), "rgb(1, 2, 3)")
        equal(page.evaluate("document.body.dataset.word"), "imported")
        equal(page.evaluate("document.body.dataset.json"), "42")
        equal(page.evaluate("[picture.naturalWidth, picture.naturalHeight]"), [3, 2])
        equal(page.errors(), [])
        page.go(site.url + "/")
        page.wait_for("document.body.dataset.json")
        equal(page.evaluate("performance.getEntriesByName(location.origin + '/style.css')"
                            ".map(entry => entry.decodedBodySize)"), [len(STYLE)])
        equal(page.errors(), [])
        sought(page)
        parts(page)
        listed(site)


def sought(page):
    """Sound that is sought in comes in parts."""
    page.wait_for("sound.readyState >= 1 && Math.abs(sound.duration - 60) < 0.1")
    equal(page.evaluate("new Promise(done => { sound.onseeked = () => done(sound.currentTime);"
                        " sound.currentTime = 59 })"), 59)
    assert page.evaluate("sound.seekable.end(0) > 59")
    answers = page.answers()
    equal([answer["status"] for url, answer in answers.items() if url.endswith("/sound.wav")],
          [206])


def parts(page):
    """What scripts ask for themselves."""
    equal(page.evaluate("fetch('sound.wav', {headers: {Range: 'bytes=0-3'}})"
                        ".then(async r => [r.status, await r.text()])"), [206, "RIFF"])
    equal(page.evaluate("fetch('style.css', {cache: 'no-store', headers: "
                        "{'If-None-Match': '*'}}).then(r => r.status)"), 304)
    equal(page.evaluate("fetch('none').then(r => r.status)"), 404)


def arrive(page, path):
    """Waits for a page; while one goes and the other comes, nobody can be asked."""
    for _ in range(10):
        try:
            return page.wait_for(f"location.pathname == '{path}' && document.readyState == "
                                 "'complete'")
        except Failed as why:
            assert "navigated" in str(why), why
    raise AssertionError(f"the page did not come to {path}")


def listed(site):
    """A listing can be read, whatever the names, in both colours, and leads on."""
    page = site.browser.open(site.url + "/sub/")
    names = page.evaluate("[...document.querySelectorAll('a')].map(a => a.textContent)")
    equal(names, ["../", "deeper/", "<b>&'\".txt", "javascript:alert(1)"])
    assert page.evaluate("[...document.querySelectorAll('a')].every(a => "
                         "a.href.startsWith(location.origin))")
    for scheme in ("light", "dark"):
        page.prefers(prefers_color_scheme=scheme)
        ink = page.evaluate("getComputedStyle(document.body).color.match(/[0-9.]+/g)"
                            ".slice(0, 3).reduce((sum, one) => sum + Number(one), 0)")
        equal(ink > 380, scheme == "dark")
    page.click("a[href='deeper/']")
    arrive(page, "/sub/deeper/")
    page.click("a[href='../']")
    arrive(page, "/sub/")
    holds(page.text(), "Changed (UTC)")
    equal(page.errors(), [])


try:
    program()
except Missing as why:
    print(f"1..0 # SKIP {why}")
    sys.exit(0)
main()
