"""What people use instead, as far as it is installed: set up in the sandbox, each with a token in it."""

import dataclasses
import pathlib
import shutil
import subprocess
import time

from world import TOKEN, Missing

KEY = "NotATokenButAPassphrase"


@dataclasses.dataclass
class Keeper:
    """A program that keeps tokens: the words that show one and that add one."""

    name: str
    show: list
    add: list
    rounds: int = 20
    text: str = ""  # standard input of show
    text_add: str = TOKEN + "\n"


@dataclasses.dataclass
class Reading:
    """A file to read."""

    name: str
    path: pathlib.Path


class Peers:
    """All of them, each set up when it is wanted."""

    def __init__(self, world):
        self.world = world
        self.fifos = []
        self.skipped = {}

    def each(self, makers, *args):
        """What the makers make; who can't is told and left out."""
        made = []
        for maker in makers:
            name = maker.__name__.replace("_", "-")
            try:
                made.append(maker(*args))
            except (Missing, RuntimeError, subprocess.SubprocessError, OSError) as why:
                self.skip(name, str(why).splitlines()[0])
        return made

    def skip(self, name, why):
        """Says so, once."""
        if name not in self.skipped:
            self.skipped[name] = why
            print(f"skip  {name}: {why}", flush=True)

    def need(self, *programs):
        """Each of them has to be installed."""
        for program in programs:
            if not shutil.which(program):
                raise Missing(f"{program} is not installed")

    def keeping(self, home, entries=1, names=("pass", "age", "keepassxc", "secret-tool")):
        """Programs that keep tokens, with so many of them, for commands in the environment of home."""
        makers = {"pass": self.gpg_pass, "age": self.age, "keepassxc": self.keepassxc,
                  "secret-tool": self.secret_tool}
        return self.each([makers[name] for name in names], home, entries)

    def gpg_pass(self, home, entries):
        """pass, with gpg-agent: a file for each, and a key without a passphrase."""
        self.need("pass", "gpg")
        store = home.path / f"pass{entries}"
        gpg = home.path / ".gnupg"
        home.env |= {"PASSWORD_STORE_DIR": str(store), "GNUPGHOME": str(gpg)}
        if not gpg.exists():
            self.world.run(["mkdir", "-m", "700", gpg], home)
            self.world.run(["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key",
                            "bench", "default", "default", "never"], home)
        self.world.run(["pass", "init", "bench"], home)
        self.world.run(["pass", "insert", "-m", "token"], home, TOKEN)
        self.world.run(["sh", "-c", 'i=1; while [ $i -lt "$1" ]; do cp "$2/token.gpg" "$2/t$i.gpg"; '
                        'i=$((i + 1)); done', "sh", entries, store], home)
        return Keeper("pass", ["pass", "show", "token"], ["pass", "insert", "-m", "-f", "fresh@"])

    def age(self, home, entries):
        """age: one document, decrypted and encrypted as a whole."""
        self.need("age", "age-keygen")
        at = home.path / f"age{entries}"
        self.world.run(["mkdir", at], home)
        self.world.run(["age-keygen", "-o", at / "key"], home)
        lines = "".join(f"service{n} {TOKEN} {'x' * 420}\n" for n in range(entries))
        who = self.world.run(["age-keygen", "-y", at / "key"], home).strip()
        self.world.run(["age", "-r", who, "-o", at / "doc"], home, lines)
        return Keeper(
            "age", ["sh", "-c", 'age -d -i "$0/key" "$0/doc" | grep -m1 "^service0 "', at],
            ["sh", "-c", '{ age -d -i "$0/key" "$0/doc" && cat; } | age -r "$1" -o "$0/new" && '
             'sync "$0/new" && mv "$0/new" "$0/doc"', at, who])

    def keepassxc(self, home, entries):
        """KeePassXC's command, which pays for its KDF each time: the least one."""
        self.need("keepassxc-cli")
        at = home.path / f"keepass{entries}.kdbx"
        xml = home.path / f"keepass{entries}.xml"
        listed = "".join(
            f"<Entry><String><Key>Title</Key><Value>e{n}</Value></String><String><Key>Password</Key>"
            f"<Value>{TOKEN}</Value></String><String><Key>Notes</Key><Value>{'x' * 380}</Value>"
            "</String></Entry>" for n in range(entries))
        self.world.run(["tee", xml], home, "<KeePassFile><Root><Group><Name>Root</Name>" + listed +
                       "</Group></Root></KeePassFile>")
        self.world.run(["keepassxc-cli", "import", "-q", "-p", "-t", "100", xml, at], home,
                       f"{KEY}\n{KEY}\n")
        return Keeper("keepassxc", ["keepassxc-cli", "show", "-q", "-s", "-a", "Password", at, "e0"],
                      ["sh", "-c", '{ echo "$1"; cat; } | keepassxc-cli add -q -p "$0" fresh@', at, KEY],
                      6, KEY + "\n")

    def secret_tool(self, home, _entries):
        """The desktop's keyring, over D-Bus."""
        self.need("secret-tool", "gnome-keyring-daemon", "dbus-daemon")
        bus = self.world.start(["dbus-daemon", "--session", "--nofork", "--print-address"], home)
        home.env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        self.world.start(["sh", "-c", f"printf {KEY} | gnome-keyring-daemon --unlock --foreground "
                          "--components=secrets"], home)
        for _ in range(50):
            time.sleep(0.1)
            try:
                self.world.run(["secret-tool", "store", "--label=token", "service", "choreo"], home,
                               TOKEN, timeout=5)
                break
            except (RuntimeError, subprocess.SubprocessError):
                continue
        else:
            raise Missing("gnome-keyring does not answer")
        return Keeper("secret-tool", ["secret-tool", "lookup", "service", "choreo"],
                      ["secret-tool", "store", "--label=token", "service", "choreo@"])

    def reading(self, cpu):
        """Mounted files of others, and a FIFO, all on one processor."""
        return self.each((self.gocryptfs, self.securefs, self.encfs, self.cryfs, self.fifo_on), cpu)

    def mounted(self, name, cpu, make, mount):
        """Makes an encrypted directory, mounts it, and puts the token into a file in it."""
        self.need(name)
        home = self.world.home("peers")
        cipher, plain = home.path / f"{name}-cipher", home.path / f"{name}-plain"
        self.world.run(["mkdir", "-m", "700", cipher, plain], home)
        env = {"CRYFS_FRONTEND": "noninteractive", "CRYFS_NO_UPDATE_CHECK": "true"}
        if make:
            self.world.run(make(cipher, plain), home, f"{KEY}\n{KEY}\n", cpu, env=env)
        self.world.run(["sh", "-c", '"$@" >/dev/null 2>&1', "sh", *mount(cipher, plain)], home,
                       f"{KEY}\n{KEY}\n", cpu, env=env)
        self.world.unmount_later(plain)
        for _ in range(100):
            if self.is_mounted(plain):
                break
            time.sleep(0.1)
        else:
            raise Missing(f"{name} did not mount")
        self.world.run(["tee", plain / "token"], home, TOKEN)
        return Reading(name, plain / "token")

    @staticmethod
    def is_mounted(path):
        """Whether something is mounted there."""
        with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
            return any(line.split()[4] == str(path) for line in mounts)

    def gocryptfs(self, cpu):
        """gocryptfs."""
        return self.mounted(
            "gocryptfs", cpu,
            lambda c, _: ["sh", "-c", f"echo {KEY} >'{c}.key'; "
                          f"gocryptfs -q -init -scryptn 10 -passfile '{c}.key' '{c}'"],
            lambda c, p: ["gocryptfs", "-q", "-passfile", f"{c}.key", c, p])

    def securefs(self, cpu):
        """securefs."""
        return self.mounted(
            "securefs", cpu, lambda c, _: ["securefs", "create", "--pass", KEY, "--rounds", "1", c],
            lambda c, p: ["securefs", "mount", "-b", "--pass", KEY, c, p])

    def encfs(self, cpu):
        """EncFS."""
        return self.mounted("encfs", cpu, None,
                            lambda c, p: ["encfs", "--standard", "--stdinpass", c, p])

    def cryfs(self, cpu):
        """CryFS."""
        return self.mounted("cryfs", cpu, None, lambda c, p: ["cryfs", c, p])

    def fifo_on(self, cpu):
        """A FIFO that a program fills."""
        path = self.world.home("peers").path / f"fifo{len(self.fifos)}"
        self.world.start([self.world.tool("fifo"), path, TOKEN], cpu=cpu)
        for _ in range(50):
            if path.exists():
                break
            time.sleep(0.1)
        made = Reading("FIFO", path)
        self.fifos.append(made)
        return made

    def fifo(self):
        """The same on all processors."""
        return self.each((self.fifo_on,), None)
