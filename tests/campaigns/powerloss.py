"""Power cuts: powerloss.py KIND[:ENTRIES] KEYFILE SECONDS LEAST, with a file system of that KIND on a disk that remembers each
write (powerloss_disk.c). Edits are made on it, with so many entries in the vault those that are made of a large one; then images of what the disk may have had at any moment are mounted and looked at:
all writes so far, the last one torn, or some of those since the last flush; for SECONDS, but LEAST at least. Prints
`not ok …`, and at last `# tried N, found N, …`."""

import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import reader  # pylint: disable=wrong-import-position
from spare import is_spare  # pylint: disable=wrong-import-position

SANDBOX = pathlib.Path(os.environ["SANDBOX"])
KIND, _, ENTRIES = sys.argv[1].partition(":")
KEYFILE, SECONDS, LEAST = sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
PLACE = SANDBOX / "disk"
# What comes to the disk whole or not at all.
SECTOR = {"ext4": 512, "xfs": 4096, "btrfs": 4096}
# Where the superblock is, of which each of them takes for granted that it is written whole.
SUPERBLOCKS = {"ext4": (1024, 2048), "xfs": (0, 512), "btrfs": (65536, 69632)}
# Size, how it is made, how it is mounted.
FILE_SYSTEMS = {
    "ext4": (16, ("mkfs.ext4", "-q", "-b", "1024", "-E", "lazy_itable_init=0,lazy_journal_init=0"), "noatime"),
    "xfs": (300, ("mkfs.xfs", "-q"), "noatime,nouuid"),
    "btrfs": (128, ("mkfs.btrfs", "-q"), "noatime"),
}
FD = ("--passphrase-fd", "9")
COST = ("--memory", "64", "--passes", "1")
# What is seen lies on another disk: to note it has this one write nothing. KILLED ends, too, where the new file has its name
# and the one before is not yet the backup.
APART, KILLED = "apart", "killed"
CHOREO = ("set", "choreo", "--token", "--no-verify")
# What is done: the words, what is read, and from descriptor 9.
STEPS = (
    (("init",), "", None),
    (("add", "--no-verify", "choreo"), "t-1", None),
    (("key", "add", "passphrase", *FD, *COST), "", "first passphrase\n"),
    (CHOREO, "t-2", None),
    (("add", "--no-verify", "azion/a"), "t-3", None),
    (("remove", "azion/a"), "", None),
    (("passwd", *FD, *COST), "", "second passphrase\n"),
    (CHOREO, "t-4", None),
    (CHOREO, "t-5", None),
    ((KILLED, *CHOREO), "t-6", None),
    ((APART, *CHOREO), "t-7", None),
    (("mount", "choreo"), "", None),
    (("add", "--no-verify", "azion/b"), "t-8", None),
    (CHOREO, "t-9", None),
    (("passwd", *FD, *COST), "", "third passphrase\n"),
    (("remove", "azion/b"), "", None),
    (CHOREO, "t-10", None),
    (("unmount",), "", None),
)
FILL = "fill"
LARGE_STEPS = (*STEPS[:3], ((FILL,), "first passphrase\n", None), (("mount", "choreo"), "", None), *STEPS[12:14], STEPS[-1])
if ENTRIES:
    STEPS = LARGE_STEPS


def sh(*words):
    """A command that has to work."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip()}")


def fill(home, text):
    """The same of what makes the vault a large one."""
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", "fill",
                           home / "u/data/tokenvault/default.vault", ENTRIES], input=text, text=True, capture_output=True, check=False)
    return done.returncode, done.stderr.strip()


def tokenvault(home, *words, text="", secret=None):
    """(exit code, standard error) of a command of the user's, whose files are below `home`."""
    if words == (FILL,):
        return fill(home, text)
    before, state = (), home / "u/state"
    if words[0] == KILLED:
        before = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=renameat2:signal=SIGKILL:when=2")
    if words[0] in (APART, KILLED):
        words, state = words[1:], SANDBOX / "no-run/state"
    run = SANDBOX / ("run" if home == PLACE / "home" else "no-run")
    env = os.environ | {"HOME": str(home / "u"), "XDG_DATA_HOME": str(home / "u/data"), "XDG_STATE_HOME": str(state),
                        "XDG_CONFIG_HOME": str(home / "u/config"), "XDG_CACHE_HOME": str(home / "u/cache"),
                        "XDG_RUNTIME_DIR": str(run)}
    ours, theirs = os.pipe()
    os.write(theirs, (secret or "").encode())
    os.close(theirs)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", *before, "tokenvault", "--keyfile", KEYFILE,
                           *(str(ours) if word == "9" else word for word in words)], input=text, text=True, env=env, cwd="/",
                          capture_output=True, check=False, pass_fds=[ours], timeout=120)
    os.close(ours)
    return done.returncode, done.stderr.strip()


