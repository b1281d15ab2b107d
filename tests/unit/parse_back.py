"""Reads back with real parsers what the escape rules and the services' files hold:
parse_back.py PROGRAM. Prints TAP."""

import configparser
import json
import netrc
import random
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib

import yaml

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

# What YAML 1.2's core schema takes for something else than a text (10.3.2).
CORE = re.compile(
    r"null|Null|NULL|~||true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|"
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"
)


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


def read_yaml(scalars):
    """In a block, in a list, in a flow, and as a name."""
    for scalar in scalars:
        text = f"before: 1\nvalue: {scalar}\nlist:\n    - x: {scalar}\n      y: 2\n"
        text += f"flow: {{a: {scalar}, b: [{scalar}, {scalar}]}}\n"
        text += f"names:\n  {scalar}: 3\nafter: 4\n"
        got = yaml.safe_load(text)
        value = got["value"]
        same = {
            "before": 1,
            "value": value,
            "list": [{"x": value, "y": 2}],
            "flow": {"a": value, "b": [value, value]},
            "names": {value: 3},
            "after": 4,
        }
        plain = scalar[:1] != '"'
        yield value if got == same and not (plain and CORE.fullmatch(scalar)) else None


def read_toml(scalars):
    """Between neighbours, and in an inline table."""
    for scalar in scalars:
        got = tomllib.loads(f"before = 1\nvalue = {scalar}\nin = {{a = {scalar}, b = 2}}\nafter = 3\n")
        value = got["value"]
        yield value if got == {"before": 1, "value": value, "in": {"a": value, "b": 2}, "after": 3} else None


def read_json(scalars):
    """Between neighbours."""
    for scalar in scalars:
        got = json.loads(f'{{"before": 1, "value": {scalar}, "after": 2}}')
        yield got["value"] if len(got) == 3 else None


def read_ini(scalars):
    """With and without interpolation, which some tools use and some don't."""
    for scalar in scalars:
        found = set()
        for parser in (
            configparser.RawConfigParser(),
            configparser.ConfigParser(),
            configparser.ConfigParser(inline_comment_prefixes=("#", ";")),
        ):
            parser.read_string(f"[one]\nbefore = 1\nvalue = {scalar}\nafter = 2\n[two]\nx = 3\n")
            if list(parser) == ["DEFAULT", "one", "two"] and list(parser["one"]) == [
                "before", "value", "after"]:
                found.add(parser["one"]["value"])
        yield found.pop() if len(found) == 1 else None


def read_netrc(scalars):
    """As the password of the first of two machines."""
    for scalar in scalars:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
            file.write(f"machine a login one password {scalar}\nmachine b login two password p\n")
            file.flush()
            hosts = netrc.netrc(file.name).hosts
        good = set(hosts) == {"a", "b"} and hosts["a"][0] == "one" and hosts["b"] == ("two", "", "p")
        yield hosts["a"][2] if good else None


def read_shell(scalars):
    """By Python's reader, and by the shell itself as a word and in an assignment."""
    script = "".join(f"v={s}\nprintf '%s\\0%s\\0' \"$v\" {s}\n" for s in scalars)
    done = subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True)
    told = done.stdout.decode().split("\0")[:-1]
    for i, scalar in enumerate(scalars):
        words = shlex.split(f"before {scalar} after")
        same = words[1:-1] == [told[2 * i]] and told[2 * i] == told[2 * i + 1]
        yield told[2 * i] if same else None


def read_line(scalars):
    """A line of its own."""
    for scalar in scalars:
        lines = f"before\n{scalar}\nafter".splitlines()
        yield lines[1] if len(lines) == 3 else None


# Who reads a rule's scalars, and the least share of the values that it must be able to write.
READERS = {
    "yaml": (read_yaml, 1.0),
    "toml": (read_toml, 1.0),
    "toml-basic": (read_toml, 1.0),
    "json": (read_json, 1.0),
    "shell": (read_shell, 1.0),
    "ini": (read_ini, 0.1),
    "netrc": (read_netrc, 0.1),
    "none": (read_line, 0.2),
}


