"""Stands between clients and their server, which to them is one that does not know what was added to requests later:
older.py SOCKET. Prints `ready`, then the number of each message that had such members; ends when it has had both."""

import os
import socket
import sys

from between import connect, frame

LATER = (b'"brief"', b'"before"')
LIST, SHOW = 1, 2


def serve(client, path, had):
    """Passes frames to and fro; the server refuses what has another name as it would what it does not know."""
    with connect(path) as server:
        while True:
            try:
                request, code = frame(client)
            except EOFError:
                return
            if code in (LIST, SHOW) and any(member in request for member in LATER):
                print(code, flush=True)
                had.add(code)
                for member in LATER:
                    request = request.replace(member, member.upper())
            server.sendall(request)
            client.sendall(frame(server)[0])


def main():
    path, real = sys.argv[1], sys.argv[1] + ".real"
    had = set()
    os.rename(path, real)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.listen()
            listener.settimeout(20)
            print("ready", flush=True)
            while had != {LIST, SHOW}:
                client = listener.accept()[0]
                with client:
                    client.settimeout(20)
                    serve(client, real, had)
    finally:
        os.rename(real, path)


main()
