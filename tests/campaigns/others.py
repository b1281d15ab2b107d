"""Plays other users: others.py DIRECTORY-VIEW FILE… as root. Each way to look at a file, through its path and through a
descriptor that its owner opened, by another user and by root. Prints `not ok …` for what gets
through or fails otherwise than it has to, and at last `tried found`; others.py socket PATH: a stranger at the agent's socket."""

import errno
import mmap
import os
import select
import socket
import struct
import subprocess
import sys

OWNER, DAEMON = 65534, 1


def become(user):
    """Another user, for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def opened_by_owner(path, flags):
    """A descriptor from a child that is the owner, which checks that it works for itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.fork() == 0:
        become(OWNER)
        fd = os.open(path, flags)
        if flags == os.O_RDONLY:
            os.pread(fd, 1, 0)
        else:
            os.listdir(fd)
        socket.send_fds(theirs, [b"x"], [fd])
        os._exit(0)
    theirs.close()
    _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    os.wait()
    return fds[0]


def touched(fd):
    """A map's first byte; its reader dies of it where it may not."""
    memory = mmap.mmap(fd, 1, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    pid = os.fork()
    if pid == 0:
        os._exit(memory[0] & 0)
    if os.waitpid(pid, 0)[1]:
        raise OSError(errno.EACCES, "it died")


def piped(call, fd):
    """sendfile(2) and splice(2) may only say later that there is nothing."""
    out, into = os.pipe()
    try:
        call(into, fd)
        if not select.select([out], [], [], 0)[0]:
            raise OSError(errno.EACCES, "nothing came")
    finally:
        os.close(out)
        os.close(into)


def watched(path):
    """inotify(7), by a program of its own."""
    code = "import ctypes, sys; l = ctypes.CDLL(None); " \
           "sys.exit(l.inotify_add_watch(l.inotify_init(), sys.argv[1].encode(), 1) < 0)"
    if subprocess.run([sys.executable, "-c", code, path], check=False).returncode:
        raise OSError(errno.EACCES, "no")


BY_PATH = {
    "open": lambda path: os.open(path, os.O_RDONLY),
    "open to write": lambda path: os.open(path, os.O_WRONLY),
    "stat": os.stat,
    "lstat": os.lstat,
    "getxattr": lambda path: os.getxattr(path, "user.x"),
    "listxattr": os.listxattr,
    "chmod": lambda path: os.chmod(path, 0o644),
    "chown": lambda path: os.chown(path, 1, 1),
    "utime": lambda path: os.utime(path, (0, 0)),
    "truncate": lambda path: os.truncate(path, 0),
    "unlink": os.unlink,
    "rename": lambda path: os.rename(path, path + "x"),
    "link": lambda path: os.link(path, path + "x"),
    "inotify": watched,
}
BY_DESCRIPTOR = {
    "read": lambda fd: os.read(fd, 100),
    "pread": lambda fd: os.pread(fd, 100, 0),
    "readv": lambda fd: os.readv(fd, [bytearray(10), bytearray(90)]),
    "preadv": lambda fd: os.preadv(fd, [bytearray(100)], 0),
    "mmap": touched,
    "sendfile": lambda fd: piped(lambda into, fd: os.sendfile(into, fd, 0, 100), fd),
    "splice": lambda fd: piped(lambda into, fd: os.splice(fd, into, 100, offset_src=0), fd),
    "copy_file_range": lambda fd: os.copy_file_range(fd, os.memfd_create("x"), 100, 0),
    "open again": lambda fd: os.open(f"/proc/self/fd/{fd}", os.O_RDONLY),
    "a copy of it": lambda fd: os.pread(os.dup(fd), 100, 0),
    "fstat": os.fstat,
}
IN_DIRECTORY = {
    "list": os.listdir,
    "openat": lambda fd: os.open("choreo", os.O_RDONLY, dir_fd=fd),
    "fstatat": lambda fd: os.stat("choreo", dir_fd=fd),
}
# What stands before permission: a mount point can't be moved, two file systems have no common name, nobody writes to the view.
OTHERS = {"unlink": "EBUSY EISDIR", "rename": "EBUSY", "link": "EXDEV", "copy_file_range": "EXDEV", "open to write": "EISDIR",
          "truncate": "EISDIR", "chmod": "EROFS", "chown": "EROFS", "utime": "EROFS"}


class Looks:
    """Counts."""

    def __init__(self):
        self.tried = self.found = 0

    def look(self, what, call, argument):
        """One, which has to be refused."""
        self.tried += 1
        try:
            call(argument)
        except OSError as error:
            name = errno.errorcode[error.errno]
            if name not in ["EACCES", *OTHERS.get(what.split(", ")[-1], "").split()]:
                print(f"not ok {what}: {name}")
            return
        self.found += 1
        print(f"not ok {what} gets through")

    def all(self, who, paths, descriptors, directory):
        """Every way."""
        for path in paths:
            for name, call in BY_PATH.items():
                self.look(f"{who}, {name}", call, path)
        for fd in descriptors:
            for name, call in BY_DESCRIPTOR.items():
                self.look(f"{who}, the owner's descriptor, {name}", call, fd)
        for name, call in IN_DIRECTORY.items():
            self.look(f"{who}, the owner's directory, {name}", call, directory)


def users(view, paths):
    """All of them, each in a process of its own."""
    descriptors = [opened_by_owner(path, os.O_RDONLY) for path in paths]
    directory = opened_by_owner(view, os.O_RDONLY | os.O_DIRECTORY)
    tried = found = 0
    for who, user in (("another user", DAEMON), ("root", 0)):
        ours, theirs = os.pipe()
        if os.fork() == 0:
            become(user)
            looks = Looks()
            looks.all(who, [*paths, view], descriptors, directory)
            os.write(theirs, struct.pack("ii", looks.tried, looks.found))
            sys.stdout.flush()
            os._exit(0)
        os.close(theirs)
        counts = struct.unpack("ii", os.read(ours, 8))
        os.wait()
        tried, found = tried + counts[0], found + counts[1]
    print(tried, found)


def agent(path):
    """A stranger that reaches the socket gets no answer but a refusal, and none that shows anything."""
    become(DAEMON)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as talk:
        talk.settimeout(3)
        answer = b""
        try:
            talk.connect(path)
            # A `list` with an empty object, as vault/agent.h has the frame.
            talk.sendall(b"TV" + struct.pack("<HHHII", 1, 1, 0, 2, 0) + b"{}")
            while part := talk.recv(4096):
                answer += part
        except OSError as error:
            answer += errno.errorcode.get(error.errno or 0, "timeout").encode()
    print("not ok" if b"choreo" in answer or b"timeout" in answer else "ok", "a stranger on the socket learns nothing, at once")


if sys.argv[1] == "socket":
    agent(sys.argv[2])
else:
    users(sys.argv[1], sys.argv[2:])
