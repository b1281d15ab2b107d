"""Asks the test service what azion's users would: azion.py COMMAND, in the network of the service.

azion.py tokens TOKEN       the account's tokens: a line of id and name each
azion.py accepts TOKEN      whether the service accepts a token
azion.py watch FILE STOP    reads the token that a settings file shows and asks whether it is accepted, until
                            there is a file STOP; then prints `N good, M bad, K tokens`
"""

import http.client
import json
import os
import pathlib
import re
import ssl
import sys
import time

ROOTS = pathlib.Path(os.environ["SERVICE"]) / "ca.pem"


def ask(path, token):
    """(status, JSON value) of a GET. The host is the tests' own, whose answers no mode spoils."""
    connection = http.client.HTTPSConnection(
        "asks.example", context=ssl.create_default_context(cafile=str(ROOTS)), timeout=10)
    try:
        connection.request("GET", path, headers={"Authorization": f"Token {token}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def accepts(token):
    """Whether it is a live one."""
    return ask("/api/user/me", token)[0] == 200


def tokens(token):
    """{id: name} of the account's tokens."""
    status, value = ask("/iam/personal_tokens?all=1", token)
    assert status == 200, status
    return {item["uuid"]: item["name"] for item in value["results"]}


def shown(file):
    """The token in a settings file."""
    match = re.search(r"^Token = ['\"](.*)['\"]$", pathlib.Path(file).read_text(encoding="utf-8"), re.M)
    return match[1]


def is_good(file):
    """Whether the file shows a token that is accepted. Between reading and asking it may have been rotated
    away: only one that the file still shows after it was refused is a bad one."""
    while True:
        token = shown(file)
        if accepts(token):
            return True, token
        if shown(file) == token:
            return False, token


def watch(file, stop):
    """Looks again and again."""
    good, bad, seen = 0, 0, set()
    while not os.path.exists(stop):
        is_one, token = is_good(file)
        good, bad = good + is_one, bad + (not is_one)
        seen.add(token)
        time.sleep(0.01)
    print(f"{good} good, {bad} bad, {len(seen)} tokens")


def main():
    """One command."""
    command, *words = sys.argv[1:]
    if command == "watch":
        watch(*words)
    elif command == "tokens":
        print("\n".join(sorted(f"{key} {name}" for key, name in tokens(*words).items())))
    elif command == "accepts":
        sys.exit(0 if accepts(*words) else 1)


if __name__ == "__main__":
    main()
