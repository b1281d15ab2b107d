"""Plants links at the paths that the programs write to: links.py SECONDS [NAME …], only at paths with such a part in their
names where there are any. Prints `ok …`, `not ok …`, and at last `# tried N, found N, expected 0, skipped N`."""

import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

SANDBOX = pathlib.Path(os.environ["SANDBOX"])
SECONDS, ONLY = float(sys.argv[1]), sys.argv[2:]
USER = 65534 if os.getuid() == 0 else os.getuid()
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"] if os.getuid() == 0 else []
# Calls that create, change, rename or remove what their path, or their descriptor, names.
CALLS = "openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,chmod,fchmod,fchmodat,symlink," \
        "symlinkat,link,linkat,bind,truncate,ftruncate,mknod,mknodat,fallocate"
# In the order in which they are the likeliest to be followed.
KINDS = ("another name", "a link to a file", "a link to nothing", "a link to a directory")


class World:
    """A home directory, and a place outside of it that nobody may touch."""

    def __init__(self, number):
        self.base = SANDBOX / "tmp" / f"world-{number}"
        self.home, self.outside = self.base / "home", self.base / "outside"
        for path in (self.base / "run", self.home, self.outside / "directory"):
            path.mkdir(parents=True, mode=0o700)
        (self.outside / "file").write_text("precious\n")
        (self.outside / "directory" / "token").write_text("precious too\n")
        (self.outside / "directory" / "config.toml").write_text("and so is this\n")
        (self.outside / "directory" / "token").chmod(0o644)
        (self.home / ".azion" / "default").mkdir(parents=True)
        (self.home / ".azion" / "default" / "settings.toml").write_text('Token = "u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzd"\n')
        self.own(self.base)
        self.env = os.environ | {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "data"), "TMPDIR": str(self.base),
                                 "XDG_STATE_HOME": str(self.home / "state"), "XDG_CONFIG_HOME": str(self.home / "config"),
                                 "XDG_CACHE_HOME": str(self.home / "cache"), "XDG_RUNTIME_DIR": str(self.base / "run")}

    @staticmethod
    def own(top):
        """The user's, as all that a test run by root makes."""
        for path in [top, *top.rglob("*")]:
            os.chown(path, USER, USER, follow_symlinks=False)

    def command(self, *words, text=""):
        """Runs one; whether it refuses is its own affair, but it has to end."""
        with subprocess.Popen([*AS_USER, *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=self.env, cwd=self.home, start_new_session=True) as process:
            try:
                process.communicate(text.encode(), timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return False
        return True

    def vault(self, *words, text=""):
        """A command of tokenvault's."""
        return self.command("tokenvault", "-q", "--keyfile", str(self.home / "key"), *words, text=text)

    def begin(self):
        """Up to the mounted files."""
        return all((
            self.vault("init"),
            self.vault("add", "--no-verify", "choreo", text="tok-1"),
            self.vault("set", "choreo", "--token", "--no-verify", text="tok-2"),
            self.vault("view", "add", "choreo/token", str(self.home / "own-place")),
            self.vault("mount"),
        ))

    def go_on(self):
        """From there to the end."""
        return all((
            self.command("cat", str(self.home / ".choreo/token")),
            self.vault("set", "choreo", "--token", "--no-verify", text="tok-3"),
            self.vault("lock"),
            self.vault("unlock"),
            self.vault("adopt", "azion", "--no-verify"),
            self.vault("unmount"),
            self.vault("mount", "--locked"),
            self.vault("key", "device", "-o", str(self.home / "line")),
            self.vault("rekey"),
            self.vault("export", str(self.home / "out.vault"), "--export-keyfile", str(self.home / "key")),
            self.vault("unmount"),
        ))

    def elsewhere(self):
        """What is outside: names, contents, modes."""
        return {
            str(path.relative_to(self.outside)): (oct(path.lstat().st_mode), path.lstat().st_uid,
                                                  hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
            for path in self.outside.rglob("*")
        }

    def clear(self):
        """What a world leaves mounted is cleared away with it."""
        self.vault("unmount")
        with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
            points = [line.split()[4] for line in mounts if line.split()[4].startswith(f"{self.base}/")]
        for point in reversed(points):
            subprocess.run([*AS_USER, "fusermount3", "-uz", point], capture_output=True, check=False)
        shutil.rmtree(self.base, ignore_errors=True)


def plant(world, path, kind):
    """Puts the link there, in the place of what there may be."""
    place = world.base / path
    missing = [parent for parent in place.parents if not parent.exists()]
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for parent in missing:
        os.chown(parent, USER, USER)
        parent.chmod(0o700)
    if place.is_symlink() or place.exists():
        place.rename(place.with_name(place.name + "-moved"))
    if kind == "another name":
        os.link(world.outside / "file", place)
        return
    target = {"a link to a file": "file", "a link to nothing": "nothing", "a link to a directory": "directory"}[kind]
    place.symlink_to(world.outside / target)
    os.chown(place, USER, USER, follow_symlinks=False)


def attempt(number, path, kind, when, is_directory):
    """None, or what was touched. A directory that is a link to one is its owner's choice: what is new in there is ours, but
    what was there is not."""
    world = World(number)
    try:
        ended = world.begin() if when == "mounted" else True
        try:
            plant(world, path, kind)
        except OSError:
            return "skipped"
        before = world.elsewhere()
        ended = ended and (when == "mounted" or world.begin()) and world.go_on()
        after = world.elsewhere()
        if not ended:
            return "a command hangs"
        new = set(after) - set(before)
        if is_directory and kind == "a link to a directory":
            new = set()
        changed = [name for name in before if after.get(name) != before[name]]
        return ", ".join(changed + sorted(new)) or None
    finally:
        world.clear()


def written_paths():
    """Relative to a world: {path: whether it is a directory} of all that the programs write to."""
    world = World("traced")
    trace = SANDBOX / "tmp" / "trace"
    global AS_USER
    plain, AS_USER = AS_USER, ["strace", "-D", "-f", "-y", "-qq", "-e", f"trace={CALLS}", "-A", "-o", str(trace), *AS_USER]
    world.begin()
    world.go_on()
    AS_USER = plain
    time.sleep(0.2) # for the tracer of what ended last
    found = {}
    base = re.escape(str(world.base))
    for line in trace.read_text(errors="replace").splitlines():
        call = re.match(r"\d+ +(?:<\.\.\. )?(\w+)", line)
        if not call or ("open" in call[1] and "O_CREAT" not in line and "O_WRONLY" not in line and "O_RDWR" not in line):
            continue
        names = re.findall(rf'<({base}[^>]*)>, "([^"/][^"]*)"', line)
        paths = [f"{at}/{name}" for at, name in names] + re.findall(rf'"({base}/[^"]*)"', line)
        if call[1] in ("fchmod", "ftruncate", "fallocate"):
            paths += re.findall(rf"<({base}/[^>]*)>", line)
        for path in paths:
            name = os.path.relpath(os.path.normpath(path), world.base)
            # Names made of chance can't be taken beforehand, and the place for what is outside is not ours.
            if re.search(r"saving-[0-9a-f]{16}|\(deleted\)|^\.\.|^outside|^home$|^run$", name):
                continue
            found[re.sub(r"[0-9a-f]{32}", "ID", name)] = found.get(name, False) or call[1] in ("mkdir", "mkdirat", "rmdir")
    world.clear()
    trace.unlink()
    return {path: is_directory for path, is_directory in found.items() if "ID" not in path}


def plan(paths):
    """All attempts: (path, kind, when, whether it is a directory)."""
    paths = {path: is_directory for path, is_directory in paths.items() if not ONLY or any(part in path for part in ONLY)}
    # Files that stay and are written to again come first.
    order = sorted(paths.items(), key=lambda item: ("default.audit" not in item[0] and "default.mounts" not in item[0], item[0]))
    every = [(path, kind, when, is_directory) for kind in KINDS for when in ("before", "mounted") for path, is_directory in order]
    # A stride that meets every path and kind early on.
    stride = 2
    return [every[i] for start in range(stride) for i in range(start, len(every), stride)]


def main():
    """As many as there is time for, two at once."""
    end = time.monotonic() + SECONDS
    paths = written_paths()
    print(f"# {len(paths)} paths")
    print("ok" if len(paths) > 20 else "not ok", "strace tells where the programs write")
    attempts = plan(paths)
    tried = found = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        def run(item):
            if item[0] > 3 and time.monotonic() > end:
                return item, "late"
            return item, attempt(item[0], *item[1])
        for (_, (path, kind, when, _)), touched in pool.map(run, enumerate(attempts)):
            if touched in ("late", "skipped"):
                skipped += 1
                continue
            tried += 1
            if touched:
                found += 1
                print(f"not ok {kind} at {path}, {when}: touched: {touched}")
    print("ok" if not found else "not ok", "nothing elsewhere is touched")
    print(f"# tried {tried}, found {found}, expected 0, skipped {skipped}")


main()
