"""Kills `tokenvault rotate` before each system call that leaves something behind, and looks what is there:
rotate.py TOKENVAULT KEYFILE SETTINGS FOREIGN LIMIT. Prints `ok …` or `not ok …`.

LIMIT is how many kills to make, spread over all that there are; 0: all of them. In the network of the test
service, whose azion has the tokens; FOREIGN is one that is not the vault's."""

import collections
import os
import re
import subprocess
import sys

import azion

PROGRAM, KEYFILE, SETTINGS, FOREIGN, LIMIT = *sys.argv[1:5], int(sys.argv[5])
ROTATE = [PROGRAM, "--quiet", "--keyfile", KEYFILE, "rotate", "azion/default"]
# What others can see, or wait for: messages to the server and the helper, files, children. A kill comes
# before the call is made, so that the state after one is that before the next.
CALLS = ("connect,sendto,sendmsg,write,writev,fsync,fdatasync,rename,renameat,renameat2,linkat,link,unlink,"
         "unlinkat,flock,read,recvfrom,recvmsg,poll,ppoll,wait4,waitid,clone,clone3,fork,vfork,close")
# Of these there are many; the short form takes the others.
TALK = ("read", "close", "poll", "ppoll", "recvfrom", "recvmsg", "flock")
# The new file is in its place, and the server has not been told.
UNTOLD = ("renameat2", 2)
TRACE = os.path.join(os.environ["TMPDIR"], "trace")


def check(what, truth, seen=""):
    """Prints one check."""
    print("ok" if truth else "not ok", what, "" if truth else f"({seen})", flush=True)


def run(*words):
    """(exit code, standard error)."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def undisturbed():
    """How often a rotation makes each call."""
    code, said = run("strace", "-o", TRACE, "-e", f"trace={CALLS}", *ROTATE)
    check("a rotation that nobody disturbs", code == 0, said)
    with open(TRACE, encoding="utf-8", errors="replace") as lines:
        return collections.Counter(match[1] for match in (re.match(r"(\w+)\(", line) for line in lines)
                                   if match)


def points(counts):
    """The kills to make: (call, which one of them)."""
    every = [(call, number) for call, count in sorted(counts.items())
             for number in range(1, count + 1)]
    if not LIMIT:
        return every
    few = [point for point in every if point[0] not in TALK and point != UNTOLD]
    rest = [point for point in every if point[0] in TALK]
    few = few[:: -(-len(few) * 4 // (LIMIT * 3))]
    return [UNTOLD] + few + rest[:: -(-len(rest) // max(1, LIMIT - len(few)))]


def faults(call, number):
    """What is wrong after a kill there, as a list; and whether it was one."""
    found = []
    code, said = run("strace", "-o", TRACE, "-e", f"trace={call}",
                     "-e", f"inject={call}:signal=SIGKILL:when={number}", *ROTATE)
    killed = code in (-9, 137)
    if not killed and code:
        found.append(f"exit {code}, {said}")
    if not azion.is_good(SETTINGS)[0]:
        found.append("the file's token is refused")
    code, said = run(*ROTATE)
    if code:
        found.append(f"the next one: exit {code}, {said}")
    good, token = azion.is_good(SETTINGS)
    if not good:
        found.append("then the file's token is refused")
    names = [name for name in azion.tokens(FOREIGN).values() if name != "foreign"]
    if len(names) != 1:
        found.append(f"{len(names)} tokens at the service: {names}")
    if token == FOREIGN:
        found.append("the file has a token of somebody else")
    return killed, found


def main():
    """All the kills."""
    chosen, killed, wrong = points(undisturbed()), 0, []
    for call, number in chosen:
        was_killed, found = faults(call, number)
        killed += was_killed
        wrong += [f"before {call} number {number}: {fault}" for fault in found]
    for fault in wrong:
        print("#", fault)
    check(f"{killed} of {len(chosen)} rotations were killed", killed * 10 >= len(chosen) * 8)
    check("after each: the file's token is accepted, the next rotation ends well, and one token of ours"
          " is left", not wrong, f"{len(wrong)} faults")


main()
