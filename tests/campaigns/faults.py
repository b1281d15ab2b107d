"""Faults in system calls of edits: faults.py KEYFILE SECONDS WORKERS [CALL …]; with calls, only in those, and of `add` and
`set` without a server. Prints `ok …`, `not ok …`, and at last `# tried N, found N, expected N, skipped N`. Each worker has
a home directory of its own, and a server for half of the time."""

import collections
import errno
import itertools
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import reader  # pylint: disable=wrong-import-position
from spare import is_spare  # pylint: disable=wrong-import-position

SANDBOX = pathlib.Path(os.environ["SANDBOX"])
KEYFILE, SECONDS, WORKERS = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
ONLY = sys.argv[4:]
# Where most can go wrong: these come up earlier.
WEIGHTY = ("openat", "write", "pwrite64", "sync_file_range", "fsync", "fallocate", "fchmod", "renameat", "renameat2", "linkat", "unlinkat",
           "flock", "sendto", "recvfrom", "close")
SHORT = str(pathlib.Path(__file__).with_name("faults_short.so"))
ERRORS = ("EIO", "ENOSPC", "EINTR", "EACCES", "ENOMEM", "EMFILE")
SKIPPED = ("execve", "exit_group", "exit")
KNOWN = {"default.vault", "default.vault.bak", ".default.vault.lock"}
COST = ("--memory", "64", "--passes", "1")
# Each edit: its words, what it reads, and what it reads from descriptor 9.
EDITS = {
    "add": (("add", "--no-verify", "choreo/new"), "t-new", None),
    "set": (("set", "choreo", "--token", "--no-verify"), "t-set", None),
    "remove": (("remove", "choreo"), "", None),
    "passwd": (("passwd", "--passphrase-fd", "9", *COST), "", "another passphrase\n"),
    "key add": (("key", "add", "keyfile", "added", "--label", "added"), "", None),
    "key remove": (("key", "remove", "spare"), "", None),
    "undo": (("undo", "choreo"), "", None),
    "forget": (("forget", "choreo"), "", None),
}
DROPS_BACKUP = ("passwd", "key remove", "forget")
EDITED = (DROPS_BACKUP if "unlinkat" in ONLY else ("add", "set")) if ONLY else tuple(EDITS)
# With so many entries more a file is written while the server makes it: this is what is done to that.
LARGE, EDITED_LARGE = 5000, ("add", "set")
WAYS = DIRECTLY, SERVED, LARGELY = "directly", "through the server", "a large vault through the server"
NEW_KEY = ("passwd", "key remove")
# The C library itself does not live through these; what allocations of our own do is another campaign's.
LIBC = ("brk", "mmap", "mprotect", "munmap", "getrandom")
TOO_LONG = 45  # seconds: nothing that fails at once is worth waiting for


