#!/usr/bin/env python3
"""A second reader of vault files, written from vault/FORMAT.md alone: VAULT KIND FILE [SEEN].

Prints the document as JSON. It shares no code with the library, so that what both understand is what
the document says. KIND is a slot type's name; FILE holds the passphrase, or is the keyfile or the machine's own key;
for both, PASSPHRASE-FILE,KEYFILE. SEEN is what a machine has seen of the vault."""

import hashlib
import json
import re
import struct
import sys

import nacl.bindings as sodium
import nacl.exceptions
import nacl.pwhash.argon2id as argon2id

import reader_document

MAGIC = b"\x89TKV\r\n\x1a\n"
FIXED = struct.Struct("<8sHHI16sQ32s32sQHHI")
SLOT_FRONT = struct.Struct("<HHI16s")
PARAMS = {1: 24, 2: 32, 3: 64, 6: 24}
TYPES = {"passphrase": 1, "keyfile": 2, "device": 3, "both": 6}
LIMIT = {"passes": (1, 16), "memory": (64 << 10, 1 << 20), "product": 4 << 20}
# How the library says so; the second of a shared secret of zeroes.
NOT_AUTHENTIC = (nacl.exceptions.CryptoError, RuntimeError)
MEMBERS, Refused, need = reader_document.MEMBERS, reader_document.Refused, reader_document.need


def derive(size, key, purpose, data=b""):
    purpose = purpose.encode()
    return hashlib.blake2b(bytes([len(purpose)]) + purpose + data, digest_size=size, key=key).digest()


def parse_slots(data, count):
    slots, at = [], 0
    for _ in range(count):
        need(len(data) - at >= SLOT_FRONT.size)
        kind, flags, size, uuid = SLOT_FRONT.unpack_from(data, at)
        need(SLOT_FRONT.size <= size <= 4096 and at + size <= len(data))
        slot = {"type": kind, "uuid": uuid}
        if kind in PARAMS:
            need(flags == 0, "NEWER")
            need(size == SLOT_FRONT.size + PARAMS[kind] + 136)
            back = at + SLOT_FRONT.size + PARAMS[kind]
            slot["front"] = data[at:back]
            slot["params"] = data[at + SLOT_FRONT.size : back]
            slot["nonce"], slot["ephemeral"], slot["wrapped"], slot["commitment"] = struct.unpack_from(
                "<24s32s48s32s", data, back
            )
        need(uuid not in [s["uuid"] for s in slots])
        slots.append(slot)
        at += size
    need(at == len(data))
    return slots


