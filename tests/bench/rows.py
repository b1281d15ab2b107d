"""What is measured of tokenvault: a function for each name, which gives rows."""

import dataclasses
import json
import os
import time

from world import TOKEN, Missing, middle, ratio, wake_ups

SIZES = (10, 1000, 10000)
LOOP = "floor that waits with epoll"
LIBFUSE = "floor that waits with epoll and uses libfuse"
GUARDED = "floor that waits with epoll, uses libfuse and is guarded as ours is"
APART = "floor that asks a process apart and has it write"
LINES = "floor that waits with epoll, looks at who asks and writes a line"


@dataclasses.dataclass
class Row:
    """One figure, and what it is to reach."""

    name: str
    what: str
    value: float  # what the target is about
    target: str
    limit: float
    ours: float = None  # in unit
    floor: float = None  # the floor program's, in unit
    unit: str = "ms"
    least: bool = False  # the target is a least
    others: dict = dataclasses.field(default_factory=dict)  # what others take, in unit
    growth: dict = None  # {entries: ours}

    @property
    def met(self):
        """Whether the target is reached."""
        return self.is_met_by(self.value)

    def is_met_by(self, value):
        """Whether one reaches the target."""
        return value >= self.limit if self.least else value <= self.limit

    @property
    def proof(self):
        """The floor beside it that misses the target as well, where it is missed: it is out of reach. Else None. One that
        is worse than ours is no floor."""
        peers = [its for name, its in self.others.items() if not name.startswith("floor")]
        for name, its in self.others.items():
            is_rate = self.least and self.floor
            if self.met or not name.startswith("floor") or (its < self.ours if is_rate else its > self.ours):
                continue
            if not self.is_met_by(its / self.floor if self.floor else peers[0] / its):
                return name
        return None


NAMES = {}


def measures(function):
    """Makes a function one that `bench.sh NAME` runs."""
    NAMES[function.__name__.rstrip("_")] = function
    return function


def ms(times):
    """Microseconds' median, in milliseconds."""
    return middle(times) / 1000


def filled(world, entries):
    """A running server with so many entries; of azion there are none, so nothing is mounted in place."""
    home = world.home("filled", f"v{entries}")
    if not home.document:
        home.make(entries).mount("azion")
    return home


def apart(world):
    """The socket of a server that does the least that can be done in processes that are apart."""
    path = world.root / "tmp" / "apart"
    if not path.exists():
        world.start([world.tool("apart"), "serve", path, f"{path}.log"], wait=True)
    return path


@measures
def version(world):
    """The start of the program."""
    empty, ours = world.pair(world.rounds(200), [
        [world.tool("empty")], [world.bin / "tokenvault", "--version"]])
    value = ratio(ours, empty)
    yield Row("version", "tokenvault --version, × an empty program", value, "≤ 1.3", 1.3,
              ms(ours), ms(empty))


@measures
def show(world):
    """A token from the running server."""
    homes = [filled(world, n) for n in SIZES]
    empty, least, *ours = world.pair(world.rounds(100), [
        [world.tool("empty")], [world.tool("apart"), "show", apart(world)]] + [
            home.words("show", home.entry()) for home in homes], homes[0])
    growth = {n: ms(times) for n, times in zip(SIZES, ours)}
    others, against = {APART: ms(least)}, None
    for peer in world.peers.keeping(homes[0]):
        theirs, mine = world.pair(world.rounds(peer.rounds), [
            peer.show, homes[0].words("show", homes[0].entry())], homes[0], peer.text)
        others[peer.name] = ms(theirs)
        if peer.name == "pass":
            against = ratio(theirs, mine)
    yield Row("show", "show, 10 entries, × an empty program", ratio(ours[0], empty), "≤ 1.67",
              2.5 / 1.5, ms(ours[0]), ms(empty), others=others)
    yield Row("show-flat", "show, 10,000 entries, × 10 entries", ratio(ours[2], ours[0]), "≤ 1.1",
              1.1, ms(ours[2]), ms(ours[0]), growth=growth)
    if against:
        yield Row("show-pass", "show, how many times faster than pass", against, "≥ 8", 8,
                  ms(ours[0]), others={"pass": others["pass"]}, least=True)


@measures
def list_(world):
    """The list of all entries."""
    homes = [filled(world, n) for n in SIZES]
    empty, *ours = world.pair(world.rounds(24), [[world.tool("empty")]] + [
        home.words("list") for home in homes], homes[0])
    yield Row("list", "list of 10,000 entries, ms", ms(ours[2]), "≤ 40 ms", 40, ms(ours[2]),
              ms(empty), growth={n: ms(times) for n, times in zip(SIZES, ours)})


