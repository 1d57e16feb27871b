#!/usr/bin/env python3
"""Holds the documentation against the code; one TAP line per promise.

    check.py --compiler CC [--library FILE]... [--tool build/src/cli/bide]

Each check yields complaints; its docstring is the promise. Programs are taken out of the pages
and files as they stand, so what is printed there was compiled, and for docs/tutorial.md run.
"""
import argparse
import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools"))

import tidy_header                                          # noqa: E402
import tutorial                                             # noqa: E402

PAGES = sorted((ROOT / "man/man3").glob("*.3")) + sorted((ROOT / "man/man7").glob("*.7"))
TEXTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]
SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "RETURN VALUES", "EXAMPLES", "ERRORS", "SEE ALSO"]
GIVEN_BY_MACRO = {"item_size", "capacity", "arg", "address", "url"}     # arguments of the call
INTERNAL = {"BIDE_PRIVATE"}                  # names that ARCHITECTURE tells of all the same
LAYERS_TOLD = ("base", "core", "sync", "io", "net", "testing", "tls", "json", "http",
               "web", "db", "sqlite", "pg", "mysql", "redis")
# Whose pieces are functions, if no whole programs.
GUIDES = ("http-client.md", "http-server.md", "databases.md", "sockets.md", "redis.md")
PRELUDE = "#include <bide.h>\n#include <stdio.h>\n#include <string.h>\n"
WARNINGS = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Wjump-misses-init", "-Werror"]


class Failed(Exception):
    """Why a check could not be made."""


class Skipped(Exception):
    """What is missing on this machine."""


def names_of(page):
    """What the NAME section says the page is about."""
    return re.findall(r"^\.Nm (\S+)", page.read_text().split(".Nd")[0], re.M)


def named_anywhere():
    return {name: page for page in PAGES for name in names_of(page)}


def public_names():
    """The functions and macros that the headers offer: {name: header}."""
    found = {}
    for header in sorted((ROOT / "include/bide").glob("*.h")):
        for thing in tidy_header.declarations(header.read_text()):
            if thing.kind == "function" or (thing.kind == "macro" and "(" in thing.text):
                if not tidy_header.is_private(thing) and header.name != "private.h":
                    found[thing.name] = header.name
    return found


def unquoted(text):
    """Lines of a literal display as they are printed."""
    lines = [line.removeprefix("\\&") for line in text.splitlines()]
    return "\n".join(lines).replace("\\e", "\\") + "\n"


def example_of(page):
    found = re.search(r"^\.Sh EXAMPLES\n.*?^\.Bd -literal[^\n]*\n(.*?)^\.Ed", page.read_text(),
                      re.M | re.S)
    return unquoted(found.group(1)) if found else None


def compile_text(options, text, *more):
    """Complaints of the compiler, "" if there are none."""
    command = [*options.compiler.split(), *WARNINGS, f"-I{ROOT / 'include'}", "-x", "c", "-",
               *(more or ("-c", "-o", os.devnull))]
    if "clang" in options.compiler:
        command.remove("-Wjump-misses-init")
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    return done.stderr.strip() if done.returncode else ""


def every_name(_):
    """every public function and macro has a page, and pages name nothing else"""
    named, public = named_anywhere(), public_names()
    for name in sorted(public.keys() - named.keys()):
        yield f"include/bide/{public[name]}: {name} is in no page"
    text = "".join(path.read_text() for path in (ROOT / "include/bide").glob("*.h"))
    for name, page in named.items():
        if page.suffix == ".3" and not re.search(rf"\b{name}\b", text):
            yield f"{page.name}: {name} is not in the headers"


def every_link(_):
    """man/man3/meson.build lists every page, and under it the page's other names"""
    text = (ROOT / "man/man3/meson.build").read_text()
    listed = ast.literal_eval(re.search(r"^pages = (\{.*?^\})", text, re.M | re.S).group(1))
    actual = {page.stem: names_of(page)[1:] for page in PAGES if page.suffix == ".3"}
    for name in sorted(listed.keys() ^ actual.keys()):
        yield f"{name}: " + ("has no page" if name in listed else "is not listed")
    for name in sorted(listed.keys() & actual.keys()):
        if sorted(listed[name]) != sorted(actual[name]):
            yield f"{name}: listed are {listed[name]}, the page names {actual[name]}"


def every_section(_):
    """every page of section 3 has all sections, in order"""
    for page in PAGES:
        found = re.findall(r"^\.Sh (.+)", page.read_text(), re.M)
        if page.suffix == ".3" and found != SECTIONS:
            yield f"{page.name}: {', '.join(found)}"


