"""Opens a file again and again and counts what it sees: reader.py PATH OPENS. Every version of the
file is one 6-digit number over and over, and numbers only grow."""

import os
import sys


def read_whole(path):
    """The file in small reads, with the size that stat gave before."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(fd).st_size
        parts = []
        while part := os.read(fd, 4000):
            parts.append(part)
        return b"".join(parts), size
    finally:
        os.close(fd)


def main():
    """Prints one line of counts."""
    path, opens = sys.argv[1], int(sys.argv[2])
    whole = broken = backwards = 0
    seen = set()
    last = -1
    for _ in range(opens):
        data, size = read_whole(path)
        if len(data) != 12001 or size != 12001 or data != data[:6] * 2000 + b"\n":
            broken += 1
            continue
        whole += 1
        version = int(data[:6])
        backwards += version < last
        last = version
        seen.add(version)
    print(f"{whole} whole, {broken} broken, {backwards} backwards, {len(seen)} versions")


main()