@measures
def unlock(world):
    """What unlocking takes beside Argon2id."""
    home = world.home("unlock").make(0, 3, 256)
    home.tv("add", "--no-verify", "choreo", text=TOKEN)
    home.mount()
    floor, ours = world.pair(world.rounds(20), [
        [world.tool("kdf"), 3, 256],
        [home.program, "lock", ",,,", home.program, "--passphrase-fd", "9", "unlock"]], home)
    home.tv("unmount")
    yield Row("unlock", "unlock, × bare Argon2id", ratio(ours, floor), "≤ 1.05", 1.05, ms(ours),
              ms(floor))


def add_times(world, home, rounds, clean):
    """Times of the floor, of the floor in processes apart, and of add; clean takes away what add made."""
    size = home.vault.stat().st_size
    label = f"choreo/a{time.monotonic_ns() // 1000}x@"
    add = home.words("add", "--no-verify", "--quiet", label)
    if clean:
        # So that a small vault stays one. To forget leaves no backup, which there nearly always is: two edits make it as usual.
        add = ["sh", "-c", '"$1" --vault "$2" remove --quiet "$3" && "$1" --vault "$2" forget --quiet "$3"; '
               'for note in a b; do "$1" --vault "$2" set --quiet --note "$note" "$4" || exit 1; done', "sh",
               home.program, home.name, label, home.entry(), ",,,", *add]
        add = [word.replace("@", "") for word in add]
    file = home.vault.parent / "floor-apart"
    world.run(["cp", home.vault, file])
    return world.pair(rounds, [
        [world.tool("save"), home.vault.parent / "floor", size],
        [world.tool("apart"), "add", apart(world), file], add], home, TOKEN)


@measures
def add(world):
    """A new token on the disk."""
    growth, took = {}, {}
    for n in SIZES:
        took[n] = add_times(world, filled(world, n), world.rounds(40 if n < 1000 else 20), n == 10)
        growth[n] = ms(took[n][2])
    for n, target, limit in ((10, "≤ 1.5", 1.5), (10000, "≤ 3", 3)):
        floor, least, ours = took[n]
        yield Row(f"add-{n}", f"add, {n:,} entries, × a durable save of the same bytes",
                  ratio(ours, floor), target, limit, ms(ours), ms(floor), others={APART: ms(least)},
                  growth=growth if n == 10000 else None)
    yield from add_beside(world, 10, "≥ 5", 5, ("pass",), took[10][1])
    yield from add_beside(world, 10000, "> 1", 1, ("pass", "age", "keepassxc"), took[10000][1])


def add_beside(world, entries, target, limit, names, least):
    """The same beside others' way to add, with as many entries; least: what the floor apart took."""
    home = filled(world, entries)
    for peer in world.peers.keeping(home, entries, names):
        theirs, ours = world.pair(world.rounds(peer.rounds), [
            peer.add, home.words("add", "--no-verify", "--quiet", f"choreo/{peer.name}@")], home,
            peer.text_add)
        yield Row(f"add-{entries}-{peer.name}",
                  f"add, {entries:,} entries, how many times faster than {peer.name}",
                  ratio(theirs, ours), target, limit, ms(ours),
                  others={peer.name: ms(theirs), APART: ms(least)}, least=True)


@measures
def memory(world):
    """What the server holds. Half a second after an edit it lets go of what that took."""
    for n in SIZES:
        filled(world, n)
    time.sleep(2)
    kib = {n: filled(world, n).private_kib() for n in SIZES}
    document = filled(world, 10000).document / 1024
    yield Row("memory-10", "server's private memory at rest, 10 entries, MiB", kib[10] / 1024, "≤ 4", 4,
              kib[10] / 1024, unit="MiB")
    yield Row("memory-10000", "server's private memory at rest, 10,000 entries, × the document",
              kib[10000] / document, "≤ 4", 4, kib[10000] / 1024, document / 1024, unit="MiB",
              growth={n: value / 1024 for n, value in kib.items()})


def with_files(world, name, files, cpu=None):
    """A home with so many files of a token mounted in place."""
    home = world.home(name)
    home.make()
    home.tv("add", "--no-verify", "choreo", text=TOKEN)
    # Its server spares each of the others the KDF.
    home.mount(cpu=cpu)
    for i in range(1, files):
        home.tv("view", "add", "choreo/token", f"~/file{i}")
    return home


@measures
def many(world):
    """Fifty files in one server."""
    home = with_files(world, "many", 50)
    alone = with_files(world, "alone", 1)
    more = (home.private_kib() - alone.private_kib()) / 49
    woken = wake_ups(home.pids(), 10)
    home.tv("unmount")
    alone.tv("unmount")
    yield Row("many-memory", "private memory for each of 50 mounted files, KiB", more, "≤ 64", 64,
              more, unit="KiB")
    yield Row("many-idle", "wake-ups in 10 idle seconds, 50 mounted files", woken, "0", 0, woken,
              unit="")


