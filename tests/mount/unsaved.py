"""Edits that are not saved, by the agent's messages: unsaved.py SOCKET VAULT LABEL. Adds an entry of that label, with the
token that it reads, and brings back other bytes than it was given: `damage N` is the code of the answer to each. With
`--save` it brings the right ones back then, header alone, without having saved them. With `--leave` it takes nothing of what
it asked for: it says so, and waits."""

import struct
import sys
import time

from between import HEADER, connect, read

ADD, RELOAD = 5, 17


def ask(stream, code, body, data):
    """A request."""
    stream.sendall(HEADER.pack(b"TV", 1, code, 0, len(body), len(data)) + body + data)


def call(stream, code, body, data):
    """The same, and the code and the bytes of its answer."""
    ask(stream, code, body, data)
    _, _, code, _, body_len, data_len = HEADER.unpack(read(stream, HEADER.size))
    read(stream, body_len)
    return code, read(stream, data_len)


def main(socket_path, vault, label, *options):
    """Adds, and brings back."""
    stream = connect(socket_path)
    with open(vault, "rb") as file:
        data = file.read()
    body = f'{{"provider":"choreo","label":"{label}","token":"{sys.stdin.read().strip()}"}}'
    if "--leave" in options:
        ask(stream, ADD, body.encode(), data)
        stream.recv(1)
        print("asked", flush=True)
        time.sleep(60)
    code, made = call(stream, ADD, body.encode(), data)
    print(f"added {code}")
    length, = struct.unpack_from("<I", made, 12)
    for at in (length - 33, length + 7, len(made) - 1):
        other = bytearray(made)
        other[at] ^= 1
        print(f"damage {call(stream, RELOAD, b'{}', bytes(other))[0]}")
    if "--save" in options:
        print(f"saved {call(stream, RELOAD, b'{}', made[:length])[0]}")


main(*sys.argv[1:])
