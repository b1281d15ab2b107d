"""The vectors whose fault is in the header, a slot, the payload, or in what was seen before."""

import hashlib
import json
import struct

import nacl.bindings as sodium

from maker import DEVICE, KEYFILE, MEMORY, PASSPHRASE, Raw, Slot, random_bytes

CASES = []
LOW_ORDER = {
    "zero": bytes(32),
    "one": b"\1" + bytes(31),
    "order-8": bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    "prime": bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
}


def case(name, expect, comment, change=None, post=None, **options):
    """change: what is done to a Vault before it becomes bytes; post: what is done to those."""
    CASES.append((name, expect, comment, change or (lambda v: None), post or (lambda data: data), options))


def put(**members):
    """A change that sets members of the vault."""
    return lambda v: vars(v).update(members)


def over(**members):
    """A change to what the only slot says."""
    return lambda v: v.slots[0].over.update(members)


def flip(at, bit=0):
    """What a flipped bit makes of the bytes; at counts from the end where it is negative."""

    def change(data):
        data = bytearray(data)
        data[at] ^= 1 << bit
        return bytes(data)

    return change


def slots(*makers):
    """A change to these slots."""
    return lambda v: setattr(v, "slots", [make() for make in makers])


def passphrase(passes=1, memory=MEMORY, name="passphrase", **more):
    """Makes a passphrase's slot."""
    return lambda: Slot(name, 1, cost=(passes, memory), **more)


# ---- right ones

case("ok-keyfile", "OK", "a keyfile's slot alone")
case("ok-passphrase", "OK", "a passphrase's slot alone, at the least cost", slots(passphrase()), passphrase=PASSPHRASE)
case("ok-both", "OK", "two slots; the second one opens", slots(passphrase(), lambda: Slot("keyfile")))
case("ok-unknown-slot", "OK", "a slot of a type to come is skipped", slots(lambda: Raw("new"), lambda: Slot("keyfile")))
case("ok-unknown-slot-least", "OK", "and one of 24 bytes", slots(lambda: Raw("new", 24), lambda: Slot("keyfile")))
case("ok-unknown-slot-most", "OK", "and one of 4096", slots(lambda: Raw("new", 4096), lambda: Slot("keyfile")))
case("ok-unknown-slot-flags", "OK", "whose flags are its own", slots(lambda: Raw("new", flags=9), lambda: Slot("keyfile")))
case("ok-type-0", "OK", "0 is no type that is known", slots(lambda: Raw("zero", kind=0), lambda: Slot("keyfile")))
case("ok-sixteen-slots", "OK", "as many slots as there may be",
     slots(*[lambda i=i: Raw(f"new {i}") for i in range(15)], lambda: Slot("keyfile")))
case("ok-other-keyfile-first", "OK", "a keyfile's slot that another one opens, before the right one",
     slots(lambda: Slot("other", secret=bytes(64)), lambda: Slot("keyfile")))
case("ok-costly-slot-first", "OK", "a slot that asks for too much keeps no other from opening",
     slots(passphrase(17, name="costly"), passphrase()), passphrase=PASSPHRASE)
case("ok-generation-1", "OK", "the first generation has none before it", put(generation=1, previous=bytes(32)))
case("ok-generation-most", "OK", "the last generation that there can be", put(generation=(1 << 64) - 1))
case("ok-payload-8192", "OK", "a payload of two pages", lambda v: v.set(entries=[v.entry(note="n" * 4096)]))
case("ok-payload-full", "OK", "a document that leaves no byte for zeroes", lambda v: fill(v, 4096 - 8))
case("ok-ephemeral-high-bit", "OK", "the highest bit of an X25519 key does not count", lambda v: set_high_bit(v))
case("ok-keyfile-32-bytes", "OK", "the shortest keyfile", slots(lambda: Slot("short", secret=bytes(32))), keyfile=bytes(32))


def fill(v, size):
    """A document of exactly so many bytes."""
    v.set(entries=[v.entry(note="")])
    v.set(entries=[v.entry(note="n" * (size - len(v.padded().rstrip(b"\0")) + 8))])


