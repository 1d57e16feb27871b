"""The README's table of what people use instead: words from here, figures from build/bench.json."""

# A column: what stands above it, and its name in the rows of bench/central/run.
COLUMNS = (("bide", "bide"), ("pthreads + libcurl", "threads"), ("libuv + libcurl", "libuv"),
           ("libdill", None), ("Go", "go"), ("asyncio + aiohttp", "aiohttp"),
           ("gevent + requests", "gevent"), ("Twisted", "twisted"))

# One line of words for each column.
WORDS = (
    ("what waits", "a task with a stack of its own", "a thread", "a callback and its state",
     "a coroutine with a stack of its own", "a goroutine", "a coroutine, at each `await`",
     "a greenlet", "a callback, a Deferred"),
    ("any function may wait", "yes", "yes", "no", "yes", "yes", "only `async` ones", "yes",
     "no"),
    ("who sees to the end of what was begun", "its group, always", "the program", "the program",
     "its bundle, if it has one", "the program", "a TaskGroup, if it is in one", "the program",
     "the program"),
    ("a wait is cancelled", "any, or by a deadline", "no", "some requests", "any, or by a deadline",
     "where it takes a context", "any, or by a deadline", "any, or by a deadline",
     "where the Deferred has a canceller"),
    ("computing on all cores", "a loop on each of several threads, executors", "yes",
     "its thread pool", "no", "yes", "other processes (GIL)", "other processes (GIL)",
     "other processes (GIL)"),
    ("an error", "a code and a sentence, up to whoever waits", "a return value", "a code",
     "errno", "a value", "an exception", "an exception", "an errback"),
)

# A row of figures: what is said of it, and its name in bench.json.
FIGURES = (("memory of a task that waits, bytes", "task_memory"),
           ("a switch, ns", "task_switch"),
           ("100 URLs of 1 s each, at once, s", "central_100"),
           ("small URLs, 64 at once, per second", "central_rate"),
           ("lines of the central program", "central_lines"))


def figures_of(row, show):
    values = {"bide": row.get("value"), **row.get("peers", {})}
    return [show(values.get(name)) for _, name in COLUMNS]


def table(rows, show):
    """Lines of Markdown; show makes a number short."""
    known = {row["name"]: row for row in rows}
    lines = [("", *(title for title, _ in COLUMNS)), ("---",) + ("---",) * len(COLUMNS), *WORDS]
    lines += [(words, *figures_of(known[name], show)) for words, name in FIGURES if name in known]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
