"""Fills what a server holds of unfinished requests, prints `ready`, and stays until it is cut off, as a
lock does: hog.py SOCKET."""

import socket
import struct
import sys

MIB = 1 << 20

hogs = []
for body, sent in ((MIB, MIB - 1), (MIB, MIB - 1), (MIB, MIB - 1), (MIB, MIB - 66)):
    agent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    agent.settimeout(5)
    agent.connect(sys.argv[1])
    agent.sendall(b"TV" + struct.pack("<HHHII", 1, 1, 0, body, 0) + b" " * sent)
    hogs.append(agent)
print("ready", flush=True)
for agent in hogs:
    try:
        agent.settimeout(20)
        agent.recv(1)
    except OSError:
        pass