def set_high_bit(v):
    """The same point, written otherwise; wrapped under what is written."""
    point = bytearray(sodium.crypto_scalarmult_base(random_bytes("keyfile ephemeral", 32)))
    point[31] |= 0x80
    v.slots[0].over["ephemeral"] = bytes(point)


# ---- the header

case("magic-first-bit", "DAMAGED", "the magic's first byte is 88", put(magic=b"\x88TKV\r\n\x1a\n"))
case("magic-seven-bits", "DAMAGED", "the high bit of the magic's first byte is lost", put(magic=b"\x09TKV\r\n\x1a\n"))
case("magic-last-byte", "DAMAGED", "the magic's last byte is another", put(magic=b"\x89TKV\r\n\x1a\r"))
case("magic-as-text", "DAMAGED", "every CR LF became LF, as a transfer of text does it", None, lambda d: d.replace(b"\r\n", b"\n"))
case("magic-to-text", "DAMAGED", "every LF became CR LF", None, lambda d: d.replace(b"\n", b"\r\n"))
case("empty", "DAMAGED", "no byte at all", None, lambda d: b"")
case("cut-in-magic", "DAMAGED", "four bytes of it", None, lambda d: d[:4])
case("cut-in-front", "DAMAGED", "cut behind the header's length", None, lambda d: d[:16])
case("cut-before-slots", "DAMAGED", "cut where the slots begin", None, lambda d: d[:120])
case("cut-before-payload", "DAMAGED", "the header without its payload", None, lambda d: d[: 120 + 192 + 32])
case("cut-by-one", "DAMAGED", "the last byte is missing", None, lambda d: d[:-1])
case("longer-by-one", "DAMAGED", "a byte too many", None, lambda d: d + b"\0")
case("twice", "DAMAGED", "the file behind itself", None, lambda d: d + d)
case("version-0", "DAMAGED", "there is no version 0", put(version=0))
case("version-2", "NEWER", "a version to come", put(version=2))
case("version-65535", "NEWER", "the last version", put(version=65535))
case("suite-0", "DAMAGED", "there is no suite 0", put(suite=0))
case("suite-2", "NEWER", "algorithms to come", put(suite=2))
case("length-0", "DAMAGED", "a header of no length", put(length=0))
case("length-151", "DAMAGED", "a header too short for its fixed part and MAC", put(length=151))
case("length-one-less", "DAMAGED", "the header's length is one too small", put(length=343))
case("length-one-more", "DAMAGED", "the header's length is one too great", put(length=345))
case("length-beyond", "DAMAGED", "a header longer than its file", put(length=5000))
case("length-most", "DAMAGED", "the greatest length that can be written", put(length=(1 << 32) - 1))
case("generation-0", "DAMAGED", "generations begin with 1", put(generation=0))
case("payload-0", "DAMAGED", "a payload of no length", put(payload_length=0))
case("payload-4096", "DAMAGED", "no room for the tag", put(payload_length=4096))
case("payload-4113", "DAMAGED", "not a power of two", put(payload_length=4113))
case("payload-2064", "DAMAGED", "a power of two below a page", lambda v: vars(v).update(plain=v.padded()[:2048]))
case("payload-three-pages", "DAMAGED", "three pages are no power of two",
     lambda v: v.set(entries=[v.entry(note="n" * 4000, account="n" * 4000)]) or vars(v).update(plain=v.padded().ljust(16384, b"\0")[: 3 * 4096]))
case("payload-two-pages-said", "DAMAGED", "the length says two pages and there is one", put(payload_length=8208))
case("payload-2-to-32-more", "DAMAGED", "the length is right in its lower half only", put(payload_length=(1 << 32) + 4112))
case("payload-too-large", "DAMAGED", "128 MiB are above what there may be", put(payload_length=(128 << 20) + 16))
case("payload-most", "DAMAGED", "the greatest length that can be written", put(payload_length=(1 << 64) - 1))
case("slots-0", "DAMAGED", "a vault that nothing opens", lambda v: vars(v).update(slots=[]))
case("slots-0-said", "DAMAGED", "no slot is said, and there is one", put(count=0))
case("slots-17", "DAMAGED", "one slot more than there may be",
     slots(*[lambda i=i: Raw(f"new {i}") for i in range(16)], lambda: Slot("keyfile")))
