"""Plays other programs of the same user: neighbours.py SOCKET SERVER KEEPER FILE TEXT VIEW SECONDS [WAY …], with those ways to
misuse the socket, or all. Prints `ok …`, `not ok …`, and at last `tried found`. Tried are looks into processes, and requests."""

import array
import ctypes
import fcntl
import os
import pty
import random
import resource
import select
import signal
import socket
import struct
import sys
import termios
import time

SOCKET, SERVER, KEEPER, FILE, TEXT, VIEW, SECONDS = sys.argv[1:8]
WAYS = sys.argv[8:]
SECONDS = float(SECONDS)
MOST = 3.0  # times as long as when nobody disturbs
TRIES = 5  # for a machine that is busy with something else
MIB = 1 << 20
libc = ctypes.CDLL(None, use_errno=True)
PTRACE, READV, PIDFD_OPEN, PIDFD_GETFD, KCMP = 101, 310, 434, 438, 312
ATTACH, SEIZE = 16, 0x4206


class Count:
    """What was tried, and what got through."""

    tried = found = 0


def check(what, truth, seen=""):
    """Prints one check."""
    Count.found += not truth
    print("ok" if truth else "not ok", what, "" if truth else f"({seen})", flush=True)


# ---- looks

def call(number, *arguments):
    """A system call: OSError where it fails."""
    result = libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def first_byte(path):
    """Of a file, or nothing in it."""
    with open(path, "rb", buffering=0) as file:
        if not file.read(1):
            raise OSError(0, "nothing")


def vector(pid):
    """process_vm_readv(2), from where the program is likely to be."""
    buffer = ctypes.create_string_buffer(8)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    remote = (ctypes.c_void_p * 2)(0x7FFFFFFFE000, 8)
    call(READV, pid, local, 1, remote, 1, 0)


def stolen_descriptor(pid):
    """pidfd_getfd(2)."""
    fd = call(PIDFD_OPEN, pid, 0)
    try:
        for number in range(8):
            try:
                call(PIDFD_GETFD, fd, number, 0)
                return
            except OSError as error:
                refused = error
        raise refused
    finally:
        os.close(fd)


def core_limit(pid):
    """Core files, allowed again."""
    resource.prlimit(pid, resource.RLIMIT_CORE, (MIB, MIB))


def looks(pid):
    """{what: how} of ways to look into a process."""
    proc = f"/proc/{pid}"
    ways = {name: lambda name=name: first_byte(f"{proc}/{name}")
            for name in ("mem", "environ", "maps", "smaps", "smaps_rollup", "numa_maps", "pagemap", "auxv", "stack", "syscall",
                         "personality", "io", "timers")}
    ways |= {name: lambda name=name: os.listdir(f"{proc}/{name}") and os.readlink(
        f"{proc}/{name}/{os.listdir(f'{proc}/{name}')[0]}") for name in ("fd", "map_files")}
    ways |= {name: lambda name=name: os.readlink(f"{proc}/{name}") for name in ("exe", "cwd", "root", "ns/user", "ns/mnt")}
    ways |= {"ptrace, attach": lambda: call(PTRACE, ATTACH, pid, 0, 0), "ptrace, seize": lambda: call(PTRACE, SEIZE, pid, 0, 0),
             "process_vm_readv": lambda: vector(pid), "pidfd_getfd": lambda: stolen_descriptor(pid),
             "kcmp": lambda: call(KCMP, pid, os.getpid(), 0, 0, 0), "core files again": lambda: core_limit(pid)}
    return ways


def look_into(name, pid):
    """All of them have to be refused."""
    through = []
    for what, way in looks(pid).items():
        Count.tried += 1
        try:
            way()
            through.append(what)
        except OSError:
            pass
    check(f"nothing of the {name} can be looked at", not through, ", ".join(through))


# ---- misuse of the socket; each is a generator whose steps are requests or parts of them, true once all is as it should be

def frame(code, body=b"{}", data=0):
    """A request, as vault/agent.h has it."""
    return b"TV" + struct.pack("<HHHII", 1, code, 0, len(body), data) + body


