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


def make(is_large=False):
    """All of them, as (name, bytes); those that are large are not kept as files."""
    import documents
    import files
    import maker

    for name, expect, comment, change, post, options in files.CASES:
        if options.get("large", False) != is_large:
            continue
        vault = maker.Vault(name)
        change(vault)
        parts = {part: options[part].hex() for part in PARTS if part in options} or {"keyfile": maker.KEYFILE.hex()}
        seen = json.dumps(options["seen"](vault)) if "seen" in options else None
        yield name, print_vector(post(vault.data()), expect=expect, **parts, seen=seen, comment=comment)
    for name, expect, comment, text in [] if is_large else documents.CASES:
        vault = maker.Vault(name)
        vault.text = text
        yield name, print_vector(vault.data(), expect=expect, keyfile=maker.KEYFILE.hex(), comment=comment)


def split_vector(vector):
    """(what its head says, the vault's bytes)."""
    head, data = vector.split(b"\n\n", 1)
    return dict(line.split(": ", 1) for line in head.decode().split("\n")), data


def read_vector(path):
    """The same of a file."""
    with open(path, "rb") as file:
        return split_vector(file.read())


def outcome(path):
    """The second reader's status, the one that is expected, and why."""
    return outcome_of(*read_vector(path))


def outcome_of(head, data):
    """The same of a vector that has been split."""
    import reader

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
    vectors = [(name, *read_vector(os.path.join(directory, name))) for name in names]
    vectors += [(name, *split_vector(vector)) for name, vector in make(is_large=True)]
    failed = len(names) < 120
    for number, (name, head, data) in enumerate(vectors, 1):
        status, expect, comment = outcome_of(head, data)
        failed |= status != expect
        print(f"{'ok' if status == expect else 'not ok'} {number} - {name}: {comment}".replace("#", "_"))
        if status != expect:
            print(f"#   {status}, not {expect}")
    print(f"1..{len(vectors)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
