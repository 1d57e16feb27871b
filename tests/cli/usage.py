#!/usr/bin/env python3
"""How the tool is asked: help, versions, options right and wrong, bide info."""
import json
import os
import re
import shutil
import subprocess

from tool import bide, equal, fetch, folder, holds, main, program, test

COMMANDS = ("get", "fetch", "crawl", "import", "export", "queue", "serve", "ws", "url", "info")
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def refused(done, sentence):
    equal(done.status, 2)
    equal(done.out, b"")
    equal(done.err.decode(), sentence + "\n")


@test
def help_names_every_command():
    for words in (["--help"], ["-h"], ["help"]):
        done = bide(*words)
        equal(done.status, 0)
        for name in COMMANDS:
            holds(done.out, f"\n  {name} ")
        equal(done.err, b"")


@test
def commands_for_databases_say_so_where_their_program_is_missing():
    with folder() as alone:
        tool = os.path.join(alone, "bide")
        shutil.copy(program(), tool)
        for words in ["import", "--help"], ["export"], ["help", "import"]:
            done = subprocess.run([tool, *words], capture_output=True, text=True)
            equal(done.returncode, 1)
            equal(done.stderr, f"bide {words[-1] if words[0] == 'help' else words[0]}: this needs "
                  f"the program bide-db, which is not installed beside bide ({tool}-db)\n")


@test
def commands_for_databases_are_found_through_a_link():
    with folder() as elsewhere:
        link = os.path.join(elsewhere, "link")
        os.symlink(program(), link)
        done = subprocess.run([link, "import", "--help"], capture_output=True, text=True)
        equal(done.returncode, 0)
        holds(done.stdout, "Usage: bide import ")


@test
def help_of_a_command_is_the_same_both_ways():
    for name in COMMANDS:
        one, other = bide("help", name), bide(name, "--help")
        equal(one.status, 0)
        equal(one.out, other.out)
        holds(one.out, f"Usage: bide {name} ")


@test
def no_line_of_help_is_too_long():
    for words in [["--help"]] + [[name, "-h"] for name in COMMANDS]:
        for line in bide(*words).out.decode().splitlines():
            assert len(line) <= 100, line


def options_of(name):
    """The long options that a command's help tells, and its letters."""
    lines = bide(name, "--help").out.decode().split("Options:\n")[1]
    return re.findall(r"^  (?:-(.), |    )--([a-z0-9-]+)", lines, re.MULTILINE)