case("slots-one-more-said", "DAMAGED", "two slots are said, and there is one", put(count=2))
case("slots-one-less-said", "DAMAGED", "one slot is said, and there are two",
     lambda v: vars(v).update(slots=[Slot("keyfile"), Raw("new")], count=1))
case("reserved-1", "DAMAGED", "the reserved bytes are zero", put(zero=1))
case("flags-lowest", "NEWER", "a critical flag that is not known", put(flags=1))
case("flags-next", "NEWER", "the one behind that for padding in steps", put(flags=4))
case("flags-steps-small", "NEWER", "padding in steps, of a payload that is too small for it", put(flags=2))
case("flags-steps-none", "NEWER", "the same, of none", put(flags=2, payload_length=0))
case("flags-highest", "NEWER", "and the last of them", put(flags=1 << 31))
case("bytes-behind-slots", "DAMAGED", "four bytes between the slots and the MAC", put(more=bytes(4)))

# ---- slots

case("slot-reserved-type", "WRONG_KEY", "the only slot is of a type to come", slots(lambda: Raw("FIDO2", 192, kind=4)))
case("slot-of-other-type", "WRONG_KEY", "the only slot is a keyfile's", passphrase=PASSPHRASE)
case("slot-flags", "NEWER", "a flag of a keyfile's slot", lambda v: setattr(v.slots[0], "flags", 1))
case("slot-flags-passphrase", "NEWER", "a flag of a passphrase's slot, beside a right one",
     lambda v: vars(v).update(slots=[passphrase()(), Slot("keyfile")]) or setattr(v.slots[0], "flags", 0x8000))
case("slot-length-23", "DAMAGED", "a slot shorter than what each has", slots(lambda: Raw("new", 24, claimed=23), lambda: Slot("keyfile")))
case("slot-length-0", "DAMAGED", "a slot of no length", slots(lambda: Raw("new", 24, claimed=0), lambda: Slot("keyfile")))
case("slot-length-4097", "DAMAGED", "a slot longer than there may be", slots(lambda: Raw("new", 4097), lambda: Slot("keyfile")))
case("slot-length-most", "DAMAGED", "the greatest length that can be written",
     slots(lambda: Raw("new", 24, claimed=(1 << 32) - 1), lambda: Slot("keyfile")))
case("slot-length-one-less", "DAMAGED", "a keyfile's slot that says one byte less", over(length=191))
case("slot-length-one-more", "DAMAGED", "a keyfile's slot with one byte more", lambda v: over(bound=v.slots[0].front(192))(v) or setattr(v.slots[0], "tail", b"\0"))
case("slot-cut-short", "DAMAGED", "the last slot goes on into the MAC", slots(lambda: Slot("keyfile"), lambda: Raw("new", 24, claimed=40)))
case("slot-into-payload", "DAMAGED", "the last slot goes on into the payload",
     slots(lambda: Slot("keyfile"), lambda: Raw("new", 24, claimed=4096)))
case("slot-id-twice", "DAMAGED", "two slots with one id", slots(lambda: Slot("keyfile"), lambda: same_id()))
case("kdf-passes-0", "KDF_BOUNDS", "no pass of Argon2id", slots(passphrase(0)), passphrase=PASSPHRASE)
case("kdf-passes-17", "KDF_BOUNDS", "one pass more than allowed", slots(passphrase(17)), passphrase=PASSPHRASE)
case("kdf-passes-most", "KDF_BOUNDS", "four thousand million passes", slots(passphrase((1 << 32) - 1)), passphrase=PASSPHRASE)
case("kdf-memory-0", "KDF_BOUNDS", "no memory", slots(passphrase(1, 0)), passphrase=PASSPHRASE)
case("kdf-memory-low", "KDF_BOUNDS", "one KiB less than allowed", slots(passphrase(1, MEMORY - 1)), passphrase=PASSPHRASE)
case("kdf-memory-high", "KDF_BOUNDS", "one KiB more than allowed", slots(passphrase(1, (1 << 20) + 1)), passphrase=PASSPHRASE)
case("kdf-memory-most", "KDF_BOUNDS", "four TiB", slots(passphrase(1, (1 << 32) - 1)), passphrase=PASSPHRASE)
case("kdf-product", "KDF_BOUNDS", "each in bounds, and too much together", slots(passphrase(16, (256 << 10) + 1)), passphrase=PASSPHRASE)
case("kdf-costly-and-wrong", "KDF_BOUNDS", "a slot that asks for too much, and one of another passphrase",
     slots(passphrase(17, name="costly"), passphrase(secret=b"other")), passphrase=PASSPHRASE)
