"""Ways of Python to read a file: reading.py METHOD PATH prints its bytes, or what a parser made of it."""

import array
import asyncio
import codecs
import configparser
import csv
import fileinput
import io
import json
import linecache
import mmap
import netrc
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile

OUT = sys.stdout.buffer


def opened(path, flags=0):
    """A descriptor."""
    return os.open(path, os.O_RDONLY | flags)


def mapped(path, **how):
    """The bytes of a map."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, **how) as memory:
        return memory[:]


def preadv(path):
    """Several buffers at once, again and again."""
    fd, parts, at = opened(path), [], 0
    while True:
        buffers = [bytearray(10), bytearray(1000)]
        count = os.preadv(fd, buffers, at)
        if not count:
            return b"".join(parts)
        parts.append(b"".join(buffers)[:count])
        at += count


def readv(path):
    """One vector of the whole size, and nothing after it."""
    fd = opened(path)
    buffers = [bytearray(17), bytearray(os.fstat(fd).st_size)]
    count = os.readv(fd, buffers)
    assert os.readv(fd, [bytearray(1)]) == 0
    return b"".join(buffers)[:count]


def pread(path):
    """Pieces by their place."""
    fd = opened(path)
    size = os.stat(path).st_size
    return b"".join(os.pread(fd, 1000, at) for at in range(0, size, 1000))


def sendfile(path):
    """Through the kernel into a pipe."""
    fd = opened(path)
    size = os.fstat(fd).st_size
    done = 0
    while done < size:
        done += os.sendfile(1, fd, done, size - done)
    return b""


def copied(path):
    """shutil.copyfile, which prefers sendfile."""
    with tempfile.TemporaryDirectory() as place:
        to = shutil.copy2(path, os.path.join(place, "copy"))
        return pathlib.Path(to).read_bytes()


def into_array(path):
    """array.fromfile wants as many as it was told."""
    values = array.array("B")
    with open(path, "rb") as file:
        values.fromfile(file, os.path.getsize(path))
    return values.tobytes()


async def in_loop(path):
    """An event loop's way: a thread that reads."""
    return await asyncio.get_running_loop().run_in_executor(None, pathlib.Path(path).read_bytes)


async def from_child(path):
    """A child's standard input is the file."""
    with open(path, "rb") as file:
        child = await asyncio.create_subprocess_exec("cat", stdin=file, stdout=subprocess.PIPE)
        return (await child.communicate())[0]


def raw(path):
    """FileIO without a buffer, into one buffer."""
    with io.FileIO(path) as file:
        whole = bytearray(os.path.getsize(path) + 1)
        return bytes(whole[: file.readinto(whole)])


def zipped(path):
    """In and out of an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "x")
        return archive.read("x")


def ini(path):
    """configparser, which must not take a file that it can't read for none."""
    parser = configparser.ConfigParser()
    with open(path, encoding="utf-8") as file:
        parser.read_file(file)
    return repr({name: dict(section) for name, section in parser.items()}).encode()


def ini_quiet(path):
    """The same by name: read() passes over what it can't open, and the section is then missing."""
    parser = configparser.ConfigParser()
    parser.read(path)
    return parser["default"]["token"].encode()


def yaml(path):
    """PyYAML."""
    import yaml as parser  # pylint: disable=import-outside-toplevel

    with open(path, encoding="utf-8") as file:
        return repr(parser.safe_load(file)).encode()


def dotenv(path):
    """python-dotenv, which checks that there is a file first."""
    import dotenv as parser  # pylint: disable=import-outside-toplevel

    return parser.dotenv_values(path)["TOKEN"].encode()


def open_with(mode, **how):
    """A reader through open()."""
    def reader(path):
        with open(path, mode, **how) as file:
            data = file.read()
        return data if isinstance(data, bytes) else data.encode()
    return reader


def parsed(load):
    """A reader that prints what a parser of open binary files made."""
    def reader(path):
        with open(path, "rb") as file:
            return repr(load(file)).encode()
    return reader


def lines(path):
    """Line by line, in text."""
    with open(path, encoding="utf-8", newline="") as file:
        return "".join(file).encode()


METHODS = {
    "read": open_with("rb"),
    "unbuffered": open_with("rb", buffering=0),
    "text": open_with("r", encoding="utf-8", newline=""),
    "lines": lines,
    "codecs": lambda path: codecs.open(path, encoding="utf-8").read().encode(),
    "pathlib": lambda path: pathlib.Path(path).read_bytes(),
    "fileio": raw,
    "readv": readv,
    "pread": pread,
    "preadv": preadv,
    "sendfile": sendfile,
    "mmap-private": lambda path: mapped(path, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ),
    "mmap-copy": lambda path: mapped(path, access=mmap.ACCESS_COPY),
    "mmap-read": lambda path: mapped(path, access=mmap.ACCESS_READ),
    "shutil": copied,
    "array": into_array,
    "asyncio": lambda path: asyncio.run(in_loop(path)),
    "asyncio-child": lambda path: asyncio.run(from_child(path)),
    "fileinput": lambda path: "".join(fileinput.input(path, encoding="utf-8")).encode(),
    "linecache": lambda path: "".join(linecache.getlines(path)).encode(),
    "zipfile": zipped,
    "fromfd": lambda path: os.fdopen(os.dup(opened(path, os.O_NOATIME)), "rb").read(),
    "json": parsed(json.load),
    "tomllib": parsed(tomllib.load),
    "yaml": yaml,
    "configparser": ini,
    "configparser-name": ini_quiet,
    "netrc": lambda path: repr(netrc.netrc(path).hosts).encode(),
    "csv": lambda path: repr(list(csv.reader(open(path, encoding="utf-8")))).encode(),
    "dotenv": dotenv,
    "update": open_with("r+b"),
}

if __name__ == "__main__":
    OUT.write(METHODS[sys.argv[1]](sys.argv[2]))
