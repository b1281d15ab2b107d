"""Reads back with real parsers what the escape rules and the services' files hold:
parse_back.py PROGRAM. Prints TAP."""

import configparser
import json
import netrc
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
import urllib.parse

import yaml

sys.dont_write_bytecode = True
import parse_services
from awkward import run, values

PROVIDERS = pathlib.Path(__file__).parents[2] / "vault/providers/providers.def"

# What YAML 1.2's core schema takes for something else than a text (10.3.2).
CORE = re.compile(
    r"null|Null|NULL|~||true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|"
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"
)


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


def read_uri(scalars):
    """As a password in an address, and as a step of its path."""
    for scalar in scalars:
        parts = urllib.parse.urlsplit(f"https://u:{scalar}@h.example/a/{scalar}/b?c#d")
        steps = parts.path.split("/")
        same = (parts.hostname, parts.query, len(steps), steps[2]) == ("h.example", "c", 4, scalar)
        yield urllib.parse.unquote(parts.password) if same else None


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
    "uri": (read_uri, 1.0),
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


def main():
    """One TAP line for each rule and service."""
    checks = {rule: lambda rule=rule: check_rule(rule) for rule in READERS}
    rows = re.findall(r"^TV_PROVIDER\((.*)\)$", PROVIDERS.read_text(), re.M)
    # A service without a check is a failure.
    checks |= {
        f"what {name} shows": getattr(parse_services, "check_" + name.replace("-", "_")) for name in rows}
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
