#!/usr/bin/env python3
"""Chromium as a client: what a page asks with fetch(), EventSource and WebSocket, and gets."""
import atexit
import contextlib
import functools
import json
import signal

from serving import bide_serve, equal, main, orchard, test, until
from certificates import authority

import browser

try:
    browser.program()
except browser.Missing as why:
    print(f"1..0 # SKIP {why}")
    raise SystemExit(0) from None

LARGE = 5_000_000                      # bytes


@functools.lru_cache(maxsize=1)
def window():
    one = browser.Browser().__enter__()
    atexit.register(one.__exit__)
    return one


@contextlib.contextmanager
def page_of(url, trusting=False):
    """A tab of that origin; the page must not have complained in the end."""
    page = window().open("about:blank")
    if trusting:
        page.command("Security.setIgnoreCertificateErrors", ignore=True)
    page.go(url)
    page.command("Network.disable")             # it would tell us every byte of what is sent
    yield page
    equal([error for error in page.errors() if not error.endswith("/favicon.ico")], [])
    page.close()


def run(page, body, **given):
    """What an asynchronous function of the page returns; it knows what is given by name."""
    names, values = ", ".join(given), ", ".join(map(json.dumps, given.values()))
    return page.evaluate(f"(async ({names}) => {{ {body} }})({values})")


# ---- fetch ----

@test
def json_goes_there_and_back_with_each_method():
    sent = {"text": "na\u00efve \U0001f33b \"\\", "list": [1, 2.5, None, True]}
    with bide_serve("--demo") as server, page_of(server.url + "/get") as page:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            told = run(page, """
                const answer = await fetch("/" + method.toLowerCase() + "?q=%C3%A9", {
                    method, body: JSON.stringify(sent),
                    headers: {"Content-Type": "application/json", "X-Own": "caf\\u00e9"}});
                return [answer.status, answer.headers.get("content-type"), await answer.json()];
                """, method=method, sent=sent)
            equal(told[:2], [200, "application/json"])
            equal((told[2]["method"], told[2]["json"]), (method, sent))
            equal(told[2]["url"], f"{server.url}/{method.lower()}?q=%C3%A9")
        equal(run(page, "return (await (await fetch('/get')).json()).method"), "GET")
        equal(run(page, "const a = await fetch('/get', {method: 'HEAD'});"
                        "return [a.status, (await a.text()).length]"), [200, 0])


@test
def a_form_with_a_file_arrives_whole():
    with bide_serve("--demo") as server, page_of(server.url + "/get") as page:
        parts = run(page, """
            const form = new FormData();
            form.append("word", "\\u00fcber\\r\\n--x");
            form.append("file", new File(["of ", "a file"], "na\\u00efve \\"x\\".txt",
                                         {type: "text/plain"}));
            form.append("empty", new File([], "none.bin"));
            return (await (await fetch("/post", {method: "POST", body: form})).json()).parts;
            """)
        equal([(part["name"], part.get("filename"), part["size"]) for part in parts],
              [("word", None, 10), ("file", "na\u00efve %22x%22.txt", 9), ("empty", "none.bin", 0)])
        equal((parts[0]["text"], parts[1]["text"], parts[1]["type"]),
              ("\u00fcber\r\n--x", "of a file", "text/plain"))
    with orchard() as server, page_of(server.url + "/plaintext") as page:
        for size in (0, 1, LARGE):
            equal(run(page, """
                const form = new FormData();
                form.append("file", new Blob([new Uint8Array(size)]), "large.bin");
                return (await fetch("/form", {method: "POST", body: form})).text();
                """, size=size), str(size))


@test
def bodies_of_every_kind_are_counted_right():
    bodies = {"new Uint8Array(%d)" % LARGE: LARGE, "new Blob(['abc', 'de'])": 5, "'\\u20ac'": 3,
              "new URLSearchParams({a: '1 2', b: '\\u00e9'})": 14, "''": 0}
    with orchard("--workers", 2) as server, page_of(server.url + "/plaintext") as page:
        for body, size in bodies.items():
            equal(run(page, f"return (await fetch('/count', {{method: 'POST', body: {body}}}))"
                            ".text()"), str(size))


