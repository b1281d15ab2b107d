"""A file for another machine to take for the vault: forge.py VAULT OUT SLOT (stranger | LINE-FILE) [ID].

Made as somebody could who has the file VAULT and, in the second case, the line by which that machine asked for its
slot, the SLOT-th: the slot's front and commitment stay, and another vault key is wrapped for it. With ID in hex the
forged vault has that id. It holds one entry, with the token `forged`."""

import json
import os
import struct
import sys

import nacl.bindings as sodium

import reader


def wrapped(slot, vault_id, key, psk):
    """The slot's bytes with another key in it."""
    scalar, nonce = os.urandom(32), os.urandom(24)
    ephemeral, public = sodium.crypto_scalarmult_base(scalar), slot["params"][32:]
    wrap = reader.derive(32, sodium.crypto_scalarmult(scalar, public), "tokenvault slot wrap v1", ephemeral + public)
    if psk:
        wrap = reader.derive(32, psk, "tokenvault slot wrap psk v1", wrap)
    cipher = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(key, vault_id + slot["front"], nonce, wrap)
    return slot["front"] + nonce + ephemeral + cipher + slot["commitment"]


def document():
    """As small as can be."""
    entry = {"id": "f" * 32, "provider": "azion", "label": "default", "token": "forged", "in_use": True}
    text = json.dumps({"version": 1, "entries": [entry], "keys": [], "lineage": []}).encode()
    return (struct.pack("<Q", len(text)) + text).ljust(4096, b"\0")


def main():
    """What the arguments say."""
    path, out, number, how = sys.argv[1:5]
    with open(path, "rb") as file:
        vault = reader.parse(file.read())
    vault_id = bytes.fromhex(sys.argv[5]) if len(sys.argv) > 5 else vault["id"]
    psk = None
    if how != "stranger":
        with open(how, encoding="ascii") as file:
            psk = bytes.fromhex(file.read().split()[-2])
    key, salt, generation = os.urandom(32), os.urandom(32), vault["generation"] + 1
    slot = wrapped(vault["slots"][int(number)], vault_id, key, psk)
    header = reader.FIXED.pack(reader.MAGIC, 1, 1, 120 + len(slot) + 32, vault_id, generation, salt, vault["mac"], 4112, 1, 0, 0)
    mac = reader.derive(32, key, "tokenvault header mac v1", header + slot)
    keys = reader.derive(56, key, "tokenvault payload v1", struct.pack("<Q", generation) + salt + mac)
    payload = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(document(), mac, keys[32:], keys[:32])
    with open(out, "wb") as file:
        file.write(header + slot + mac + payload)


main()
