"""Cycles of mount, kill, mount: cycles.py SANDBOX KEYFILE CYCLES SECONDS CONTROL TOKEN-FILE. Prints a line for
each cycle that went wrong, and at last `# tried N, found N, expected N, skipped 0`."""

import collections
import errno
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

SANDBOX, KEYFILE, CYCLES, SECONDS, CONTROL, TOKENS = sys.argv[1:]
HOME = pathlib.Path(os.environ["HOME"])
TOKENS = pathlib.Path(TOKENS).read_bytes().split()
PATHS = [".choreo/token", ".choreo/config.toml", ".azion/default/settings.toml", ".api7cloud/config"]
PATHS = [HOME / path for path in PATHS]
PATIENCE = 3.0


class Fault(Exception):
    """What a cycle found wrong."""


def tokenvault(*words):
    """Starts a command."""
    return subprocess.Popen(
        ["tokenvault", "--keyfile", KEYFILE, *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )


def ended(process, what):
    """Its exit status, and what it said."""
    try:
        _, said = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Fault(f"{what} hangs") from None
    return process.returncode, said.decode()


def must(*words):
    """Runs a command that has to work."""
    code, said = ended(tokenvault(*words), words[0])
    if code:
        raise Fault(f"{words[0]}: exit {code}: {said.strip()}")


def eventually(truth):
    """Waits for it; whether it came in time."""
    until = time.monotonic() + PATIENCE
    while not truth():
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
    return True


def processes():
    """The (pid, parent) of all that run for this sandbox, beside commands that were started here."""
    found = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = pathlib.Path(entry.path, "cmdline").read_bytes()
            fields = pathlib.Path(entry.path, "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] != "Z" and SANDBOX.encode() in line and b"--keyfile" not in line:
            found[int(entry.name)] = int(fields[1])
    return found


def keepers():
    """(keepers, servers) that run: a server is a keeper's child."""
    found = {pid: parent for pid, parent in processes().items() if name_of(pid) == "tokenvault-fs"}
    servers = [pid for pid, parent in found.items() if parent in found]
    return [pid for pid in found if pid not in servers], servers


def name_of(pid):
    """Its name, or none when it has gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def mounts():
    """What is mounted in the sandbox."""
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        return [line.split()[4] for line in lines if line.split()[4].startswith(SANDBOX + "/")]


def listing():
    """All names in the home directory but the program's own."""
    own = HOME / ".local"
    return sorted(str(path) for path in HOME.rglob("*") if own not in path.parents and path != own)


class Reader(threading.Thread):
    """Reads all the time, and keeps what it should never have got."""

    def __init__(self, wanted):
        super().__init__(daemon=True)
        self.wanted = wanted
        self.outcomes = collections.Counter()
        self.wrong = []
        self.stop = False

    def run(self):
        """Until it is told to stop."""
        while not self.stop:
            for path in PATHS:
                self.outcomes[self.look(path)] += 1
            time.sleep(0.0005)

    def look(self, path):
        """One read, whole."""
        try:
            data = path.read_bytes()
        except OSError as error:
            return errno.errorcode[error.errno]
        if data == self.wanted[path]:
            return "right"
        self.wrong.append(f"{path} had {len(data)} bytes, not {len(self.wanted[path])}")
        return "wrong"


def plaintext():
    """Files on the disk with a token's middle in them; what is mounted is not on the disk."""
    home = HOME.stat().st_dev
    for top in (HOME, os.environ["XDG_RUNTIME_DIR"], os.environ["TMPDIR"]):
        for place, directories, names in os.walk(top):
            directories[:] = [d for d in directories if not os.path.ismount(os.path.join(place, d))]
            for path in (pathlib.Path(place, name) for name in names):
                try:
                    if path.lstat().st_dev != home or not path.is_file():
                        continue
                    data = path.read_bytes()
                except OSError:
                    continue
                if path != pathlib.Path(sys.argv[6]) and any(t[9:30] in data for t in TOKENS):
                    yield path


def kill(victim, give_up):
    """Kills it once it is there; what was killed."""
    while True:
        keeper, server = keepers()
        pids = {"keeper": keeper, "server": server, "both": keeper + server}[victim]
        if pids and (victim != "both" or len(pids) >= 2):
            break
        if give_up():
            keeper, server = keepers()
            pids = keeper + server
            break
        time.sleep(0.001)
    for pid in pids:
        try:
            if CONTROL == "stopped":
                for other in keeper:
                    os.kill(other, signal.SIGSTOP)
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def spoil():
    """What a control does to a cycle, so that it must be found wrong."""
    if CONTROL == "plaintext":
        (HOME / "left").write_bytes(TOKENS[0])
    elif CONTROL == "empty":
        eventually(lambda: not mounts())
        PATHS[0].chmod(0o400)


def unspoil():
    """Undoes that."""
    (HOME / "left").unlink(missing_ok=True)
    if CONTROL == "empty":
        PATHS[0].chmod(0)
    for pid in processes() if CONTROL == "stopped" else ():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def look_after_kill(victim, reader):
    """What holds once the two processes are gone."""
    if not eventually(lambda: not processes()):
        raise Fault(f"processes are left: {[(p, name_of(p)) for p in processes()]}")
    # A killed keeper's mounts stay until the next command: readers get an error.
    if victim == "server" and not eventually(lambda: not mounts()):
        raise Fault(f"mounts are left: {mounts()}")
    for path in PATHS:
        if reader.look(path) in ("right", "wrong"):
            raise Fault(f"{path} can be read: {reader.wrong[-1:]}")
    found = list(plaintext())
    if found:
        raise Fault(f"plaintext: {found}")


def look_mounted(reader):
    """Every file is there."""
    for path in PATHS:
        outcome = reader.look(path)
        if outcome != "right":
            raise Fault(f"after mount: {path}: {outcome}")


def cycle(reader, before, longest):
    """One: at a random moment of a mount, or after it."""
    victim = random.choice(["server", "keeper", "both"]) if not CONTROL else "server"
    seen = len(reader.wrong)
    if not CONTROL and random.random() < 0.5:
        must("unmount")
        if mounts() or not eventually(lambda: listing() == before):
            raise Fault(f"unmounted, and left: {mounts()} {set(listing()) ^ set(before)}")
        mounting = tokenvault("mount")
        time.sleep(random.uniform(0, longest))
        kill(victim, lambda: mounting.poll() is not None)
        # Killed before there was anything of it to kill, it may go on and mount.
        code, _ = ended(mounting, "mount")
        if code == 0:
            kill("both", lambda: True)
            victim = "both"
    else:
        time.sleep(random.uniform(0, 0.02))
        kill(victim, lambda: True)
    spoil()
    try:
        look_after_kill(victim, reader)
        if len(reader.wrong) > seen:
            raise Fault(f"read: {reader.wrong[seen:]}")
    finally:
        unspoil()
        must("mount")
    look_mounted(reader)
    if len(reader.wrong) > seen:
        raise Fault(f"read: {reader.wrong[seen:]}")
    return victim


def main():
    """All cycles, and what is left after them."""
    seed = random.randrange(1 << 32)
    random.seed(seed)
    print(f"# seed {seed}", flush=True)
    begun = time.monotonic()
    before = listing()
    must("mount")
    longest = (time.monotonic() - begun) * 1.2
    wanted = {path: path.read_bytes() for path in PATHS}
    if wanted[PATHS[0]].strip() not in TOKENS or not all(any(t in d for t in TOKENS) for d in wanted.values()):
        sys.exit("the files are not right from the start")
    reader = Reader(wanted)
    reader.start()
    tried = found = 0
    victims = collections.Counter()
    while tried < int(CYCLES) and (tried < 20 or time.monotonic() - begun < float(SECONDS)):
        tried += 1
        try:
            victims[cycle(reader, before, longest)] += 1
        except Fault as fault:
            found += 1
            print(f"not ok cycle {tried}: {fault}", flush=True)
            must("mount")
    reader.stop = True
    reader.join(10)
    must("unmount")
    left = [*mounts(), *processes()] if not eventually(lambda: not mounts() and not processes()) else []
    left += set(listing()) ^ set(before)
    print("not ok" if left else "ok", "nothing is left at the end", left)
    if not CONTROL:
        print("ok" if not found else "not ok", f"{tried} cycles ({dict(victims)})")
    print("# reads:", dict(reader.outcomes))
    print(f"# tried {tried}, found {found + bool(left)}, expected {tried if CONTROL else 0}, skipped 0")


main()