@test
def many_requests_at_once_are_each_answered():
    with bide_serve("--demo", "--workers", "2") as server, page_of(server.url + "/get") as page:
        told = run(page, """
            const one = async i => (await (await fetch("/anything/" + i)).json()).url;
            return Promise.all(Array.from({length: 300}, (_, i) => one(i)));
            """)
        equal(told, [f"{server.url}/anything/{i}" for i in range(300)])


@test
def an_answer_is_read_while_it_comes():
    with orchard() as server, page_of(server.url + "/plaintext") as page:
        equal(run(page, """
            const reader = (await fetch("/stream/80")).body.getReader();
            let size = 0;
            for (let piece; !(piece = await reader.read()).done;)
                size += piece.value.length;
            return size;
            """), 80 * 65536)
        told = run(page, """                    // this one has no end
            const stop = new AbortController();
            const answer = await fetch("/events/20", {signal: stop.signal});
            const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
            let text = "";
            while (!text.includes("data: 3\\n"))
                text += (await reader.read()).value;
            stop.abort();
            return [text, await reader.read().then(() => "more", why => why.name)];
            """)
        assert told[0].startswith("data: 0\n\ndata: 1\n\n"), told
        equal(told[1], "AbortError")


@test
def what_a_page_gives_up_is_given_up_by_the_server():
    with orchard() as server, page_of(server.url + "/plaintext") as page:
        before = server.descriptors()
        equal(run(page, """
            const ends = [];
            for (const path of ["/wait/1000", "/stream/100000", "/events/10"])
                for (let i = 0; i < 2; i++) {
                    const stop = new AbortController();
                    ends.push(fetch(path, {signal: stop.signal})
                              .then(answer => answer.body.pipeTo(new WritableStream()))
                              .then(() => "ended", why => why.name));
                    setTimeout(() => stop.abort(), 300);
                }
            return Promise.all(ends);
            """), ["AbortError"] * 6)
        # Its two handlers that only wait are not told of their client's going: they keep theirs.
        until(lambda: server.descriptors() <= before + 2, "the connections are closed")
        equal(run(page, "return (await fetch('/plaintext')).text()"), "Hello, world!")


@test
def codings_are_undone_and_redirects_followed():
    with bide_serve("--demo") as server, page_of(server.url + "/get") as page:
        for coding in ("gzip", "deflate"):
            equal(run(page, "return (await (await fetch('/' + coding)).json()).method",
                      coding=coding), "GET")
        equal(run(page, "const a = await fetch('/redirect/3');"
                        "return [a.redirected, a.url]"), [True, server.url + "/get"])
        equal(run(page, "return (await fetch('/bytes/100000')).arrayBuffer()"
                        ".then(b => b.byteLength)"), 100000)


# ---- events ----

@test
def events_come_one_by_one_until_the_page_has_enough():
    with orchard("--workers", 2) as server, page_of(server.url + "/plaintext") as page:
        before = server.descriptors()
        equal(run(page, """
            const source = new EventSource("/events/10"), heard = [];
            return new Promise((done, failed) => {
                source.onerror = failed;
                source.onmessage = event => {
                    heard.push([event.data, event.origin]);
                    if (heard.length < 5)
                        return;
                    source.close();
                    done(heard);
                };
            });
            """), [[str(i), server.url] for i in range(5)])
        until(lambda: server.descriptors() <= before, "the connection is closed")


