"""Prints what a run of `meson test` found, test by test, with the output of those that failed:
report.py BUILD TESTLOG.JSON COUNTS. The last is written: passed, failed, skipped."""

import json
import re
import sys

TAP = re.compile(r"^(not )?ok\b *\d* *-? *(.*)$")


def checks(test):
    """The (verdict, name) of every check in the test's TAP, or one for the whole test."""
    found = []
    for line in test.get("stdout", "").splitlines():
        match = TAP.match(line)
        if match:
            name, _, directive = match[2].partition("# SKIP")
            verdict = "FAIL" if match[1] else "skip" if directive or "# SKIP" in line else "ok"
            found.append((verdict, (name.strip() + ": " + directive.strip()).strip(": ")))
    verdicts = {verdict for verdict, _ in found}
    if test["result"] == "SKIP" and not found:
        said = re.findall(r"# SKIP *(.*)", test.get("stdout", ""))
        found.append(("skip", said[0] if said else ""))
    elif test["result"] in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"):
        if "FAIL" not in verdicts:
            found.append(("FAIL", f"{test['result'].lower()}, exit {test.get('returncode')}"))
    elif not found:
        found.append(("ok", ""))
    return found


def report(build, test, counts):
    """Prints one test and adds to counts; returns nothing."""
    name = test["name"].split(" / ")[-1]
    found = checks(test)
    tally = {verdict: sum(v == verdict for v, _ in found) for verdict in counts}
    for verdict, number in tally.items():
        counts[verdict] += number
    worst = "FAIL" if tally["FAIL"] else "ok" if tally["ok"] else "skip"
    size = f" ({tally['ok']} of {len(found)})" if len(found) > 1 else ""
    print(f"{worst:5} {build}: {name}{size}, {test['duration']:.1f} s")
    for verdict, what in found:
        if verdict == "FAIL" or (verdict == "skip" and what):
            print(f"      {verdict}: {what}")
    if tally["FAIL"]:
        text = (test.get("stdout", "") + test.get("stderr", "")).splitlines()
        for line in text[-80:]:
            print("      |", line)


def main():
    """Reads the log and prints everything in it."""
    build, log, out = sys.argv[1:]
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            report(build, json.loads(line), counts)
    with open(out, "w", encoding="utf-8") as file:
        print(counts["ok"], counts["FAIL"], counts["skip"], file=file)


main()
