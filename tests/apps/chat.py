#!/usr/bin/env python3
"""examples/apps/chat from outside: its page in a browser, and a crowd.

    chat.py CHAT CROWD PAGE.HTML
"""
import concurrent.futures
import contextlib
import json
import re
import socket
import subprocess

from outside import ARGS, TIME_LIMIT, Skip, browser, equal, holds, main, running, test, until

CHAT, CROWD, PAGE = ARGS[:3]


def chat(address="127.0.0.1:0"):
    return running(CHAT, "--address", address, "--page", PAGE)


@contextlib.contextmanager
def chromium():
    try:
        with browser.Browser() as one:
            yield one
    except browser.Missing as why:
        raise Skip(why) from None


def enter(chromium, program, name, room="lobby"):
    page = chromium.open(program.url + "/")
    page.evaluate("localStorage.clear()")
    page.evaluate(f"at('name').value = {json.dumps(name)}; at('wanted').value = {json.dumps(room)}")
    page.click("#enter button")
    page.wait_for("document.getElementById('state').textContent.startsWith('here as')")
    return page


def say(page, text):
    page.type("#text", text)
    page.press("Enter")


def wait_for_message(page, text):
    page.wait_for(f"[...document.querySelectorAll('#log li')].some(one => "
                  f"one.textContent.includes({json.dumps(text)}))")


def names(page):
    return page.evaluate("[...document.querySelectorAll('#names li')].map(one => one.textContent)")


@test
def what_one_says_all_in_the_room_see():
    with chat() as program, chromium() as window:
        ann, bob = enter(window, program, "Ann"), enter(window, program, "Bob")
        other = enter(window, program, "Cy", "elsewhere")
        say(ann, "hello <i>all</i>")
        for page in (ann, bob):
            wait_for_message(page, "hello <i>all</i>")          # as text, not as HTML
        equal(ann.evaluate("document.querySelectorAll('#log .mine').length"), 1)
        equal(bob.evaluate("document.querySelectorAll('#log .mine').length"), 0)
        assert "hello" not in other.text()
        for page in (ann, bob, other):
            equal(page.errors(), [])


@test
def who_comes_late_is_told_what_was_said_and_who_is_here():
    with chat() as program, chromium() as window:
        ann = enter(window, program, "Ann")
        say(ann, "first")
        wait_for_message(ann, "first")
        bob = enter(window, program, "Ann")                     # the name is taken
        wait_for_message(bob, "first")
        equal(bob.evaluate("me.called"), "Ann 2")
        for page in (ann, bob):
            page.wait_for("document.getElementById('count').textContent == '2'")
        equal(sorted(names(ann)), ["Ann", "Ann 2"])
        bob.close()
        ann.wait_for("document.getElementById('count').textContent == '1'")


@test
def a_page_finds_a_server_that_was_away():
    with chromium() as window:
        with chat() as program:
            ann = enter(window, program, "Ann")
            say(ann, "before")
            wait_for_message(ann, "before")
            address = program.address
        ann.wait_for("document.getElementById('state').className == 'off'")
        assert ann.evaluate("document.getElementById('send').disabled")
        with chat(address):
            ann.wait_for("!document.getElementById('send').disabled")
            say(ann, "after")
            wait_for_message(ann, "after")
            wait_for_message(ann, "before")


