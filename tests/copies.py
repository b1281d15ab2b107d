#!/usr/bin/env python3
"""Looks for what still opens: copies.py COPY KIND FILE DIRECTORY... prints each file below the directories that the
vault key of COPY, a vault's file from before, opens, or the credential (KIND and FILE as for reader.py) that opened it,
and each in which that vault key lies bare."""

import os
import sys

import reader


def opens(data, kind, secret, key):
    """Why these bytes are one too many, or None."""
    if key in data or key.hex().encode() in data.lower():
        return "has the vault key"
    try:
        vault = reader.parse(data)
    except reader.Refused:
        return None
    if reader.header_mac(vault, key) == vault["mac"]:
        return "opens with the vault key"
    try:
        reader.vault_key(vault, kind, secret)
    except (reader.Refused, *reader.NOT_AUTHENTIC):
        return None
    return "opens with the credential"


def main():
    """Prints what it finds; fails where COPY itself does not open, or there was nothing to look at."""
    copy, kind, file, *directories = sys.argv[1:]
    with open(copy, "rb") as opened:
        vault = reader.parse(opened.read())
    secret = reader.read_secret(kind, file)
    key = reader.vault_key(vault, kind, secret)
    seen = 0
    for directory in directories:
        for top, _, names in os.walk(directory):
            for path in (os.path.join(top, name) for name in sorted(names)):
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                with open(path, "rb") as opened:
                    why = opens(opened.read(), kind, secret, key)
                seen += 1
                if why:
                    print(f"{os.path.relpath(path, directory)} {why}")
    return 0 if seen else 1


if __name__ == "__main__":
    sys.exit(main())