class World:
    """A home directory with a vault, of so many entries more, and a server in it or not."""

    def __init__(self, number, with_server, model=None, more=0):
        self.with_server = with_server
        self.base = SANDBOX / "tmp" / f"world-{number}-{more}-{'served' if with_server else 'direct'}"
        self.home = self.base / "home"
        (self.base / "run").mkdir(parents=True, mode=0o700)
        self.home.mkdir()
        self.env = os.environ | {"HOME": str(self.home), "XDG_DATA_HOME": str(self.base / "data"), "TMPDIR": str(self.base),
                                 "XDG_STATE_HOME": str(self.base / "state"), "XDG_CONFIG_HOME": str(self.base / "config"),
                                 "XDG_CACHE_HOME": str(self.base / "cache"), "XDG_RUNTIME_DIR": str(self.base / "run")}
        self.directory = self.base / "data" / "tokenvault"
        self.vault = self.directory / "default.vault"
        if model:
            shutil.copytree(model.base / "data", self.base / "data")
            shutil.copytree(model.base / "state" / "tokenvault", self.base / "state" / "tokenvault", ignore=shutil.ignore_patterns("*.shown*"))
            self.snapshot = {self.base / path.relative_to(model.base): data for path, data in model.snapshot.items()}
            self.before, self.after, self.counts = model.before, model.after, model.counts
            self.put_back()
        else:
            self.make(more)
        if with_server:
            self.must("mount", "choreo")
            self.server = self.server_pid()

    def make(self, more):
        """The first home: a vault with an entry that has a past, and two keys to spare."""
        self.must("init")
        self.must("add", "--no-verify", "choreo", text="t-old")
        self.must("set", "choreo", "--token", "--no-verify", text="t-base")
        self.must("key", "add", "passphrase", "--passphrase-fd", "9", *COST, secret="first passphrase\n")
        self.must("key", "add", "keyfile", "spare", "--label", "spare")
        if more:
            subprocess.run(["fill", self.vault, str(more)], input="first passphrase\n", text=True, env=self.env, check=True,
                           stdout=subprocess.DEVNULL)
            self.must("list")
        # So that there is a backup, and a file that the next save writes over.
        for note in ("one", "two"):
            self.must("set", "choreo", "--note", note)
        if not is_spare(self.directory, ".default.vault.saving-spare"):
            raise RuntimeError("no file is spared")
        files = [path for path in self.directory.iterdir() if "lock" not in path.name]
        self.snapshot = {path: path.read_bytes() for path in [*files, *(self.base / "state" / "tokenvault").iterdir()]}
        self.before = self.summary()
        self.after, self.counts = {}, {}

    def run(self, *words, text="", secret=None, before=(), env=None):
        """(exit code, standard error) of a command; `before` goes in front of it."""
        options = {}
        if secret is not None:
            ours, theirs = os.pipe()
            os.write(theirs, secret.encode())
            os.close(theirs)
            options = {"pass_fds": [ours]}
            words = [word if word != "9" else str(ours) for word in words]
        try:
            done = subprocess.run([*before, "tokenvault", "--keyfile", KEYFILE, *words], input=text, text=True, cwd=self.home,
                                  capture_output=True, check=False, env=env or self.env, timeout=90, **options)
            return done.returncode, done.stderr
        except subprocess.TimeoutExpired:
            return None, "it hangs"
        finally:
            if secret is not None:
                os.close(ours)

    def must(self, *words, **more):
        """A command that has to work."""
        code, said = self.run(*words, **more)
        if code:
            raise RuntimeError(f"{words}: exit {code}: {said}")

    def server_pid(self):
        """Of the running server."""
        done = subprocess.run(["tokenvault", "status", "--json"], env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=True)
        return re.search(r'"server_pid":\s*(\d+)', done.stdout)[1]

    def summary(self):
        """What counts of the vault's file: entries with their versions, and keys."""
        with open(KEYFILE, "rb") as file:
            document = reader.read(self.vault.read_bytes(), "keyfile", file.read())
        entries = {
            (e["provider"], e["label"]): (e["token"], "removed" in e, tuple(v["token"] for v in e.get("history", [])))
            for e in document["entries"]
        }
        return entries, {key["label"]: key["uuid"] for key in document["keys"]}

    def restore(self):
        """Back to the beginning. A locked server takes no notice of what happens to the file."""
        if self.with_server:
            self.must("lock")
        self.put_back()
        if self.with_server:
            self.must("unlock", "--accept-rollback")

    def put_back(self):
        """The files as they were."""
        for path in self.directory.iterdir():
            if path != self.vault:
                path.unlink()
        for path, data in self.snapshot.items():
            path.with_suffix(".new").write_bytes(data)
            path.with_suffix(".new").chmod(0o600)
            path.with_suffix(".new").rename(path)
        # The keeper may be writing down what was shown.
        for path in (self.base / "state" / "tokenvault").iterdir():
            if path not in self.snapshot:
                path.unlink(missing_ok=True)
        (self.home / "added").unlink(missing_ok=True)

    def learn(self, name):
        """What an edit that nobody disturbs does, and which calls it makes."""
        words, text, secret = EDITS[name]
        self.restore()
        trace = self.base / "trace"
        code, said = self.run(*words, text=text, secret=secret, before=("strace", "-qq", "-o", str(trace)))
        if code:
            raise RuntimeError(f"{name}: {code}: {said}")
        self.after[name] = self.summary()
        lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
        self.counts[name] = collections.Counter(m[1] for m in (re.match(r"(\w+)\(", line) for line in lines) if m)

    def points(self, name):
        """Where it can be disturbed, and how: (edit, call, number, fault)."""
        for call, count in self.counts[name].items():
            if call in SKIPPED or (ONLY and call not in ONLY):
                continue
            for number in range(1, count + 1):
                for fault in (*ERRORS, "SIGKILL"):
                    yield name, call, number, fault
                if call in ("write", "pwrite64", "sendto"):
                    yield name, call, number, "short"

    def is_done(self, name, seen):
        """Whether the edit was made; None: neither the old state nor the new."""
        entries, keys = seen
        if seen == self.before:
            return False
        wanted, wanted_keys = self.after[name]
        fresh = name in ("passwd", "key add")
        same_keys = keys.keys() == wanted_keys.keys() if fresh else keys == wanted_keys
        return True if entries == wanted and same_keys else None

    def disturb(self, name, call, number, fault):
        """One disturbed edit: what is wrong after it, as a list."""
        words, text, secret = EDITS[name]
        self.restore()
        began = time.monotonic()
        how = f"inject={call}:signal=SIGKILL:when={number}" if fault == "SIGKILL" else f"inject={call}:error={fault}:when={number}"
        if fault == "short":
            code, said = self.run(*words, text=text, secret=secret,
                                  env=self.env | {"LD_PRELOAD": SHORT, "TV_SHORT": f"{call}:{number}"})
        else:
            code, said = self.run(*words, text=text, secret=secret, before=(
                "strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", how))
        took = time.monotonic() - began
        # A close(2) that is said to have failed has closed all the same, but not here, and what it was to unlock stays locked.
        wrong = [f"it takes {took:.0f} s"] if took > TOO_LONG and call != "close" else []
        wrong += self.look(name, call, code, said)
        return [f"{name}: {call} number {number}: {fault}: {what}" for what in wrong]

    def look(self, name, call, code, said):
        """What is wrong after an edit that ended so."""
        try:
            done = self.is_done(name, self.summary())
        except (reader.Refused, OSError) as why:
            return [f"damaged: {why!r} (exit {code}: {said.strip()})"]
        wrong = []
        if done is None:
            wrong.append(f"another vault than before or after: {self.summary()}")
        if code == 0 and not done:
            wrong.append("acknowledged, and not there")
        if code == 0 and name in DROPS_BACKUP and any(
                path.name == "default.vault.bak" or "saving" in path.name for path in self.directory.iterdir()):
            wrong.append("acknowledged, and the backup that was to go is there")
        if code is None or (code in (-6, -7, -11, 134, 135, 139) and call not in LIBC):
            wrong.append(f"it ends badly: {code} {said.strip()}")
        elif code not in (0, 127, -6, -9, -11, 134, 137, 139) and not re.search("^(tokenvault: |Fatal glibc error)", said, re.M):
            wrong.append(f"exit {code}, and no word why: {said.strip()!r}")
        return wrong + self.look_after(name in NEW_KEY)

    def look_after(self, may_lock):
        """The next edit works, and leaves nothing of the one before."""
        wrong = []
        code, said = self.run("add", "--no-verify", "azion/next", text="t-next")
        if code:
            wrong.append(f"the next edit: exit {code}: {said.strip()}")
        left = {path.name for path in self.directory.iterdir() if not is_spare(self.directory, path.name)} - KNOWN
        left |= {path.name for path in (self.base / "state" / "tokenvault").iterdir() if "saving" in path.name}
        left |= {path.name for path in self.home.iterdir() if path.name.startswith(".") and "saving" in path.name}
        if left:
            wrong.append(f"left over: {sorted(left)}")
        if self.with_server:
            wrong += self.look_at_server(may_lock)
        return wrong

    def look_at_server(self, may_lock):
        """It lives, and shows what the file has. When somebody else gave the vault a new key, it locks itself."""
        entry = self.summary()[0].get(("choreo", "default"))
        wanted = None if not entry or entry[1] else entry[0]
        seen = self.shown(wanted)
        if may_lock and seen == "ENOKEY":
            self.must("unlock")
            seen = self.shown(wanted)
        wrong = [] if seen == wanted else [f"the mounted file has {seen}, the vault {wanted}"]
        return wrong + ([] if pathlib.Path(f"/proc/{self.server}").exists() else ["the server has ended"])

    def shown(self, wanted):
        """The mounted file's token, once it is the one wanted or half a second has passed; None: there is none."""
        for _ in range(50):
            try:
                seen = (self.home / ".choreo" / "token").read_text(encoding="ascii").strip() or None
            except FileNotFoundError:
                seen = None
            except OSError as why:
                seen = errno.errorcode[why.errno]
            if seen == wanted:
                break
            time.sleep(0.01)
        return seen

    def end(self):
        """Takes everything away."""
        if self.with_server:
            self.run("unmount")
        shutil.rmtree(self.base, ignore_errors=True)


