"""Makes vault files, right ones and ones with a fault, from FORMAT.md alone: what hostile.py is built from."""

import hashlib
import json
import struct

import nacl.bindings as sodium
import nacl.pwhash.argon2id as argon2id

from reader import MAGIC, derive

PASSPHRASE, KEYFILE, DEVICE = b"a hostile passphrase", bytes(range(48)), bytes(range(100, 132))
MEMORY = 64 << 10
UNKNOWN = 99


def random_bytes(seed, size):
    """The same for the same seed: what is made twice has the same bytes."""
    return hashlib.shake_256(seed.encode()).digest(size)


class Slot:
    """A slot; what is set in `over` goes before what follows from the rest."""

    SECRETS = {1: PASSPHRASE, 2: KEYFILE, 3: DEVICE, 6: (PASSPHRASE, KEYFILE)}

    def __init__(self, name, kind=2, secret=None, cost=(1, MEMORY), vault_id=None):
        self.name, self.kind, self.flags, self.tail, self.over = name, kind, 0, b"", {}
        self.uuid = random_bytes(name + " uuid", 16)
        self.params = random_bytes(name + " salt", 32 if kind in (2, 3) else 16)
        if kind in (1, 6):
            self.params += struct.pack("<II", *cost)
        self.secret = secret or self.SECRETS[kind]
        self.vault_id = vault_id or random_bytes("id", 16)
        if kind == 3:
            self.params += self.recipient()

    def key(self):
        """The slot key. Where nobody derives it, because its cost is refused, anything will do."""
        if self.kind == 2:
            return derive(32, self.params, "tokenvault keyfile v1", self.secret)
        if self.kind == 3:
            return derive(32, self.secret, "tokenvault device v1", self.vault_id + self.params[:32])
        salt, passes, memory = struct.unpack("<16sII", self.params)
        if (passes, memory) != (1, MEMORY):
            return random_bytes(self.name + " key", 32)
        passphrase, keyfile = (self.secret, None) if self.kind == 1 else self.secret
        key = argon2id.kdf(32, passphrase, salt, opslimit=passes, memlimit=memory * 1024)
        if keyfile is None:
            return key
        return derive(32, key, "tokenvault both v1", hashlib.blake2b(keyfile, digest_size=32).digest())

    def recipient(self):
        """Its X25519 public key."""
        return sodium.crypto_scalarmult_base(derive(32, self.key(), "tokenvault slot x25519 v1"))

    def front(self, size):
        """Everything before the nonce."""
        return struct.pack("<HHI16s", self.kind, self.flags, size, self.uuid) + self.params

    def wrapping_key(self, shared, ephemeral):
        """Of type 3 with the pre-shared secret, unless that is None."""
        wrap = derive(32, shared, "tokenvault slot wrap v1", ephemeral + self.recipient())
        if self.kind != 3:
            return wrap
        psk = self.over.get("psk", derive(32, self.key(), "tokenvault slot psk v1"))
        return wrap if psk is None else derive(32, psk, "tokenvault slot wrap psk v1", wrap)

    def data(self, vault):
        """Its bytes."""
        size = 24 + len(self.params) + 136 + len(self.tail)
        front = self.front(self.over.get("length", size))
        scalar = random_bytes(self.name + " ephemeral", 32)
        ephemeral = self.over.get("ephemeral", sodium.crypto_scalarmult_base(scalar))
        shared = self.over.get("shared") or sodium.crypto_scalarmult(scalar, self.recipient())
        nonce = random_bytes(self.name + " nonce", 24)
        bound = self.over.get("vault_id", vault.id) + self.over.get("bound", front)
        wrapped = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            self.over.get("vault_key", vault.key), bound, nonce, self.wrapping_key(shared, ephemeral)
        )
        commitment = derive(32, self.over.get("committed", self.key()), "tokenvault slot commitment v1")
        return front + nonce + ephemeral + wrapped + commitment + self.tail


class Raw:
    """A slot of a type to come."""

    def __init__(self, name, size=30, kind=UNKNOWN, flags=0, claimed=None):
        self.uuid = random_bytes(name + " uuid", 16)
        claimed = size if claimed is None else claimed
        self.bytes = struct.pack("<HHI16s", kind, flags, claimed, self.uuid) + random_bytes(name + " body", size - 24)

    def data(self, _):
        """Its bytes."""
        return self.bytes


class Vault:
    """A vault; members that are None follow from the rest."""

    def __init__(self, name):
        self.name = name
        self.magic, self.version, self.suite, self.zero, self.flags = MAGIC, 1, 1, 0, 0
        self.length = self.payload_length = self.count = None
        self.id = random_bytes("id", 16)
        self.generation = 3
        self.salt, self.previous = random_bytes(name + " salt", 32), random_bytes(name + " before", 32)
        self.key = random_bytes("vault key", 32)
        self.slots = [Slot("keyfile")]
        self.document = self.text = self.plain = self.mac = self.cipher = self.json_size = None
        self.bound_generation = self.bound_salt = self.associated = None
        self.more = b""

    def entry(self, **more):
        """An entry of the document, as plain as can be."""
        return {"id": "0" * 31 + "1", "provider": "azion", "label": "a", "token": "t", "in_use": True} | more

    def set(self, entries=None, **more):
        """The document's members; without entries, one plain one."""
        self.document = {"version": 1, "entries": [self.entry()] if entries is None else entries, "keys": [],
                         "lineage": []} | more

    def header(self):
        """All up to the MAC."""
        slots = b"".join(slot.data(self) for slot in self.slots)
        size = 120 + len(slots) + 32 if self.length is None else self.length
        payload = len(self.padded()) + 16 if self.payload_length is None else self.payload_length
        count = len(self.slots) if self.count is None else self.count
        front = struct.pack("<8sHHI16sQ32s32sQHHI", self.magic, self.version, self.suite, size, self.id,
                            self.generation, self.salt, self.previous, payload, count, self.zero, self.flags)
        return front + slots + self.more

    def padded(self):
        """The payload before it is encrypted."""
        if self.plain is not None:
            return self.plain
        if self.document is None:
            self.set()
        text = json.dumps(self.document, separators=(",", ":")).encode() if self.text is None else self.text
        size = 4096
        while size < len(text) + 8:
            size *= 2
        claimed = len(text) if self.json_size is None else self.json_size
        return (struct.pack("<Q", claimed) + text).ljust(size, b"\0")

    def data(self):
        """The file's bytes."""
        header = self.header()
        mac = derive(32, self.key, "tokenvault header mac v1", header) if self.mac is None else self.mac
        bound = struct.pack("<Q", self.bound_generation or self.generation) + (self.bound_salt or self.salt) + mac
        keys = derive(56, self.key, "tokenvault payload v1", bound)
        associated = mac if self.associated is None else self.associated
        cipher = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(self.padded(), associated, keys[32:], keys[:32])
        return header + mac + (cipher if self.cipher is None else self.cipher)

    def seen(self, generation=None, mac=None, key=None, vault_id=None):
        """The line that a machine keeps of this vault, or of another state of it."""
        header = self.header()
        mac = mac or derive(32, self.key, "tokenvault header mac v1", header)
        pin = derive(32, key or self.key, "tokenvault pin v1")
        pin = hashlib.blake2b(pin, digest_size=32).hexdigest()
        number = self.generation if generation is None else generation
        return f"tokenvault-seen 1 {(vault_id or self.id).hex()} {number} {mac.hex()} {pin}\n"
