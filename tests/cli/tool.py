"""What the tests of the tool share: running it, the demo server, TAP.

A test is a function marked @test whose name is a sentence; it fails by an AssertionError and is
left out by Skip.  `main()` runs them, all or those whose names contain one of the arguments after
the first, which is the program to test.
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback

# The tool heeds these; the tests name their own.
for name in list(os.environ):
    if name.lower().endswith("_proxy"):
        del os.environ[name]

TESTS = []
TIME_LIMIT = 60 * int(os.environ.get("CK_TIMEOUT_MULTIPLIER") or 1)


class Skip(Exception):
    """This test cannot run here."""


class Done:
    """How a run of the tool ended."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def lines(self):
        """The results, one dictionary per line."""
        return [json.loads(line) for line in self.out.decode("utf-8").splitlines()]

    def by_url(self):
        return {line["url"]: line for line in self.lines()}


def test(function):
    TESTS.append(function)
    return function


def program():
    return os.path.abspath(sys.argv[1])         # some tests run it from elsewhere


def start(*words, under=(), **options):
    """The tool as a process, with pipes unless told otherwise; `under`: what runs it."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([*under, program(), *words], **options)


def finish(process, given=None):
    try:
        out, err = process.communicate(given, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"still running after {TIME_LIMIT} s; stderr: {err!r}") from None
    return Done(process.returncode, out or b"", err or b"")


def bide(*words, given=None, **options):
    """Runs the tool to its end; `given` is its standard input."""
    if given is not None:
        options["stdin"] = subprocess.PIPE
    return finish(start(*words, **options), given)


def fetch(*words, **options):
    return bide("fetch", *words, **options)


@contextlib.contextmanager
def demo():
    """The demo server: yields its address."""
    process = start("serve", "--demo", stderr=None)
    try:
        url = process.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:"), url
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(TIME_LIMIT)
        process.stdout.close()
    assert process.returncode == 0, f"the demo server ended with {process.returncode}"


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as path:
        yield path


def file_in(path, name, content):
    full = os.path.join(path, name)
    with open(full, "wb") as file:
        file.write(content)
    return full


def short(thing):
    text = repr(thing)
    return text if len(text) < 2000 else f"{text[:1000]}...{text[-1000:]}"


def equal(got, expected):
    assert got == expected, f"expected {short(expected)}, got {short(got)}"


def holds(text, part):
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    assert part in text, f"{part!r} is not in {text!r}"


def run_one(number, function):
    title = function.__name__.replace("_", " ")
    try:
        function()
    except Skip as reason:
        print(f"ok {number} - {title} # SKIP {reason}", flush=True)
        return True
    except Exception:                                   # whatever it is, the next test runs
        print(f"not ok {number} - {title}", flush=True)
        for line in traceback.format_exc().splitlines():
            print(f"# {line}", flush=True)
        return False
    print(f"ok {number} - {title}", flush=True)
    return True


def main():
    wanted = [one for one in TESTS
              if len(sys.argv) < 3 or any(word in one.__name__ for word in sys.argv[2:])]
    print(f"1..{len(wanted)}", flush=True)
    results = [run_one(number, one) for number, one in enumerate(wanted, 1)]
    sys.exit(0 if all(results) else 1)
