"""Plays somebody else: passed.py PATH TOKEN reads a descriptor that the owner opened, as other users
(run as root); passed.py socket PATH speaks to the agent. Prints `ok …` and `not ok …`."""

import array
import errno
import os
import socket
import struct
import sys

NOBODY, DAEMON = 65534, 1


def check(what, truth, seen=""):
    """Prints one check."""
    print("ok" if truth else "not ok", what, "" if truth else f"({seen!r})", flush=True)


def opened_by_owner(path, token):
    """A descriptor from a child that is the owner; the child checks that it reads for itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.fork() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        fd = os.open(path, os.O_RDONLY)
        check("the owner reads", os.pread(fd, 1000, 0) == token.encode() + b"\n")
        socket.send_fds(theirs, [b"x"], [fd])
        os._exit(0)
    _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    os.wait()
    return array.array("i", fds)[0]


def read(fd):
    """The bytes, or the name of the errno."""
    try:
        return os.pread(fd, 1000, 0)
    except OSError as error:
        return errno.errorcode[error.errno]


def descriptor(path, token):
    """Root and another user read what the owner opened."""
    fd = opened_by_owner(path, token)
    check("root, through the owner's descriptor", read(fd) == "EACCES", read(fd))
    if os.fork() == 0:
        os.setgroups([])
        os.setresgid(DAEMON, DAEMON, DAEMON)
        os.setresuid(DAEMON, DAEMON, DAEMON)
        check("another user, through the owner's descriptor", read(fd) == "EACCES", read(fd))
        os._exit(0)
    os.wait()


def agent(path):
    """A stranger that reaches the socket gets no answer but a refusal, and none that shows anything."""
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
        check("a stranger on the socket learns nothing", b"choreo" not in answer, answer[:200])
        check("and is not left waiting", b"timeout" not in answer, answer[:200])


if sys.argv[1] == "socket":
    agent(sys.argv[2])
else:
    descriptor(sys.argv[1], sys.argv[2])
