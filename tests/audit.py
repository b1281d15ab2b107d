"""A second reader of audit logs, written from vault/AUDIT.md alone: the ratchet, and which lines are right."""

import hashlib
import json
import struct


def derive(size, key, purpose, data=b""):
    """As FORMAT.md has it."""
    purpose = purpose.encode()
    return hashlib.blake2b(bytes([len(purpose)]) + purpose + data, digest_size=size, key=key).digest()


class Ratchet:
    """Four wheels; n is the line that they are at."""

    def __init__(self, key=None, wheels=None, n=0):
        self.wheels, self.n = wheels or [key, b"", b"", b""], n
        if not wheels:
            self.turn(0)

    def turn(self, wheel):
        """Makes the wheels behind this one anew, and then itself."""
        seed = self.wheels[wheel]
        for which in range(3, wheel - 1, -1):
            self.wheels[which] = derive(32, seed, "tokenvault audit wheel v1", bytes([which]))

    def step(self):
        """On to the next line."""
        self.n += 1
        zeroes = next((z for z in range(3) if self.n >> (8 * z) & 0xFF), 3)
        self.turn(3 - zeroes)

    def mac(self, covered):
        """Of a line's bytes before its MAC."""
        return derive(16, self.wheels[3], "tokenvault audit line v1", hashlib.blake2b(covered, digest_size=32).digest())


def epoch_key(audit, epoch):
    """The key that an epoch begins with."""
    return derive(32, audit, "tokenvault audit epoch v1", epoch)


def split(line):
    """A line's bytes that the MAC is for, and the MAC."""
    covered, mac = line.rsplit(b',"mac":"', 1)
    return covered, bytes.fromhex(mac[:-2].decode())


def wrong(lines, audit):
    """The indices of those whose MAC is not right; lines without one are left out."""
    ratchets, found = {}, []
    for index, line in enumerate(lines):
        about = json.loads(line)
        if about["epoch"] is None:
            continue
        epoch = bytes.fromhex(about["epoch"])
        ratchet = ratchets.get(epoch)
        if ratchet is None or ratchet.n > about["n"]:
            ratchet = ratchets[epoch] = Ratchet(epoch_key(audit, epoch))
        while ratchet.n < about["n"]:
            ratchet.step()
        covered, mac = split(line)
        if ratchet.mac(covered) != mac:
            found.append(index)
    return found


STATE = struct.Struct("<23sBQ8sQ16s8s16sQ128s32s")


def state(data):
    """The key's state: its members, and the ratchet for the next line."""
    magic, flags, part, last_epoch, last_n, last_mac, epoch, vault, n, wheels, digest = STATE.unpack(data)
    assert magic == b"tokenvault audit key 1\n" and hashlib.blake2b(data[:-32], digest_size=32).digest() == digest
    return {
        "flags": flags,
        "part": part,
        "last": (last_epoch, last_n, last_mac),
        "epoch": epoch,
        "vault": vault,
        "n": n,
        "ratchet": Ratchet(wheels=[wheels[32 * w : 32 * w + 32] for w in range(4)], n=n),
    }
