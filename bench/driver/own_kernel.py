"""A Linux kernel of one's own, in an emulated machine, where everything may be raised that this
machine's hard limits forbid, such as descriptors for 100,000 connections of one process.

The machine is qemu's, without any help of the processor (TCG), and its clock counts instructions:
each takes a nanosecond, and time in which nobody has anything to do is skipped. So its times are
neither this machine's nor any other's, but they are the same on a busy one: what they are good for
is to be compared with each other. Of processors there is one.

The kernel is Debian's (apt-get download; it is unpacked, not installed) or one that lies in the
folder already; its files are an initramfs of the programs, their libraries and busybox. It is told
what to do, a line at a time, over a serial line (bench/kernel/init).
"""
import contextlib
import glob
import os
import platform
import re
import select
import shlex
import shutil
import subprocess
import time

from driver import children, initramfs

QEMU, PACKAGE = "qemu-system-x86_64", "linux-image-cloud-amd64"
INIT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "kernel", "init")
FIRST_BYTES, EACH_BYTES = 512 << 20, 16384     # memory: of the kernel itself, and of a connection
BOOT_SECONDS, END_SECONDS = 300, 30             # the emulated machine is slow, and not alone
WORDS = "console=ttyS0 quiet mitigations=off nokaslr tsc=reliable panic=-1"


# ---- what it is made of --------------------------------------------------------------------------

def run_quietly(command, folder):
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise children.Failed(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no word"]
        raise children.Failed(f"{command[0]}: {lines[-1][:100]}")
    return done.stdout


def download(folder):
    """Debian's kernel for machines that are not there: few drivers, all of them quick to load."""
    depends = run_quietly(["apt-cache", "depends", PACKAGE], folder)
    name = re.search(r"Depends: (\S+)", depends)
    if not name:
        raise children.Failed(f"no package {PACKAGE}; any kernel with a serial console will do, as "
                              f"{os.path.join(folder, 'vmlinuz')}")
    run_quietly(["apt-get", "download", name[1]], folder)
    package, = glob.glob(os.path.join(folder, "*.deb"))
    run_quietly(["dpkg", "-x", package, "unpacked"], folder)
    image, = glob.glob(os.path.join(folder, "unpacked", "boot", "vmlinuz*"))
    os.replace(image, os.path.join(folder, "vmlinuz"))
    shutil.rmtree(os.path.join(folder, "unpacked"))
    os.remove(package)


def image_in(folder):
    path = os.path.join(folder, "vmlinuz")
    if not os.path.exists(path):
        download(folder)
    return path


def need_parts():
    if platform.machine() != "x86_64":
        raise children.Failed("a kernel of one's own is made for x86-64 alone")
    for program in QEMU, "busybox":
        if not shutil.which(program):
            raise children.Failed(f"{program} is not installed")


# ---- while it runs -------------------------------------------------------------------------------

class Kernel:
    """One that runs; its commands wait for each other."""

    def __init__(self, machine):
        self.machine = machine
        self.had = b""

    def line(self, end):
        while b"\n" not in self.had:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.machine.stdout], [], [], left)[0]:
                raise children.Failed("the kernel of one's own has not ended its work in time")
            some = os.read(self.machine.stdout.fileno(), 65536)
            if not some:
                raise children.Failed("the kernel of one's own has ended (see its log)")
            self.had += some
        line, self.had = self.had.split(b"\n", 1)
        return line.decode(errors="replace").strip()

    def lines_until(self, pattern, seconds):
        """Those before the one that matches, and its match."""
        end, lines = time.monotonic() + seconds, []
        while not (found := re.fullmatch(pattern, line := self.line(end))):
            lines.append(line)
        return lines, found

    def shell(self, text, seconds):
        """What a line of shell prints; raises Failed where it ends with more than 0."""
        self.machine.stdin.write(text.encode() + b"\n")
        self.machine.stdin.flush()
        lines, found = self.lines_until(r"ended (\d+)", seconds)
        if found[1] != "0":
            raise children.Failed(f"exit {found[1]}: {(lines or ['no word'])[-1][:100]}")
        return lines

    def figures_of(self, command, seconds):
        """The "name value unit" lines of a measuring program, as name to value."""
        words = (line.split() for line in self.shell(shlex.join(map(str, command)), seconds))
        return {w[0]: float(w[1]) for w in words if len(w) == 3}

    @contextlib.contextmanager
    def running(self, command, seconds):
        """Runs a program beside the others, in a session of its own; yields its number. Then a
        minute passes, so that no closed connection is left."""
        line = shlex.join(map(str, command))
        number = self.shell(f"setsid {line} & echo $!; sleep 1", seconds)[0]
        try:
            yield number
        finally:
            self.shell(f"kill {number}; wait {number}; sleep 70; true", seconds)


def command_line(image, archive, memory, log):
    return [QEMU, "-accel", "tcg", "-icount", "shift=0,sleep=off", "-m", f"{memory >> 20}M",
            "-machine", "q35", "-cpu", "Nehalem", "-nodefaults", "-no-user-config", "-nographic",
            "-no-reboot", "-serial", f"file:{log}", "-serial", "stdio",
            "-kernel", image, "-initrd", archive, "-append", WORDS]


@contextlib.contextmanager
def booted(folder, programs, connections):
    """Boots one with those programs, by name in its PATH, and with memory for so many connections;
    yields it. What is needed is kept in the folder. Raises Failed."""
    need_parts()
    os.makedirs(folder, exist_ok=True)
    image, archive = image_in(folder), os.path.join(folder, "initramfs.gz")
    files = {"init": INIT, "bin/busybox": shutil.which("busybox")}
    files.update({f"bin/{os.path.basename(path)}": path for path in programs})
    initramfs.write(archive, files, ["dev", "proc", "tmp", "srv/static"])
    memory = FIRST_BYTES + connections * EACH_BYTES
    command = command_line(image, archive, memory, os.path.join(folder, "log"))
    # It goes before nobody else's work, as what is measured otherwise does: its clock stands still
    # while it has no processor.
    machine = subprocess.Popen(command, start_new_session=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    kernel = Kernel(machine)
    try:
        kernel.lines_until("ready", BOOT_SECONDS)
        yield kernel
        machine.stdin.write(b"poweroff -f\n")
        machine.stdin.flush()
        with contextlib.suppress(subprocess.TimeoutExpired):
            machine.wait(END_SECONDS)
    finally:
        children.stop(machine)
