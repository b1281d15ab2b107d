"""Where things are measured: homes of an unprivileged user, with vaults in them and servers that run."""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import time

# A user of nobody's, as in tests/lib.sh.
UID = 65534
USER = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--"]
TOKEN = "xtpYlSXpfKtHF4vUCsMehGAkWvj7FAc9QeWJKY40"


class Missing(Exception):
    """What is needed is not there: the measurement is skipped, and this says why."""


class World:
    """A sandbox made by tests/lib.sh, and the programs."""

    def __init__(self, quick):
        self.root = pathlib.Path(os.environ["SANDBOX"])
        self.bin = pathlib.Path(os.environ["BIN"])
        self.is_root = os.getuid() == 0
        self.quick = quick
        self.passphrase = self.root / "passphrase"
        self.processes = []
        self.mounts = []
        self.homes = {}
        for path in self.bin.iterdir():
            path.chmod(0o755)

    def rounds(self, usual):
        """How many rounds: at least five count."""
        return max(5, usual // 4) if self.quick else usual

    def tool(self, name):
        """A program of tests/bench."""
        return str(self.bin / name)

    def as_user(self, words, cpu=None):
        """The words of a command that the user runs, bound to one processor where that is given."""
        bound = [] if cpu is None else ["taskset", "-c", str(cpu)]
        return (USER if self.is_root else []) + bound + [str(word) for word in words]

    def run(self, words, home=None, text=None, cpu=None, check=True, timeout=600, env=None):
        """Runs a command as the user; its output."""
        with open(self.passphrase, "rb") as passphrase:
            os.dup2(passphrase.fileno(), 9, inheritable=True)
        done = subprocess.run(
            self.as_user(words, cpu), input=text, env=(home.env if home else os.environ) | (env or {}),
            capture_output=True, text=True, check=False, pass_fds=(9,), timeout=timeout,
            cwd=self.root / "tmp",
        )
        if check and done.returncode:
            raise RuntimeError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, words, home=None, cpu=None, wait=None, env=None):
        """Starts a command that stays; with wait, until it has printed a line."""
        process = subprocess.Popen(
            self.as_user(words, cpu), env=(home.env if home else os.environ) | (env or {}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=self.root / "tmp", start_new_session=True,
        )
        self.processes.append(process)
        if wait and not process.stdout.readline():
            raise Missing(f"{words[0]} did not start")
        return process

    def unmount_later(self, path):
        """Notes what is to be unmounted at the end."""
        self.mounts.append(path)

    def close(self):
        """Ends what was started here; the rest is the sandbox's business."""
        for path in reversed(self.mounts):
            self.run(["fusermount3", "-u", "-z", path], check=False)
        for process in self.processes:
            if process.poll() is None:
                try:
                    os.killpg(process.pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
            process.stdout.close()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)

    def numbers(self, words, home=None, cpu=None):
        """Runs a program of tests/bench; its lines of numbers."""
        said = self.run(words, home, cpu=cpu)
        return [[float(word) for word in line.split()] for line in said.splitlines()]

    def pair(self, rounds, commands, home=None, text=None):
        """Times commands in turn: a list of times of each, in microseconds."""
        source = "/dev/null"
        if text is not None:
            source = self.root / "input"
            source.write_text(text, encoding="utf-8")
            source.chmod(0o644)
        words = []
        for command in commands:
            words += [":::"] * bool(words) + [str(word) for word in command]
        return self.numbers(
            [self.tool("pair"), rounds, source, self.passphrase, *words], home)

    def home(self, name, vault="default"):
        """A vault in a home directory of its own, or that it shares with others."""
        if (name, vault) not in self.homes:
            self.homes[name, vault] = Home(self, name, vault)
        return self.homes[name, vault]


class Home:
    """A home directory, and a vault in it."""

    def __init__(self, world, name, vault):
        self.world = world
        self.name = vault
        self.path = world.root / "home" / name
        self.run_dir = world.root / "run" / name
        self.env = os.environ | {
            "HOME": str(self.path), "XDG_RUNTIME_DIR": str(self.run_dir),
            "XDG_CONFIG_HOME": f"{self.path}/.config", "XDG_STATE_HOME": f"{self.path}/.local/state",
            "XDG_DATA_HOME": f"{self.path}/.local/share", "XDG_CACHE_HOME": f"{self.path}/.cache",
        }
        world.run(["mkdir", "-p", self.path, self.run_dir])
        self.vault = self.path / f".local/share/tokenvault/{vault}.vault"
        self.program = world.tool("tokenvault")
        self.document = 0

    def tv(self, *words, text="", cpu=None):
        """Runs tokenvault; its output."""
        return self.world.run([*self.words("--passphrase-fd", "9"), *words], self, text, cpu)

    def words(self, *words):
        """The words of a command on this vault, in this home's environment."""
        return [self.program, "--vault", self.name, *words]

    def make(self, entries=0, passes=1, mib=64):
        """Makes the vault."""
        self.tv("init", "--memory", mib, "--passes", passes)
        if entries:
            phrase = self.world.passphrase.read_text(encoding="utf-8")
            said = self.world.run([self.world.tool("fill"), self.vault, entries], self, phrase)
            self.document = int(said)
        return self

    def mount(self, *services, cpu=None):
        """Mounts it; the server goes on."""
        self.tv("mount", *(services or ("choreo",)), cpu=cpu)
        return self

    def status(self):
        """What `status --json` says."""
        return json.loads(self.tv("status", "--json"))

    def pids(self):
        """The server's process and its keeper."""
        server = self.status()["server_pid"]
        with open(f"/proc/{server}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status)
        return server, int(fields["PPid"])

    def private_kib(self):
        """The server's private memory."""
        if not self.world.is_root:
            raise Missing("only root can look into the server's memory")
        with open(f"/proc/{self.pids()[0]}/smaps_rollup", encoding="ascii") as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))

    def entry(self):
        """The name of one of choreo's entries, in their middle."""
        listed = json.loads(self.tv("list", "choreo", "--json"))
        return f"choreo/{listed[len(listed) // 2]['label']}"


def wake_ups(pids, seconds):
    """How often the processes were woken in a time."""
    def count():
        total = 0
        for pid in pids:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                for line in (task / "status").read_text(encoding="ascii").splitlines():
                    if "ctxt_switches" in line:
                        total += int(line.split()[1])
        return total

    before = count()
    time.sleep(seconds)
    return count() - before


def ratio(ours, floor):
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(ours, floor))


def middle(times):
    """The median."""
    return statistics.median(times)
