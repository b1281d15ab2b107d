"""Reads a file as fast as it can until a file appears: busy.py PATH STOP [held]. Prints how often it got bytes,
how often it was refused, and when the last read that got bytes had begun. held: through one descriptor, which is
opened anew only after it was refused."""

import errno
import os
import sys
import time

path, stop = sys.argv[1:3]
held = len(sys.argv) > 3
got = refused = 0
last = 0.0
fd = -1
while not os.path.exists(stop):
    for _ in range(50):
        start = time.monotonic()
        try:
            if fd < 0:
                fd = os.open(path, os.O_RDONLY)
            if not os.pread(fd, 4096, 0):
                sys.exit("empty")
            got += 1
            last = start
        except OSError as error:
            if error.errno != errno.ENOKEY:
                raise
            refused += 1
            time.sleep(0.001)
        if fd >= 0 and (not held or last != start):
            os.close(fd)
            fd = -1
print(got, refused, last)
