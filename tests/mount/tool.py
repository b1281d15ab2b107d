"""A tool that does one thing with a file, for the doctor to see: tool.py DEED PATH."""

import fcntl
import mmap
import os
import pathlib
import sys
import time


def pieces(path):
    """Reads in pieces of eight bytes."""
    fd = os.open(path, os.O_RDONLY)
    while os.read(fd, 8):
        pass


def twice(path):
    """Reads, goes back and reads again; and once from the middle."""
    fd = os.open(path, os.O_RDONLY)
    os.read(fd, 4096)
    os.lseek(fd, 0, os.SEEK_SET)
    os.read(fd, 4096)
    fd = os.open(path, os.O_RDONLY)
    os.pread(fd, 4, 10)


def maps(path):
    """Reads through a private map."""
    fd = os.open(path, os.O_RDONLY)
    with mmap.mmap(fd, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ) as shown:
        assert len(shown[:]) == os.fstat(fd).st_size


def shared_map(path):
    """Wants a shared map, which a mounted file does not give."""
    fd = os.open(path, os.O_RDONLY)
    mmap.mmap(fd, 0, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)


def flock(path):
    """Takes a shared lock on the open file."""
    with open(path, encoding="utf-8") as f:
        fcntl.flock(f, fcntl.LOCK_SH)
        f.read()


def fcntl_lock(path):
    """Takes a shared lock for the process; two of its descriptors do not meet."""
    with open(path, encoding="utf-8") as one, open(path, encoding="utf-8") as two:
        fcntl.lockf(one, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.lockf(two, fcntl.LOCK_SH | fcntl.LOCK_NB)
        one.read()


def write(path):
    """Reads it, then writes it in place."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    pathlib.Path(path).write_text(text, encoding="utf-8")


def rename_over(path):
    """Reads it, and puts a new one in its place."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    pathlib.Path(path + ".new").write_text(text, encoding="utf-8")
    os.rename(path + ".new", path)


def rename_away(path):
    """Gives it another name."""
    os.rename(path, path + ".old")


def lock_beside(path):
    """Makes a lock file beside it while it reads."""
    with open(path + ".lock", "x", encoding="utf-8"):
        pathlib.Path(path).read_text(encoding="utf-8")
    os.remove(path + ".lock")


def pass_through(path):
    """Everything else in the directory is a file like any other."""
    home = pathlib.Path(os.environ["HOME"])
    other = home / "deep" / "er" / "file"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"x" * 300000)
    with open(other, "r+b") as f:
        f.truncate(200000)
        f.seek(0, os.SEEK_END)
        f.write(b"end")
        f.flush()
        os.fsync(f.fileno())
        fcntl.flock(f, fcntl.LOCK_EX)
        with mmap.mmap(f.fileno(), 0) as shown:
            shown[0:5] = b"first"
        child = os.fork()
        if not child:
            with open(other, "r+b") as again:
                try:
                    fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    os.rename(other, home / "moved")
    os.symlink("moved", home / "link")
    os.link(home / "moved", home / "hard")
    os.chmod(home / "hard", 0o640)
    os.utime(home / "hard", (5, 6))
    data = (home / "link").read_bytes()
    assert data[:5] == b"first" and data[-3:] == b"end" and len(data) == 200003, len(data)
    status = os.stat(home / "moved")
    assert (status.st_mode & 0o777, status.st_mtime, status.st_nlink) == (0o640, 6, 2)
    assert sorted(os.listdir(home / "deep")) == ["er"]
    (home / "deep" / "er").rmdir()
    with open(home / "gone", "w+b") as f:
        os.remove(home / "gone")
        f.write(b"still there")
        f.seek(0)
        assert f.read() == b"still there"
    assert os.path.exists(path)


def wait_for_lock(path):
    """A lock that another process holds is waited for, and got."""
    other = path + ".other"
    held, told = os.pipe()
    if not os.fork():
        with open(other, "w", encoding="utf-8") as f:
            fcntl.lockf(f, fcntl.LOCK_EX)
            os.write(told, b"x")
            time.sleep(0.3)
        os._exit(0)
    os.read(held, 1)
    start = time.monotonic()
    with open(other, "r+", encoding="utf-8") as f:
        fcntl.lockf(f, fcntl.LOCK_EX)
    assert 0.1 < time.monotonic() - start < 5
    os.remove(other)


def sleep(path):
    """Reads it and stays, with a child that would outlive it."""
    pathlib.Path(path).read_text(encoding="utf-8")
    if not os.fork():
        os.setsid()
        time.sleep(60)
    pathlib.Path(os.environ["TMPDIR"], "asleep").touch()
    time.sleep(60)


def daemon(path):
    """Ends, and leaves a process behind that has the directory open."""
    pathlib.Path(path).read_text(encoding="utf-8")
    if not os.fork():
        os.setsid()
        os.chdir(os.path.dirname(path))
        time.sleep(60)


def closed_directories(_path):
    """Leaves directories that even their owner can't enter."""
    os.makedirs(os.path.expanduser("~/a/b/c"))
    os.chmod(os.path.expanduser("~/a/b"), 0)
    os.chmod(os.path.expanduser("~/a"), 0)


DEEDS = {
    "stat": os.stat,
    "access": lambda path: os.access(path, os.R_OK),
    "access-write": lambda path: os.access(path, os.W_OK),
    "read": lambda path: pathlib.Path(path).read_text(encoding="utf-8"),
    "pieces": pieces,
    "twice": twice,
    "map": maps,
    "shared-map": shared_map,
    "flock": flock,
    "fcntl": fcntl_lock,
    "xattr": lambda path: os.getxattr(path, "user.x"),
    "set-xattr": lambda path: os.setxattr(path, "user.x", b"y"),
    "write": write,
    "truncate": lambda path: os.truncate(path, 0),
    "remove": os.remove,
    "rename-over": rename_over,
    "rename-away": rename_away,
    "move-parent": lambda path: os.rename(os.path.dirname(path), os.path.expanduser("~/x")),
    "link": lambda path: os.link(path, path + ".link"),
    "chmod": lambda path: os.chmod(path, 0o644),
    "chown": lambda path: os.chown(path, os.getuid(), os.getgid()),
    "utime": os.utime,
    "lock-beside": lock_beside,
    "pass-through": pass_through,
    "wait-for-lock": wait_for_lock,
    "sleep": sleep,
    "daemon": daemon,
    "closed-directories": closed_directories,
    "environment": lambda path: print(os.environ["HOME"] == os.path.dirname(
        os.path.dirname(path)), sorted(n for n in os.environ if n.startswith("XDG_"))),
}

try:
    DEEDS[sys.argv[1]](os.path.expanduser(sys.argv[2]))
except OSError as failure:
    sys.exit(f"{sys.argv[1]}: {failure.strerror}")