class Campaign:
    """The points of all edits, shared among the workers."""

    def __init__(self):
        self.lock = threading.Lock()
        self.until = 0
        self.tried = collections.Counter()
        self.wrong, self.points, self.worlds = [], 0, []

    def prepare(self, with_server, names, more):
        """The worlds of all workers; the first learns for all what edits do."""
        first = World(0, with_server, more=more)
        self.worlds.append(first)
        for name in names:
            first.learn(name)
        first.restore()
        for number in range(1, WORKERS):
            self.worlds.append(World(number, with_server, first, more))
        return self.worlds[-WORKERS:]

    def work(self, world, number, way, names):
        """One worker: every WORKERS-th point, in an order that covers all edits early."""
        points = [point for name in names for point in world.points(name)]
        chance = random.Random(5)
        points.sort(key=lambda point: chance.random() * (0.3 if point[1] in WEIGHTY else 1))
        with self.lock:
            self.points += len(points) if number == 0 else 0
        for point in itertools.islice(points, number, None, WORKERS):
            if time.monotonic() > self.until:
                return
            wrong = world.disturb(*point)
            with self.lock:
                self.tried[point[0], way] += 1
                self.wrong += [f"{way}, {what}" for what in wrong]

    def share(self, seconds, with_server, names=EDITED, more=0):
        """All workers on one way, for its share of the time."""
        worlds = self.prepare(with_server, names, more)
        way = LARGELY if more else SERVED if with_server else DIRECTLY
        self.until = time.monotonic() + seconds
        workers = [threading.Thread(target=self.guarded, args=(world, number, way, names))
                   for number, world in enumerate(worlds)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def guarded(self, *work):
        """A worker that fails is a fault of the campaign."""
        try:
            self.work(*work)
        except Exception as why:  # pylint: disable=broad-except
            with self.lock:
                self.wrong.append(f"a worker ended: {why!r} {getattr(why, 'filename', None) or ''}")


def main():
    """Both ways."""
    campaign = Campaign()
    try:
        if ONLY:
            campaign.share(SECONDS / 2, False)
        else:
            campaign.share(SECONDS * 0.4, False)
            campaign.share(SECONDS * 0.4, True)
            campaign.share(SECONDS * 0.2, True, EDITED_LARGE, LARGE)
    finally:
        for world in campaign.worlds:
            world.end()
    for what in campaign.wrong[:40]:
        print("not ok", what.replace("\n", " "))
    tried = sum(campaign.tried.values())
    for way in WAYS:
        print(f"# {way}: " + ", ".join(f"{name} {campaign.tried[name, way]}" for name in EDITED))
    print(f"# {tried} of {campaign.points} points covered")
    print(f"# tried {tried}, found {len(campaign.wrong)}, expected 0, skipped 0", flush=True)


main()
