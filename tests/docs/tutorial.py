"""Runs the programs of docs/tutorial.md: each ```c block that is a whole program is followed by a
```text block with what it prints, on the jumping clock. `URL` in a program's command is the
demo server, started for it in real time."""
import os
import re
import subprocess

SECONDS_MAX = 60
STEPS_MIN = 13
STEP = re.compile(r"^```c\n(.*?)^```$.*?^```text\n(.*?)^```$", re.M | re.S)


def steps(text):
    """(program, command's words, output) of each step."""
    for program, shown in STEP.findall(text):
        if "int main(" in program:
            command, _, output = shown.partition("\n")
            yield program, command.split()[2:], output      # "$ ./name WORDS..."


def start_server(tool):
    server = subprocess.Popen([tool, "serve", "--demo"], stdout=subprocess.PIPE, text=True)
    return server, server.stdout.readline().strip()


def masked(text):
    text = text.replace("<stdin>:", "step.c:")          # where the compiler has it from
    text = re.sub(r" in all \([^)]*\)", " in all (...)", text)      # what each phase took
    return re.sub(r"127\.0\.0\.1:\d{4,5}", "127.0.0.1:8080", text)


def run_program(program, words, tool):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("BIDE_")}
    quiet, server = "2>/dev/null" in words, None
    words = [word for word in words if word != "2>/dev/null"]
    if any("127.0.0.1:8080" in word for word in words):
        server, url = start_server(tool)
        words = [word.replace("http://127.0.0.1:8080", url) for word in words]
    else:
        environment["BIDE_CLOCK"] = "jumping"
    try:
        done = subprocess.run([program, *words], env=environment, text=True, timeout=SECONDS_MAX,
                              stdin=subprocess.DEVNULL, capture_output=True)
    finally:
        if server:
            server.terminate()
            server.wait()
    return masked(done.stdout + ("" if quiet else done.stderr))


def complaints(text, folder, tool, build):
    """build(source, path) makes a program and returns what the compiler says."""
    found = list(steps(text))
    if len(found) < STEPS_MIN:
        yield f"only {len(found)} programs were found"
    for number, (source, words, expected) in enumerate(found, 1):
        program = os.path.join(folder, f"step{number}")
        said = build(source, program)
        if said:
            yield f"step {number}: {said}"
            continue
        actual = run_program(program, words, tool)
        if actual != masked(expected):
            yield f"step {number} prints\n{actual}"
