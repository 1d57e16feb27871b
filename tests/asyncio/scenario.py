"""Scenarios: a few lines of asyncio each, and what CPython says of them.

    python3 record.py           writes AREA.out for every AREA.py

An AREA.py holds functions marked @scenario("what it is about"); what they say() is their
outcome.  Each runs on a loop of its own whose clock jumps.  test_AREA.c holds the twins by the
same names, and docs/asyncio-scenarios.md the table of both."""
import asyncio
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples/python"))
import jumping                                              # noqa: E402

known = []
lines = []


def scenario(title, plain=False):
    """Registers one; plain: a function that calls run() itself."""
    def register(function):
        known.append((function.__name__, title, function, plain))
        return function
    return register


def say(*words):
    lines.append(" ".join(map(str, words)))


def now():
    """Seconds since the scenario began, to the millisecond."""
    return f"{jumping.now():.3f}"


def run(coroutine):
    """asyncio.run() on the clock that jumps."""
    return jumping.run(coroutine)


async def job(name, seconds=0.0, fails=False):
    """What most scenarios run: begins, sleeps, ends or fails; says when it is cancelled."""
    say(name, "begins")
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        say(name, "cancelled at", now())
        raise
    if fails:
        say(name, "fails at", now())
        raise ValueError(name)
    say(name, "ends at", now())
    return name


def record(out):
    """Runs all that were registered and writes what they said."""
    for name, title, function, plain in known:
        lines.clear()
        if plain:
            function()
        else:
            run(function())
        print(f"# {name}: {title}", *lines, sep="\n", file=out)
    known.clear()
