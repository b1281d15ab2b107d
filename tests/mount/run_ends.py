"""Plays a shell with job control on a terminal of its own: run_ends.py COMMAND … (a run whose command is
`sh`); prints `ok …` and `not ok …`."""

import fcntl
import os
import pty
import select
import signal
import sys
import termios
import time


def check(what, truth, seen=""):
    """Prints one check."""
    print("ok" if truth else "not ok", what, "" if truth else f"({seen!r})", flush=True)


class Job:
    """A run in the foreground of the terminal. Its scripts start no programs: a shell that is stopped or
    interrupted just when it does may not notice."""

    def __init__(self, script):
        self.master, slave = pty.openpty()
        self.text = b""
        # The one that waits is the session's leader, and of another group, so that stops are possible.
        told, tell = os.pipe()
        if os.fork() == 0:
            os.close(told)
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            pid = os.fork()
            if pid == 0:
                os.setpgid(0, 0)
                os.tcsetpgrp(slave, os.getpid())
                for sig in signal.SIGTTOU, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
                    signal.signal(sig, signal.SIG_DFL)
                for fd in range(3):
                    os.dup2(slave, fd)
                os.execvp(sys.argv[1], sys.argv[1:] + ["sh", "-c", script])
            os.write(tell, f"pid {pid}\n".encode())
            while True:
                _, status = os.waitpid(pid, os.WUNTRACED)
                if os.WIFSTOPPED(status):
                    os.write(tell, f"stopped {os.WSTOPSIG(status)}\n".encode())
                    continue
                how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else ""
                os.write(tell, (how or f"exit {os.WEXITSTATUS(status)}").encode() + b"\n")
                os._exit(0)
        os.close(tell)
        os.close(slave)
        self.told = os.fdopen(told)
        self.pid = int(self.told.readline().split()[1])

    def heard(self):
        """The next thing that the waiting one tells."""
        if not select.select([self.told], [], [], 15)[0]:
            return "nothing"
        return self.told.readline().strip()

    def wait_for(self, text):
        """Until the command has printed it."""
        end = time.monotonic() + 15
        while text not in self.text and time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                self.text += os.read(self.master, 1000)
        return text in self.text

    def key(self, code):
        """Presses a control key."""
        os.write(self.master, code)


def interrupt():
    """Ctrl-C ends the command, and the run dies of it as well."""
    job = Job("echo here; exec sleep 30")
    job.wait_for(b"here")
    job.key(b"\x03")
    heard = job.heard()
    check("Ctrl-C: the run dies of SIGINT", heard == f"signal {int(signal.SIGINT)}", heard)


def trapped():
    """A command that deals with Ctrl-C and Ctrl-\\ is left to it, and gets each once."""
    job = Job("n=0; trap 'n=$((n+1)); echo got $n' INT; trap 'exit $((40+n))' QUIT; echo here;"
              "while :; do read x; done")
    job.wait_for(b"here")
    for count in b"got 1", b"got 2":
        job.key(b"\x03")
        job.wait_for(count)
    job.key(b"\x1c")
    heard = job.heard()
    check("trapped keys: the command's own exit", heard == "exit 42", heard)


def stop():
    """Ctrl-Z stops both, and SIGCONT has both go on."""
    job = Job("echo here; read x; echo done; exit 5")
    job.wait_for(b"here")
    job.key(b"\x1a")
    heard = job.heard()
    check("Ctrl-Z: the run stops", heard == f"stopped {int(signal.SIGTSTP)}", heard)
    os.killpg(job.pid, signal.SIGCONT)
    job.key(b"\n")
    check("and goes on", job.wait_for(b"done"), job.text)
    heard = job.heard()
    check("to its end", heard == "exit 5", heard)
    job = Job("kill -STOP $$; echo done")
    heard = job.heard()
    check("the command stops itself: the run stops", heard == f"stopped {int(signal.SIGSTOP)}", heard)
    os.kill(job.pid, signal.SIGCONT)
    check("one SIGCONT is for both", job.wait_for(b"done"), job.text)
    job.heard()


def to_the_run_alone():
    """SIGINT and SIGQUIT from another process, which knows of no group."""
    for sig in signal.SIGINT, signal.SIGQUIT:
        job = Job("trap 'exit 8' INT QUIT; echo here; while :; do read x; done")
        job.wait_for(b"here")
        os.kill(job.pid, sig)
        heard = job.heard()
        check(f"{sig.name} for the run is passed on", heard == "exit 8", heard)


interrupt()
trapped()
stop()
to_the_run_alone()
