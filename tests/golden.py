#!/usr/bin/env python3
"""The second reader opens the golden vault, and FORMAT.md's worked example is that vault's bytes."""

import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VECTORS = os.path.join(ROOT, "tests", "vectors", "vault")


def load(name):
    with open(os.path.join(VECTORS, name), "rb") as file:
        return file.read()


def worked_example():
    """The bytes of FORMAT.md's listing, and the number of rows whose offset is not where they stand."""
    data, misplaced = b"", 0
    with open(os.path.join(ROOT, "vault", "FORMAT.md"), encoding="utf-8") as file:
        for row in re.finditer(r"^ {4}([0-9a-f]{3})  ((?:[0-9a-f]{2} )*[0-9a-f]{2})\b", file.read(), re.M):
            misplaced += int(row[1], 16) != len(data)
            data += bytes.fromhex(row[2])
    return data, misplaced


def refused(reader, *args):
    try:
        reader.read(*args)
    except reader.Refused as why:
        return str(why)
    return "opened"


def members(value, name=""):
    """The members of each of the document's objects that the reader knows, as (object, member)."""
    import reader

    found = set()
    for child in value if isinstance(value, list) else [value]:
        if isinstance(child, dict) and name in reader.MEMBERS:
            found |= {(name, member) for member in child}
            for member, inner in child.items():
                found |= members(inner, member)
    return found


def main():
    try:
        import reader
    except ImportError as missing:
        print(f"1..0 # SKIP {missing.name} is missing: python3-nacl")
        return 0
    vault = load("golden-1.vault")
    passphrase, keyfile = load("golden-1.passphrase"), load("golden-1.keyfile")
    document = reader.read(vault, "passphrase", passphrase)
    listing, misplaced = worked_example()
    others = set()
    for path in glob.glob(os.path.join(VECTORS, "golden-*.vault")):
        name = os.path.basename(path).removesuffix(".vault")
        if name != "golden-1":
            others |= members(reader.read(load(name + ".vault"), "keyfile", load(name + ".keyfile")))
    slots, every = load("golden-slots.vault"), []
    for kind in reader.TYPES:
        parts = tuple(load(f"golden-slots.{part}") for part in ("passphrase", "keyfile", "device") if kind in (part, "both"))
        every.append(reader.read(slots, kind, parts[:2] if kind == "both" else parts[0]))
    listed = {(name, member) for name, some in reader.MEMBERS.items() for member in some}
    flipped = bytearray(vault)
    flipped[-1] ^= 1
    checks = {
        "both credentials give one document": document == reader.read(vault, "keyfile", keyfile),
        "the document is the golden one": [e["provider"] for e in document["entries"]] == ["azion", "api7"],
        "the others have every member that FORMAT.md lists": others == listed,
        "a slot of each type gives one document": len(every) == 4 and all(one == every[0] for one in every),
        "a wrong passphrase is a wrong key": refused(reader, vault, "passphrase", b"x") == "WRONG_KEY",
        "a flipped bit is damage": refused(reader, bytes(flipped), "keyfile", keyfile) == "DAMAGED",
        "FORMAT.md shows the golden vault's bytes": not misplaced and len(listing) > 528 and vault.startswith(listing),
    }
    print(f"1..{len(checks)}")
    for number, (what, truth) in enumerate(checks.items(), 1):
        print(f"{'ok' if truth else 'not ok'} {number} - {what}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
