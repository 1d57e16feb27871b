"""Proves BIDE_WAITS: a prototype is marked if, and only if, its function can suspend.

gcc says who calls whom (-fcallgraph-info), one file per object.  A function can suspend if a path
leads from it to suspend() in core/park.c, the only one that does.  The graph cannot see through
pointers, so the sources may say

    /* waits: through the stream's operations */    above a definition: this function can suspend
    /* does not wait: it has just been filled */    on a call's line or the one above it: this
                                                    call never gets as far as suspending

A void function cannot be marked (there is no result to look at).  Only guards may wait and be
void: their names end in _, and the comment on what declares them says so.
"""
import collections
import json
import os
import re
import shlex
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import tidy_header

SUSPEND = "src/core/park.c:suspend"
FLAGS = ["-O1", "-Dalways_inline=noinline", "-fno-inline", "-fno-partial-inlining", "-fno-ipa-sra",
         "-fno-ipa-cp", "-fno-ipa-icf", "-fcallgraph-info", "-w"]
WAITS = re.compile(r"/\*\s*waits:")
CUT = re.compile(r"/\*\s*does not wait:")


class Graph:
    """calls[function] = {(called, file, line)}; statics are named "file:name"."""

    def __init__(self):
        self.calls = collections.defaultdict(set)
        self.defined = {}               # function -> (file, line)

    def read(self, text):
        for found in re.finditer(r'^node: \{ title: "([^"]+)" label: "[^"]*\\n([^"]+):(\d+):\d+'
                                 r'(?:\\n[^"]*)?"( shape)?', text, re.M):
            if not found.group(4):
                self.defined[plain_name(found.group(1))] = (tidy_path(found.group(2)),
                                                            int(found.group(3)))
        for found in re.finditer(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"'
                                 r'(?: label: "([^"]+):(\d+):\d+")?', text, re.M):
            self.calls[plain_name(found.group(1))].add(
                (plain_name(found.group(2)), tidy_path(found.group(3) or ""),
                 int(found.group(4) or 0)))


def plain_name(title):
    """Without the endings of gcc's clones."""
    path, colon, name = title.rpartition(":")
    name = re.sub(r"\.(part|constprop|isra|cold|lto_priv|localalias)(\.\d+)*", "", name)
    return tidy_path(path) + colon + name


def tidy_path(path):
    """Compilers run in the build folder and say ../src/core/x.c, or where that is from the root."""
    return re.sub(r"^.*/(?=(src|include)/)", "", path)


def marked_definitions(path, text):
    """The functions of one file that say /* waits: ... */ directly above themselves."""
    lines = text.splitlines()
    for declaration in tidy_header.declarations(text):
        if declaration.kind != "function":
            continue
        above = declaration.line - 1
        while above > 0 and re.match(r"\s*(/?\*|//)", lines[above - 1]):
            above -= 1
        if WAITS.search("\n".join(lines[above:declaration.line - 1])):
            yield declaration.name
            yield f"{path}:{declaration.name}"


def is_cut(texts, path, line):
    """Does a call's line, or the one above it, say /* does not wait: ... */?"""
    lines = texts.get(path, "").splitlines()
    return any(CUT.search(text) for text in lines[max(0, line - 2):line])


def can_suspend(graph, texts):
    """Every function from which a path leads to suspend()."""
    callers = collections.defaultdict(set)
    for caller, calls in graph.calls.items():
        for called, path, line in calls:
            if not is_cut(texts, path, line):
                callers[called].add(caller)
    waiting = {SUSPEND}
    for path, text in texts.items():
        if path.endswith((".c", ".h")):
            waiting.update(marked_definitions(path, text))
    queue = list(waiting)
    while queue:
        for caller in callers[queue.pop()]:
            if caller not in waiting:
                waiting.add(caller)
                queue.append(caller)
    return waiting


def judge(headers, graph, waiting):
    """Complaints about the prototypes in {path: text}."""
    for path, text in sorted(headers.items()):
        lines = text.splitlines()
        for one in tidy_header.declarations(text):
            if one.kind != "function" or one.name not in graph.defined:
                continue
            place = f"{path}:{one.line}: {one.name}"
            if one.name in waiting and one.is_void:
                near = "\n".join(lines[max(0, one.line - 6):one.last])
                if not one.name.endswith("_") or "wait" not in near:
                    yield f"{place} can suspend, returns nothing, and is no guard that says so"
            elif one.name in waiting and not one.waits:
                yield f"{place} can suspend and is not marked BIDE_WAITS"
            elif one.waits and one.name not in waiting:
                yield f"{place} is marked BIDE_WAITS and never suspends"


def call_graph(build):
    """Compiles the libraries' sources once more, for the graph alone."""
    graph = Graph()
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        commands = {tidy_path(command["file"]): command for command in json.load(file)}
    jobs = [command for path, command in sorted(commands.items())
            if path.startswith("src/") and not path.startswith("src/cli/")]
    with tempfile.TemporaryDirectory() as folder:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for text in pool.map(lambda job: one_graph(job[1], f"{folder}/{job[0]}.o"),
                                 enumerate(jobs)):
                graph.read(text)
    return graph


def one_graph(command, target):
    words = shlex.split(command["command"])
    if os.path.basename(words[0]) == "ccache":
        del words[0]
    del words[words.index("-o"):words.index("-o") + 2]
    words = ["gcc"] + [word for word in words[1:] if not word.startswith("-M")
                       and not word.endswith((".o.d", ".o"))]
    subprocess.run([*words, *FLAGS, "-o", target], cwd=command["directory"], check=True)
    with open(target.removesuffix(".o") + ".ci", encoding="utf-8") as file:
        return file.read()


def complaints(tree, build):
    """BIDE_WAITS marks what can suspend, and nothing else"""
    graph = call_graph(build)
    if SUSPEND not in graph.defined:
        yield f"{SUSPEND} is defined nowhere, so nothing is proved"
        return
    texts = {path: text for path, text in tree.texts.items()
             if path.startswith(("include/", "src/"))}
    headers = {path: text for path, text in texts.items() if path.endswith(".h")}
    yield from judge(headers, graph, can_suspend(graph, texts))