@measures
def mount(world):
    """From the command to the first read."""
    home = with_files(world, "mount", 10)
    key = home.path / "key"
    home.tv("key", "add", "keyfile", key)
    home.tv("unmount")
    # A file has another one beside it, and there is the directory view.
    paths = [home.path / f"floor{i}" for i in range(12)]
    world.run(["touch", *paths])
    unmount = 'for path; do fusermount3 -u -z "$path"; done 2>&-; :'
    took, floor = world.pair(world.rounds(24), [[
        "sh", "-c", '"$0" unmount; :', home.program, ",,,", "sh", "-c",
        '"$0" --keyfile "$1" mount --quiet choreo && cat "$2"', home.program, key, home.path / "file9"],
        ["sh", "-c", unmount, "sh", *paths, ",,,", world.tool("floor"), "-m", "nosuid,nodev", *paths]],
        home)
    home.tv("unmount")
    world.run(["sh", "-c", unmount, "sh", *paths])
    yield Row("mount", "mount of 10 files to the first read, KDF aside, ms", ms(took), "≤ 40 ms", 40,
              ms(took), ms(floor))


@measures
def lock(world):
    """Until the lock is acknowledged, while files are read."""
    home = with_files(world, "lock", 50)
    readers = [world.start(["sh", "-c", f"while :; do cat '{home.path}/file{i + 1}' 2>&-; done"])
               for i in range(8)]
    took = world.pair(world.rounds(20), [[
        home.program, "--passphrase-fd", "9", "unlock", ",,,", home.program, "lock"]], home)[0]
    for reader in readers:
        reader.kill()
    home.tv("unmount")
    yield Row("lock", "lock acknowledged, 50 files, 8 readers, ms", ms(took), "≤ 20 ms", 20, ms(took))


@measures
def rotation(world):
    """From the commit to the first open that sees it."""
    home = with_files(world, "rotation", 1)
    took = []
    for i in range(world.rounds(24)):
        env = {"TOKEN": f"{TOKEN}{i}"}
        took.append(float(world.run(
            [world.tool("visible"), home.vault.parent, home.vault.name, home.path / ".choreo/token",
             "sh", "-c", 'echo "$TOKEN" | "$0" set choreo --token --no-verify --quiet',
             home.program], home, env=env)))
    home.tv("unmount")
    yield Row("rotation", "from the commit to the first open that sees it, ms", ms(took), "≤ 5 ms", 5,
              ms(took))


class Files:
    """Files to read, whose servers and reader share one processor, if any: ours, the floor's, the others'."""

    def __init__(self, world, audit, name="read", cpu=0):
        self.world = world
        self.cpu = cpu
        self.home = world.home(f"{name}{audit:d}")
        if not self.home.vault.exists():
            self.home.make()
            self.home.tv("add", "--no-verify", "choreo", text=TOKEN)
        self.ours = self.home.path / ".choreo/token"
        if not audit and '"audit"' in self.home.tv("setting", "list", "--json"):
            self.home.tv("setting", "set", "audit", "off")
        if audit:
            for program in ("reads", "readers"):
                self.home.tv("rule", "allow", "choreo", "--program", world.tool(program))
        self.home.mount(cpu=cpu)

    def floor(self, kind="floor"):
        """Mounts the floor's file, or its directory; the path. Of the kind `loop` its server waits as ours has to, and of
        the kind `log` it does what ours has to besides; of the kind `libfuse` it uses the library that ours uses, and of the
        kind `guarded` it is also guarded as ours is."""
        directory, log = kind == "tree", kind == "log"
        program = "libfuse" if kind in ("libfuse", "guarded") else "floor"
        path = self.home.path / kind
        self.world.run(["mkdir" if directory else "touch", path])
        self.world.run(["chmod", "700", path])
        size = len(TOKEN) if self.world.is_root else self.ours.stat().st_size
        words = [f"{path}.log"] if log else []
        self.world.start([self.world.tool(program), *{"loop": ["-e"], "log": ["-e"], "guarded": ["-g"]}.get(kind, []),
                          path, self.options(), size, *words], cpu=self.cpu, wait=True)
        self.world.unmount_later(path)
        return path / "a/b/c" if directory else path

    def options(self):
        """What our file is mounted with."""
        with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
            for line in mounts:
                fields = line.split()
                if fields[4] == str(self.ours):
                    names = f"{fields[5]},{fields[-1]}".split(",")
                    return ",".join(["nosuid", "nodev", "noexec"] + [
                        name for name in ("ro", "default_permissions") if name in names])
        raise Missing("our file is not mounted")

    def times(self, how, paths, rounds=24, times=400):
        """Microseconds for each of the paths in each round."""
        return self.world.numbers(
            [self.world.tool("reads"), how, self.world.rounds(rounds), times, *paths], cpu=self.cpu)

    def close(self):
        """Unmounts."""
        self.home.tv("unmount")