case("keyfile-wrong", "WRONG_KEY", "another keyfile", keyfile=bytes(48))
case("keyfile-shorter", "WRONG_KEY", "the keyfile without its last byte", keyfile=KEYFILE[:-1])
case("keyfile-31-bytes", "BAD_VALUE", "a keyfile that can be guessed", slots(lambda: Slot("short", secret=bytes(31))), keyfile=bytes(31))
case("passphrase-wrong", "WRONG_KEY", "another passphrase", slots(passphrase()), passphrase=PASSPHRASE + b"!")
case("passphrase-with-newline", "WRONG_KEY", "a newline counts", slots(passphrase()), passphrase=PASSPHRASE + b"\n")
case("passphrase-empty", "BAD_VALUE", "nothing is no passphrase", slots(passphrase(secret=b"")), passphrase=b"")
case("salt-changed", "WRONG_KEY", "another salt makes another slot key",
     lambda v: over(committed=v.slots[0].key())(v) or setattr(v.slots[0], "params", bytes(32)))
case("commitment-changed", "WRONG_KEY", "the commitment to another key", over(committed=bytes(32)))
case("commitment-bit", "WRONG_KEY", "a bit of the commitment", None, flip(120 + 160, 7))
case("nonce-bit", "DAMAGED", "a bit of the slot's nonce", None, flip(120 + 56))
case("ephemeral-bit", "DAMAGED", "a bit of the ephemeral key", None, flip(120 + 80))
for low, point in LOW_ORDER.items():
    case(f"ephemeral-low-order-{low}", "DAMAGED", f"an ephemeral key of low order ({low}): the secret would be zeroes",
         over(ephemeral=point, shared=bytes(32)))
case("wrapped-bit", "DAMAGED", "a bit of the wrapped key", None, flip(120 + 112))
case("wrapped-tag-bit", "DAMAGED", "a bit of its tag", None, flip(120 + 159))
case("wrapped-for-other-vault", "DAMAGED", "a slot that was wrapped for another vault", over(vault_id=bytes(16)))
case("wrapped-for-other-slot", "DAMAGED", "a slot whose id was another when it was wrapped",
     lambda v: over(bound=Slot("other").front(192))(v))
case("wrapped-other-key", "DAMAGED", "a slot that holds another vault key", over(vault_key=bytes(32)))


# ---- a machine's own key, which is wrapped to with a pre-shared secret, and a passphrase with a keyfile


def device(name="device", **more):
    """A change to a machine's slot alone."""
    return slots(lambda: Slot(name, 3, **more))


def together(name="together", **more):
    """A change to the slot of a passphrase with a keyfile alone."""
    return slots(lambda: Slot(name, 6, **more))


BOTH = {"passphrase": PASSPHRASE, "keyfile": KEYFILE}
SIZE = 24 + 64 + 136


def then(*changes):
    """One change behind the other."""
    return lambda v: [change(v) for change in changes]


case("ok-device", "OK", "a machine's slot alone", device(), device=DEVICE)
case("ok-together", "OK", "a slot of a passphrase with a keyfile alone", together(), **BOTH)
case("ok-every-type", "OK", "a slot of each type, of which the last one opens",
     slots(passphrase(), lambda: Slot("keyfile"), lambda: Slot("together", 6), lambda: Slot("device", 3)), device=DEVICE)
