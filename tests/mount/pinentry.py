#!/usr/bin/python3
"""A pinentry for tests: writes down what it is told, and answers by the next line of its script.

It lies in BIN; in BIN/../tmp/pinentry are `script` and `told`. Lines of the script:
	pin TEXT	that passphrase, with some of its characters encoded
	empty		an empty one
	ok		yes, to CONFIRM
	cancel		the person does not want to
	error NUMBER	another error
	wait PATH REST	first waits until there is such a file
	crash, hang, deaf (hangs whatever signal comes), rubbish, huge, endless, broken (a wrong encoding)
With none left it cancels. A line `start WHAT` before them is about its start: hang, rubbish, exit.
"""

import fcntl
import os
import signal
import sys
import time

HERE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[0]))), "tmp/pinentry")
CANCELED = "ERR 83886179 Operation cancelled <Pinentry>"


def say(line):
    os.write(1, line.encode() + b"\n")


def note(line):
    with open(f"{HERE}/told", "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def next_line(prefix=""):
    """Takes the script's first line, if it has that prefix."""
    with open(f"{HERE}/script", "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.read().splitlines()
        if not lines or not lines[0].startswith(prefix):
            return ""
        file.seek(0)
        file.truncate()
        file.write("".join(f"{line}\n" for line in lines[1:]))
        return lines[0]


def encoded(text):
    """As Assuan has it: what has to be, and every third byte besides, in digits of both cases."""
    out = b""
    for i, byte in enumerate(text):
        if byte in b"%\r\n" or i % 3 == 0:
            out += (b"%%%02X" if i % 2 else b"%%%02x") % byte
        else:
            out += bytes([byte])
    return out


def hang():
    while True:
        time.sleep(1)


def answer():
    """Answers a question by the script."""
    line = next_line()
    while line.startswith("wait "):
        _, path, line = (line + " ").split(" ", 2)
        while not os.path.exists(path):
            time.sleep(0.02)
        line = line.strip()
    word, _, rest = line.partition(" ")
    if word == "pin":
        say("S SOME STATUS")
        os.write(1, b"D " + encoded(rest.encode()) + b"\n")
        say("OK")
    elif word in ("empty", "ok"):
        say("OK")
    elif word == "error":
        say(f"ERR {rest} something <Pinentry>")
    elif word == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == "hang":
        hang()
    elif word == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        hang()
    elif word == "rubbish":
        os.write(1, bytes(range(256)) + b"\n")
    elif word == "huge":
        os.write(1, b"D " + b"x" * 20000 + b"\nOK\n")
    elif word == "endless":
        while True:
            os.write(1, b"# still at it\n")
    elif word == "broken":
        say("D half%4")
        say("OK")
    else:
        say(CANCELED)


def surroundings():
    """What it was started with."""
    status = open("/proc/self/status", encoding="utf-8").read()
    masks = {row.split(":")[0]: row.split()[1] for row in status.splitlines() if row.startswith("Sig")}
    yield "program " + os.path.basename(sys.argv[0])
    yield "argv " + " ".join(sys.argv[1:])
    yield "fds " + " ".join(sorted(os.listdir("/proc/self/fd"))[:-1])
    yield "blocked " + masks["SigBlk"] + " ignored " + masks["SigIgn"]
    for name in ("PINENTRY_USER_DATA", "DISPLAY", "TERM", "LC_ALL", "XMODIFIERS"):
        yield f"{name} {os.environ.get(name, '-')}"


def main():
    note("start")
    blocked = list(surroundings())
    for line in blocked:
        note(line)
    start = next_line("start ")
    if start == "start hang":
        hang()
    if start == "start rubbish":
        say("hello")
        hang()
    if start == "start exit":
        return
    say("OK Pleased to meet you")
    for raw in sys.stdin:
        line = raw.rstrip("\n")
        note(line)
        word = line.split(" ")[0]
        if word in ("GETPIN", "CONFIRM"):
            answer()
        elif word == "BYE":
            say("OK")
            return
        elif line == "OPTION no-grab":
            say("ERR 83886254 Unknown option <Pinentry>")
        else:
            say("OK")


main()
