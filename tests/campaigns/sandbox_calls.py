"""Which calls of the server's table were made: sandbox_calls.py CALLS.C TRACE… with traces of `strace -f`. Prints each row of
the table that no server used once its filter was there, but for those that are marked as other machines'; then how many rows
there are, and how many calls of servers there were."""

import re
import sys

ROW = re.compile(r'^\t\{"(\w+)", "([^"]*)"(.*)\},$', re.M)
LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed)(.*)")


def rows(path):
    """name: (has a reason, is used elsewhere) of each call in the table."""
    with open(path, encoding="utf-8") as file:
        return {name: (bool(reason), "ELSEWHERE" in rest) for name, reason, rest in ROW.findall(file.read())}


def calls_of_servers(path):
    """What was called behind the filter: by who loaded it without being another program than who forked it."""
    executed, confined, threads = set(), set(), {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            match = LINE.match(line)
            if not match:
                continue
            pid, call, rest = match.groups()
            if call == "execve":
                executed.add(pid)
            if call == "clone" or call == "clone3":
                child = re.search(r"= (\d+)$", rest)
                if child and "CLONE_THREAD" in line:
                    threads[child[1]] = pid
            if call == "seccomp" and "SET_MODE_FILTER" in rest and pid not in executed:
                confined.add(pid)
                continue
            if pid in confined or threads.get(pid) in confined:
                yield call


def main():
    """Ends with 1 when a row has no reason."""
    table = rows(sys.argv[1])
    used, count = set(), 0
    for path in sys.argv[2:]:
        for call in calls_of_servers(path):
            used.add(call)
            count += 1
    for name, (has_reason, is_elsewhere) in table.items():
        if not has_reason:
            sys.exit(f"{name} has no reason")
        if name not in used and not is_elsewhere:
            print("never used:", name)
    print(len(table), count)


main()
