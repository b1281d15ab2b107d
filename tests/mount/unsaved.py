"""Edits that are not saved, by the agent's messages: unsaved.py SOCKET VAULT LABEL. Adds an entry of that label, with the
token that it reads, and brings back other bytes than it was given: `damage N` is the code of the answer to each. With
`--save` it brings the right ones back then, header alone, without having saved them."""

import struct
import sys

from between import HEADER, connect, read

ADD, RELOAD = 5, 17


def call(stream, code, body, data):
    """A request, and the code and the bytes of its answer."""
    stream.sendall(HEADER.pack(b"TV", 1, code, 0, len(body), len(data)) + body + data)
    _, _, code, _, body_len, data_len = HEADER.unpack(read(stream, HEADER.size))
    read(stream, body_len)
    return code, read(stream, data_len)


def main(socket_path, vault, label, *options):
    """Adds, and brings back."""
    stream = connect(socket_path)
    with open(vault, "rb") as file:
        data = file.read()
    body = f'{{"provider":"choreo","label":"{label}","token":"{sys.stdin.read().strip()}"}}'
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
