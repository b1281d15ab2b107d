"""Kills a server and times how long its mounts stay: killed.py PID ROOT. Prints `N ms`."""

import os
import signal
import sys
import time


def mounts_below(root):
    """Whether anything is mounted below the directory."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        return any(line.split()[4].startswith(root + "/") for line in mounts)


def main():
    """Kills, then polls for at most five seconds."""
    pid, root = int(sys.argv[1]), sys.argv[2]
    if not mounts_below(root):
        sys.exit("nothing is mounted")
    os.kill(pid, signal.SIGKILL)
    start = time.monotonic()
    while mounts_below(root):
        if time.monotonic() - start > 5:
            sys.exit("still mounted after 5 s")
        time.sleep(0.001)
    print(int((time.monotonic() - start) * 1000), "ms")


main()