@measures
def read(world):
    """Reading a mounted file: bare, and with all that is there to protect it."""
    bare, whole = Files(world, False), Files(world, True)
    floors = [bare.floor(), bare.floor("loop"), bare.floor("libfuse"), bare.floor("guarded")]
    for how in ("open", "cat"):
        ours, base, looped, lib, guarded = bare.times(how, [bare.ours, *floors])
        yield Row(f"read-{how}", f"{how} of a mounted file, rules and audit off, × the floor",
                  ratio(ours, base), "≤ 1.10", 1.10, middle(ours), middle(base), "µs",
                  others={LOOP: middle(looped), LIBFUSE: middle(lib), GUARDED: middle(guarded)})
    peers = world.peers.reading(bare.cpu)
    paths = [whole.ours, floors[0], bare.floor("log"), *(peer.path for peer in peers)]
    ours, base, lines, *theirs = whole.times("open", paths)
    yield Row("read-whole", "open of a mounted file, with a rule and audit, × the floor",
              ratio(ours, base), "≤ 2", 2, middle(ours), middle(base), "µs",
              others={LINES: middle(lines)} |
              {peer.name: middle(took) for peer, took in zip(peers, theirs)})
    for peer, took in zip(peers, theirs):
        yield Row(f"read-{peer.name}", f"the same, how many times faster than {peer.name}",
                  ratio(took, ours), "> 1", 1, middle(ours), unit="µs", least=True,
                  others={peer.name: middle(took), LINES: middle(lines)})
    whole.close()
    ours, base, looped, lib, guarded = bare.times("stat", [bare.ours, *floors])
    yield Row("stat", "stat of a mounted file, × the floor", ratio(ours, base), "≤ 1.10", 1.10,
              middle(ours), middle(base), "µs",
              others={LOOP: middle(looped), LIBFUSE: middle(lib), GUARDED: middle(guarded)})
    bare.close()


@measures
def tree(world):
    """Opening in the directory view, however many entries there are."""
    paths = []
    for n in SIZES:
        home = filled(world, n)
        server = home.pids()[0]
        world.run(["taskset", "-p", "-c", "0", str(server)])
        paths.append(home.run_dir / "tokenvault" / home.name / home.entry() / "token")
    took = world.numbers([world.tool("reads"), "open", world.rounds(24), 300, *paths], cpu=0)
    for n in SIZES:
        world.run(["taskset", "-p", "-c", f"0-{os.cpu_count() - 1}", str(filled(world, n).pids()[0])])
    yield Row("tree", "open in the directory view, 10,000 entries, × 10 entries",
              ratio(took[2], took[0]), "≤ 1.05", 1.05, middle(took[2]), middle(took[0]), "µs",
              growth={n: middle(times) for n, times in zip(SIZES, took)})


@measures
def readers(world):
    """Eight readers at once, on all processors."""
    bare, whole = (Files(world, audit, "readers", cpu=None) for audit in (False, True))
    rates = world.numbers([world.tool("readers"), 8, world.rounds(20), 500, bare.ours, whole.ours,
                           bare.floor(), bare.floor("log")])
    bare_rate, bare_p99, whole_rate, whole_p99, rate, p99, lines_rate, lines_p99 = rates
    wrong = {}
    for peer in world.peers.fifo():
        said = world.numbers([world.tool("readers"), "-c", TOKEN, 8, 5, 200, peer.path])
        wrong["FIFO: % of reads wrong"] = middle(said[2]) / 1000
    bare.close()
    whole.close()
    for name, what, ours, its_p99, others, others_p99 in (
            ("readers", "rules and audit off", bare_rate, bare_p99, {}, wrong),
            ("readers-whole", "with a rule and audit", whole_rate, whole_p99,
             {LINES: middle(lines_rate)}, {LINES: middle(lines_p99)})):
        yield Row(name, f"8 readers at once, {what}: opens in a second, × the floor's",
                  ratio(ours, rate), "≥ 0.9", 0.9, middle(ours), middle(rate), "1/s", least=True,
                  others=others)
        yield Row(f"{name}-p99", f"8 readers at once, {what}: 99th percentile of an open, × the floor's",
                  ratio(its_p99, p99), "≤ 2", 2, middle(its_p99), middle(p99), "µs",
                  others=others_p99)


def as_json(rows):
    """The rows as plain data."""
    return [dataclasses.asdict(row) | {"met": row.met, "proof": row.proof} for row in rows]


def from_json(text):
    """And back."""
    made = []
    for one in json.loads(text):
        one.pop("met")
        one.pop("proof", None)
        if one["growth"]:
            one["growth"] = {int(n): value for n, value in one["growth"].items()}
        made.append(Row(**one))
    return made
