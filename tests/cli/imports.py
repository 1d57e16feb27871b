"""What the tests of bide import share: files of many rows, and what became of them."""
import contextlib
import csv
import os
import signal
import subprocess
import time

from tool import TIME_LIMIT, finish, start


def is_bad(number):
    return number % 5000 == 3077


def generated(path, count):
    """A file of so many rows, some of them bad; its name, and the numbers of the good ones."""
    file = os.path.join(path, "in.csv")
    with open(file, "w", encoding="utf-8") as out:
        out.write("id,name,value\n")
        for i in range(count):
            out.write(f'{"bad" if is_bad(i) else i},"name ""{i}""",{i * 3}\n')
    return file, [i for i in range(count) if not is_bad(i)]


def write_many(out, count):
    """Writes so many rows of five columns, all of them good, into an open file."""
    line = "{0},name {0},{1},2026-11-29,\"a \"\"note\"\"\"\n"
    out.write("id,name,value,day,note\n")
    for i in range(0, count, 1000):
        out.write("".join(line.format(j, j / 8) for j in range(i, min(i + 1000, count))))


def rejected(file):
    with open(file, newline="", encoding="latin1") as lines:
        return list(csv.DictReader(lines))


def bad_lines(count):
    return [i + 2 for i in range(count) if is_bad(i)]


def kill_until_done(command, dice, times=(0.005, 0.15), most=100):
    """Runs it again and again, killed or interrupted, until it ends: how, and after how many."""
    kills = 0
    while True:
        process = start(*command)
        try:
            process.wait(dice.uniform(*times) if kills < most else TIME_LIMIT)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL if dice.random() < 0.8 else signal.SIGINT)
        done = finish(process)
        if done.status in (0, 1):
            print(f"# {kills} kills")
            return done, kills
        assert done.status in (-signal.SIGKILL, -signal.SIGINT, 130), (done.status, done.err)
        kills += 1


def crash_until_done(command, crash, pauses, mark):
    """Runs it again and again, its server crashed after each pause, until it does not fail with
    the mark: how it ended.  Behind the last pause it is left alone."""
    crashes, pauses = 0, iter(pauses)
    while True:
        process = start(*command)
        pause = next(pauses, None)
        if pause is not None:
            time.sleep(pause)
        crashed = pause is not None and process.poll() is None
        if crashed:
            crash()
            crashes += 1
        done = finish(process)
        if mark not in done.err:                            # what was refused is told with it, too
            assert crashes, "it was too fast"
            return done
        assert crashed, done.err
        assert done.status in (1, 2), done.status           # 2: before the first row


def peak_of(process):
    """VmHWM in KiB, as often as it can be seen before the end."""
    peak = 0
    while process.poll() is None:
        with contextlib.suppress(OSError), open(f"/proc/{process.pid}/status",
                                                encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM"):
                    peak = max(peak, int(line.split()[1]))
        time.sleep(0.01)
    return peak