case("device-wrong", "WRONG_KEY", "another machine's key", device(), device=bytes(32))
case("device-31-bytes", "BAD_VALUE", "a machine's key that was cut", device(), device=DEVICE[:-1])
case("device-33-bytes", "BAD_VALUE", "a machine's key with a byte too much", device(), device=DEVICE + b"\0")
case("device-of-other-vault", "WRONG_KEY", "a machine's slot that it asked for another vault",
     then(device(vault_id=bytes(16)), lambda v: over(vault_id=bytes(16))(v)), device=DEVICE)
case("device-wrapped-for-other-vault", "DAMAGED", "the machine's slot, wrapped for another vault", then(device(), over(vault_id=bytes(16))),
     device=DEVICE)
case("device-by-stranger", "DAMAGED", "what anybody can wrap to the public key in the file, without the pre-shared secret",
     then(device(), over(psk=None)), device=DEVICE)
case("device-guessed-psk", "DAMAGED", "wrapped with another pre-shared secret", then(device(), over(psk=bytes(32))), device=DEVICE)
case("device-public-key-bit", "DAMAGED", "a bit of the public key in the file", device(), flip(120 + 24 + 32), device=DEVICE)
case("device-public-key-other", "DAMAGED", "another public key in the file, with all else as if it were the right one",
     then(device(), lambda v: setattr(v.slots[0], "params", v.slots[0].params[:32] + bytes(32))), device=DEVICE)
case("device-salt-bit", "WRONG_KEY", "a bit of the salt", device(), flip(120 + 24), device=DEVICE)
for low, point in LOW_ORDER.items():
    case(f"device-low-order-{low}", "DAMAGED", f"an ephemeral key of low order ({low})",
         then(device(), over(ephemeral=point, shared=bytes(32))), device=DEVICE)
case("device-flags", "NEWER", "a flag of a machine's slot", then(device(), lambda v: setattr(v.slots[0], "flags", 1)), device=DEVICE)
case("device-length-one-less", "DAMAGED", "a machine's slot that says one byte less", then(device(), over(length=SIZE - 1)), device=DEVICE)
case("device-length-one-more", "DAMAGED", "a machine's slot with one byte more",
     then(device(), lambda v: over(bound=v.slots[0].front(SIZE))(v), lambda v: setattr(v.slots[0], "tail", b"\0")), device=DEVICE)
case("device-by-keyfile", "WRONG_KEY", "the machine's key as a keyfile", device(), keyfile=DEVICE)
case("together-passphrase-wrong", "WRONG_KEY", "the right keyfile with another passphrase", together(), passphrase=b"other", keyfile=KEYFILE)
case("together-keyfile-wrong", "WRONG_KEY", "the right passphrase with another keyfile", together(), passphrase=PASSPHRASE, keyfile=bytes(48))
case("together-keyfile-31-bytes", "BAD_VALUE", "a keyfile that can be guessed", together(), passphrase=PASSPHRASE, keyfile=bytes(31))
case("together-passphrase-empty", "BAD_VALUE", "no passphrase", together(), passphrase=b"", keyfile=KEYFILE)
case("together-passphrase-alone", "WRONG_KEY", "the passphrase without the keyfile", together(), passphrase=PASSPHRASE)
case("together-keyfile-alone", "WRONG_KEY", "the keyfile without the passphrase", together(), keyfile=KEYFILE)
case("together-passes-17", "KDF_BOUNDS", "one pass more than allowed", together(cost=(17, MEMORY)), **BOTH)
case("together-memory-low", "KDF_BOUNDS", "one KiB less than allowed", together(cost=(1, MEMORY - 1)), **BOTH)
case("together-product", "KDF_BOUNDS", "each in bounds, and too much together", together(cost=(16, (256 << 10) + 1)), **BOTH)
case("together-flags", "NEWER", "a flag of such a slot", then(together(), lambda v: setattr(v.slots[0], "flags", 1)), **BOTH)


def same_id():
    """A slot with the id of the keyfile's."""
    slot = Slot("second", secret=bytes(40))
    slot.uuid = Slot("keyfile").uuid
    return slot


# ---- the MAC, and changes by somebody who can't make it

