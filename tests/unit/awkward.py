"""Awkward values, entries that have them, and the files that the program makes of these. The program is the
script's first argument."""

import json
import random
import subprocess
import sys

PROGRAM = sys.argv[1]
COUNT = 4000
RANDOM = random.Random(20260921)

AWKWARD = [
    "", " ", "a", "ci", "true", "True", "no", "null", "~", "1", "01", "0x1f", "0o7", "0b1", "1.0",
    "1e5", "1_000", ".5", ".inf", ".nan", "2020-01-01", "2001-12-14T21:59:43Z", "1:30", "=", "<<",
    "-", "---", "...", "- a", "? a", ": a", "a:", "a: b", "a #b", "#a", "'", '"', "''", '"""',
    "'''", "\\", "a\\", "\\n", "\\x41", "{{token}}", "{a: b}", "[a]", "&a", "*a", "!a", "|", ">",
    "%a", "@a", "`a`", "$a", "${a}", "$(id)", ";", "a;b", "a ;b", "a\nb: c", "a\r\nb = c",
    "\nneighbour = 1", "]\n[x]", "a\tb", "\x01", "\x1b[m", "\x7f", "\x85", "\u2028",
    "\ufeff", "\xa0", "gr\xfc\xdf", "\U0001f511", "password x machine y", "login", "=ls", "a=b",
    "https://api.api7.cloud", "gho_16C7e42F292c6912E7", "eyJhbGciOiJub25lIn0.e30.c2ln", "y", "N",
]
PIECES = AWKWARD + list(" \t\n\r'\"\\#;:,=%$`~!@&*?|<>(){}[]-_./+") + list("aebnxyzEX0179")


def random_value():
    """Some awkward pieces in a row."""
    return "".join(RANDOM.choice(PIECES) for _ in range(RANDOM.randint(1, 6)))


def printable():
    """A token: printable ASCII, awkward."""
    value = "".join(c for c in random_value() if " " <= c <= "~")
    return value or "token"


def values():
    """The fixed ones, many random ones, and every ASCII character alone and inside."""
    singles = [chr(c) for c in range(1, 128)]
    return AWKWARD + singles + [f"a{c}b" for c in singles] + [random_value() for _ in range(COUNT)]


def run(*args, data):
    """The program's answer, cut at its NULs."""
    done = subprocess.run([PROGRAM, *args], input=data, capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def entry(number, provider, fields):
    """An entry with a token and fields that are as awkward as may be."""
    given = {name: "".join(c for c in random_value() if c >= " " and c != "\x7f") for name in fields}
    label = RANDOM.choice(["true", "1e5", "0x1f", "a-b", "no", "1.0", "...", "x_y", "-", "_"])
    return {
        "id": f"{number:032x}",
        "provider": provider,
        "label": f"{label}{number or ''}",
        "token": printable(),
        "account": "o'k \"x\" \\ #@example.com",
        "fields": {name: value for name, value in given.items() if value},
        **({} if number else {"in_use": True}),
    }


def files_of(entries):
    """Every file of a document, by path."""
    document = {"version": 1, "entries": entries, "keys": [], "lineage": []}
    told = run("views", data=json.dumps(document).encode())
    return dict(zip(told[::2], told[1::2]))


def fit(rule, value):
    """What of a value the rule can write; never nothing."""
    if rule in ("ini", "netrc"):
        value = "".join(c for c in value if c.isprintable() and c not in "#;\"'\\%${")
    if rule == "netrc":
        value = "".join(c for c in value if not c.isspace())
    return value.strip() or "x"


def entries_of(provider, fields, rule="none", count=3):
    """Entries with awkward values in all of these fields, each in its own words."""
    made = [entry(n, provider, fields) for n in range(count)]
    for number, e in enumerate(made):
        e["token"] = fit(rule, e["token"])
        e["fields"] = {f: f"{number}{fit(rule, e['fields'].get(f, 'x'))}" for f in fields}
    return made


def by_label(entries):
    """As the files list them."""
    return sorted(entries, key=lambda e: e["label"])
