#!/usr/bin/env python3
"""Shows that every house rule can complain: each gets a small tree that breaks it and one that
does not.  A rule that cannot fail is a defect; so is a count of tests that hides a failure, so
tools/summary.py is here too.  TAP."""
import sys

import summary

import tidy
import tidy_header
import tidy_waits

LAYERS = "base base\ncore task  # a comment\ncli\n"
HEADER = "/* About. */\n#ifndef BIDE_X_H\n#define BIDE_X_H\n\n%s\n#endif\n"


class FakeTree(tidy.Tree):
    def __init__(self, **texts):
        self.texts = {"src/LAYERS": LAYERS}
        self.texts.update({path: text for path, text in texts.items()})


def tree(path, text):
    return FakeTree(**{path: text})


# Rule, a tree that breaks it, the complaint to come, a tree that does not.
TEXT_CASES = [
    (tidy.short_files, ("src/core/a.c", "x;\n" * 601), "601 lines",
     ("src/core/park.c", "x;\n" * 600)),
    (tidy.short_lines, ("dev.sh", "x" * 101 + "\n"), "101 columns", ("dev.sh", "x" * 100 + "\n")),
    (tidy.clean_blanks, ("src/a.c", "\tx;\n"), "a tab", ("src/a.c", "    x;\n")),
    (tidy.clean_blanks, ("src/a.c", "x; \n"), "blanks", ("src/a.c", "x;\n")),
    (tidy.clean_blanks, ("src/a.c", "x;"), "no newline", ("src/a.c", "x;\n")),
    (tidy.named_folders, ("src/util/a.c", "\n"), "util", ("src/core/util.c", "\n")),
    (tidy.named_folders, ("tests/misc/a.c", "\n"), "misc", ("tests/core/a.c", "\n")),
    (tidy.no_leftovers, ("src/core/a.c.orig", "\n"), "a leftover", ("src/core/a.c", "\n")),
    (tidy.downward_includes, ("src/base/a.c", '#include "core/task.h"\n'),
     "base must not include core", ("src/core/a.c", '#include "base/heap.h"\n')),
    (tidy.downward_includes, ("src/base/a.c", "#include <bide/task.h>\n"),
     "base must not include core", ("src/core/a.c", "#include <bide/base.h>\n")),
    (tidy.downward_includes, ("include/bide/base.h", "#include <bide/task.h>\n"),
     "base must not include core", ("include/bide/task.h", "#include <bide/base.h>\n")),
    (tidy.downward_includes, ("src/core/a.c", "#include <bide.h>\n"), "for programs",
     ("src/cli/a.c", "#include <bide.h>\n")),
    (tidy.downward_includes, ("src/core/a.c", '#include "task.h"\n'), "in no layer",
     ("src/core/a.c", "#include <stdio.h>\n")),
    (tidy.downward_includes, ("src/odd/a.c", "\n"), "not in src/LAYERS", ("src/core/a.c", "\n")),
    (tidy.downward_includes, ("include/bide/odd.h", "\n"), "not in src/LAYERS",
     ("include/bide/task.h", "\n")),
]

# What stands in a header, and whether its declaration counts as commented.
COMMENT_CASES = [
    ("int bide_x(void);", False),
    ("/* Does x. */\nint bide_x(void);", True),
    ("/* Does x. */\n\nint bide_x(void);", False),
    ("int bide_x(void);     /* does x */", True),
    ("int bide_x(int a,\n           int b);\n    /* does x */", True),
    ("/* Both. */\nint bide_w(void);\nint bide_x(void);", True),
    ("int bide_x_(void);", True),
    ("struct bide_x { int a; };", False),
    ("/* An x. */\nstruct bide_x { int a; };", True),
    ("struct bide_x {\n    int a;      /* first */\n};", True),
    ("typedef struct bide_x bide_x;", True),
    ("typedef int bide_x(void);", False),
    ("#define BIDE_X 1", False),
    ("/* One. */\n#define BIDE_X 1", True),
    ("enum { BIDE_X };", False),
    ("BIDE_BEGIN_\n\nint bide_x(void);\nBIDE_END_", False),
    ("static inline int bide_x(void) { return 1; }", False),
    ('const char *bide_x = "/* no comment */";\nint bide_y(void);', False),
]

