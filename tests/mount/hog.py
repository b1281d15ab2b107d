"""Fills what a server holds of unfinished requests, and stays: hog.py SOCKET. Prints `ready`."""

import socket
import struct
import sys
import time

MIB = 1 << 20

hogs = []
for body, sent in ((MIB, MIB - 1), (MIB, MIB - 1), (MIB, MIB - 1), (MIB, MIB - 66)):
    agent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    agent.settimeout(5)
    agent.connect(sys.argv[1])
    agent.sendall(b"TV" + struct.pack("<HHHII", 1, 1, 0, body, 0) + b" " * sent)
    hogs.append(agent)
print("ready", flush=True)
time.sleep(20)
