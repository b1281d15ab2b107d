"""How much of some files was reached: coverage.py SUMMARY ROOT FILE …; SUMMARY is llvm-cov's export."""

import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    SUMMARIES = {os.path.relpath(os.path.realpath(one["filename"]), os.path.realpath(sys.argv[2])): one["summary"]
                 for one in json.load(file)["data"][0]["files"]}
FILES = sys.argv[3:]


def share(name, what):
    """Of a file, in hundredths."""
    return f"{SUMMARIES[name][what]['percent']:.0f} % of the {what}"


for kind in ("lines", "branches"):
    covered, count = (sum(SUMMARIES[name][kind][part] for name in FILES) for part in ("covered", "count"))
    print(f"# coverage of {len(FILES)} parsers: {covered} of {count} {kind}, {100 * covered / count:.1f} %")
for each in sorted(FILES, key=lambda name: SUMMARIES[name]["lines"]["percent"]):
    print(f"#   {each}: {share(each, 'lines')}, {share(each, 'branches')}")