@test
def events_have_names_and_numbers_and_are_asked_for_again_behind_the_last():
    with bide_serve("--demo") as server, page_of(server.url + "/get") as page:
        equal(run(page, """
            const source = new EventSource("/events?count=3"), heard = [];
            let opened = 0;
            return new Promise(done => {
                source.onopen = () => {
                    if (++opened == 2) {
                        source.close();
                        done(heard);
                    }
                };
                source.addEventListener("tick", event =>
                    heard.push([event.lastEventId, JSON.parse(event.data).tick]));
            });
            """), [["1", 1], ["2", 2], ["3", 3]])


# ---- WebSockets ----

TALK = """
    const ws = new WebSocket(url);
    ws.binaryType = "arraybuffer";
    const heard = [];
    let wake = () => {};
    ws.onmessage = event => { heard.push(event.data); wake(); };
    const closed = new Promise(done => ws.onclose = e => done([e.code, e.reason, e.wasClean]));
    await new Promise((done, failed) => { ws.onopen = done; ws.onerror = failed; });
    const next = async () => {
        while (heard.length == 0)
            await new Promise(done => wake = done);
        return heard.shift();
    };
"""


def web_socket(server, path, url=0):
    return server.urls[url].replace("http", "ws", 1) + path


def talk(page, url):
    """Text, binary and a megabyte of each, deflated and not to be deflated; then it closes."""
    told = run(page, TALK + """
        const noise = new Uint8Array(1 << 20), even = new Uint8Array(1 << 20);
        for (let at = 0; at < noise.length; at += 65536)
            crypto.getRandomValues(noise.subarray(at, at + 65536));
        const same = [];
        for (const text of ["", "na\\u00efve \\ud83c\\udf3b", "x".repeat(125), "x".repeat(65536),
                            "\\u20ac".repeat(350000)]) {
            ws.send(text);
            same.push(await next() === text);
        }
        for (const bytes of [new Uint8Array(), even, noise]) {
            ws.send(bytes);
            const back = new Uint8Array(await next());
            same.push(back.length == bytes.length && back.every((byte, i) => byte == bytes[i]));
        }
        for (let i = 0; i < 500; i++)
            ws.send("message " + i);
        for (let i = 0; i < 500; i++)
            same.push(await next() === "message " + i);
        const extensions = ws.extensions;
        ws.close(4321, "enough");
        return [same.every(one => one), same.length, extensions, (await closed)[0]];
        """, url=url)
    equal(told[:2], [True, 508])
    assert told[2].startswith("permessage-deflate"), told[2]
    equal(told[3], 4321)


@test
def a_web_socket_of_each_form_carries_texts_and_bytes():
    with orchard("--workers", 2) as server, page_of(server.url + "/plaintext") as page:
        for path in ("/echo", "/room"):
            talk(page, web_socket(server, path))


@test
def the_same_goes_over_tls():
    made = authority()
    with orchard("--tls", made.server, lines=2) as server:
        with page_of(server.urls[1] + "/plaintext", trusting=True) as page:
            equal(run(page, "const a = await fetch('/count', {method: 'POST',"
                            "body: new Uint8Array(size)}); return a.text()", size=LARGE),
                  str(LARGE))
            for path in ("/echo", "/room"):
                talk(page, web_socket(server, path, 1))


@test
def web_sockets_close_with_the_codes_that_were_said():
    with orchard() as server, page_of(server.url + "/plaintext") as page:
        for path in ("/echo", "/room"):
            for how, told in (("", [1005, "", True]), ("1000", [1000, "", True]),
                              ("4999, '\u00fc'.repeat(61)", [4999, "", True])):
                equal(run(page, TALK + f"ws.close({how}); return closed",
                          url=web_socket(server, path)), told)


@test
def a_page_hears_of_the_stop():
    with orchard("--workers", 2) as server, page_of(server.url + "/plaintext") as page:
        for path in ("/echo", "/room"):
            run(page, TALK + "(window.all ??= []).push(closed); ws.send('x'); await next()",
                url=web_socket(server, path))
        server.process.send_signal(signal.SIGTERM)
        equal(run(page, "return Promise.all(all)"), [[1001, "", True]] * 2)


main()