def summary(data, line=None):
    """What counts of a vault file; with the line of a .seen file, only if that fits. Refused else."""
    document = reader.read(data, "keyfile", pathlib.Path(KEYFILE).read_bytes(), line)
    return (sorted((e["provider"], e["label"], e["token"], "removed" in e) for e in document["entries"]),
            sorted(key["label"] for key in document["keys"]))


class Recording:
    """The disk while the edits are made, and what it remembers."""

    def __init__(self):
        size, self.make, self.options = FILE_SYSTEMS[KIND]
        size *= 4 if ENTRIES else 1
        self.base, self.log = PLACE / "backing", PLACE / "log"
        with open(self.base, "wb") as file:
            file.truncate(size << 20)
        sh(*self.make, str(self.base))
        self.states, self.new_keys = {}, []
        self.least = 0 # what was acknowledged
        for name in ("fuse", "home", "at"):
            (PLACE / name).mkdir()

    def record(self):
        """Makes all edits, with a mark before and behind each."""
        with subprocess.Popen([SANDBOX / "bin/powerloss_disk", self.base, self.log, PLACE / "fuse"]) as disk:
            try:
                while not (PLACE / "fuse/mark").exists():
                    time.sleep(0.01)
                sh("mount", "-t", KIND, "-o", f"loop,{self.options}", str(PLACE / "fuse/disk"), str(PLACE / "home"))
                (PLACE / "home/u").mkdir()
                os.chown(PLACE / "home/u", 65534, 65534)
                for number in range(len(STEPS)):
                    self.step(number)
                sh("umount", str(PLACE / "home"))
            finally:
                subprocess.run(["umount", PLACE / "home"], capture_output=True, check=False)
                subprocess.run(["umount", PLACE / "fuse"], capture_output=True, check=False)
                disk.terminate()

    def mark(self, **what):
        """Into the log."""
        with open(PLACE / "fuse/mark", "wb", buffering=0) as file:
            file.write(json.dumps(what).encode())

    def step(self, number):
        """One edit. Now and then all that was written so far comes to the disk by itself."""
        words, text, secret = STEPS[number]
        before = max(self.states, default=0)
        self.mark(least=self.least, most=before + 1)
        code, said = tokenvault(PLACE / "home", *words, text=text, secret=secret)
        is_killed = words[0] == KILLED
        if code != (-9 if is_killed else 0):
            raise RuntimeError(f"{words}: exit {code}: {said}")
        data = (PLACE / "home/u/data/tokenvault/default.vault").read_bytes()
        now = reader.parse(data)["generation"]
        if now > before + 1 or now == before and is_killed:
            raise RuntimeError(f"{words}: {now - before} generations")
        self.states[now] = summary(data)
        if words[0] == "passwd":
            self.new_keys.append(now)
        if not is_killed:
            self.least = now
        self.mark(least=self.least, most=now)
        if number % 4 == 3:
            sh("sync", "-f", str(PLACE / "home"))

    def entries(self):
        """The log: (kind, offset, bytes)."""
        data, at = self.log.read_bytes(), 0
        while at < len(data):
            kind, offset, length = struct.unpack_from("<cQI", data, at)
            at += 13
            yield kind, offset, data[at:at + length]
            at += length


