#!/usr/bin/env python3
"""Vault files with one fault each: hostile.py write [DIRECTORY] makes them, hostile.py [DIRECTORY] has the second
reader read them, and prints TAP.

A vector begins with lines `NAME: VALUE` (expect: the status' name; keyfile, passphrase or both of them, or device: the
credential, in hex; seen: what the machine saw before, as JSON text; comment) and an empty one; the file's bytes follow. See
tests/hostile/."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "hostile")]
sys.dont_write_bytecode = True
PARTS = ("passphrase", "keyfile", "device")
DIRECTORY = os.path.join(HERE, "vectors", "hostile")


def print_vector(data, **head):
    """The bytes of a vector."""
    lines = [f"{name}: {value}" for name, value in head.items() if value is not None]
    return "\n".join(lines + ["", ""]).encode() + data


def make():
    """All of them, as (name, bytes)."""
    import documents
    import files
    import maker

    for name, expect, comment, change, post, options in files.CASES:
        vault = maker.Vault(name)
        change(vault)
        parts = {part: options[part].hex() for part in PARTS if part in options} or {"keyfile": maker.KEYFILE.hex()}
        seen = json.dumps(options["seen"](vault)) if "seen" in options else None
        yield name, print_vector(post(vault.data()), expect=expect, **parts, seen=seen, comment=comment)
    for name, expect, comment, text in documents.CASES:
        vault = maker.Vault(name)
        vault.text = text
        yield name, print_vector(vault.data(), expect=expect, keyfile=maker.KEYFILE.hex(), comment=comment)


def read_vector(path):
    """(what its head says, the vault's bytes)."""
    with open(path, "rb") as file:
        head, data = file.read().split(b"\n\n", 1)
    return dict(line.split(": ", 1) for line in head.decode().split("\n")), data


def outcome(path):
    """The second reader's status, the one that is expected, and why."""
    import reader

    head, data = read_vector(path)
    parts = [bytes.fromhex(head[part]) for part in PARTS if part in head]
    kind = "both" if len(parts) > 1 else next(part for part in PARTS if part in head)
    seen = json.loads(head["seen"]).encode() if "seen" in head else None
    try:
        reader.read(data, kind, tuple(parts) if kind == "both" else parts[0], seen)
        status = "OK"
    except reader.Refused as why:
        status = str(why)
    return status, head["expect"], head["comment"]


def write(directory):
    """All vectors, and nothing else, into the directory."""
    os.makedirs(directory, exist_ok=True)
    for name in os.listdir(directory):
        os.unlink(os.path.join(directory, name))
    for name, data in make():
        # One name for two vectors would lose one of them.
        with open(os.path.join(directory, name), "xb") as file:
            file.write(data)


def main():
    """What the arguments say."""
    try:
        import nacl.bindings  # pylint: disable=unused-import
    except ImportError:
        print("1..0 # SKIP nacl is missing: python3-nacl")
        return 0
    arguments = sys.argv[1:]
    if arguments[:1] == ["write"]:
        write(*arguments[1:2] or [DIRECTORY])
        return 0
    directory = (arguments or [DIRECTORY])[0]
    names = sorted(os.listdir(directory))
    failed = len(names) < 120
    for number, name in enumerate(names, 1):
        status, expect, comment = outcome(os.path.join(directory, name))
        failed |= status != expect
        print(f"{'ok' if status == expect else 'not ok'} {number} - {name}: {comment}".replace("#", "_"))
        if status != expect:
            print(f"#   {status}, not {expect}")
    print(f"1..{len(names)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