def padded(size, flags):
    power = max(4096, 1 << max(size - 1, 0).bit_length())
    step = power // 32
    return -(-size // step) * step if flags & 2 else power


def parse(data):
    need(len(data) >= 12 and data[:8] == MAGIC)
    version, suite = struct.unpack_from("<HH", data, 8)
    need(version and suite)
    need(version == 1 and suite == 1, "NEWER")
    need(len(data) >= FIXED.size)
    _, _, _, size, vault_id, generation, salt, previous, payload, count, zero, flags = FIXED.unpack_from(data)
    need(zero == 0)
    need(flags == 0 or flags == 2 and payload - 16 > 1 << 20, "NEWER")
    need(1 <= count <= 16 and FIXED.size + 32 <= size <= len(data) and generation > 0)
    plain = payload - 16
    need(4096 <= plain <= 64 << 20 and padded(plain, flags) == plain and len(data) == size + payload)
    return {
        "id": vault_id,
        "generation": generation,
        "salt": salt,
        "slots": parse_slots(data[FIXED.size : size - 32], count),
        "signed": data[: size - 32],
        "mac": data[size - 32 : size],
        "flags": flags,
        "cipher": data[size:],
    }


def stretch(params, passphrase):
    salt, passes, memory = struct.unpack("<16sII", params)
    need(LIMIT["passes"][0] <= passes <= LIMIT["passes"][1], "KDF_BOUNDS")
    need(LIMIT["memory"][0] <= memory <= LIMIT["memory"][1], "KDF_BOUNDS")
    need(passes * memory <= LIMIT["product"], "KDF_BOUNDS")
    return argon2id.kdf(32, passphrase, salt, opslimit=passes, memlimit=memory * 1024)


def slot_key(slot, secret, vault_id):
    """secret: of type 6, passphrase and keyfile."""
    if slot["type"] == 1:
        return stretch(slot["params"], secret)
    if slot["type"] == 2:
        return derive(32, slot["params"], "tokenvault keyfile v1", secret)
    if slot["type"] == 3:
        return derive(32, secret, "tokenvault device v1", vault_id + slot["params"][:32])
    passphrase, keyfile = secret
    return derive(32, stretch(slot["params"], passphrase), "tokenvault both v1", hashlib.blake2b(keyfile, digest_size=32).digest())


def unwrap(vault, slot, key):
    scalar = derive(32, key, "tokenvault slot x25519 v1")
    recipient = sodium.crypto_scalarmult_base(scalar)
    shared = sodium.crypto_scalarmult(scalar, slot["ephemeral"])
    wrap = derive(32, shared, "tokenvault slot wrap v1", slot["ephemeral"] + recipient)
    if slot["type"] == 3:
        need(slot["params"][32:] == recipient)
        wrap = derive(32, derive(32, key, "tokenvault slot psk v1"), "tokenvault slot wrap psk v1", wrap)
    bound = vault["id"] + slot["front"]
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(slot["wrapped"], bound, slot["nonce"], wrap)


def check_usable(kind, secret):
    if kind == "both":
        check_usable("passphrase", secret[0])
        check_usable("keyfile", secret[1])
    elif kind == "device":
        need(len(secret) == 32, "BAD_VALUE")
    else:
        need(len(secret) >= (32 if kind == "keyfile" else 1), "BAD_VALUE")


def vault_key(vault, kind, secret):
    check_usable(kind, secret)
    worst = "WRONG_KEY"
    for slot in vault["slots"]:
        if slot["type"] != TYPES[kind]:
            continue
        try:
            key = slot_key(slot, secret, vault["id"])
        except Refused as why:
            worst = str(why)
            continue
        if derive(32, key, "tokenvault slot commitment v1") == slot["commitment"]:
            return unwrap(vault, slot, key)
    raise Refused(worst)


def hash_of_pin(pin):
    return hashlib.blake2b(pin, digest_size=32).digest()


def parse_seen(line, vault_id):
    """What was seen of this vault, as (generation, header MAC, pin's hash)."""
    match = re.fullmatch(rb"tokenvault-seen 1 ([0-9a-f]{32}) (0|[1-9][0-9]{0,19}) ([0-9a-f]{64}) ([0-9a-f]{64})\n", line)
    need(match and bytes.fromhex(match[1].decode()) == vault_id and int(match[2]) < 1 << 64)
    return int(match[2]), bytes.fromhex(match[3].decode()), bytes.fromhex(match[4].decode())


def check_seen(vault, seen):
    need(vault["generation"] >= seen[0], "ROLLED_BACK")
    need(vault["generation"] > seen[0] or vault["mac"] == seen[1], "FORKED")


def check_lineage(key, document, seen):
    pins = [derive(32, key, "tokenvault pin v1")] + [bytes.fromhex(pin) for pin in document["lineage"]]
    need(seen[2] in [hash_of_pin(pin) for pin in pins], "NOT_YOURS")


def header_mac(vault, key):
    return derive(32, key, "tokenvault header mac v1", vault["signed"])


def open_payload(vault, key):
    bound = struct.pack("<Q", vault["generation"]) + vault["salt"] + vault["mac"]
    keys = derive(56, key, "tokenvault payload v1", bound)
    plain = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(vault["cipher"], vault["mac"], keys[32:], keys[:32])
    (size,) = struct.unpack_from("<Q", plain)
    need(size <= len(plain) - 8 and not any(plain[8 + size :]))
    need(len(plain) == padded(8 + size, vault["flags"]))
    return plain[8 : 8 + size]


def read(data, kind, secret, line=None):
    """The document of a vault's bytes. line: what this machine has seen of it, or None."""
    vault = parse(data)
    seen = parse_seen(line, vault["id"]) if line is not None else None
    try:
        key = vault_key(vault, kind, secret)
        need(header_mac(vault, key) == vault["mac"])
        if seen:
            check_seen(vault, seen)
        document = reader_document.parse(open_payload(vault, key))
    except NOT_AUTHENTIC:
        raise Refused("DAMAGED") from None
    if seen:
        check_lineage(key, document, seen)
    return document


def read_secret(kind, path):
    """What FILE stands for."""
    if kind == "both":
        return tuple(read_secret(*part) for part in zip(("passphrase", "keyfile"), path.split(",")))
    with open(path, "rb") as file:
        return file.read().rstrip(b"\n") if kind == "passphrase" else file.read()


def main():
    with open(sys.argv[1], "rb") as file:
        data, secret = file.read(), read_secret(*sys.argv[2:4])
    line = None
    if len(sys.argv) > 4:
        with open(sys.argv[4], "rb") as file:
            line = file.read()
    try:
        json.dump(read(data, sys.argv[2], secret, line), sys.stdout, indent=1)
        print()
    except Refused as why:
        print(why)
        sys.exit(1)


if __name__ == "__main__":
    main()
