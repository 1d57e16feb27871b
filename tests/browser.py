"""Drives a headless Chromium, for tests of pages: the DevTools protocol over two pipes.

    with Browser() as browser:
        page = browser.open("http://127.0.0.1:8080/")
        page.wait_for("document.title == 'bide'")
        page.type("#name", "Ann")
        page.click("button")
        assert not page.errors(), page.errors()

Missing is raised where there is no Chromium.  Everything that waits gives up after TIME_LIMIT
seconds, as a Failed; leaving the block ends the browser.
"""
import base64
import contextlib
import json
import os
import select
import shutil
import signal
import tempfile
import time

NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
TIME_LIMIT = 30 * int(os.environ.get("CK_TIMEOUT_MULTIPLIER") or 1)
# No sandbox: containers forbid the namespaces that it is made of, and the pages are our own.
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
           "--no-first-run", "--no-default-browser-check", "--no-proxy-server", "--mute-audio",
           "--disable-extensions", "--disable-sync", "--disable-background-networking",
           "--disable-component-update", "--disable-breakpad", "--hide-scrollbars",
           "--remote-debugging-pipe")
KEYS = {"Enter": (13, "\r"), "Tab": (9, "\t"), "Escape": (27, "")}


class Missing(Exception):
    """There is no Chromium here."""


class Failed(Exception):
    """The browser, or a page in it, did not do what was asked."""


def program():
    """The path of a Chromium."""
    wanted = os.environ.get("CHROMIUM")
    found = wanted or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise Missing("there is no Chromium here")
    return found


