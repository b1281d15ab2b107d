"""Stands between clients and their server, and locks the server before it passes the first `reload` on:
between.py SOCKET. Prints `ready`, and ends when that reload was answered."""

import os
import socket
import struct
import sys

LOCK, RELOAD = 16, 17
HEADER = struct.Struct("<2sHHHII")


def read(stream, size):
    data = b""
    while len(data) < size:
        part = stream.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def frame(stream):
    """A whole frame, and its code."""
    head = read(stream, HEADER.size)
    _, _, code, _, body, data = HEADER.unpack(head)
    return head + read(stream, body + data), code


def connect(path):
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.settimeout(20)
    server.connect(path)
    return server


def lock(path):
    with connect(path) as server:
        server.sendall(HEADER.pack(b"TV", 1, LOCK, 0, 2, 0) + b"{}")
        frame(server)


def serve(client, path):
    """Passes frames to and fro; True when the reload was one of them."""
    with connect(path) as server:
        while True:
            try:
                request, code = frame(client)
            except EOFError:
                return False
            if code == RELOAD:
                lock(path)
            server.sendall(request)
            client.sendall(frame(server)[0])
            if code == RELOAD:
                return True


def main():
    path, real = sys.argv[1], sys.argv[1] + ".real"
    os.rename(path, real)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.settimeout(20)
    listener.listen()
    print("ready", flush=True)
    try:
        done = False
        while not done:
            client = listener.accept()[0]
            with client:
                client.settimeout(20)
                done = serve(client, real)
    finally:
        os.rename(real, path)


if __name__ == "__main__":
    main()
