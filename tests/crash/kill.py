"""Kills edits at random moments: kill.py TOKENVAULT KEYFILE ROUNDS. Prints `ok …` or `not ok …`."""

import json
import os
import random
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from spare import is_spare  # pylint: disable=wrong-import-position

PROGRAM, KEYFILE, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])


def start(*words, text=""):
    """Starts an edit with its token on standard input."""
    process = subprocess.Popen(
        [PROGRAM, "--keyfile", KEYFILE, *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    process.stdin.write(text.encode())
    process.stdin.close()
    return process


def run(*words):
    """The standard output of a command that must work."""
    done = subprocess.run(
        [PROGRAM, "--keyfile", KEYFILE, *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )
    if done.returncode:
        print("not ok", words, done.returncode, done.stderr)
        sys.exit(1)
    return done.stdout


def check(what, truth, seen=""):
    """Prints one check."""
    print("ok" if truth else "not ok", what, "" if truth else f"({seen})", flush=True)


def duration():
    """How long an undisturbed edit takes, in seconds."""
    begun = time.monotonic()
    process = start("add", "--no-verify", "choreo/first", text="t-first")
    process.wait()
    return time.monotonic() - begun


def edit(round_number, longest):
    """One edit that may be killed; (label, token, whether it was acknowledged)."""
    label = f"r{round_number // 2}"
    words = ("add", "--no-verify", f"choreo/{label}") if round_number % 2 == 0 else (
        "set", f"choreo/{label}", "--token", "--no-verify")
    token = f"token-{round_number}"
    process = start(*words, text=token)
    time.sleep(random.uniform(0, longest))
    process.kill()
    return label, token, process.wait() == 0


def main():
    """Rounds of kills, then one look at the whole."""
    random.seed()
    longest = duration() * 1.3
    promised, possible, killed = {"first": "t-first"}, {}, 0
    for number in range(ROUNDS):
        label, token, done = edit(number, longest)
        killed += not done
        if done:
            promised[label] = token
            possible.pop(label, None)
        else:
            possible.setdefault(label, set()).add(token)
    directory = os.path.join(os.environ["XDG_DATA_HOME"], "tokenvault")
    present = {entry["label"] for entry in json.loads(run("list", "--json"))}
    wrong = []
    for label in sorted(set(promised) | present):
        seen = run("show", f"choreo/{label}").strip() if label in present else None
        allowed = {promised.get(label)} | possible.get(label, set())
        if seen not in allowed:
            wrong.append(f"{label}: {seen}, not {allowed}")
    check(f"the vault opens after {killed} of {ROUNDS} edits were killed", True)
    check("kills hit: some were killed, some came through", 0 < killed < ROUNDS, killed)
    check("every acknowledged change is there, and nothing else", not wrong, wrong)
    run("set", "choreo/first", "--note", "last")
    left = sorted(os.listdir(directory))
    extra = [name for name in left if name not in ("default.vault", "default.vault.bak", ".default.vault.lock")
             and not is_spare(directory, name)]
    check("the next edit clears what was left", not extra, left)


main()
