"""Runs a command, and keeps the memory of each of our programs among its processes as it is when that ends. For root: the
command runs as the user, and what it starts and leaves running goes on."""

import ctypes
import os
import re
import signal

CONT, ATTACH, SETOPTIONS = 7, 16, 0x4200
# Forks of all kinds, exec, exit.
OPTIONS = 0x2 | 0x4 | 0x8 | 0x10 | 0x40
EVENT_EXIT = 6
WALL = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
libc.ptrace.restype = ctypes.c_long


def regions(pid):
    """(start, end) of what a process may have written."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) r(.)", line)
            if match and (match[3] == "w" or "/" not in line) and "[v" not in line:
                yield int(match[1], 16), int(match[2], 16)


def memory(pid):
    """All of it, joined."""
    parts = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for start, end in regions(pid):
            for at in range(start, end, 1 << 20):
                try:
                    file.seek(at)
                    parts.append(file.read(min(1 << 20, end - at)))
                except (OSError, ValueError, OverflowError):
                    break
    return b"".join(parts)


def keep(pid, directory):
    """Of a process that is about to end; of one of our programs, and not of its second thread."""
    program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        is_first = f"\nTgid:\t{pid}\n" in status.read()
    if is_first and program.startswith("tokenvault"):
        (directory / f"{program}.{pid}").write_bytes(memory(pid))


def become(uid, words, go):
    """The command, once its tracer is there."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.read(go, 1)
    os.execvp(words[0], words)


def follow(first, directory):
    """Until the first one is gone; returns its exit code."""
    known = set()
    while True:
        pid, status = os.waitpid(-1, WALL)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            if pid == first:
                return os.waitstatus_to_exitcode(status)
            continue
        stop, event = os.WSTOPSIG(status), status >> 16
        if pid == first and pid not in known:
            libc.ptrace(SETOPTIONS, pid, None, OPTIONS)
        if event == EVENT_EXIT:
            keep(pid, directory)
        # Each begins with a stop of its own; events are no signals.
        passed_on = 0 if event or (pid not in known and stop == signal.SIGSTOP) else stop
        known.add(pid)
        libc.ptrace(CONT, pid, None, passed_on)


def trace(uid, words, directory, files):
    """The command's exit code; files are its first three descriptors. Who is traced by root may still run what is set-uid."""
    tracer = os.fork()
    if tracer:
        return os.waitstatus_to_exitcode(os.waitpid(tracer, 0)[1])
    # A process of its own, with whose end all that still runs is traced no more.
    try:
        for number, file in enumerate(files):
            os.dup2(file, number)
        go, begin = os.pipe()
        pid = os.fork()
        if pid == 0:
            become(uid, words, go)
        if libc.ptrace(ATTACH, pid, None, None) == 0:
            os.write(begin, b"x")
            os._exit(follow(pid, directory) & 255)
    finally:
        os._exit(125)