class Talker:
    """A WebSocket by hand, for what no decent client does."""

    def __init__(self, program, name, buffer=None):
        host, port = program.address.split(":")
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(TIME_LIMIT)
        self.socket.connect((host, int(port)))
        self.socket.sendall((f"GET /ws?room=lobby&name={name} HTTP/1.1\r\nHost: x\r\n"
                             "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                             "Sec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):         # what comes behind it is left
            head += self.socket.recv(1)
            assert head.startswith(b"HTTP/1.1 101 "[:len(head)]), head

    def send(self, opcode, data):
        size = len(data)
        head = (bytes([0x80 | opcode, 0x80 | size]) if size < 126
                else bytes([0x80 | opcode, 0xfe]) + size.to_bytes(2, "big"))
        self.socket.sendall(head + bytes(4) + data)

    def say(self, text):
        self.send(1, json.dumps({"text": text}).encode())

    def leave(self):
        self.send(8, b"")
        while self.socket.recv(1 << 16):
            pass
        self.socket.close()


    def hear(self, words):
        """Reads, in a thread, until that has been said."""
        def read():
            rest = b""
            while words not in rest:
                piece = self.socket.recv(1 << 20)
                assert piece, "the connection was cut"
                rest = rest[-1000:] + piece
        return concurrent.futures.ThreadPoolExecutor(1).submit(read)


@test
def a_reader_who_is_too_slow_is_cut_and_the_others_hear_everything():
    with chat() as program:
        ann, slow = Talker(program, "Ann"), Talker(program, "slow", 4096)
        heard = ann.hear(b"the end")

        def count():
            return sum(room["count"] for room in program.get("/rooms").json()["rooms"])

        def flood():
            talker = Talker(program, "talker")
            for _ in range(20):
                talker.say("x" * 1900)
            talker.leave()
            return count() == 1
        until(lambda: count() == 2, "both are here")
        until(flood, "the slow one is cut")
        talker = Talker(program, "talker")
        talker.say("the end")
        heard.result(TIME_LIMIT)
        for one in (talker, ann, slow):
            one.socket.close()


@test
def who_talks_too_much_or_nonsense_is_told_so():
    with chat() as program:
        talker = Talker(program, "Ann")
        heard = b""

        def listen(words):
            nonlocal heard
            while words not in heard:
                piece = talker.socket.recv(1 << 16)
                assert piece, heard
                heard += piece
        listen(b"welcome")
        number = 0
        while b"not so fast" not in heard:
            number += 1
            talker.say(f"hello {number}.")
            while b"hello %d." % number not in heard and b"not so fast" not in heard:
                heard += talker.socket.recv(1 << 16)
        talker.send(1, b"nonsense")
        listen(b"no message")
        talker.say("x" * 3000)
        listen(b"too long")
        talker.leave()


@test
def who_has_no_proper_name_is_not_let_in():
    with chat() as program:
        for name in ("", "x" * 33, "a%0Ab"):
            refused = Talker(program, name)
            heard = b""
            while b"1 to 32 bytes" not in heard:
                piece = refused.socket.recv(1 << 16)
                assert piece, heard
                heard += piece
            refused.socket.close()


@test
def light_and_dark_follow_the_system_and_the_button():
    with chat() as program, chromium() as window:
        page = window.open(program.url + "/")
        theme = "document.documentElement.dataset.theme"
        page.evaluate("localStorage.clear(); at('door').close()")
        for wanted in ("dark", "light"):
            page.prefers(prefers_color_scheme=wanted)
            page.wait_for(f"{theme} == '{wanted}'")
        page.click("#theme")
        equal(page.evaluate(theme), "dark")


@test
def everything_on_the_page_has_a_name():
    with chat() as program, chromium() as window:
        page = enter(window, program, "Ann")
        page.command("Accessibility.enable")
        nodes = page.command("Accessibility.getFullAXTree")["nodes"]
        for node in nodes:
            role = node.get("role", {}).get("value")
            if role in ("button", "textbox", "dialog") and not node.get("ignored"):
                assert node.get("name", {}).get("value"), node
        holds(str([node.get("role", {}).get("value") for node in nodes]), "log")


@test
def a_crowd_is_let_in_and_hears_everything():
    with chat() as program:
        done = subprocess.run([CROWD, "--count", "300", "--rooms", "3", "--messages", "3",
                               "--pid", str(program.pid),
                               program.url.replace("http", "ws") + "/ws"],
                              capture_output=True, text=True, timeout=TIME_LIMIT)
        equal((done.returncode, done.stderr), (0, ""))
        holds(done.stdout, "300 connections in")
        holds(done.stdout, "3 messages, each heard by 100:")
        assert re.search(r"\d+ bytes per connection", done.stdout), done.stdout
        rooms = until(lambda: [one for one in program.get("/rooms").json()["rooms"]
                               if one["count"] == 0], "they have left")
        assert rooms


main()
