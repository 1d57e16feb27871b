"""Reads C headers well enough for the house rules: which declarations there are, where, and
whether a comment belongs to each.  Not a parser: it knows the shapes that STYLE.md allows."""
import re

# Words that stand before or after a declaration and mean nothing here.
BARE = re.compile(
    r"\b(BIDE_BEGIN_|BIDE_END_|BIDE_WAITS|BIDE_CHECK|extern|_Noreturn|inline|static)\b")
CALLED = re.compile(r"\b(__attribute__|BIDE_PRINTF_|BIDE_CLEANUP_|_Alignas|_Static_assert)\s*\(")


class Declaration:
    """name; kind: function, type or macro; line and last line (from 1); text without comments."""

    def __init__(self, name, kind, line, last, text):
        self.name, self.kind, self.line, self.last, self.text = name, kind, line, last, text

    @property
    def waits(self):
        return re.search(r"\bBIDE_WAITS\b", self.text) is not None

    @property
    def is_void(self):
        head = BARE.sub(" ", self.text.split(self.name)[0])
        return re.fullmatch(r"\s*void\s*", head) is not None


def blank(text):
    """The same number of characters and lines, all blank."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    pattern = r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*'
    return re.sub(pattern, lambda m: m.group() if m.group()[0] == '"' else blank(m.group()),
                  text, flags=re.S)


def without_calls(text):
    """Blanks out ATTRIBUTE(...) with its parentheses."""
    while True:
        found = CALLED.search(text)
        if not found:
            return text
        end, depth = found.end(), 1
        while end < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        text = text[:found.start()] + blank(text[found.start():end]) + text[end:]


def macros(text):
    for found in re.finditer(r"^[ ]*#[ ]*define[ ]+(\w+)(?:[^\n]*\\\n)*[^\n]*", text, re.M):
        line = text.count("\n", 0, found.start()) + 1
        yield Declaration(found.group(1), "macro", line, line + found.group().count("\n"),
                          found.group())


def pieces(text):
    """(start, end) of the declarations at file level: each ends in ; or in a function's }."""
    start = depth = 0
    for at, char in enumerate(text):
        if char in "{(":
            depth += 1
        elif char in "})":
            depth -= 1
        ends_body = char == "}" and depth == 0 and is_body(text[start:at])
        if depth == 0 and (char == ";" or ends_body):
            yield start, at + 1
            start = at + 1


def is_body(piece):
    """Is the brace that was opened in this piece a function's (not a struct's or an enum's)?"""
    return re.search(r"\)\s*$", without_calls(piece[:piece.index("{")])) is not None


def name_of(piece):
    """(name, kind) of one declaration, or None if it declares nothing to speak of."""
    plain = without_calls(BARE.sub(lambda m: " " * len(m.group()), piece))
    words = plain.strip()
    if not words or words == ";":
        return None
    typedef = re.match(r"typedef\b(.*);", words, re.S)
    if typedef:
        flat = re.sub(r"\{.*\}", "", typedef.group(1), flags=re.S)
        function = re.search(r"\(?\s*\*?\s*(\w+)\s*\)?\s*\(", flat)
        name = function.group(1) if function else re.findall(r"\w+", flat)[-1]
        return name, "type"
    tagged = re.match(r"(?:struct|union|enum)\s*(\w*)\s*\{", words)
    if tagged:
        return tagged.group(1) or "enum", "type"
    function = re.search(r"(\w+)\s*\(", words.split("{")[0])
    if function:
        return function.group(1), "function"
    return None


def declarations(text):
    """Every macro, type and function that a header (or a source file) declares at file level."""
    plain = re.sub(r"'[(){}]'", "' '", without_comments(text))
    found = list(macros(plain))
    plain = re.sub(r"^[ ]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: blank(m.group()), plain, flags=re.M)
    plain = re.sub(r'extern\s+"C"\s*\{', lambda m: blank(m.group()), plain)
    plain = re.sub(r"\bBIDE_AUTO_\([^)]*\)", lambda m: blank(m.group()), plain)
    for start, end in pieces(plain):
        piece = plain[start:end]
        named = name_of(piece)
        if named:
            skipped = len(piece) - len(re.sub(r"^(\s|BIDE_BEGIN_|BIDE_END_)+", "", piece))
            line = plain.count("\n", 0, start + skipped) + 1
            last = plain.count("\n", 0, end) + 1
            found.append(Declaration(*named, line, last, piece))
    return sorted(found, key=lambda declaration: declaration.line)


def comment_lines(text):
    """The numbers of the lines that hold (a part of) a comment."""
    numbers = set()
    plain = without_comments(text)
    for number, (full, bare) in enumerate(zip(text.splitlines(), plain.splitlines()), 1):
        if full != bare:
            numbers.add(number)
    return numbers


def is_private(declaration):
    """Names in _ are the headers' own business, and so are include guards."""
    return declaration.name.endswith("_") or declaration.name.endswith("_H")


def uncommented(text):
    """(line, name) of the declarations without a comment: none above them in their paragraph,
    none on their lines, none on the line below.  A bare `typedef struct x x;` needs none."""
    comments, lines = comment_lines(text), text.splitlines()
    for declaration in declarations(text):
        opaque = re.fullmatch(r"\s*typedef\s+(struct|union)\s+\w+\s+\w+;\s*",
                              BARE.sub(" ", declaration.text))
        if is_private(declaration) or opaque:
            continue
        above = declaration.line
        while above > 1 and lines[above - 2].strip():
            above -= 1
        if not comments.intersection(range(above, declaration.last + 2)):
            yield declaration.line, declaration.name
