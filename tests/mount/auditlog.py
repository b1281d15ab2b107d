"""What a test asks of an audit log, by the second reader: auditlog.py WHAT LOG-DIRECTORY …. Prints what it finds."""

import glob
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Its own directory has a reader too.
sys.path[0] = os.path.dirname(HERE)
sys.dont_write_bytecode = True
import audit  # pylint: disable=wrong-import-position


def lines(directory, name="default"):
    """All lines, oldest first, without their ends."""
    files = glob.glob(os.path.join(directory, f"{name}.audit")) + sorted(
        glob.glob(os.path.join(directory, f"{name}.audit.[0-7]"))
    )
    found = []
    for path in reversed(files):
        with open(path, "rb") as file:
            found += file.read().split(b"\n")[:-1]
    return found


def secret(vault, passphrase):
    """What the log's keys are made from."""
    import reader

    with open(vault, "rb") as file, open(passphrase, "rb") as word:
        document = reader.read(file.read(), "passphrase", word.read().rstrip(b"\n"))
    return bytes.fromhex(document["audit"])


def events(directory, *wanted):
    """Each event in a few words."""
    for line in lines(directory):
        j = json.loads(line)
        if wanted and j["event"] not in wanted:
            continue
        names = ",".join(e["entry"] for e in j.get("entries", []))
        who = os.path.basename(j.get("script") or j.get("program") or j.get("name") or "-")
        rest = [str(j[m]) for m in ("what", "by", "verdict", "why", "count", "setting") if m in j]
        who = who.encode("unicode_escape").decode()
        print(j["event"], os.path.basename(j.get("file", "-")), names or "-", who, *rest, sep="|")


def count(directory, told):
    """Whether each process has as many lines as it was given opens; told has lines of id and number."""
    seen = {}
    for line in lines(directory):
        j = json.loads(line)
        if j["event"] == "open" and j["verdict"] == "allowed":
            seen[j["pid"]] = seen.get(j["pid"], 0) + 1
    with open(told, encoding="utf-8") as file:
        given = {int(pid): int(n) for pid, n in map(str.split, file)}
    # A line is written before its open is answered, so that there may be one more where somebody was killed.
    spare = int(os.environ.get("TV_SPARE", "0"))
    wrong = {p: (n, seen.get(p, 0)) for p, n in given.items() if not n <= seen.get(p, 0) <= n + spare}
    print(wrong or f"{sum(given.values())} opens")


def check(directory, vault, passphrase):
    """The lines whose MAC is wrong."""
    found = audit.wrong(lines(directory), secret(vault, passphrase))
    print(found or "right")


def forge(directory, vault, passphrase, key):
    """Whoever has everything that was on the disk at a time (the key's state then) makes a MAC for a changed line: of the
    two before that time, and the first one after it."""
    with open(key, "rb") as file:
        state = audit.state(file.read())
    mine, truth = state["ratchet"], audit.Ratchet(audit.epoch_key(secret(vault, passphrase), state["epoch"]))
    here = [line for line in lines(directory) if json.loads(line)["epoch"] == state["epoch"].hex()]
    # Every key that can be had from there.
    keys = []
    for _ in range(600):
        keys += mine.wheels
        mine.step()
    results = []
    for place in range(state["n"] - 2, state["n"] + 1):
        while truth.n < place:
            truth.step()
        line = next(line for line in here if json.loads(line)["n"] == place)
        covered = audit.split(line)[0].replace(b'"verdict":"allowed"', b'"verdict":"refused"')
        wanted = truth.mac(covered)
        forged = any(audit.Ratchet(wheels=[key] * 4).mac(covered) == wanted for key in keys)
        results.append("forged" if forged else "failed")
    print(*results)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
