#!/usr/bin/env python3
"""Tests of what bench-scale's emulated machine is made of and told by, without one. TAP.

Instead of a kernel's, a shell's loop is talked to; it is bench/kernel/init's own.
"""
import contextlib
import gzip
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "bench")]

from driver import children, initramfs, own_kernel          # noqa: E402

SECONDS = 20
HEAD, NAME_SIZE, SIZE, MODE = 110, 11, 6, 1


def loop_of_init():
    text = (ROOT / "bench" / "kernel" / "init").read_text()
    return text[text.index("echo ready"):text.index("poweroff")]


@contextlib.contextmanager
def talked_to():
    with subprocess.Popen(["sh", "-c", loop_of_init()], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as shell:
        kernel = own_kernel.Kernel(shell)
        kernel.lines_until("ready", SECONDS)
        yield kernel
        shell.stdin.close()


def failure_of(call, *args):
    try:
        call(*args)
    except children.Failed as why:
        return str(why)
    return ""


def entries_of(path):
    """{name: (mode, bytes)}, by the format's own words."""
    data, entries, at = gzip.open(path).read(), {}, 0
    while "TRAILER!!!" not in entries:
        assert at % initramfs.ALIGNED == 0 and data[at:at + 6] == b"070701"
        fields = [int(data[at + i:at + i + 8], 16) for i in range(6, HEAD, 8)]
        start = at + HEAD + fields[NAME_SIZE]
        name = data[at + HEAD:start - 1].decode()
        start += -start % initramfs.ALIGNED
        entries[name] = fields[MODE], data[start:start + fields[SIZE]]
        at = start + fields[SIZE]
        at += -at % initramfs.ALIGNED
    return entries


# ---- the tests ----------------------------------------------------------------------------------

def an_archive_has_files_and_the_folders_above_them():
    with tempfile.TemporaryDirectory() as folder:
        source, archive = pathlib.Path(folder, "text"), pathlib.Path(folder, "archive")
        source.write_bytes(b"hello")
        initramfs.write(archive, {"a/b/text": str(source)}, ["empty/one"])
        entries = entries_of(archive)
    assert entries["a/b/text"] == (0o100755, b"hello")
    assert list(entries)[:4] == ["a", "a/b", "empty", "empty/one"]
    assert all(entries[name][0] == 0o40755 for name in ("a", "a/b", "empty", "empty/one"))


def a_program_brings_its_libraries():
    libraries = initramfs.libraries_of("/bin/sh")
    assert any("libc" in path for path in libraries), libraries


def figures_are_read_until_the_command_ends():
    with talked_to() as kernel:
        told = kernel.figures_of(["printf", "a 1.5 us\\nno figure\\nb 2 ns\\n"], SECONDS)
        assert told == {"a": 1.5, "b": 2.0}
        assert kernel.shell("echo next", SECONDS) == ["next"]


def words_reach_a_command_as_they_are():
    with talked_to() as kernel:
        assert kernel.shell("echo 'a  b'", SECONDS) == ["a  b"]
        assert kernel.figures_of(["echo", "$HOME 1 us"], SECONDS) == {"$HOME": 1.0}


def a_command_that_fails_is_told_with_its_last_words():
    with talked_to() as kernel:
        assert failure_of(kernel.shell, "echo so; (exit 3)", SECONDS) == "exit 3: so"
        assert kernel.shell("true", SECONDS) == []


def a_machine_that_ends_or_is_too_slow_is_told():
    with talked_to() as kernel:
        assert "in time" in failure_of(kernel.shell, "sleep 1", 0.1)
    with talked_to() as kernel:
        assert "has ended" in failure_of(kernel.shell, "exit 0", SECONDS)


TESTS = [value for value in list(globals().values())
         if callable(value) and getattr(value, "__module__", "") == "__main__"
         and value not in (loop_of_init, talked_to, failure_of, entries_of)]


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Exception as why:                # noqa: BLE001 - whatever it is, it failed
            failed += 1
            print(f"not ok {number} - {name}\n# {type(why).__name__}: {why}", flush=True)
    sys.exit(failed > 0)


main()
