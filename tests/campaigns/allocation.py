"""Refused allocations: allocation.py KEYFILE SECONDS I N [OPERATION …]. The programs in PATH are linked with
allocation_refuse.c: of each operation, one allocation after another is refused; of all of them share I, from 0, of N, and
of that as many, spread over it, as SECONDS allow. Prints `not ok …`, and at last `# tried N, found N, …`. When
TV_FAULTS names kinds of faults, a line each, one of each kind is enough."""

import errno
import json
import mmap
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import reader  # pylint: disable=wrong-import-position
from spare import is_spare  # pylint: disable=wrong-import-position

SANDBOX = pathlib.Path(os.environ["SANDBOX"])
KEYFILE, SECONDS = sys.argv[1], float(sys.argv[2])
SHARE, SHARES = int(sys.argv[3]), int(sys.argv[4])
ONLY = sys.argv[5:]
KINDS = os.environ.get("TV_FAULTS", "").splitlines()
BASE = SANDBOX / "tmp" / f"world{SHARE}"
HOME, DATA, STATE = BASE / "home", BASE / "data/tokenvault", BASE / "state/tokenvault"
VAULT = DATA / "default.vault"
ENV = os.environ | {"HOME": str(HOME), "XDG_DATA_HOME": str(BASE / "data"), "XDG_STATE_HOME": str(BASE / "state"),
                    "XDG_CONFIG_HOME": str(BASE / "config"), "XDG_CACHE_HOME": str(BASE / "cache"),
                    "XDG_RUNTIME_DIR": str(BASE / "run"), "TMPDIR": str(BASE),
                    "TV_REFUSE_COMMAND": str(BASE / "refuse-command"), "TV_REFUSE_SERVER": str(BASE / "refuse-server"),
                    "ASAN_OPTIONS": f"log_path={BASE}/report:detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
NO_MEMORY = 18  # the exit code
TOKEN = "t-" + 30 * "base"
PASSPHRASE = "correct horse battery staple"
COST = ("--memory", "64", "--passes", "1")


class Refuse:
    """What a program shares with us: which allocation is refused, how many there were, whether one was."""

    def __init__(self, name):
        path = BASE / name
        path.write_bytes(bytes(40))
        with open(path, "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 40)

    def set(self, number, part=0):
        """The next that is refused, of all or of a part; 0: none."""
        self.shared[:] = struct.pack("<qqqqq", number, 0, 0, 0, part)

    def seen(self):
        """(how many there were, whether one was refused, how it ended by itself)."""
        _, count, refused, ended, _ = struct.unpack("<qqqqq", self.shared[:])
        return count, bool(refused), ended


for made in (HOME, BASE / "run", BASE / "first"):
    made.mkdir(parents=True, mode=0o700)
CLI, SERVER = Refuse("refuse-command"), Refuse("refuse-server")


def run(*words, text="", keys=("--keyfile", KEYFILE)):
    """(exit code, standard output, standard error) of a command."""
    with open(BASE / "passphrase", "rb") as file:
        try:
            done = subprocess.run(["tokenvault", *(str(file.fileno()) if key == "FD" else key for key in keys), *words],
                                  input=text, text=True, env=ENV, cwd=BASE, capture_output=True, check=False, timeout=100,
                                  pass_fds=[file.fileno()])
        except subprocess.TimeoutExpired:
            return None, "", "it hangs"
    return done.returncode, done.stdout, done.stderr.strip()


def must(*words, **more):
    """A command that has to work."""
    code, out, said = run(*words, **more)
    if code:
        raise RuntimeError(f"{words}: exit {code}: {said}{reports()}")
    return out


def reports():
    """What sanitizers said, and the files are taken away."""
    said = ""
    for path in BASE.glob("report*"):
        text = path.read_text(encoding="utf-8", errors="replace")
        found = re.search("ERROR: .*|runtime error: .*", text)
        where = re.findall(r"#\d+ \S+ in (\S+) (?:\S*/)?(\w+\.c:\d+)", text)
        said += f" [{found[0] if found else text[:100]!r} at {' < '.join(' '.join(one) for one in where[:8])}]"
        path.unlink()
    return said


def entries(kind="keyfile"):
    """Of the vault's file, as {(service, label): token}."""
    secret = pathlib.Path(KEYFILE).read_bytes() if kind == "keyfile" else PASSPHRASE.encode()
    document = reader.read(VAULT.read_bytes(), kind, secret)
    return {(e["provider"], e["label"]): e["token"] for e in document["entries"] if "removed" not in e}


def is_there(pid):
    """Whether a process is."""
    return pathlib.Path(f"/proc/{pid}").exists()


def shown():
    """What the mounted file has."""
    return (HOME / ".choreo/token").read_text(encoding="ascii").strip()


def look_at_rest():
    """Nothing can be read where a server has ended."""
    try:
        return [f"and still the file has {shown()!r}"]
    except OSError:
        return []


def look_at_all():
    """What a server says is mounted, and can't be read."""
    wrong = []
    try:
        status = json.loads(must("status", "--json"))
        paths = [view["path"] for view in status["views"] if view["mounted"]]
        for path in paths + ([f"{status['tree']}/choreo/default/token"] if status["tree"] else []):
            pathlib.Path(path).read_bytes()
        if not status["tree"] and not status["detail"]:
            wrong.append("the directory view is missing without a word")
    except (OSError, RuntimeError) as why:
        wrong.append(f"said to be mounted, and then: {why}")
    return wrong


class Operation:
    """Something that is done with one allocation refused; `armed` is the program that it is refused to."""

    armed, ended = CLI, 0
    part = 0  # of the program, to which alone allocations are refused; 0: the whole
    first = 0  # so many, the first ones, are tried in any case
    told = "^tokenvault: .*memory"
    words, text, keys = (), "", ("--keyfile", KEYFILE)
    kind = "keyfile"
    start = {("choreo", "default"): TOKEN}
    end = start
    out = None  # what it prints when nothing is refused, if that is always the same

    def reset(self):
        """Back to the beginning."""
        for path in (DATA, STATE):
            shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(BASE / "first" / path.parent.name, path, dirs_exist_ok=True)

    def act(self):
        """Does it: (its exit code, what it prints, what it complains of)."""
        return run(*self.words, text=self.text, keys=self.keys)

    def has_ended(self):
        """Whether the server has, as out of memory: maybe not before who asked for something had its reply."""
        return NO_MEMORY in (self.ended, self.armed.seen()[2])

    def look(self, code, said):
        """What is wrong afterwards."""
        wrong = []
        if code is None or code < 0 or code > 100:
            wrong.append(f"it ends badly: {code} {said}")
        elif code and not re.search(self.told, said, re.M):
            wrong.append(f"exit {code}, and nothing of memory: {said!r}")
        try:
            found = entries(self.kind)
        except (OSError, reader.Refused) as why:
            return wrong + [f"the vault: {why!r}"]
        if found not in (self.start, self.end) or (code == 0 and found != self.end):
            wrong.append(f"exit {code}, and the vault has {sorted(found)}")
        left = [path.name for directory in (DATA, STATE) for path in directory.iterdir()
                if "saving" in path.name and not is_spare(directory, path.name)]
        return wrong + ([f"left over: {left}"] if left else [])

    def attempt(self, number):
        """What is wrong with it when that allocation is refused, or None: there were fewer."""
        self.reset()
        reports()
        self.armed.set(number, self.part)
        code, out, said = self.act()
        _, refused, self.ended = self.armed.seen()
        self.armed.set(0)
        wrong = self.look(code, said)
        if code == 0 and self.out not in (None, out):
            wrong.append(f"it prints {out!r}")
        told = reports()
        return wrong + ([f"a sanitizer:{told}"] if told else []) if refused or number == 0 else None

    def count(self):
        """How many allocations it makes."""
        self.reset()
        self.armed.set(0, self.part)
        code, out, said = self.act()
        if code:
            raise RuntimeError(f"{type(self).__name__}: exit {code}: {said}{reports()}")
        if self.out is not None:
            self.out = out
        return self.armed.seen()[0]


class Init(Operation):
    """A new vault, or none."""

    words = ("init",)
    start = end = {}

    def reset(self):
        shutil.rmtree(BASE / "data", ignore_errors=True)
        shutil.rmtree(BASE / "state", ignore_errors=True)

    def look(self, code, said):
        if VAULT.exists() or code == 0:
            return super().look(code, said)
        wrong = [] if code and code < 100 and re.search(self.told, said, re.M) else [f"exit {code}: {said!r}"]
        left = [path.name for path in (DATA.iterdir() if DATA.exists() else ()) if "saving" in path.name and not is_spare(DATA, path.name)]
        return wrong + ([f"left over: {left}"] if left else [])


class InitStretched(Init):
    """The same with a passphrase."""

    words, keys, kind = ("init", *COST), ("--passphrase-fd", "FD"), "passphrase"


class Add(Operation):
    """A second entry."""

    words, text = ("add", "--no-verify", "azion/new"), "t-new"
    end = Operation.start | {("azion", "new"): "t-new"}


class Open(Operation):
    """Opens the vault to list it."""

    words, out = ("list", "--json"), ""


class OpenStretched(Open):
    """The same with a passphrase."""

    keys = ("--passphrase-fd", "FD")


class Mount(Operation):
    """A server that starts: it serves, or nothing is left of it."""

    armed, words = SERVER, ("mount", "choreo")
    # Who has no memory for a client can't tell it why; and who has none for a word to the keeper ends, as out of memory.
    told = "^tokenvault(-fs)?: .*(memory|it hung up on us|nothing is mounted)"

    has_begun = True  # whether there is a server, or was

    def reset(self):
        if self.has_begun:
            run("unmount")
        super().reset()
        SERVER.set(0)

    def look(self, code, said):
        wrong = super().look(code, said)
        self.has_begun = self.armed is SERVER or SERVER.seen()[0] > 0
        if not self.has_begun:
            return wrong
        if "nothing is mounted" in said and not self.has_ended():
            wrong.append("the server has ended badly")
        try:
            if shown() != TOKEN:
                wrong.append(f"the mounted file has {shown()!r}")
        except OSError as why:
            if not code and not self.has_ended():
                wrong.append(f"then: {why}")
        if not code and not self.has_ended():
            wrong += look_at_all()
        if code or self.has_ended():
            code, _, said = run("mount", "choreo")
            wrong += [f"and then: {said}"] if code else [] if shown() == TOKEN else ["and then the file is another"]
        return wrong


def mount_of(part, first):
    """The same, where memory is refused to one part of the server, as allocation_refuse.c numbers them."""
    return type("MountOf", (Mount,), {"part": part, "first": first})


class Mounting(Mount):
    """The same, where it is the command that is refused."""

    armed, told = CLI, Operation.told


class Served(Operation):
    """Of a server that goes on."""

    armed, told = SERVER, Mount.told
    pid = None

    def reset(self):
        if not self.pid or not is_there(self.pid):
            run("unmount")
            super().reset()
            must("mount", "choreo")
            Served.pid = json.loads(must("status", "--json"))["server_pid"]
        elif entries() != self.start:
            must("remove", "azion/new")
            must("forget", "azion/new")

    def look(self, code, said):
        wrong = super().look(code, said)
        if not is_there(self.pid):
            return wrong + ([] if self.ended == NO_MEMORY else ["the server has ended badly"]) + look_at_rest()
        try:
            if json.loads(must("status", "--json"))["locked"]:
                must("unlock")
            seen = shown()
        except (OSError, RuntimeError) as why:
            return wrong + (look_at_rest() if self.has_ended() else [f"then: {why}"])
        return wrong + ([] if seen == TOKEN else [f"the mounted file has {seen!r}"])


class ServedList(Served):
    """A request for what is there."""

    words, out = Open.words, ""


class ServedAdd(Served):
    """An edit, taken back when it was made."""

    words, text = Add.words, Add.text
    end = Add.end


class ServedUnlock(Served):
    """Opens and shows all."""

    words = ("unlock",)

    def reset(self):
        super().reset()
        must("lock")


class ClientList(ServedList):
    """The same requests, where it is the command that is refused."""

    armed, told = CLI, Operation.told


class ClientAdd(ServedAdd):
    """An edit."""

    armed, told = CLI, Operation.told


class ClientUnlock(ServedUnlock):
    """And a key that is handed over."""

    armed, told = CLI, Operation.told


class Render(Served):
    """A mounted file: whole, or an error."""

    def act(self):
        try:
            seen = shown()
        except OSError as why:
            return 1, "", f"tokenvault: memory: {why}" if why.errno in (errno.ENOMEM, errno.EIO) else str(why)
        return 0, "", "" if seen == TOKEN else f"the file has {seen!r}"

    def look(self, code, said):
        return super().look(code, said) + ([said] if code == 0 and said else [])


# The last have what time is left.
OPERATIONS = {"init": Init, "init,passphrase": InitStretched, "open": Open, "open,passphrase": OpenStretched, "add": Add,
              "render": Render, "list,server": ServedList, "list,command": ClientList, "unlock,server": ServedUnlock,
              "unlock,command": ClientUnlock, "add,server": ServedAdd, "add,command": ClientAdd,
              "mount,kernel": mount_of(1, 4), "mount,tree": mount_of(2, 1), "mount,render": mount_of(3, 1),
              "mount,command": Mounting, "mount,server": Mount}


def prepare(names):
    """The first vault, for these operations."""
    (BASE / "passphrase").write_text(PASSPHRASE + "\n", encoding="ascii")
    must("init")
    if "open,passphrase" in names:
        must("key", "add", "passphrase", *COST, keys=("--keyfile", KEYFILE, "--passphrase-fd", "FD"))
    must("setting", "set", "private_hosts", "one.example", "two.example")
    must("add", "--no-verify", "--note", "a note", "choreo", text=TOKEN)
    if any(issubclass(OPERATIONS[name], (Mount, Served)) for name in names):
        must("mount", "choreo")
        must("unmount")
    for name in ("data", "state"):
        shutil.copytree(BASE / name / "tokenvault", BASE / "first" / name)


def try_all(name, seconds):
    """(how many were tried, of how many, what was wrong)."""
    operation = OPERATIONS[name]()
    count = operation.count()
    until = time.monotonic() + seconds
    numbers = list(range(1, count + 1))
    rest = numbers[operation.first:]
    random.Random(3).shuffle(rest)
    numbers = (numbers[:operation.first] + rest)[SHARE::SHARES]
    tried, wrong = 0, []
    for number in numbers:
        is_enough = time.monotonic() > until or (KINDS and all(any(kind in one for one in wrong) for kind in KINDS))
        if is_enough and tried >= max(1, operation.first):
            break
        found = operation.attempt(number)
        if found is None:
            continue
        tried += 1
        wrong += [f"{name}: allocation {number}: " + "; ".join(found)] if found else []
    return tried, len(numbers), wrong


def main():
    """Every operation has its share of the time, and what another left of it."""
    names = ONLY or list(OPERATIONS)
    prepare(names)
    end = time.monotonic() + SECONDS
    tried, wrong = 0, []
    try:
        for i, name in enumerate(names):
            some, count, found = try_all(name, (end - time.monotonic()) / (len(names) - i))
            print(f"# {name}: {some} of {count} allocations refused, {len(found)} with faults", flush=True)
            tried += some
            wrong += found
    finally:
        SERVER.set(0)
        run("unmount")
    for one in wrong[:40]:
        print("not ok", one.replace("\n", " "))
    print(f"# tried {tried}, found {len(wrong)}, expected 0, skipped 0", flush=True)


main()