def connected():
    """A client."""
    agent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    agent.settimeout(2)
    agent.connect(SOCKET)
    return agent


def sent(data, fds=()):
    """Sends, takes what comes, and hangs up."""
    with connected() as agent:
        try:
            if fds:
                socket.send_fds(agent, [data], fds)
            else:
                agent.sendall(data)
            agent.setblocking(False)
            agent.recv(4096)
        except OSError:
            pass


def random_bytes():
    """Nothing that means anything."""
    while True:
        sent(random.randbytes(random.randrange(1, 300)))
        yield True


def malformed():
    """Frames whose numbers, lengths or objects are wrong. Not what a program of the user's may ask: lock and stop."""
    bodies = (b"", b"{", b"[]", b"null", b'{"provider":1}', b'{"provider":"choreo","label":' + b"[" * 200, b'{"a":"\\u0000"}',
              b'{"provider":"' + b"x" * 5000 + b'"}', b"\xff" * 100, b'{"slot":"00","key":"00"}')
    while True:
        code = random.choice([0, *range(1, 16), 17, 18, *range(20, 40), 0xFFFF])
        data = bytearray(frame(code, random.choice(bodies)))
        if random.random() < 0.5:
            data[random.randrange(16)] ^= 1 << random.randrange(8)
        if data[4:6] not in (b"\x10\0", b"\x13\0"):
            sent(bytes(data))
        yield True


def idle():
    """A thousand that say nothing."""
    clients = []
    while len(clients) < 1000:
        try:
            clients.append(connected())
        except OSError:
            # More wait to be taken than may.
            time.sleep(0.001)
        yield False
    while True:
        time.sleep(0.01)
        yield True


def half():
    """Requests that stop in the middle, of the header and of the object, and come on byte by byte."""
    clients = []
    for i in range(100):
        clients.append(connected())
        clients[-1].sendall(frame(1, b" " * 4000)[: 7 if i % 2 else 40])
        yield False
    while True:
        time.sleep(0.005)
        try:
            random.choice(clients).sendall(b"{")
        except OSError:
            pass
        yield True


def hogs():
    """Almost all of requests as large as can be: more than is held for all."""
    clients = []
    for length in [MIB - 1] * 3 + [MIB - 66] * 3:
        clients.append(connected())
        try:
            clients[-1].sendall(frame(1, b" " * MIB)[: 16 + length])
        except OSError:
            pass
        yield False
    while True:
        time.sleep(0.01)
        yield True


def unsealed():
    """A memory file whose bytes can still change."""
    fd = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    os.write(fd, b"x" * 5000)
    return fd


def passed():
    """Descriptors that are no vaults: files that the server itself serves, what would block, and too many."""
    kinds = (lambda: [os.open(FILE, os.O_RDONLY)], lambda: [os.open(VIEW, os.O_RDONLY)], lambda: list(os.pipe()),
             lambda: list(pty.openpty()), lambda: [unsealed()], lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(50)])
    while True:
        for kind in kinds:
            fds = kind()
            try:
                for code in (17, 15):
                    sent(frame(code), fds)
                    yield True
            finally:
                for fd in fds:
                    os.close(fd)


def slow():
    """Clients that ask on and on and take nothing, until nothing more fits on the way, and then a byte at a time."""
    takers = []
    while True:
        agent = connected()
        takers = [*takers[-60:], agent]
        # One request at a time, or the server hangs up.
        before = -1
        while waiting(agent) > before:
            before = waiting(agent)
            agent.sendall(frame(14))
            end = time.monotonic() + 0.2
            while waiting(agent) == before and time.monotonic() < end:
                time.sleep(0.0001)
                yield len(takers) > 2
        for taker in takers[-8:]:
            taker.setblocking(False)
            taker.recv(1)
            yield len(takers) > 2


def waiting(agent):
    """How many bytes have come that nobody took."""
    count = array.array("i", [0])
    fcntl.ioctl(agent, termios.FIONREAD, count)
    return count[0]


