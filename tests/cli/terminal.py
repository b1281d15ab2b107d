"""Plays the person at a terminal: terminal.py TOKENVAULT. Prints `ok …` or `not ok …`."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

PROGRAM = sys.argv[1]
CHEAP = ["--memory", "64", "--passes", "1"]
failed = 0


def check(what, good, said=b""):
    """One check."""
    global failed
    print(("ok " if good else "not ok ") + what, flush=True)
    if not good:
        failed += 1
        print("said:", said)


class Terminal:
    """The program on a terminal of its own, as a shell would start it."""

    def __init__(self, *words, stdin=None):
        self.said = b""
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave

        def own_terminal():
            os.setsid()
            # Whoever runs the tests in the background may have them ignored.
            for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP):
                signal.signal(sig, signal.SIG_DFL)
            import fcntl
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [PROGRAM, *words], stdin=slave if stdin is None else stdin, stdout=slave, stderr=slave,
            preexec_fn=own_terminal,
        )

    def wait_for(self, text, seconds=60):
        """Reads until the text was said."""
        end = time.time() + seconds
        start = len(self.said)
        while text.encode() not in self.said[start:]:
            ready = select.select([self.master], [], [], max(0, end - time.time()))[0]
            if not ready:
                return False
            try:
                self.said += os.read(self.master, 65536)
            except OSError:
                return False
        return True

    def type(self, text):
        """Types it, and return."""
        data = text.encode() + b"\r"
        while data:
            data = data[os.write(self.master, data[:512]):]
            if data:
                time.sleep(0.01)

    def has_echo(self):
        """Whether typing is shown."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def end(self):
        """Waits; gives the exit code."""
        end = time.time() + 60
        while self.process.poll() is None and time.time() < end:
            if select.select([self.master], [], [], 0.05)[0]:
                self.said += os.read(self.master, 65536)
        while select.select([self.master], [], [], 0.05)[0]:
            self.said += os.read(self.master, 65536)
        return self.process.poll()

    def is_as_before(self):
        """The terminal's settings are what they were."""
        return termios.tcgetattr(self.slave) == self.before


def run(*words, typed, stdin=None):
    """The terminal of a command that asked PROMPT, for each (PROMPT, ANSWER), and its exit code."""
    t = Terminal(*words, stdin=stdin)
    for prompt, answer in typed:
        if not t.wait_for(prompt):
            break
        t.type(answer)
    return t, t.end()


def init():
    """Asks twice, shows nothing."""
    t, code = run("init", *CHEAP, typed=[("New passphrase: ", "one"), ("Once more: ", "two")])
    check("init: two that differ are refused", code == 2 and b"differ" in t.said, t.said)
    check("init: the terminal is as before", t.is_as_before())
    t, code = run("init", *CHEAP, typed=[("New passphrase: ", "")])
    check("init: an empty one is refused", code == 2 and b"empty" in t.said, t.said)
    t, code = run(
        "init", *CHEAP,
        typed=[("New passphrase: ", "sekrit-phrase"), ("Once more: ", "sekrit-phrase")],
    )
    check("init asks twice", code == 0, t.said)
    check("init: nothing typed is shown", b"sekrit" not in t.said, t.said)


def add():
    """The token is asked for on the terminal, and can be longer than a terminal's line."""
    token = "t0ken" * 2000
    t, code = run("add", "azion", "--no-verify", typed=[("Passphrase: ", "sekrit-phrase"), ("azion: ", token)])
    check("add asks for the passphrase, then the token", code == 0, t.said)
    check("add: nothing typed is shown", b"t0ken" not in t.said and b"sekrit" not in t.said, t.said)
    t, code = run("show", "azion", typed=[("Passphrase: ", "sekrit-phrase")])
    check("a token of 10,000 characters came whole", token.encode() in t.said)
    t, code = run("add", "azion", "--no-verify", typed=[("Passphrase: ", "sekrit-phrase")])
    check("add: a label that is taken is said before the token", code == 11, t.said)
    t, code = run(
        "set", "azion", "--field", "s3_secret_key",
        typed=[("s3_secret_key: ", "fi3ld"), ("Passphrase: ", "sekrit-phrase")],
    )
    check("a field without a value is asked for", code == 0, t.said)
    check("and not shown", b"fi3ld" not in t.said, t.said)
    t, code = run("show", "azion", "--json", typed=[("Passphrase: ", "sekrit-phrase")])
    check("it is kept", b"fi3ld" in t.said)
    t, code = run("list", typed=[("Passphrase: ", "wrong")])
    check("a wrong passphrase", code == 3, t.said)
    t, code = run("list", typed=[("Passphrase: ", "junk\x15sekrit-phrasX\x7fe")])
    check("backspace and ^U work", code == 0, t.said)
    t, code = run("list", typed=[("Passphrase: ", "sekrit-phrase")], stdin=subprocess.DEVNULL)
    check("the terminal is asked though standard input is none", code == 0, t.said)


def passwd():
    """The old one, then the new one twice."""
    t, code = run("passwd", *CHEAP, typed=[
        ("Passphrase: ", "sekrit-phrase"), ("New passphrase: ", "next-phrase"),
        ("Once more: ", "next-phrase"),
    ])
    check("passwd asks for the old one and twice for the new one", code == 0, t.said)
    t, code = run("list", typed=[("Passphrase: ", "next-phrase")])
    check("the new one opens", code == 0, t.said)


def ended(sig):
    """A signal in the middle of a question."""
    t = Terminal("list")
    asked = t.wait_for("Passphrase: ")
    hidden = asked and not t.has_echo()
    os.write(t.master, b"half")
    time.sleep(0.1)
    os.kill(t.process.pid, sig)
    code = t.end()
    check(f"{sig.name}: no echo while it asks", hidden, t.said)
    check(f"{sig.name}: ends it as it should", code == -sig, t.said)
    check(f"{sig.name}: the terminal is as before", t.is_as_before())


def interrupted():
    """^C typed."""
    t = Terminal("list")
    t.wait_for("Passphrase: ")
    os.write(t.master, b"half\x03")
    check("^C ends it", t.end() == -signal.SIGINT, t.said)
    check("^C: the terminal is as before", t.is_as_before())


def stopped():
    """Stopped and continued in the middle of a question."""
    t = Terminal("list")
    t.wait_for("Passphrase: ")
    os.write(t.master, b"half")
    time.sleep(0.1)
    os.kill(t.process.pid, signal.SIGTSTP)
    for _ in range(100):
        state = open(f"/proc/{t.process.pid}/stat", encoding="ascii").read().split(")")[1].split()[0]
        if state in "Tt" and t.is_as_before():
            break
        time.sleep(0.05)
    # Nobody can stop a process group without a parent that could continue it: then it goes on.
    if state in "Tt":
        check("stopped: the terminal is as before", t.is_as_before())
        os.kill(t.process.pid, signal.SIGCONT)
    check("continued: it asks again", t.wait_for("Passphrase: "), t.said)
    check("continued: without echo", not t.has_echo())
    t.type("next-phrase")
    check("continued: what was typed before is gone", t.end() == 0, t.said)
    check("continued: the terminal is as before", t.is_as_before())


init()
add()
passwd()
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
    ended(number)
interrupted()
stopped()
sys.exit(1 if failed else 0)