SOURCE = """
static int suspend(void);
void bide_leave_(int *x);
int pointed(void);

static int helper(void)
{
    return suspend();
}
int bide_waits(void)
{
    return helper();
}
int bide_never(void)
{
    return 0;
}
int bide_cut(void)
{
    /* does not wait: there is room */
    return suspend();
}
/* waits: through a pointer
 * to a function. */
int bide_pointed(void)
{
    return 0;
}
void bide_leave_(int *x)
{
    *x = helper();
}
static int suspend(void)
{
    return 1;
}
"""
AT = "../src/core/park.c"
GRAPH = """graph: { title: "@"
node: { title: "@:helper" label: "helper\\n@:6:12" }
node: { title: "@:suspend" label: "suspend\\n@:2:5" shape : ellipse }
edge: { sourcename: "@:helper" targetname: "@:suspend" label: "@:8:12" }
node: { title: "bide_waits" label: "bide_waits\\n@:10:5" }
edge: { sourcename: "bide_waits.part.0" targetname: "@:helper" label: "@:12:12" }
node: { title: "bide_never" label: "bide_never\\n@:14:5" }
node: { title: "bide_cut" label: "bide_cut\\n@:18:5" }
edge: { sourcename: "bide_cut" targetname: "@:suspend" label: "@:21:12" }
node: { title: "bide_pointed" label: "bide_pointed\\n@:25:5" }
node: { title: "bide_leave_" label: "bide_leave_\\n@:29:6" }
edge: { sourcename: "bide_leave_" targetname: "@:helper" label: "@:31:10" }
node: { title: "@:suspend" label: "suspend\\n@:33:5" }
}
""".replace("@", AT)
# A prototype and the complaint about it, None: it is right.
WAITS_CASES = [
    ("BIDE_WAITS int bide_waits(void);", None),
    ("int bide_waits(void);", "is not marked"),
    ("int bide_never(void);", None),
    ("BIDE_WAITS int bide_never(void);", "never suspends"),
    ("int bide_cut(void);", None),
    ("BIDE_WAITS int bide_cut(void);", "never suspends"),
    ("BIDE_WAITS int bide_pointed(void);", None),
    ("int bide_pointed(void);", "is not marked"),
    ("/* Behind BIDE_GROUP: waits. */\nvoid bide_leave_(int *x);", None),
    ("/* Behind BIDE_GROUP. */\nvoid bide_leave_(int *x);", "no guard"),
    ("BIDE_WAITS int bide_elsewhere(void);", None),
]
SYMBOL_CASES = [("00 T bide_x\n00 T bide__x\n", []), ("00 T other\n00 D bide_x\n", ["other"])]
# A library beside a.a, which has bide__a and bide__b.
TWICE_CASES = [
    ({"b.a": "0 T bide__c\n         U bide__a\n"}, []),
    ({"b.so": "0 T bide__a\n"}, []),
    ({"b.a": "0 T bide__c\n0 T bide__b\n"}, ["b.a: bide__b is in a.a too"]),
]
# What a test program printed, what Meson made of it, and what is counted: passed, failed, skipped.
COUNT_CASES = [
    ("1..2\nok 1 - a\nok 2 - b\n", "OK", (2, 0, 0)),
    ("ok 1 - a\nnot ok 2 - b: x\n1..2\n", "FAIL", (1, 1, 0)),
    ("1..2\nok 1 - a\n", "ERROR", (1, 1, 0)),
    ("1..1\nok 1 - a\n", "ERROR", (1, 1, 0)),
    ("1..1\nok 1 - a\n", "TIMEOUT", (1, 1, 0)),
    ("1..2\nok 1 - a # SKIP no such thing\nok 2\n", "OK", (1, 0, 1)),
    ("1..0 # nothing\n", "OK", (0, 0, 0)),
    ("ok, and no plan\n", "OK", (1, 0, 0)),
    ("", "FAIL", (0, 1, 0)),
    ("", "SKIP", (0, 0, 1)),
    (None, "TIMEOUT", (0, 1, 0)),
]


class Tap:
    count = failed = 0

    def case(self, name, good, found):
        self.count += 1
        self.failed += not good
        line = f"{'' if good else 'not '}ok {self.count} - {name}" + ("" if good else f": {found}")
        print(line.replace("#", "(hash)"))      # a # would mean something to TAP


def text_rules(tap):
    for rule, bad, complaint, fine in TEXT_CASES:
        found = list(rule(tree(*bad)))
        tap.case(f"{rule.__name__} refuses: {complaint}",
                 len(found) == 1 and complaint in found[0], found)
        found = list(rule(tree(*fine)))
        tap.case(f"{rule.__name__} lets pass what is right beside: {complaint}", not found, found)


def comments(tap):
    for text, fine in COMMENT_CASES:
        found = list(tidy_header.uncommented(HEADER % text))
        flat = text.replace("\n", " ")
        tap.case(f"{'commented' if fine else 'uncommented'}: {flat}", (not found) == fine, found)
    bad = tree("include/bide/x.h", HEADER % "int bide_x(void);")
    found = list(tidy.commented_declarations(bad))
    tap.case("commented_declarations names the place",
             found == ["include/bide/x.h:5: bide_x has no comment"], found)


def waits(tap):
    graph = tidy_waits.Graph()
    graph.read(GRAPH)
    waiting = tidy_waits.can_suspend(graph, {"src/core/park.c": SOURCE})
    for text, complaint in WAITS_CASES:
        found = list(tidy_waits.judge({"include/bide/x.h": text}, graph, waiting))
        good = not found if complaint is None else len(found) == 1 and complaint in found[0]
        flat = text.replace("\n", " ")
        tap.case(f"{complaint or 'right'}: {flat}", good, found)


def symbols(tap):
    for listing, expected in SYMBOL_CASES:
        found = list(tidy.foreign_symbols(listing))
        tap.case(f"symbols without the prefix: {expected}", found == expected, found)
    for second, expected in TWICE_CASES:
        found = list(tidy.unique_symbols({"a.a": "0 T bide__a\n0 T bide__b\n", **second}))
        tap.case(f"symbols of two libraries: {expected}", found == expected, found)


def counts(tap):
    for text, result, expected in COUNT_CASES:
        found = summary.count({"stdout": text, "result": result})
        tap.case(f"counted as {expected}: {result} {text!r}", found == expected, found)


def main():
    tap = Tap()
    for part in (text_rules, comments, waits, symbols, counts):
        part(tap)
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