def fields_of(body):
    """The names that a struct's body declares, but for hidden ones."""
    body = re.sub(r"\(\*(\w+)\)\([^)]*\)", r"\1", tidy_header.without_comments(body))
    for line in body.split(";"):
        for name in line.split(","):
            found = re.search(r"(\w+)\s*$", name)
            if found and not found.group(1).endswith("_"):
                yield found.group(1)


def every_page(_):
    """the overview, bide(7), leads to every page of section 3"""
    text = (ROOT / "man/man7/bide.7").read_text()
    text = text.partition("\n.Ss Pages\n")[2].partition("\n.Sh ")[0]
    for page in PAGES:
        if page.suffix == ".3" and f"\n.Xr {page.stem} 3" not in text:
            yield page.name


def every_option(_):
    """every field of a public options struct is explained in a page"""
    explained = set(re.findall(r"^\.(?:It )?Fa \.?(\w+)| Fa \.(\w+)", "".join(
        page.read_text() for page in PAGES), re.M))
    explained = {name for pair in explained for name in pair}
    for header in sorted((ROOT / "include/bide").glob("*.h")):
        for name, body in re.findall(r"^struct (bide_(?:\w+_opts|timeouts|report)) \{(.*?)^\}",
                                     header.read_text(), re.M | re.S):
            for field in sorted(set(fields_of(body)) - explained - GIVEN_BY_MACRO):
                yield f"include/bide/{header.name}: {name}.{field}"


def clean_pages(_):
    """mandoc finds nothing to complain of in any page"""
    if not shutil.which("mandoc"):
        raise Skipped("mandoc is not here")
    ours = named_anywhere().keys() | {path.stem for path in (ROOT / "man").glob("*.1")}
    done = subprocess.run(["mandoc", "-T", "lint", *PAGES], text=True, capture_output=True)
    for line in done.stdout.splitlines():
        unknown = re.search(r"referenced manual not found: Xr (\S+) (\d)", line)
        if not unknown and "outdated mandoc.db" not in line:
            yield line
        elif unknown and unknown.group(1).startswith(("bide", "BIDE")):
            if unknown.group(1) not in ours:
                yield line


def every_example(options):
    """every page's example compiles without a warning"""
    for page in PAGES:
        text = example_of(page)
        complaint = compile_text(options, text) if text else "has no example"
        if complaint:
            yield f"{page.name}: {complaint}"


def every_program(options):
    """every whole program in README and docs compiles without a warning"""
    for path in TEXTS:
        for text in re.findall(r"^```c\n(.*?)^```", path.read_text(), re.M | re.S):
            text = text.replace('#include "demo.h"', f'#include "{ROOT}/examples/demo.h"')
            complaint = compile_text(options, text) if "int main(" in text else ""
            if complaint:
                yield f"{path.name}: {complaint}"


def every_piece(options):
    """every piece of C in the guides compiles by itself, without a warning"""
    for name in GUIDES:
        page = (ROOT / "docs" / name).read_text()
        for text in re.findall(r"^```c\n(.*?)^```", page, re.M | re.S):
            if "int main(" not in text:
                complaint = compile_text(options, PRELUDE + text)
                if complaint:
                    yield f"{name}: {complaint}"


def quoted_files(_):
    """a program that README quotes is the file it names"""
    text = (ROOT / "README.md").read_text()
    for name in re.findall(r"\]\((examples/\w+\.c)\)", text):
        if (ROOT / name).read_text() not in text:
            yield f"README.md: {name} has changed"


def living_links(_):
    """no link in README, ARCHITECTURE or docs leads nowhere"""
    for path in TEXTS:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
            if "://" not in target and not (path.parent / target).exists():
                yield f"{path.name}: {target}"


def every_listed_example(_):
    """examples/README.md lists every example, and nothing else"""
    listed = set(re.findall(r"`(\w+\.c)`", (ROOT / "examples/README.md").read_text()))
    for name in sorted(listed ^ {path.name for path in (ROOT / "examples").glob("*.c")}):
        yield f"examples/README.md: {name}"


def names_of_asyncio(_):
    """every name of asyncio has its line in docs/from-asyncio.md"""
    text = (ROOT / "docs/from-asyncio.md").read_text()
    lines = text.partition("\n## Every name of asyncio\n")[2].partition("\n## ")[0].splitlines()
    there = {name for line in lines if line.startswith("|")
             for name in re.findall(r"`(\.?\w+)`", line.split("|")[1])}
    listed = {name for name in (ROOT / "tests/docs/asyncio-names.txt").read_text().splitlines()
              if name and not name.startswith("#")}
    for name in sorted(listed ^ there):
        yield name + (" has no line" if name in listed else " is no name of asyncio's")


