"""How large things are and how long they take to start: files, memory, the time to the first word.

Bytes of files are those of a stripped copy. Memory is that of all processes of a server's session
after it has answered some requests on one connection.
"""
import http.client
import os
import re
import subprocess
import time

from driver import children, servers

ANSWERS = 1000                  # before a server's memory is looked at
STARTS = 10                     # of a program, one after the other


def stripped_size(path, folder):
    """Bytes of the file without symbols and notes for a debugger."""
    copy = os.path.join(folder, "stripped")
    subprocess.run(["strip", "-o", copy, os.path.realpath(path)], check=True, timeout=60)
    size = os.path.getsize(copy)
    os.unlink(copy)
    return size


def library_path(name):
    """Where the system's library of that soname is, or None."""
    text = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    found = re.search(rf"^\s*{re.escape(name)}\S* .*=> (\S+)", text, re.M)
    return found and found[1]


def libraries_of(program):
    """What the dynamic linker loads for it, but the C library's own."""
    text = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    own = re.compile(r"/(libc|libm|libdl|libpthread|librt|ld-linux)[-.]")
    return [path for path in re.findall(r"=> (/\S+)", text) if not own.search(path)]


def processes_of(session):
    """The processes of a session."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getsid(int(pid)) == session:
                yield int(pid)
        except ProcessLookupError:
            continue


def memory_of(session):
    """Bytes that are there, and bytes of them that are nobody else's and written."""
    sums = {"Rss": 0, "Private_Dirty": 0}
    for pid in processes_of(session):
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                name = line.partition(":")[0]
                if name in sums:
                    sums[name] += int(line.split()[1]) << 10
    return sums["Rss"], sums["Private_Dirty"]


def ask(connection):
    connection.request("GET", "/plaintext")
    answer = connection.getresponse()
    if answer.status != 200 or answer.read() != b"Hello, World!":
        raise children.Failed(f"/plaintext: {answer.status}")


def hello_memory(name, how, found):
    """Of a server that says hello: name to bytes."""
    setting = servers.Setting(name, found.made, servers.free_port())
    with servers.running(how, setting, children.cores()[0]) as child:
        connection = http.client.HTTPConnection("127.0.0.1", setting.port, timeout=10)
        for _ in range(ANSWERS):
            ask(connection)
        resident, dirty = memory_of(child.pid)
        connection.close()
    return {"memory": resident, "dirty": dirty}


def hello_start(name, how, found):
    """Milliseconds from its start to its first answer. No copy of this process is in it, as it is
    where children.start() makes one: that takes longer than many a server's start."""
    setting = servers.Setting(name, found.made, servers.free_port())
    make_command, program = how
    command, environment = make_command(program, setting)
    begin = time.monotonic()
    child = subprocess.Popen(["taskset", "-c", str(children.cores()[0]), *map(str, command)],
                             start_new_session=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env={**os.environ, **environment})
    try:
        first_answer(setting.port, child)
        return {"start": (time.monotonic() - begin) * 1e3}
    finally:
        children.stop(child)


def first_answer(port, child):
    end = time.monotonic() + servers.PATIENCE_SECONDS
    while True:
        try:
            ask(http.client.HTTPConnection("127.0.0.1", port, timeout=10))
            return
        except OSError:
            if child.poll() is not None or time.monotonic() > end:
                raise children.Failed("does not start") from None
            time.sleep(0.0002)


def start_work(command):
    """Instructions, in millions, of a program that says one word and ends, and how many libraries
    it loads: the dynamic linker's work is most of it."""
    said = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                           *command], capture_output=True, text=True, timeout=60).stderr
    count = re.search(r"Collected : (\d+)", said)
    if not count:
        raise children.Failed(f"{command[0]}: valgrind has counted nothing")
    return {"work": int(count[1]) / 1e6, "libraries": len(libraries_of(command[0]))}


def program_start(command):
    """Milliseconds of a program that says one word and ends: of one of many that a shell starts."""
    loop = f'i=0; while [ $i -lt {STARTS} ]; do "$@" || exit; i=$((i + 1)); done'
    seconds, used = children.seconds_of(["sh", "-c", loop, "sh", *command], 60)
    return {"program": seconds * 1e3 / STARTS, "cpu_ms": used * 1e3 / STARTS}
