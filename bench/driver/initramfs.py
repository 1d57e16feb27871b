"""The files of a kernel of one's own: an archive that the kernel unpacks into its memory.

The format is cpio's "newc": before each file a head of hexadecimal numbers, everything filled up
to four bytes.
"""
import gzip
import os
import re
import stat
import subprocess

ALIGNED = 4


def filled(data):
    return data + bytes(-len(data) % ALIGNED)


def entry(number, name, mode, data=b""):
    path = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields)
    return filled(head + path) + filled(data)


def libraries_of(program):
    """Whole paths, the loader's included; none if it is static."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", told.stdout) if told.returncode == 0 else []


def folders_above(paths):
    folders = set()
    for path in paths:
        while path := os.path.dirname(path):
            folders.add(path)
    return sorted(folders)


def with_libraries(files):
    """{place: path} with all libraries that they need, each where it is here."""
    every = dict(files)
    for path in files.values():
        every.update({library.lstrip("/"): library for library in libraries_of(path)})
    return every


def write(path, files, folders):
    """An archive of {place: path of the file}, with their libraries, and of empty folders."""
    files = with_libraries(files)
    entries = [(place, stat.S_IFDIR | 0o755, b"")
               for place in sorted({*folders, *folders_above([*files, *folders])})]
    for place, source in files.items():
        with open(source, "rb") as file:
            entries.append((place, stat.S_IFREG | 0o755, file.read()))
    entries.append(("TRAILER!!!", 0, b""))
    with gzip.open(path, "wb", compresslevel=1) as out:
        for number, each in enumerate(entries, 1):
            out.write(entry(number, *each))
