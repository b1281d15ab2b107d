"""status.def only grows beyond what status.list has of it, and the manual lists its exit codes:
status.py ROOT."""

import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1]).resolve()
# What a command that ends well may exit with: list --expiring has found something, doctor something wrong.
OWN = {"10", "26"}
ROW = re.compile(r'TV_STATUS\((\w+), (\d+), (\w+), "([^"]*)"\)')


def rows():
    """(name, exit code) of every row of status.def, in order."""
    text = (ROOT / "vault/status.def").read_text(encoding="utf-8")
    listed = [f"{name} {code}" for name, code, _, _ in ROW.findall(text)]
    assert len(listed) == len(re.findall(r"^TV_STATUS\(", text, flags=re.M)), "a row not read"
    return listed


def exit_codes_of_manual():
    """The codes in the manual's section EXIT STATUS."""
    manual = ROOT / "cli/tokenvault.1"
    text = manual.read_text(encoding="utf-8") if manual.exists() else ""
    section = re.search(r'^\.S[hH] "?EXIT STATUS"?$(.*?)(?=^\.S[hH] )', text, flags=re.M | re.S)
    if not section:
        return set()
    return set(re.findall(r"^(?:\.It |\.B |\.BR |\.IP |\.It Sy )?\"?(\d+)\b", section[1], re.M))


def main():
    """Prints TAP."""
    listed = rows()
    committed = (ROOT / "tests/rules/status.list").read_text(encoding="utf-8").split("\n")[:-1]
    kept = listed[: len(committed)] == committed
    codes = {row.split()[1] for row in listed}
    missing = sorted(codes - exit_codes_of_manual(), key=int)
    extra = sorted(exit_codes_of_manual() - codes - OWN, key=int)
    print(f"{'ok' if kept else 'not ok'} 1 - rows of status.def are as they were")
    print(f"{'not ok' if missing or extra else 'ok'} 2 - the manual has every exit code")
    print("# missing:", *missing, "not in status.def:", *extra)
    print("1..2")
    return 0 if kept and not missing and not extra else 1


sys.exit(main())