def endless(way):
    """Begins anew when the server has had enough."""
    while True:
        try:
            yield from way()
        except OSError:
            time.sleep(0.001)
            yield False


MISUSES = {"random bytes": random_bytes, "malformed requests": malformed, "idle": idle, "half requests": half, "hogs": hogs,
           "descriptors": passed, "slow clients": slow}


# ---- a reader meanwhile

def timed_reads(seconds):
    """What a reader of the file needs, in ns; None: wrong bytes."""
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter_ns()
        fd = os.open(FILE, os.O_RDONLY)
        data = os.read(fd, 4096)
        os.close(fd)
        times.append(time.perf_counter_ns() - start)
        if data != TEXT.encode() + b"\n":
            return None
    return times


def read_meanwhile(seconds, misuse):
    """(p99 in µs, how many reads) of a process of its own, or what went wrong."""
    out, into = os.pipe()
    reader = os.fork()
    if reader == 0:
        os.close(out)
        times = timed_reads(seconds)
        if times:
            os.write(into, struct.pack("qq", sorted(times)[len(times) * 99 // 100], len(times)))
        os._exit(0)
    os.close(into)
    ready = select.poll()
    ready.register(out, select.POLLIN)
    end = time.monotonic() + seconds + 4
    result = b""
    while time.monotonic() < end:
        if ready.poll(0 if misuse else 50):
            result = os.read(out, 16)
            break
        if misuse:
            next(misuse)
            Count.tried += 1
    if len(result) != 16:
        # Who waits for an answer that the server has begun can't be killed; it can.
        os.kill(int(SERVER), signal.SIGKILL)
    os.kill(reader, signal.SIGKILL)
    os.waitpid(reader, 0)
    os.close(out)
    if len(result) != 16:
        return None, 0
    p99, count = struct.unpack("qq", result)
    return p99 / 1000, count


def answered():
    """Whether a client that does as it should has an answer."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            # As the command does it waits to be let in, which with a timeout of Python's it would not.
            agent.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 2, 0))
            agent.connect(SOCKET)
            agent.settimeout(2)
            agent.sendall(frame(14))
            return agent.recv(4096)[6:8] == b"\0\0"
    except OSError:
        return False


def misuse_once(way, before):
    """(p99 when quiet, p99 meanwhile, in words); the noise of the machine only adds, so the best of all tries counts."""
    quiet, _ = read_meanwhile(SECONDS / 2, None)
    if quiet is None:
        return None, None, "nobody disturbs, and the file can't be read"
    generator = endless(way)
    end = time.monotonic() + 5
    while not next(generator) and time.monotonic() < end:
        Count.tried += 1
    now, count = read_meanwhile(SECONDS, generator)
    is_answered = now is not None and answered()
    generator.close()
    if now is None:
        return None, None, "the file can't be read meanwhile"
    if not is_answered:
        return None, None, "a request can't be made meanwhile"
    quiet, now = max(quiet, before[0]), min(now, before[1])
    return quiet, now, f"p99 {now:.0f} µs, with {count} reads, {quiet:.0f} when quiet"


def misuse(name, way):
    """As often as it takes; false when nothing can be read any more."""
    before, best = Count.tried, (0.0, float("inf"))
    for _ in range(TRIES):
        quiet, now, words = misuse_once(way, best)
        if now is None or now <= MOST * quiet:
            break
        best = quiet, now
    check(f"{name}: files are served meanwhile: {words}, {Count.tried - before} sent", now is not None and now <= MOST * quiet,
          "more than three times as long")
    return now is not None


def main():
    """Everything; a machine that is busy gets another chance."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    if not WAYS:
        look_into("server", int(SERVER))
        look_into("keeper", int(KEEPER))
    for name, way in MISUSES.items():
        if WAYS and name not in WAYS:
            continue
        if not misuse(name, way):
            break
    if not WAYS:
        try:
            os.kill(int(SERVER), 0)
        except OSError as error:
            check("the server lives", False, error)
    print(Count.tried, Count.found)


main()
