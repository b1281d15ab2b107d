"""Opens a file and hands it on: handed.py PATH. For each line on standard input, a program's path, that program reads what
was opened, and its first line or `refused` is printed; for the line `own` this process does."""

import os
import subprocess
import sys

READ = 'read -r line; [ -n "$line" ] && echo "$line" || echo refused'


def own(fd):
    """What this process reads."""
    try:
        return os.pread(fd, 4096, 0).decode().split("\n")[0]
    except PermissionError:
        return "refused"


def main():
    fd = os.open(sys.argv[1], os.O_RDONLY)
    print("open", flush=True)
    for line in sys.stdin:
        os.lseek(fd, 0, os.SEEK_SET)
        program = line.strip()
        if program == "own":
            print(own(fd), flush=True)
            continue
        done = subprocess.run([program, "-c", READ], stdin=fd, capture_output=True, text=True, check=False)
        print(done.stdout.strip(), flush=True)


main()
