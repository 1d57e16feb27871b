#!/usr/bin/env python3
"""The house rules that a machine can keep; one TAP line per rule.

    tools/tidy.py                          the rules that need the text alone
    tools/tidy.py --build build            and: what the built libraries let out has our prefix
    tools/tidy.py --build build --waits    and: BIDE_WAITS is where it belongs (tidy_waits.py)

Each rule is a function over a Tree that yields complaints, "file:line: what is wrong"; its
docstring is the rule's name in the output.  tools/test_tidy.py shows that each can complain.
"""
import argparse
import glob
import os
import re
import subprocess
import sys

import tidy_header

LINES_MAX = 600
COLUMNS_MAX = 100
OURS = ("include", "src", "tests", "examples", "bench", "fuzz", "tools", ".ci")
BAD_FOLDERS = {"util", "utils", "common", "misc"}
LEFTOVERS = (".orig", ".rej", "~", ".swp")
CODE = (".c", ".h", ".cc", ".S", ".py", ".sh", ".build")


class Tree:
    """The files under a root, read once."""

    def __init__(self, root):
        self.root = root
        self.texts = {}
        for top in OURS:
            for folder, folders, files in os.walk(os.path.join(root, top)):
                folders[:] = [name for name in folders if name != "__pycache__"]
                for name in files:
                    self.read(os.path.join(folder, name))
        for name in ("dev", "meson.build", "meson_options.txt"):
            self.read(os.path.join(root, name))

    def read(self, path):
        try:
            with open(path, encoding="utf-8") as file:
                self.texts[os.path.relpath(path, self.root)] = file.read()
        except UnicodeDecodeError:
            pass                        # not text: a corpus, a picture

    def code(self):
        """(path, lines) of every source file, corpora left out."""
        for path, text in sorted(self.texts.items()):
            is_script = text.startswith("#!")
            if (path.endswith(CODE) or is_script) and "/corpus/" not in path:
                yield path, text.splitlines()

    def public_headers(self):
        return {path: text for path, text in sorted(self.texts.items())
                if path.startswith("include/") and path.endswith(".h")}


def short_files(tree):
    """no source file is longer than 600 lines"""
    for path, lines in tree.code():
        if len(lines) > LINES_MAX:
            yield f"{path}:{LINES_MAX}: {len(lines)} lines"


def short_lines(tree):
    """no line is longer than 100 columns"""
    for path, lines in tree.code():
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS_MAX:
                yield f"{path}:{number}: {len(line)} columns"


def clean_blanks(tree):
    """no tabs, no blanks at the end of a line, a newline at the end of a file"""
    for path, lines in tree.code():
        for number, line in enumerate(lines, 1):
            if "\t" in line:
                yield f"{path}:{number}: a tab"
            if line != line.rstrip():
                yield f"{path}:{number}: blanks at the end"
        if lines and not tree.texts[path].endswith("\n"):
            yield f"{path}:{len(lines)}: no newline at the end"


def named_folders(tree):
    """no folder is named util, common or misc"""
    for path in sorted(tree.texts):
        bad = BAD_FOLDERS.intersection(path.split("/")[:-1])
        if bad:
            yield f"{path}: a folder named {bad.pop()}"


def no_leftovers(tree):
    """nothing is a leftover of a merge or an editor"""
    for path in sorted(tree.texts):
        if path.endswith(LEFTOVERS):
            yield f"{path}: a leftover"


def read_layers(text):
    """src/LAYERS: {layer: rank}, {public header: layer}."""
    ranks, headers = {}, {}
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words:
            ranks[words[0]] = len(ranks)
            headers.update({name: words[0] for name in words[1:]})
    return ranks, headers


def layer_of(path, ranks, headers):
    """The layer of src/LAYER/x or include/bide/NAME.h, or None if it has none."""
    parts = path.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1] if parts[1] in ranks else "?"
    if path.startswith("include/bide/"):
        return headers.get(parts[2].removesuffix(".h"), "?")
    return None


