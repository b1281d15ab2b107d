"""Looks for secrets in the memory of commands as they end, of the keeper, and of the locked server: memory.py SANDBOX
CONTROL. Prints `ok …`, `not ok …`, and at last `# tried N, found N, expected N, skipped 0`: tried are looks at one process.
For root."""

import base64
import hashlib
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import memory_at_exit  # pylint: disable=wrong-import-position
import reader  # pylint: disable=wrong-import-position

SANDBOX = pathlib.Path(sys.argv[1])
IS_CONTROL = len(sys.argv) > 2 and sys.argv[2] != ""
HOME = SANDBOX / "home"
VAULT = HOME / ".local/share/tokenvault/default.vault"
DUMPS = SANDBOX / "dumps"
KEYFILE = HOME / "key"
FIRST, SECOND, THIRD = "eighteen otters under a bridge", "a violet tramway at midnight", "four hundred brass buttons"
USER = 65534
AS_USER = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups")
COST = ("--memory", "64", "--passes", "1")
TOKENS = {
    "api7": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjaSIsImlzcyI6ImFwaTciLCJleHAiOjQxMDI0NDQ4MDB9."
            "GxWIOfiqM56Ju1CxYD6Q7Gjg_VVl_hCnyzJyn933Bwo",
    "azion": "u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzd",
    "choreo": "xtpYlSXpfKtHF4vUCsMehGAkWvj7FAc9QeWJKY40",
    "choreo's second": "uvSwMFLZDe1f8rESQedUStPKR0CsTy4Qwb8DwkNh",
    "adopted": "ocJ2isAjIhKtJ0RlgLKOmxgJTeKdNnFRIBXuDL7D",
}


def middle(data, size=16):
    """Bytes from the middle: what a look for leftovers looks for."""
    at = (len(data) - size) // 2
    return data[at : at + size]


def argon2_needles(params, passphrase):
    """What Argon2id makes on its way (RFC 9106): the first hash, and the first block, which one pass leaves alone."""
    salt, passes, memory = struct.unpack("<16sII", params)

    def blake(size, *parts):
        return hashlib.blake2b(b"".join(parts), digest_size=size).digest()

    def word(value):
        return struct.pack("<I", value)

    secret = passphrase.encode()
    first = blake(64, word(1), word(32), word(memory), word(passes), word(0x13), word(2), word(len(secret)), secret,
                  word(len(salt)), salt, word(0), word(0))
    part = blake(64, word(1024), first, word(0), word(0))
    block = b""
    while len(block) < 1024 - 64:
        block += part[:32]
        part = blake(64, part)
    return {"the first hash of Argon2": middle(first), "a block of Argon2": middle(block + part)}


