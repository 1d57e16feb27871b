"""Where it was measured: the machine, the kernel, and everybody's version."""
import glob
import os
import platform
import re
import shutil
import subprocess

from driver import children
from driver.servers import find

CONFIGURED = "pkg-config", "--modversion"
# Whose version, what prints it.
ASKED = {
    "nginx": ("nginx", "-v"), "h2o": ("h2o", "-v"), "haproxy": ("haproxy", "-v"),
    "libmicrohttpd": (*CONFIGURED, "libmicrohttpd"), "libuv": (*CONFIGURED, "libuv"),
    "libevent": (*CONFIGURED, "libevent"), "libcurl": (*CONFIGURED, "libcurl"),
    "curl": ("curl", "--version"), "go": ("go", "version"), "node": ("node", "--version"),
    "rust": ("cargo", "--version"), "openssl": ("openssl", "version"),
    "python": ("/usr/bin/python3", "--version"),
    "gcc": ("gcc", "-dumpfullversion"),
}
MODULES = "aiohttp", "uvloop"
CRATES = "/usr/share/cargo/registry"
PACKAGES = {"st": "libst-dev", "gorilla": "golang-github-gorilla-websocket-dev", "ws": "node-ws"}


def output(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout + done.stderr


def number_in(text):
    found = re.search(r"\d+(\.\d+)+", text)
    return found[0] if found else None


def versions():
    """Name to version, of those that are here."""
    told = {name: number_in(output(find(command[0]) or shutil.which(command[0]) or command[0],
                                   *command[1:])) for name, command in ASKED.items()}
    for name in MODULES:
        told[name] = number_in(output("/usr/bin/python3", "-c",
                                      f"import {name}; print({name}.__version__)"))
    for name, package in PACKAGES.items():
        told[name] = number_in(output("dpkg-query", "-W", "-f", "${Version}", package))
    for name in "tokio", "hyper":
        told[name] = next((number_in(os.path.basename(path))
                           for path in glob.glob(f"{CRATES}/{name}-[0-9]*")), None)
    return {name: told[name] for name in sorted(told) if told[name]}


def field(path, pattern, otherwise):
    try:
        with open(path, encoding="utf-8") as file:
            found = re.search(pattern, file.read(), re.M)
    except OSError:
        found = None
    return found[1] if found else otherwise


def facts():
    """What a reader must know of the machine."""
    memory = field("/proc/meminfo", r"^MemTotal:\s*(\d+) kB", "0")
    return {"processor": field("/proc/cpuinfo", r"^model name\s*:\s*(.+)$", platform.machine()),
            "cores": os.cpu_count(), "memory_gib": round(int(memory) / (1 << 20)),
            "kernel": platform.release(),
            "system": field("/etc/os-release", r'^PRETTY_NAME="?([^"\n]+)', platform.system()),
            "cores_used": list(children.cores()), "load": round(os.getloadavg()[0], 2)}
