"""A service manager's socket: manager.py ADDRESS FILE appends what comes to the file, a datagram in one line."""

import socket
import sys

address, path = sys.argv[1:]
there = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
there.bind("\0" + address[1:] if address[0] == "@" else address)
with open(path, "a", encoding="utf-8", buffering=1) as said:
    said.write("listening\n")
    while True:
        said.write(there.recv(4096).decode().replace("\n", " ") + "\n")