def as_user(*words):
    """What the user's command prints."""
    return subprocess.run([*AS_USER, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, cwd=HOME).stdout


class Needles:
    """All secrets that there were so far: a part of each, by name. Once: `everyone` may have none of them; `unlocked` are
    those that an open server holds."""

    def __init__(self):
        self.everyone, self.unlocked, self.seen = {}, {}, set()
        for name, token in TOKENS.items():
            self.unlocked[f"the token of {name}"] = middle(token.encode(), 20)
            for shift in range(3):
                text = base64.b64encode(b" " * shift + token.encode())
                self.unlocked[f"the token of {name}, in base64"] = middle(text, 20)
        for number, passphrase in enumerate((FIRST, SECOND, THIRD)):
            self.everyone[f"passphrase {number}"] = middle(passphrase.encode())

    def add(self, group, name, data):
        """A key, as it is and as messages have it."""
        group[name] = middle(data)
        group[f"{name}, in hex"] = middle(data).hex().encode()

    def add_slot(self, vault, slot, secret):
        """What opens a slot, and what is behind it."""
        if slot["type"] in (1, 6):
            passphrase = secret if slot["type"] == 1 else secret[0]
            for name, needle in argon2_needles(slot["params"], passphrase.decode()).items():
                self.everyone[f"{name} {slot['uuid'].hex()[:6]}"] = needle
        key = reader.slot_key(slot, secret, vault["id"])
        if reader.derive(32, key, "tokenvault slot commitment v1") != slot["commitment"]:
            return False
        self.add(self.everyone, f"the slot key {slot['uuid'].hex()[:6]}", key)
        self.add(self.everyone, "the scalar", reader.derive(32, key, "tokenvault slot x25519 v1"))
        self.add(self.unlocked, f"the vault key {vault['generation']}", reader.unwrap(vault, slot, key))
        return True

    def learn(self):
        """From the vault's file as it is now."""
        data = VAULT.read_bytes()
        if data in self.seen:
            return
        self.seen.add(data)
        vault = reader.parse(data)
        keyfile = KEYFILE.read_bytes()
        self.add(self.everyone, "the keyfile", keyfile)
        for slot in vault["slots"]:
            if slot["commitment"] in self.seen:
                continue
            self.seen.add(slot["commitment"])
            tries = {1: [text.encode() for text in (FIRST, SECOND, THIRD)], 2: [keyfile], 6: [(SECOND.encode(), keyfile)]}
            any(self.add_slot(vault, slot, secret) for secret in tries.get(slot["type"], ()))
        for slot in vault["slots"]:
            if slot["type"] == 2:
                self.add_slot(vault, slot, keyfile)


class Campaign:
    """Counts what was looked at and what was found."""

    def __init__(self):
        self.needles = Needles()
        self.tried = self.found = 0
        self.server = self.keeper = None

    def look(self, what, data, of_unlocked=False):
        """At one process' memory."""
        groups = [self.needles.everyone] + ([] if of_unlocked else [self.needles.unlocked])
        hits = sorted({name for group in groups for name, needle in group.items() if needle in data})
        self.tried += 1
        self.found += bool(hits)
        if len(data) < 100_000:
            print(f"not ok {what}: only {len(data)} bytes could be read")
        if hits and not IS_CONTROL:
            print(f"not ok {what} has nothing: {', '.join(hits)}")
        elif not IS_CONTROL:
            print(f"ok {what} has nothing in {len(data) >> 10} KiB")

    def look_at_ended(self, name):
        """At all that a command left behind in DUMPS."""
        for path in sorted(DUMPS.iterdir()):
            self.look(f"{name}: {path.name.split('.')[0]} at its end", path.read_bytes())
            path.unlink()

    def run(self, name, *words, text="", lines=(), code=0):
        """A command; `lines` are what it reads from descriptor 9."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said, open(os.devnull, "w", encoding="utf-8") as out:
            given.write(text.encode())
            given.seek(0)
            ours, theirs = os.pipe()
            os.write(theirs, "".join(line + "\n" for line in lines).encode())
            os.close(theirs)
            os.dup2(ours, 9)
            os.close(ours)
            ended = memory_at_exit.trace(USER, ["tokenvault", *words], DUMPS, [file.fileno() for file in (given, out, said)])
            os.close(9)
            if ended != code:
                said.seek(0)
                print(f"not ok {name}: exit {ended}: {said.read().decode()}")
        self.needles.learn()
        self.look_at_ended(name)

    def by_key(self, name, *words, **more):
        """With the keyfile."""
        return self.run(name, "--keyfile", str(KEYFILE), *words, **more)

    def by_passphrase(self, name, *words, first=FIRST, lines=(), **more):
        """With a passphrase."""
        return self.run(name, "--passphrase-fd", "9", *words, lines=(first, *lines), **more)

    def find_server(self):
        """Of a vault that is mounted."""
        said = as_user("tokenvault", "status", "--json")
        self.server = int(re.search(r'"server_pid":\s*(\d+)', said)[1])
        with open(f"/proc/{self.server}/status", encoding="utf-8") as status:
            self.keeper = int(re.search(r"PPid:\s*(\d+)", status.read())[1])

    def look_at_running(self, when, is_locked):
        """At keeper and server."""
        self.look(f"the keeper {when}", memory_at_exit.memory(self.keeper))
        self.look(f"the server {when}", memory_at_exit.memory(self.server), of_unlocked=not is_locked)


def first(c):
    """A vault with three entries."""
    c.by_passphrase("init", "--keyfile", str(KEYFILE), "init", *COST)
    c.by_passphrase("add", "add", "--no-verify", "api7", text=TOKENS["api7"])
    c.by_key("add by keyfile", "add", "--no-verify", "azion", text=TOKENS["azion"])
    c.by_key("add another", "add", "--no-verify", "choreo", text=TOKENS["choreo"])


def edits(c):
    """Other commands that open the vault themselves."""
    c.by_key("set", "set", "choreo", "--token", "--no-verify", text=TOKENS["choreo's second"])
    c.by_passphrase("show", "show", "choreo")
    c.by_key("show --json", "show", "choreo", "--json")
    c.by_key("list", "list")
    c.by_key("history", "history", "choreo")
    c.by_key("undo", "undo", "choreo")
    c.by_key("setting", "setting", "set", "proxy", "http://127.0.0.1:9")
    c.by_key("verify, which reaches nobody", "verify", "azion", code=22)
    c.by_key("run", "run", "choreo,azion", "--", "cat", str(HOME / ".choreo/token"))
    c.by_key("run --env", "run", "--env", "azion", "--", "true")


def keys(c):
    """What opens the vault changes."""
    c.by_key("key add", "key", "add", "passphrase", "--passphrase-fd", "9", "--label", "second", *COST, lines=(SECOND,))
    c.by_passphrase("key add --both", "key", "add", "--both", str(KEYFILE), "--label", "together", *COST, lines=(SECOND,))
    c.by_key("key list", "key", "list")
    c.by_key("key remove", "key", "remove", "second")
    c.by_passphrase("passwd", "passwd", *COST, lines=(THIRD,))
    c.by_key("rekey", "rekey")


def copies(c):
    """What goes in and out."""
    c.by_key("export", "export", str(HOME / "out.vault"), "--export-keyfile", str(KEYFILE))
    c.by_key("import", "import", "tokenvault", str(HOME / "out.vault"), "--import-keyfile", str(KEYFILE))
    plain = HOME / ".choreo/token"
    plain.parent.mkdir(mode=0o700)
    plain.write_text(TOKENS["adopted"])
    for path in (plain, plain.parent):
        os.chown(path, USER, USER)
    c.by_key("remove", "remove", "choreo")
    c.by_key("forget", "forget", "choreo")
    c.by_key("adopt", "adopt", "choreo", "--no-verify", "--no-mount")


def forgotten(c):
    """What was forgotten is nowhere in the server soon after, however busy it is."""
    busy = [subprocess.Popen([*AS_USER, "python3", "-c", "import sys\nwhile True:\n    open(sys.argv[1]).read()",
                              str(HOME / ".azion/profiles.json")]) for _ in range(2)]
    try:
        had = c.needles.unlocked["the token of azion"] in memory_at_exit.memory(c.server)
        c.run("a served forget", "forget", "azion")
        time.sleep(.3)
        has = c.needles.unlocked["the token of azion"] in memory_at_exit.memory(c.server)
    finally:
        for reader_of_it in busy:
            reader_of_it.kill()
            reader_of_it.wait()
    c.tried += 1
    c.found += has
    print("ok" if had and not has else "not ok", "what is forgotten leaves a busy server soon")


def served(c, now, later):
    """With a server; keeper and server are looked at after each. The passphrase changes from one to the other."""
    c.by_passphrase("mount", "mount", first=now)
    c.find_server()
    if not IS_CONTROL:
        found = memory_at_exit.memory(c.server)
        seen = [name for name, needle in c.needles.unlocked.items() if needle in found]
        print("ok" if seen else "not ok", "the open server is seen to hold tokens: the search works")
    c.look_at_running("after the unlock", False)
    c.run("a served show", "show", "azion")
    c.run("a served set", "set", "azion", "--token", "--no-verify", text=TOKENS["choreo's second"])
    c.by_passphrase("a served passwd", "passwd", *COST, first=now, lines=(later,))
    c.look_at_running("after edits", False)
    if c.needles.unlocked["the token of azion"] not in memory_at_exit.memory(c.server):
        print("# azion's first token is forgotten already")
    else:
        forgotten(c)
    as_user("sh", "-c", 'find "$HOME" "$XDG_RUNTIME_DIR/tokenvault/default" -type f -exec cat {} + >/dev/null')
    # Who holds a file open must not keep its bytes alive.
    with subprocess.Popen([*AS_USER, "sh", "-c", 'exec 8<"$HOME/.azion/profiles.json"; read -r line <&8; echo; exec sleep 60'],
                          stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        c.run("lock", "lock")
        c.look_at_running("after the lock", True)
        holder.kill()
    c.by_passphrase("unlock", "unlock", first=later)
    c.look_at_running("after another unlock", False)
    c.run("another lock", "lock")
    c.look_at_running("after another lock", True)
    c.run("unmount", "unmount")


def main():
    """Everything; in a control nothing is said of single finds."""
    DUMPS.mkdir(mode=0o700)
    os.chdir(HOME)
    (SANDBOX / "needles").write_bytes(b"".join(middle(token.encode(), 20) + b"\n" for token in TOKENS.values()))
    c = Campaign()
    first(c)
    if not IS_CONTROL:
        edits(c)
        keys(c)
        copies(c)
        for i in range(int(os.environ["ROUNDS"])):
            served(c, *((FIRST, THIRD) if i % 2 else (THIRD, FIRST)))
    print(f"# tried {c.tried}, found {c.found}, expected {int(IS_CONTROL)}, skipped 0")


main()
