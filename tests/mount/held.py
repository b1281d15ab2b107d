"""Descriptors and maps that are held while something happens to the vault: held.py WHAT PATH. Prints
a line for each check, `ok …` or `not ok …`; runs as the user whose vault it is."""

import errno
import mmap
import os
import signal
import subprocess
import sys


def check(what, truth, seen=""):
    """Prints one check."""
    print("ok" if truth else "not ok", what, "" if truth else f"({seen})", flush=True)


def tokenvault(*words, text=None):
    """Runs a command with the test's passphrase at hand; returns its exit code."""
    with open(os.path.join(os.path.dirname(__file__), "../passphrase"), "rb") as secret:
        os.set_inheritable(secret.fileno(), True)
        done = subprocess.run(
            ["tokenvault", "--passphrase-fd", str(secret.fileno()), *words],
            input=text, stdin=None if text is not None else subprocess.DEVNULL,
            capture_output=True, close_fds=False, text=True, check=False,
        )
    if done.returncode:
        print(f"# {words}: {done.returncode} {done.stderr}", flush=True)
    return done.returncode


def tries(call, *arguments):
    """The call's result, or the name of its errno."""
    try:
        return call(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))


def child_reads(memory):
    """How a child that reads the first byte of a map ends: 0 and the byte, or a signal."""
    pid = os.fork()
    if pid == 0:
        os._exit(memory[0] & 127)
    _, status = os.waitpid(pid, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def rotation(path):
    """A descriptor keeps the version that it was opened with."""
    before = os.open(path, os.O_RDONLY)
    old = os.pread(before, 1 << 20, 0)
    half = os.read(before, 1000)
    check("rotates", tokenvault("set", "choreo/default", "--token", "--no-verify", text="000777" * 2000) == 0)
    check("the open file keeps its version", half + os.read(before, 1 << 20) == old)
    check("from the start as well", os.pread(before, 1 << 20, 0) == old)
    check("and its size", os.fstat(before).st_size == len(old), os.fstat(before).st_size)
    with open(path, "rb") as after:
        check("the next open has the new one", after.read() == b"000777" * 2000 + b"\n")
    check("rotates back", tokenvault("set", "choreo/default", "--token", "--no-verify", text="000000" * 2000) == 0)
    os.close(before)


def unlocked_maps(path):
    """Maps of the unlocked file: shared ones may be refused, private ones must work."""
    maps = []
    fd = os.open(path, os.O_RDONLY)
    size = os.fstat(fd).st_size
    for kind, flags in (("private", mmap.MAP_PRIVATE), ("shared", mmap.MAP_SHARED)):
        try:
            maps.append((kind, mmap.mmap(fd, size, flags=flags, prot=mmap.PROT_READ)))
        except OSError as error:
            check(f"{kind} map is refused cleanly", error.errno == errno.ENODEV, error)
            continue
        seen = child_reads(maps[-1][1])
        with open(path, "rb") as file:
            check(f"{kind} map reads the file", seen == file.read(1)[0] & 127, seen)
    os.close(fd)
    return maps


def lock(path):
    """Nothing that was held still reads after lock, and nothing looks missing or empty."""
    size = os.stat(path).st_size
    fresh, read = os.open(path, os.O_RDONLY), os.open(path, os.O_RDONLY)
    os.pread(read, 5, 0)
    maps = unlocked_maps(path)
    # Touched here too: its pages are in this process when the lock comes.
    touched = [(kind, memory, memory[0]) for kind, memory in maps]
    check("lock", tokenvault("lock") == 0)
    check("open: ENOKEY", tries(os.open, path, os.O_RDONLY) == "ENOKEY", tries(os.open, path, 0))
    check("held and never read: ENOKEY", tries(os.pread, fresh, 9, 0) == "ENOKEY",
          tries(os.pread, fresh, 9, 0))
    check("held and half read: ENOKEY", tries(os.pread, read, 9, 5) == "ENOKEY",
          tries(os.pread, read, 9, 5))
    check("held, past its end", tries(os.pread, read, 9, size) in ("ENOKEY", b""))
    check("stat has the size", os.stat(path).st_size == size, os.stat(path))
    check("fstat has it too", os.fstat(read).st_size == size)
    check("access", os.access(path, os.R_OK))
    for kind, memory, _ in touched:
        seen = child_reads(memory)
        check(f"{kind} map: SIGBUS", seen == -signal.SIGBUS, seen)
    check("unlock", tokenvault("unlock") == 0)
    with open(path, "rb") as file:
        check("and it reads again", len(file.read()) == size)


def removed(path):
    """A map of a file that the directory view shows no more is as dead after lock as any other."""
    with open(path, "rb") as file:
        memory = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
        check("map", len(memory[:]) > 0)
    check("remove", tokenvault("remove", "choreo/eu") == 0)
    check("its file is gone", tries(os.open, path, os.O_RDONLY) == "ENOENT")
    check("lock", tokenvault("lock") == 0)
    seen = child_reads(memory)
    check("removed, then locked: SIGBUS", seen == -signal.SIGBUS, seen)
    check("unlock", tokenvault("unlock") == 0)
    check("undo", tokenvault("undo", "choreo/eu") == 0)


def main():
    """Runs the scenario that is named."""
    {"rotation": rotation, "lock": lock, "removed": removed}[sys.argv[1]](sys.argv[2])


main()