class Pipes:
    """Messages to and from the browser: JSON, each with a NUL behind it."""

    def __init__(self, read_end, write_end):
        self.read_end, self.write_end = read_end, write_end
        self.rest = b""
        self.number = 0
        self.events = []

    def command(self, method, session=None, **params):
        """Sends a command and waits for its result; events that come meanwhile are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self.send(json.dumps(message).encode() + b"\0")
        end = time.monotonic() + TIME_LIMIT
        while True:
            answer = self.next(end, method)
            if answer.get("id") == self.number:
                break
            if "method" in answer:
                self.events.append(answer)
        if "error" in answer:
            raise Failed(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def send(self, data):
        while data:
            data = data[os.write(self.write_end, data):]

    def next(self, end, what):
        while b"\0" not in self.rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.read_end], [], [], left)[0]:
                raise Failed(f"{what}: no answer in {TIME_LIMIT} s")
            piece = os.read(self.read_end, 1 << 16)
            if not piece:
                raise Failed(f"{what}: the browser has ended")
            self.rest += piece
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def wait(self, method, session):
        """Waits for an event, or takes one that has come; its parameters."""
        end = time.monotonic() + TIME_LIMIT
        while True:
            for event in self.events:
                if event["method"] == method and event.get("sessionId") == session:
                    self.events.remove(event)
                    return event["params"]
            message = self.next(end, method)
            if "method" in message:
                self.events.append(message)


class Page:
    """One tab."""

    def __init__(self, pipes, url):
        self.pipes = pipes
        target = pipes.command("Target.createTarget", url="about:blank")["targetId"]
        self.session = pipes.command("Target.attachToTarget", targetId=target,
                                     flatten=True)["sessionId"]
        self.target = target
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")
        self.go(url)

    def command(self, method, **params):
        """Any command of the protocol, on this tab."""
        return self.pipes.command(method, self.session, **params)

    def go(self, url):
        """Loads a page, and waits until it has all its parts."""
        self.pipes.events = [event for event in self.pipes.events
                             if event["method"] != "Page.loadEventFired"
                             or event.get("sessionId") != self.session]
        failed = self.command("Page.navigate", url=url).get("errorText")
        if failed:
            raise Failed(f"{url}: {failed}")
        self.pipes.wait("Page.loadEventFired", self.session)

    def evaluate(self, expression):
        """The value of an expression in the page; promises are waited for."""
        done = self.command("Runtime.evaluate", expression=expression, awaitPromise=True,
                            returnByValue=True, userGesture=True)
        if "exceptionDetails" in done:
            details = done["exceptionDetails"]
            raise Failed(details.get("exception", {}).get("description") or details["text"])
        return done["result"].get("value")

    def wait_for(self, expression):
        """Waits until an expression is true in the page; its value."""
        try:
            return self.evaluate(
                "new Promise(done => { const look = () => { let value = false;"
                f" try {{ value = ({expression}); }} catch (e) {{ }}"
                " value ? done(value) : setTimeout(look, 20); }; look(); })")
        except Failed as why:
            raise Failed(f"waiting for {expression}: {why}; the page says "
                         f"{self.text()[-500:]!r}") from None

    def text(self):
        """What can be read on the page."""
        return self.command("Runtime.evaluate", expression="document.body.innerText",
                            returnByValue=True)["result"].get("value") or ""

    def middle_of(self, selector):
        found = self.evaluate(
            f"(() => {{ const at = document.querySelector({json.dumps(selector)});"
            " if (!at) return null; at.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const box = at.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()")
        if not found:
            raise Failed(f"there is no {selector}")
        return found

    def click(self, selector):
        """Clicks in the middle of the first element that fits, as a mouse does."""
        x, y = self.middle_of(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                         clickCount=1)

    def type(self, selector, text):
        """Clicks on a field and types into it."""
        self.click(selector)
        self.command("Input.insertText", text=text)

    def press(self, key):
        """Presses one of KEYS where the focus is."""
        code, text = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                         windowsVirtualKeyCode=code, text=text if kind == "keyDown" else "")

    def prefers(self, **features):
        """Media features: prefers(prefers_color_scheme="dark")."""
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": name.replace("_", "-"), "value": value}
            for name, value in features.items()])

    def size(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=False)

    def errors(self):
        """What the page has complained of so far: exceptions, and errors on the console."""
        self.evaluate("0")              # so that what was said before has come
        found = []
        for event in self.pipes.events:
            if event.get("sessionId") != self.session:
                continue
            params = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                found.append(details.get("exception", {}).get("description") or details["text"])
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
                found.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            elif (event["method"] == "Runtime.consoleAPICalled"
                  and params["type"] in ("error", "assert")):
                found.append(" ".join(str(arg.get("value", arg.get("description")))
                                      for arg in params["args"]))
        return found

    def answers(self):
        """What servers have answered so far: {URL: its last response} (status, headers...)."""
        self.evaluate("0")
        return {event["params"]["response"]["url"]: event["params"]["response"]
                for event in self.pipes.events if event["method"] == "Network.responseReceived"
                and event.get("sessionId") == self.session}

    def picture(self, path):
        """Writes a PNG of what is to be seen."""
        data = self.command("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.pipes.command("Target.closeTarget", targetId=self.target)


class Browser:
    """A browser with a profile of its own, which is gone with it."""

    def __enter__(self):
        path = program()
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        their_read, our_write = os.pipe()
        our_read, their_write = os.pipe()
        # The ends go through numbers that are certainly not 3 and 4.
        high = [os.dup2(their_read, 100, False), os.dup2(their_write, 101, False)]
        null = os.open(os.devnull, os.O_RDWR)
        actions = [(os.POSIX_SPAWN_DUP2, null, at) for at in (0, 1, 2)] + [
            (os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
        self.pid = os.posix_spawn(
            path, [path, *OPTIONS, f"--user-data-dir={self.folder.name}"],
            {**os.environ, "HOME": self.folder.name}, file_actions=actions, setpgroup=0)
        for end in (their_read, their_write, *high, null):
            os.close(end)
        self.pipes = Pipes(our_read, our_write)
        return self

    def open(self, url):
        """A new tab with that page in it."""
        return Page(self.pipes, url)

    def ended(self, seconds):
        end = time.monotonic() + seconds
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def __exit__(self, *unused):
        with contextlib.suppress(Failed, OSError):
            self.pipes.command("Browser.close")
        if not self.ended(5):
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.pipes.read_end)
        os.close(self.pipes.write_end)
        self.folder.cleanup()