def downward_includes(tree):
    """includes go down the list of layers only (src/LAYERS)"""
    ranks, headers = read_layers(tree.texts.get("src/LAYERS", ""))
    for path, lines in tree.code():
        own = layer_of(path, ranks, headers)
        if own is None:
            continue
        if own == "?":
            yield f"{path}:1: its layer is not in src/LAYERS"
            continue
        for number, line in enumerate(lines, 1):
            found = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<(bide[^>]*)>)', line)
            if found:
                yield from judge_include(path, number, own, found, ranks, headers)


def judge_include(path, number, own, found, ranks, headers):
    if found.group(2) == "bide.h" and own != "cli":
        yield f"{path}:{number}: <bide.h> is for programs; include what is used"
        return
    public = found.group(2) or (found.group(1) if found.group(1).startswith("bide/") else None)
    name = "include/" + public if public else "src/" + found.group(1)
    other = layer_of(name, ranks, headers)
    if other == "?" or (other is None and found.group(1)):
        yield f'{path}:{number}: "{found.group(1) or found.group(2)}" is in no layer'
    elif other is not None and ranks[other] > ranks[own]:
        yield f"{path}:{number}: {own} must not include {other}"


def commented_declarations(tree):
    """every public declaration has its comment"""
    for path, text in tree.public_headers().items():
        for number, name in tidy_header.uncommented(text):
            yield f"{path}:{number}: {name} has no comment"


TEXT_RULES = (short_files, short_lines, clean_blanks, named_folders, no_leftovers,
              downward_includes,
              commented_declarations)


def foreign_symbols(listing):
    """Names in the output of `nm -g --defined-only` that are neither bide_x nor bide__x."""
    for line in listing.splitlines():
        words = line.split()
        if len(words) == 3 and words[1] not in "nN" and not words[2].startswith("bide_"):
            yield words[2]


def libraries(build):
    """{file: what nm lists} of all that were built, shared and static."""
    listings = {}
    for ending, options in ((".so", ["-D"]), (".a", [])):
        found = sorted(glob.glob(os.path.join(build, "src", f"libbide*{ending}")))
        if len(found) < 4:
            raise FileNotFoundError(f"{build}/src: only {found}")
        for library in found:
            listings[library] = subprocess.run(
                ["nm", "-g", "--defined-only", *options, library], text=True, check=True,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return listings


def prefixed_symbols(listings):
    """every symbol that the libraries let out begins with bide_"""
    for library, listing in listings.items():
        for symbol in foreign_symbols(listing):
            if not symbol.startswith("BIDE_"):          # a version node
                yield f"{library}: {symbol}"


def unique_symbols(listings):
    """no symbol is in two static libraries, which a program may link together"""
    owners = {}
    for library, listing in listings.items():
        names = {words[2] for words in map(str.split, listing.splitlines()) if len(words) == 3}
        for name in sorted(names) if library.endswith(".a") else ():
            if name in owners:
                yield f"{library}: {name} is in {owners[name]} too"
            owners.setdefault(name, library)


class Report:
    """TAP: what was looked at, and what was found."""

    def __init__(self):
        self.count = self.failed = 0

    def rule(self, name, complaints):
        complaints = list(complaints)
        self.count += 1
        self.failed += bool(complaints)
        print(f"{'not ' if complaints else ''}ok {self.count} - {name}")
        for complaint in complaints:
            print(f"#   {complaint}")


def main():
    parser = argparse.ArgumentParser(description="keep the house rules")
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), ".."))
    parser.add_argument("--build", help="a build folder: also look at what was built")
    parser.add_argument("--waits", action="store_true", help="prove BIDE_WAITS (needs --build)")
    options = parser.parse_args()
    report = Report()
    tree = Tree(options.root)
    for rule in TEXT_RULES:
        report.rule(rule.__doc__, rule(tree))
    if options.build:
        listings = libraries(options.build)
        report.rule(prefixed_symbols.__doc__, prefixed_symbols(listings))
        report.rule(unique_symbols.__doc__, unique_symbols(listings))
    if options.waits:
        import tidy_waits
        report.rule(tidy_waits.complaints.__doc__, tidy_waits.complaints(tree, options.build))
    print(f"1..{report.count}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