def rows_of_aiohttp(text):
    """The names in that list; below a heading, members and arguments with it: A.get, A(limit)."""
    for chapter in re.split(r"^### ", text, flags=re.M):
        owner = chapter.partition("\n")[0] if not chapter.startswith("\n") else ""
        for line in re.findall(r"^\|([^|]*)\|", chapter, re.M):
            for name in re.findall(r"`(\.?\w+=?)`", line):
                yield (owner + name if name[0] == "." else
                       f"{owner}({name[:-1]})" if name[-1] == "=" else name)


def held_against(heading, file):
    """What is listed below that heading and not in the file, or the other way round."""
    text = (ROOT / "docs/from-asyncio.md").read_text()
    text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    there = set(rows_of_aiohttp("\n" + text))
    listed = {name for name in (ROOT / "tests/docs" / file).read_text().splitlines()
              if name and not name.startswith("#")}
    for name in sorted(listed ^ there):
        yield name + (" has no line" if name in listed else " is no name of aiohttp's")


def names_of_aiohttp(_):
    """every name of aiohttp's client has its line in docs/from-asyncio.md"""
    yield from held_against("Every name of aiohttp's client", "aiohttp-names.txt")


def names_of_aiohttp_web(_):
    """every name of aiohttp.web has its line in docs/from-asyncio.md"""
    yield from held_against("Every name of aiohttp.web", "aiohttp-web-names.txt")


def known_names(_):
    """README and docs name nothing of ours that the headers do not have"""
    headers = "".join(path.read_text() for path in (ROOT / "include/bide").glob("*.h"))
    known = set(re.findall(r"\b(?:bide|BIDE)_\w+", headers))
    for path in TEXTS:
        named = set(re.findall(r"\b(?:bide_(?!_)|BIDE_)\w+", path.read_text()))
        for name in sorted(named - known - INTERNAL):
            yield f"{path.name}: {name}"


def every_file(_):
    """every source file of the layers but cli has its place in ARCHITECTURE.md, and no other"""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    text = text.partition("\n## Where what lies\n")[2].partition("\n## ")[0]
    tables = {}                 # a layer may have several: "| `src/web/`: WebSockets | |"
    for layer, rows in re.findall(r"^\| `src/(\w+)/`[^|]*\|.*\n.*\n((?:\|.*\n)*)", text, re.M):
        tables.setdefault(layer, []).extend(rows.splitlines())
    for layer, rows in tables.items():
        there = {path.stem for path in (ROOT / "src" / layer).rglob("*.[ch]")}
        told = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
        for name in sorted(there ^ told):
            yield f"src/{layer}/{name}: " + ("is not told of" if name in there else "is not there")
    for layer in sorted(set(LAYERS_TOLD) - set(tables)):
        yield f"src/{layer}: is not told of"


def working_tutorial(options):
    """the tutorial's programs print what it says they print"""
    if not options.library or not options.tool:
        raise Skipped("no library and tool were given")
    with tempfile.TemporaryDirectory() as folder:
        yield from tutorial.complaints(
            (ROOT / "docs/tutorial.md").read_text(), folder, options.tool,
            lambda text, program: compile_text(options, text, "-x", "none", *options.library,
                                               "-pthread", "-lm", "-o", program))


CHECKS = (every_name, every_link, every_section, every_page, every_option, clean_pages,
          every_example, every_program, every_piece, quoted_files, living_links,
          every_listed_example, names_of_asyncio, names_of_aiohttp, names_of_aiohttp_web,
          known_names, every_file, working_tutorial)


def run(number, check, options):
    """Prints one TAP line; the number of complaints."""
    try:
        complaints = list(check(options))
    except Skipped as why:
        print(f"ok {number} - {check.__doc__} # SKIP {why}", flush=True)
        return 0
    print(f"{'not ok' if complaints else 'ok'} {number} - {check.__doc__}", flush=True)
    for complaint in complaints:
        print("\n".join(f"# {line}" for line in complaint.splitlines()), flush=True)
    return len(complaints)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--library", action="append", default=[])
    parser.add_argument("--tool")
    options = parser.parse_args()
    print(f"1..{len(CHECKS)}")
    sys.exit(sum([run(number, check, options) for number, check in enumerate(CHECKS, 1)]) > 0)


main()
