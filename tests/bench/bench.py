"""Measures what was asked for, in a sandbox that bench.sh made: bench.py [--quick] RESULTS.json NAME…"""

import datetime
import json
import pathlib
import platform
import subprocess
import sys
import time

import peers
import report
import rows
from world import Missing, World


def machine():
    """What it was measured on."""
    cpu, cores = "", 0
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        cores += key.strip() == "processor"
        if key.strip() == "model name":
            cpu = value.strip()
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return f"{cores} × {cpu}, {system}, Linux {platform.release()}"


def measure(world, names):
    """All rows of these names; what can't be measured is told."""
    made = []
    for name in names:
        started = time.monotonic()
        try:
            for row in rows.NAMES[name](world):
                made.append(row)
        except (Missing, RuntimeError, OSError, subprocess.SubprocessError) as why:
            print(f"skip  {name}: {why}", flush=True)
            if not isinstance(why, Missing):
                world.failed = True
        print(f"      {name} took {time.monotonic() - started:.0f} s", flush=True)
    return rows.as_json(made)


def main(words):
    """Measures, prints, writes."""
    quick = words[:1] == ["--quick"]
    path, *names = words[quick:]
    unknown = [name for name in names if name not in rows.NAMES]
    if unknown:
        print(f"no such name: {unknown[0]}; there are: {' '.join(rows.NAMES)}", file=sys.stderr)
        return 2
    world = World(quick)
    world.peers = peers.Peers(world)
    world.failed = False
    try:
        results = {
            "date": datetime.date.today().isoformat(), "machine": machine(),
            "rows": measure(world, names or list(rows.NAMES)),
            "skipped": world.peers.skipped,
        }
    finally:
        world.close()
    pathlib.Path(path).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for part in (report.table, report.chart):
        print()
        print("\n".join(part(results["rows"])))
    missed = [row["name"] for row in results["rows"] if not row["met"] and not row["proof"]]
    beyond = sum(not row["met"] for row in results["rows"]) - len(missed)
    print()
    print(f"{len(results['rows'])} figures, {len(missed)} missed" +
          (f": {' '.join(missed)}" if missed else "") + f"; {beyond} that a floor beside them misses, too")
    return 1 if world.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
