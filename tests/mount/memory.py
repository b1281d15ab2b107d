"""Looks for secrets in a process: memory.py PID NEEDLES. NEEDLES is a file of lines; prints how many
of them are somewhere in the readable memory of the process. For root."""

import re
import sys

CHUNK = 1 << 20


def regions(pid):
    """(start, end) of each readable region."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if match and "[vvar" not in line and "[vsyscall]" not in line:
                yield int(match[1], 16), int(match[2], 16)


def found(pid, needles):
    """The needles that are there."""
    hits, total = set(), 0
    overlap = max(len(needle) for needle in needles)
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end in regions(pid):
            tail = b""
            for at in range(start, end, CHUNK):
                try:
                    memory.seek(at)
                    data = tail + memory.read(min(CHUNK, end - at))
                except (OSError, ValueError):
                    break
                total += len(data)
                hits.update(needle for needle in needles if needle in data)
                tail = data[-overlap:]
    if total < 100_000:
        sys.exit(f"only {total} bytes of {pid} could be read")
    return hits


def main():
    """Prints the number."""
    with open(sys.argv[2], "rb") as file:
        needles = [line for line in file.read().split(b"\n") if line]
    print(len(found(int(sys.argv[1]), needles)))


main()
