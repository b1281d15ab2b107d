"""Kills adopt and release at system call after system call: adopt.py TOKENVAULT HOME WHAT SHARE.

HOME holds a vault, its keyfile ~/.key, and plaintext files; it is copied for each kill. WHAT is adopt or
release, SHARE how many of every 100 kills are made. Prints `ok …` or `not ok …`.
"""

import collections
import json
import os
import re
import shutil
import subprocess
import sys

PROGRAM, TEMPLATE, WHAT, SHARE = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
HOME = TEMPLATE + "-copy"
COMMAND = {"adopt": ["adopt", "--no-verify", "--no-mount", "--quiet"],
           "release": ["release", "--all", "--yes", "--quiet"]}[WHAT]
# Where a half state could come from; the rest of a program's calls change nothing.
CALLS = ("write", "pwrite64", "fsync", "fallocate", "ftruncate", "link", "linkat", "rename", "renameat",
         "renameat2", "unlink", "unlinkat", "mkdir", "fchmod", "openat", "close")
# These come by the hundred, most before anything is done.
MANY = ("openat", "close")


def environment():
    """The sandbox's, with HOME at the copy."""
    return {**os.environ, "HOME": HOME, "XDG_DATA_HOME": HOME + "/.local/share",
            "XDG_STATE_HOME": HOME + "/.local/state", "XDG_CONFIG_HOME": HOME + "/.config"}


def run(*words, under=()):
    """Runs the program in the copy."""
    return subprocess.run(
        [*under, PROGRAM, "--keyfile", HOME + "/.key", *words], env=environment(),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )


def fresh():
    """A new copy of the template."""
    shutil.rmtree(HOME, ignore_errors=True)
    shutil.copytree(TEMPLATE, HOME, symlinks=True)


def plain_files(home):
    """{path below home: bytes} of the tools' files."""
    found = {}
    for directory, _, names in os.walk(home):
        for name in names:
            path = os.path.relpath(os.path.join(directory, name), home)
            if not path.startswith((".local", ".config", ".key")):
                with open(os.path.join(directory, name), "rb") as file:
                    found[path] = file.read()
    return found


def vault_tokens():
    """All tokens that the vault has now."""
    tokens = set()
    listed = run("list", "--json", "--quiet")
    if listed.returncode:
        return tokens
    for entry in json.loads(listed.stdout):
        shown = run("show", f"{entry['provider']}/{entry['label']}", "--quiet")
        tokens.add(shown.stdout.strip())
    return tokens


def lost(tokens):
    """The tokens that neither a file nor the vault has; as their numbers, not as what they are."""
    files = plain_files(HOME).values()
    kept = vault_tokens()
    return [i for i, token in enumerate(tokens)
            if token not in kept and not any(token.encode() in text for text in files)]


def count_calls():
    """How often an undisturbed run makes each call."""
    fresh()
    log = HOME + ".strace"
    done = run(*COMMAND, under=("strace", "-o", log, "-e", "trace=" + ",".join(f"?{c}" for c in CALLS)))
    with open(log, encoding="utf-8", errors="replace") as file:
        calls = collections.Counter(re.findall(r"^(\w+)\(", file.read(), flags=re.M))
    os.unlink(log)
    return done, calls


def points(calls):
    """Which call to be killed at, as (name, number)."""
    every = 100 // SHARE
    for name, count in sorted(calls.items()):
        step = every * 5 if name in MANY else every
        first = count % step if count > step else 0
        for number in range(first, count, step):
            yield name, number + 1


def check(what, truth, seen=""):
    """Prints one check."""
    print("ok" if truth else "not ok", what, "" if truth else f"({seen})", flush=True)


def adopt_is_finished(tokens, _):
    """After another adopt: no file is left, the vault has every token, once."""
    done = run(*COMMAND)
    left = plain_files(HOME)
    kept = vault_tokens()
    if done.returncode:
        return f"again: {done.returncode} {done.stderr}"
    if left:
        return f"files are left: {sorted(left)}"
    return "" if kept == set(tokens) else f"{len(kept)} tokens in the vault"


def release_is_finished(tokens, wanted):
    """After another release: every file is there with its bytes, and nothing else."""
    done = run(*COMMAND)
    left = plain_files(HOME)
    if done.returncode not in (0, 4):
        return f"again: {done.returncode} {done.stderr}"
    if left != wanted:
        return f"files: {sorted(left)}"
    return "" if vault_tokens() == set(tokens) else "tokens are missing in the vault"


def main():
    """One undisturbed run, then the kills."""
    with open(TEMPLATE + ".tokens", encoding="ascii") as file:
        tokens = file.read().split()
    done, calls = count_calls()
    check(f"an undisturbed {WHAT}", not done.returncode, done.stderr)
    wanted = plain_files(HOME)
    finish = adopt_is_finished if WHAT == "adopt" else release_is_finished
    bad, unfinished, killed, made = [], [], 0, 0
    for name, number in points(calls):
        fresh()
        done = run(*COMMAND, under=("strace", "-o", "/dev/null", "-e", f"trace={name}", "-e",
                                    f"inject={name}:signal=SIGKILL:when={number}"))
        made += 1
        killed += done.returncode != 0
        gone = lost(tokens)
        if gone:
            bad.append(f"{name} {number}: {gone}")
        said = finish(tokens, wanted)
        if said:
            unfinished.append(f"{name} {number}: {said}")
    check(f"{made} kills hit", made > 10 and killed == made, f"{killed} of {made}")
    check("the file or the vault has each token, always", not bad, bad)
    check(f"another {WHAT} finishes", not unfinished, unfinished)
    shutil.rmtree(HOME, ignore_errors=True)


main()