class Images:
    """What the disk may have had."""

    def __init__(self, recording):
        self.recording = recording
        sh("cp", "--sparse=always", PLACE / "base", PLACE / "durable")
        self.durable = open(PLACE / "durable", "r+b", buffering=0)
        self.entries = list(recording.entries())
        self.writes = [i for i, (kind, _, _) in enumerate(self.entries) if kind == b"W"]
        self.chance = random.Random(7)

    def rounds(self):
        """Moments in order, again and again: (index, how)."""
        hows = ["all", "some", "torn"]
        if SECONDS < 60 and len(self.writes) > LEAST:
            yield sorted((i, self.chance.choice(hows)) for i in self.chance.sample(self.writes, LEAST))
        while True:
            yield [(i, how) for i in self.writes for how in hows]
            hows = hows[1:] if hows[0] == "all" else hows

    def one_round(self, moments):
        """Builds the images of one round, one after the other: (what it is, least and most generation)."""
        sh("cp", "--sparse=always", PLACE / "base", PLACE / "durable")
        done, since, bounds = 0, [], (0, 0)
        for index, how in moments:
            for kind, offset, data in self.entries[done:index + 1]:
                if kind == b"F":
                    for write in since:
                        os.pwrite(self.durable.fileno(), write[1], write[0])
                    since = []
                elif kind == b"W":
                    since.append((offset, data))
                else:
                    what = json.loads(data)
                    bounds = what["least"], what["most"]
            done = index + 1
            self.build(self.choose(since, how))
            yield f"{how} of {len(since)} writes up to record {index}", bounds

    def choose(self, since, how):
        """Which of the writes since the last flush came to the disk."""
        if how == "some":
            return [write for write in since if self.chance.random() < 0.5]
        if how == "torn":
            offset, data = since[-1]
            start, end = SUPERBLOCKS[KIND]
            if offset < end and offset + len(data) > start:
                return since
            sector = SECTOR[KIND]
            return since[:-1] + [(offset, data[:self.chance.randrange(sector, len(data), sector)] if len(data) > sector else b"")]
        return since

    def build(self, writes):
        """The image: what is durable, holes and all, and these writes."""
        (PLACE / "image").unlink(missing_ok=True)
        image = os.open(PLACE / "image", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        source = self.durable.fileno()
        end = os.fstat(source).st_size
        os.ftruncate(image, end)
        at = 0
        while at < end:
            try:
                start = os.lseek(source, at, os.SEEK_DATA)
            except OSError:
                break
            at = os.lseek(source, start, os.SEEK_HOLE)
            os.pwrite(image, os.pread(source, at - start, start), start)
        for offset, data in writes:
            os.pwrite(image, data, offset)
        os.close(image)


def generation_of(data):
    """Of a vault file; None: it is none."""
    try:
        return reader.parse(data)["generation"]
    except reader.Refused:
        return None


def look(recording, bounds, thoroughly):
    """What is wrong with the mounted image, as a list."""
    home = PLACE / "at"
    directory, state = home / "u/data/tokenvault", home / "u/state/tokenvault"
    vault = directory / "default.vault"
    if not vault.exists():
        return [f"the vault is missing, generation {bounds[0]} was acknowledged"] if bounds[0] else []
    data = vault.read_bytes()
    generation = generation_of(data)
    wrong = []
    if generation is None or not bounds[0] <= generation <= bounds[1]:
        return [f"generation {generation} ({len(data)} bytes), not {bounds[0]} to {bounds[1]}"]
    try:
        if summary(data) != recording.states[generation]:
            wrong.append(f"generation {generation} is another than it was")
        backup = directory / "default.vault.bak"
        if backup.exists() and summary(backup.read_bytes()) != recording.states.get(generation_of(backup.read_bytes())):
            wrong.append("the backup is another than it was")
        for path in state.glob("*.seen") if state.exists() else ():
            summary(data, path.read_bytes())
    except reader.Refused as why:
        wrong.append(f"generation {generation}: {why!r}")
    since = max((new for new in recording.new_keys if new <= generation), default=0)
    for path in directory.iterdir():
        other = generation_of(path.read_bytes()) if path != vault and "lock" not in path.name else None
        if other is not None and other < since:
            wrong.append(f"{path.name} is of generation {other}, before the key that generation {since} has")
    if thoroughly:
        wrong += try_program(home, directory)
    return wrong


def try_program(home, directory):
    """The program itself opens it, and its next edit leaves nothing of the last one."""
    code, said = tokenvault(home, "list", "--json")
    wrong = [f"tokenvault list: exit {code}: {said}"] if code else []
    code, said = tokenvault(home, "add", "--no-verify", "github/next", text="t-next")
    wrong += [f"tokenvault add: exit {code}: {said}"] if code else []
    left = [path.name for path in directory.iterdir() if "saving" in path.name and not is_spare(directory, path.name)]
    return wrong + ([f"left over: {left}"] if left else [])


def mounted(recording, bounds, thoroughly):
    """Mounts the image, looks, and unmounts it."""
    at = str(PLACE / "at")
    done = subprocess.run(["mount", "-t", KIND, "-o", f"loop,{recording.options}", str(PLACE / "image"), at], check=False,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        return [f"can't be mounted: {done.stderr.strip()}"]
    try:
        return look(recording, bounds, thoroughly)
    except OSError as why:
        return [f"can't be read: {why}"]
    finally:
        sh("umount", at)


def try_all(recording):
    """Image after image: how many there were, and what was wrong with each."""
    images = Images(recording)
    until = time.monotonic() + SECONDS
    tried, wrong = 0, []
    for moments in images.rounds():
        for what, bounds in images.one_round(moments):
            tried += 1
            wrong += [[f"{sys.argv[1]}: {what}: {one}" for one in found] for found in [mounted(recording, bounds, tried % 10 == 1)] if found]
            if tried >= LEAST and time.monotonic() > until:
                return tried, wrong, len(images.writes)
    return tried, wrong, len(images.writes)


def main():
    """Record, then look."""
    recording = Recording()
    sh("cp", "--sparse=always", recording.base, PLACE / "base")
    recording.record()
    tried, wrong, writes = try_all(recording)
    for found in wrong[:20]:
        print("not ok", "; ".join(found).replace("\n", " "))
    print(f"# {sys.argv[1]}: {tried} images of {writes} writes of {len(STEPS)} steps, {len(wrong)} with losses")
    print(f"# tried {tried}, found {len(wrong)}, expected 0, skipped 0", flush=True)


main()