def check_rule(rule):
    """The values that came back as others."""
    reader, least = READERS[rule]
    given = values()
    answers = run("escape", rule, data="".join(v + "\0" for v in given).encode())
    taken = [(value, answer[1:]) for value, answer in zip(given, answers) if answer[0] == "+"]
    if len(answers) != len(given) or len(taken) < least * len(given):
        yield f"{len(taken)} of {len(given)} values were written"
    for (value, scalar), back in zip(taken, reader([scalar for _, scalar in taken]), strict=True):
        if value != back:
            yield f"{value!r} was written {scalar} and read {back!r}"


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
        "in_use": not number,
    }


def files_of(entries):
    """Every file of a document, by path."""
    document = {"version": 1, "entries": entries, "keys": [], "lineage": []}
    told = run("views", data=json.dumps(document).encode())
    return dict(zip(told[::2], told[1::2]))


def check_api7():
    """Configs that say something else than their entries."""
    for _ in range(200):
        entries = [entry(n, "api7", ["address"]) for n in range(3)]
        files = files_of(entries)
        profiles = [
            {
                "name": e["label"],
                "address": e["fields"].get("address", "https://api.api7.cloud"),
                "user": {"access_token": e["token"]},
            }
            for e in sorted(entries, key=lambda e: e["label"])
        ]
        expected = {"default_profile": entries[0]["label"], "profiles": profiles}
        if yaml.safe_load(files["/.api7cloud/config"]) != expected:
            yield files["/.api7cloud/config"]
        if yaml.safe_load(files["/.api7cloud/credentials"]) != {
            "user": {"access_token": entries[0]["token"]}}:
            yield files["/.api7cloud/credentials"]


def check_azion():
    """Settings that say something else than their entries."""
    names = {
        "uuid": "UUID", "client_id": "ClientId", "email": "Email",
        "continuation_token": "ContinuationToken", "s3_access_key": "S3AccessKey",
        "s3_secret_key": "S3SecretKey", "s3_bucket": "S3Bucket",
    }
    for _ in range(200):
        one = entry(0, "azion", names)
        files = files_of([one])
        expected = {names[f]: one["fields"].get(f, "") for f in names}
        expected["Email"] = expected["Email"] or one["account"]
        got = tomllib.loads(files[f"/.azion/{one['label']}/settings.toml"])
        constants = [str(got.pop("LastCheck")), got.pop("LastVulcanVersion"),
                     got.pop("AuthorizeMetricsCollection")]
        if got != {"Token": one["token"], **expected} or constants != [
            "9999-01-01 00:00:00+00:00", "", 2]:
            yield files[f"/.azion/{one['label']}/settings.toml"]
        if tomllib.loads(files["/.azion/profiles.json"]) != {"Name": one["label"]}:
            yield files["/.azion/profiles.json"]
        if shlex.split(files[f"azion/{one['label']}/vulcan.env"]) != ["API_TOKEN=" + one["token"]]:
            yield files[f"azion/{one['label']}/vulcan.env"]
        if files[f"azion/{one['label']}/credentials"] != one["token"]:
            yield files[f"azion/{one['label']}/credentials"]


def check_choreo():
    """Files that say something else than their entries."""
    for _ in range(200):
        one = entry(0, "choreo", [])
        files = files_of([one])
        if files["/.choreo/token"] != one["token"] + "\n":
            yield files["/.choreo/token"]
        if tomllib.loads(files["/.choreo/config.toml"]) != {
            "login": {"oauth2": {"accessToken": one["token"]}}}:
            yield files["/.choreo/config.toml"]


def main():
    """One TAP line for each rule and service."""
    checks = {rule: lambda rule=rule: check_rule(rule) for rule in READERS}
    checks |= {"api7": check_api7, "azion": check_azion, "choreo": check_choreo}
    failed = 0
    print(f"1..{len(checks)}")
    for number, (name, check) in enumerate(checks.items(), 1):
        faults = list(check())
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {name} is read back as it was given")
        for fault in faults[:10]:
            print("#  ", repr(fault))
    return 1 if failed else 0


sys.exit(main())