case("mac-bit", "DAMAGED", "a bit of the header MAC", None, flip(120 + 192 + 31))
case("mac-zero", "DAMAGED", "no MAC", put(mac=bytes(32)))
case("mac-without-key", "DAMAGED", "a hash that anybody can make", lambda v: put(mac=hashlib.blake2b(v.header(), digest_size=32).digest())(v))
for what, at in {"vault-id": 16, "generation": 32, "salt": 40, "previous": 72, "slot-id": 128}.items():
    case(f"unsigned-{what}", "DAMAGED", f"{what.replace('-', ' ')} changed after the MAC was made", None, flip(at))
case("unsigned-unknown-slot", "DAMAGED", "a byte of a slot of a type to come changed after the MAC was made",
     slots(lambda: Slot("keyfile"), lambda: Raw("new")), flip(120 + 192 + 29))
case("unsigned-removed-slot", "DAMAGED", "a slot was taken out after the MAC was made", slots(lambda: Slot("keyfile"), lambda: Raw("new", 24)),
     lambda d: d[:12] + struct.pack("<I", 344) + d[16:112] + b"\1" + d[113 : 120 + 192] + d[120 + 192 + 24 :])

# ---- the payload

case("payload-first-bit", "DAMAGED", "a bit of the payload's first byte", None, flip(-4112))
case("payload-tag-bit", "DAMAGED", "a bit of its tag", None, flip(-1))
case("payload-other-generation", "DAMAGED", "encrypted for the generation before", put(bound_generation=2))
case("payload-other-salt", "DAMAGED", "encrypted with another salt", put(bound_salt=bytes(31) + b"\1"))
case("payload-not-bound", "DAMAGED", "encrypted without the header MAC as associated data", put(associated=b""))
case("payload-in-the-clear", "DAMAGED", "not encrypted at all", lambda v: put(cipher=v.padded() + bytes(16))(v))
case("padding-first-byte", "DAMAGED", "a byte behind the JSON", lambda v: put(plain=put_byte(v, len(v.padded().rstrip(b"\0"))))(v))
case("padding-last-byte", "DAMAGED", "the last byte of the padding", lambda v: put(plain=put_byte(v, 4095))(v))
case("padding-too-much", "DAMAGED", "two pages where one is enough", lambda v: put(plain=v.padded().ljust(8192, b"\0"))(v))
case("padding-too-much-by-8", "DAMAGED", "two pages where the length just fits into one",
     lambda v: fill(v, 4096 - 8) or put(plain=v.padded().ljust(8192, b"\0"))(v))
case("json-length-0", "DAMAGED", "no JSON", put(plain=bytes(4096)))
case("json-length-one-less", "DAMAGED", "JSON without its last byte", lambda v: put(json_size=len(v.padded().rstrip(b"\0")) - 9)(v))
case("json-length-one-more", "DAMAGED", "JSON with a zero behind it", lambda v: put(json_size=len(v.padded().rstrip(b"\0")) - 7)(v))
case("json-length-beyond", "DAMAGED", "longer than the payload", put(json_size=4096 - 7))
case("json-length-most", "DAMAGED", "the greatest length that can be written", put(json_size=(1 << 64) - 1))


def put_byte(v, at):
    """The payload with a byte of its padding set."""
    plain = bytearray(v.padded())
    plain[at] = 1
    return bytes(plain)


# ---- what this machine has seen

case("ok-seen-same", "OK", "the very file that was seen", seen=lambda v: v.seen())
case("ok-seen-older", "OK", "newer than what was seen", seen=lambda v: v.seen(2, bytes(32)))
case("ok-seen-new-key", "OK", "another vault key, with the one seen among its forebears",
     lambda v: v.set(lineage=[pin_of(bytes(32)), pin_of(b"\1" * 32)]), seen=lambda v: v.seen(2, bytes(32), bytes(32)))
