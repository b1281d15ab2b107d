"""Sends the agent requests with descriptors of all kinds: descriptors.py WHAT SOCKET FILE DIRECTORY.
The last two are served by that very server. Prints `ok …` or `not ok …`."""

import os
import pty
import socket
import struct
import sys

RELOAD, UNLOCK = 17, 15


def frame(code, body=b"{}"):
    """A request, as vault/agent.h has it."""
    return b"TV" + struct.pack("<HHHII", 1, code, 0, len(body), 0) + body


def talk(path, data, fds):
    """The answer's code, "closed" or "silent"."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
        agent.settimeout(5)
        agent.connect(path)
        try:
            if fds:
                socket.send_fds(agent, [data], fds)
            else:
                agent.sendall(data)
            answer = agent.recv(4096)
        except TimeoutError:
            return "silent"
        except OSError:
            return "closed"
        return struct.unpack("<HHHHII", answer[:16])[2] if len(answer) >= 16 else "closed"


def unsealed():
    """A memory file whose bytes can still change."""
    fd = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    os.write(fd, b"x" * 5000)
    return fd


def descriptors(what, file, directory):
    """The descriptors to send."""
    if what == "own-file":
        return [os.open(file, os.O_RDONLY)]
    if what == "own-directory":
        return [os.open(directory, os.O_RDONLY)]
    if what == "pipe":
        return [os.pipe()[0]]
    if what == "terminal":
        return [pty.openpty()[1]]
    if what == "unsealed":
        return [unsealed()]
    if what == "many":
        return [os.open(file, os.O_RDONLY) for _ in range(50)]
    return []


def main():
    """Sends each kind with two messages; all that counts is that it is refused and soon."""
    what, path, file, directory = sys.argv[1:]
    for message in (RELOAD, UNLOCK):
        fds = descriptors(what, file, directory)
        data = frame(message)
        if what == "half":
            data = data[:7]
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
                agent.connect(path)
                agent.sendall(data)
            print(f"ok {what}: message {message} is left alone")
            continue
        answer = talk(path, data, fds)
        for fd in fds:
            os.close(fd)
        good = answer not in (0, "silent")
        print("ok" if good else "not ok", f"{what}: message {message} is refused", f"({answer})")
    print("end")


main()