def text_of(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


@test
def every_option_is_in_the_manual_and_is_completed():
    for name in COMMANDS:
        pages = [text_of("man", f"bide-{name}.1")]
        pages += [text_of("man", "bide-get.1")] if name == "fetch" else []
        shells = [text_of("completions", file) for file in ("_bide", "bide.bash", "bide.fish")]
        for letter, option in options_of(name):
            if option == "help":
                continue
            assert any(f"Fl Fl {option}" in page for page in pages), (name, option)
            for shell in shells:
                assert re.search(rf"(--|-l ){option}\b", shell), (name, option)
            if letter:
                assert f"-s {letter} -l {option}" in shells[2], (name, letter)


@test
def the_version_is_told():
    done = bide("--version")
    equal(done.status, 0)
    holds(done.out, "bide 0.")


@test
def unknown_commands_and_options_are_refused():
    unknown = "bide: no command 'fly'; there are get, fetch, crawl, import, export, queue, " \
              "serve, ws, url, info (see bide --help)"
    refused(bide("fly"), unknown)
    refused(bide("help", "fly"), unknown)
    refused(bide(), "bide: no command (see bide --help)")
    refused(bide("--fly"), "bide: unknown option '--fly' (see bide --help)")
    refused(fetch("--job=3"), "bide fetch: unknown option '--job'; did you mean '--jobs'? "
                              "(see bide fetch --help)")
    refused(fetch("-z"), "bide fetch: unknown option '-z' (see bide fetch --help)")


@test
def wrong_values_are_refused_with_what_was_expected():
    number = "bide fetch: --jobs: expected a number of 1 or more, got "
    for value in ("x", "0", "-1", "1.5", "", "1e3", "99999999999999999999"):
        refused(fetch("--jobs", value, "http://x/"), f"{number}'{value}'")
        refused(fetch(f"-j{value}" if value else "--jobs=", "http://x/"), f"{number}'{value}'")
    for value in ("0", "-1", "x", "1s", "nan", "0x10", "1e999"):
        refused(fetch(f"--timeout={value}", "http://x/"), "bide fetch: --timeout: expected "
                f"seconds, more than 0, or 'inf', got '{value}'")
    for value in ("0", "10/x", "/s", "inf"):
        refused(fetch(f"--rate={value}", "http://x/"), "bide fetch: --rate: expected a rate "
                f"such as 10, 10/s or 600/m, got '{value}'")
    for value in ("0", "10x", "k", "10kk"):
        refused(fetch(f"--max-size={value}", "http://x/"), "bide fetch: --max-size: expected a "
                f"size such as 1000, 64k, 10M, 1G or 'inf', got '{value}'")


@test
def options_without_their_value_are_refused():
    refused(fetch("--jobs"), "bide fetch: --jobs: needs a value")
    refused(fetch("-qj"), "bide fetch: --jobs: needs a value")
    refused(fetch("--quiet=yes"), "bide fetch: --quiet: takes no value, got 'yes'")
    refused(fetch("-i", "a", "--input=b"), "bide fetch: --input: given twice")


@test
def a_question_that_makes_no_sense_is_refused_before_anything_begins():
    refused(fetch(), "bide fetch: no URL: name some, or a file of them with -i "
                     "(see bide fetch --help)")
    refused(fetch("-H", "no colon", "http://x/"),
            "bide fetch: --header: expected 'Name: value', got 'no colon'")
    refused(fetch("-H", "a b: c", "http://x/"),
            "bide fetch: --header: expected 'Name: value', got 'a b: c'")
    refused(fetch("-H", "a: b\nc: d", "http://x/"), "bide fetch: --header: a header is one line")
    refused(fetch("-X", "G T", "http://x/"),
            "bide fetch: --request: expected a method such as GET, got 'G T'")
    refused(fetch("-d", "@/nowhere", "http://x/"),
            "bide fetch: --data: /nowhere: No such file or directory")
    refused(fetch("-i", "-", "-d", "@-"),
            "bide fetch: --input and --data cannot both read standard input")
    refused(fetch("-T", "-", "http://x/", "http://y/"), "bide fetch: standard input can be sent "
            "to one URL only; use --data @-")
    refused(fetch("--resume", "http://x/"), "bide fetch: --resume: name a directory with -o")
    refused(fetch("-o", "/dev/null", "http://x/"),
            "bide fetch: --output-dir: /dev/null: Not a directory")


@test
def an_input_that_cannot_be_read_is_refused():
    refused(fetch("-i", "/nowhere"), "bide fetch: /nowhere: No such file or directory")
    with folder() as path:
        refused(fetch("-i", path), f"bide fetch: {path}: is a directory")


@test
def help_that_cannot_be_written_is_an_error():
    with open("/dev/full", "wb") as full:
        done = bide("--help", stdout=full)
    equal(done.status, 1)
    equal(done.err, b"bide: standard output: No space left on device\n")


@test
def serve_is_told_what_and_only_that():
    def serve(*words, why):
        refused(bide("serve", *words), f"bide serve: {why} (see bide serve --help)")

    serve(why="nothing to serve: name a directory, or give --echo or --demo")
    for words in (("--demo", "x"), ("--demo", "--echo"), ("--echo", "x")):
        serve(*words, why="a directory, --echo and --demo exclude each other")
    serve("x", "y", why="one directory at a time")
    for words in (("--no-listing",), ("--index", "a"), ("--max-age", "5"), ("--hidden",),
                  ("--follow-links",)):
        serve("--echo", *words, why="--index, --no-listing, --hidden, --follow-links and "
              "--max-age are for a directory")
    serve("x", "--deflate", why="--deflate goes with --echo")
    serve("x", "--key", "k", why="--key goes with --tls")
    refused(bide("serve", "x", "--log", "odd"), "bide serve: --log: expected common, combined, "
            "json or a pattern with %, got 'odd'")
    done = bide("serve", "/nowhere")
    equal(done.status, 1)
    holds(done.err, "bide serve: route_static: /nowhere: No such file or directory")
    done = bide("serve", "--echo", "--tls", "/nowhere")
    equal(done.status, 1)
    holds(done.err, "/nowhere")


@test
def serve_tells_why_it_cannot_listen():
    done = bide("serve", "--demo", "-a", "127.0.0.1:notaport")
    equal(done.status, 1)
    holds(done.err, "bide serve: ")


@test
def info_tells_what_runs_and_its_limits():
    done = bide("info")
    equal(done.status, 0)
    for name in ("bide ", "poller ", "stack guard ", "open files ", "cores ", "kernel "):
        holds(done.out, "\n" + name if name != "bide " else name)
    assert b"raise" in done.out


@test
def info_is_one_object_for_programs():
    done = bide("info", "--json")
    equal(done.status, 0)
    told = json.loads(done.out)
    assert told["poller"] in ("epoll", "poll", "io_uring"), told
    assert told["stack_guard"] in ("madvise", "mprotect", "canary"), told
    assert told["cores"] >= 1 and told["open_files"] >= 1, told
    assert isinstance(told["advice"], dict), told


@test
def info_knows_a_low_limit():
    done = subprocess.run(["sh", "-c", 'ulimit -n 256; exec "$0" info --json',
                           program()], stdout=subprocess.PIPE, check=True)
    told = json.loads(done.stdout)
    equal(told["open_files"], 256)
    holds(told["advice"]["open_files_max"], "nofile")


main()