case("seen-newer", "ROLLED_BACK", "older than what was seen", seen=lambda v: v.seen(4, bytes(32)))
case("seen-most", "ROLLED_BACK", "seen was the last generation that there can be", seen=lambda v: v.seen((1 << 64) - 1, bytes(32)))
case("seen-forked", "FORKED", "another file of the generation that was seen", seen=lambda v: v.seen(3, bytes(32)))
case("seen-other-key", "NOT_YOURS", "another vault key, and nothing says where it comes from", seen=lambda v: v.seen(2, bytes(32), bytes(32)))
case("seen-other-lineage", "NOT_YOURS", "another vault key, whose forebears are others",
     lambda v: v.set(lineage=[pin_of(b"\1" * 32)]), seen=lambda v: v.seen(2, bytes(32), bytes(32)))
case("seen-other-id", "DAMAGED", "what was seen is another vault's", seen=lambda v: v.seen(vault_id=bytes(16)))
case("seen-empty", "DAMAGED", "nothing stands there", seen=lambda v: "")
case("seen-version", "DAMAGED", "another program's line", seen=lambda v: v.seen().replace("seen 1", "seen 2"))
case("seen-no-newline", "DAMAGED", "the line does not end", seen=lambda v: v.seen().rstrip())
case("seen-two-lines", "DAMAGED", "a line too many", seen=lambda v: v.seen() * 2)
case("seen-two-spaces", "DAMAGED", "a space too many", seen=lambda v: v.seen().replace("seen 1", "seen  1"))
case("seen-leading-zero", "DAMAGED", "a number written otherwise", seen=lambda v: v.seen().replace(" 3 ", " 03 "))
case("seen-overflow", "DAMAGED", "a number that does not fit", seen=lambda v: v.seen(1 << 64))
case("seen-upper-case", "DAMAGED", "hex written otherwise", seen=lambda v: v.seen()[:20] + v.seen()[20:].upper())
case("seen-short-mac", "DAMAGED", "a MAC of 31 bytes", seen=lambda v: v.seen(mac=bytes(31)))


def pin_of(key):
    """The pin of a vault key, as the lineage has it."""
    from reader import derive

    return derive(32, key, "tokenvault pin v1").hex()


# ---- payloads in steps: too large to be kept as files


def fill_text(v, size):
    """JSON of so many bytes."""

    def text(notes):
        entries = [v.entry(note="n" * left, id=f"{n:032x}", label=f"l{n}") for n, left in enumerate(notes)]
        for entry in entries[1:]:
            del entry["in_use"]
        v.set(entries=entries)
        return json.dumps(v.document, separators=(",", ":")).encode()

    notes = [4000] * (size // 4200) + [0]
    while size - len(text(notes)) > 4096:
        notes.insert(0, 4000)
    notes[-1] = size - len(text(notes))
    v.text = text(notes)


def steps(size, flags, padded):
    """JSON of so many bytes with its length before, in a payload of so many."""

    def change(v):
        fill_text(v, size - 8)
        vars(v).update(flags=flags, plain=(struct.pack("<Q", size - 8) + v.text).ljust(padded, b"\0"))

    return change


MIB, STEP = 1 << 20, 64 << 10
for at, flags, padded, expect in (
    (MIB, 0, MIB, "OK"),
    (MIB, 2, MIB, "NEWER"),
    (MIB, 2, MIB + STEP, "DAMAGED"),
    (MIB + 1, 2, MIB + STEP, "OK"),
    (MIB + 1, 0, 2 * MIB, "OK"),
    (MIB + 1, 2, 2 * MIB, "DAMAGED"),
    (MIB + 1, 0, MIB + STEP, "DAMAGED"),
    (MIB + 1, 2, MIB + STEP // 2, "DAMAGED"),
    (MIB + STEP, 2, MIB + STEP, "OK"),
    (MIB + STEP, 2, MIB + 2 * STEP, "DAMAGED"),
    (MIB + STEP + 1, 2, MIB + 2 * STEP, "OK"),
    (2 * MIB, 2, 2 * MIB, "OK"),
    (2 * MIB + 1, 2, 2 * MIB + 2 * STEP, "OK"),
    (2 * MIB + 1, 2, 2 * MIB + STEP, "DAMAGED"),
    (2 * MIB + 1, 2, 4 * MIB, "DAMAGED"),
):
    case(f"steps-{at}-{flags}-{padded}", expect, f"{at} bytes in {padded}", steps(at, flags, padded), large=True)
