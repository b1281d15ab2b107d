"""The real parsers of the formats that tokenvault-read knows, for readers.py: each gives the tree that ours
should be, or raises."""

import base64
import configparser
import csv
import io
import json
import netrc
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import urllib.parse

import yaml

def plain(value):
    """Ours tells a word from a text by its look alone: the same for both."""
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def real_yaml(text):
    """Every scalar as text; words for nothing as nothing."""

    class Loader(yaml.BaseLoader):
        """Refuses what occurs twice, and marks plain scalars."""

        def construct_scalar(self, node):
            value = super().construct_scalar(node)
            if node.style is None and value in ("", "~", "null", "Null", "NULL"):
                return None
            return value

        def construct_mapping(self, node, deep=False):
            keys = [key.value for key, _ in node.value]
            if len(set(keys)) != len(keys):
                raise ValueError("twice")
            return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

        def construct_yaml_map(self, node):
            return self.construct_mapping(node)

    Loader.add_constructor("tag:yaml.org,2002:map", Loader.construct_yaml_map)
    # A line end that only YAML 1.1 has counts as one in Python, and in libyaml as well.
    return plain(yaml.load(text, Loader))


def toml_word(value):
    """Numbers and times as one can compare them."""
    if isinstance(value, dict):
        return {key: toml_word(v) for key, v in value.items()}
    if isinstance(value, list):
        return [toml_word(v) for v in value]
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return f"number {float(value)!r}"
    return f"time {value.isoformat()}"


def toml_ours(value, real):
    """Ours, with what is text in it read as the real parser's value of that place is."""
    if isinstance(value, dict) and isinstance(real, dict):
        return {key: toml_ours(v, real.get(key)) for key, v in value.items()}
    if isinstance(value, list) and isinstance(real, list) and len(value) == len(real):
        return [toml_ours(v, r) for v, r in zip(value, real)]
    if isinstance(real, str) and real.startswith(("number ", "time ")):
        try:
            return toml_word(tomllib.loads(f"x = {value}")["x"])
        except tomllib.TOMLDecodeError:
            return value
    return value


def real_ini(text):
    """configparser without its default section and without interpolation."""
    parser = configparser.RawConfigParser(default_section="\0", strict=True)
    parser.read_string(text)
    return {name: dict(parser.items(name)) for name in parser.sections()}


def real_netrc(text):
    """Of machines that are named twice Python has the last."""
    with tempfile.NamedTemporaryFile("w", suffix="netrc", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        return {host: [value or "" for value in values]
                for host, values in netrc.netrc(file.name).hosts.items()}


def netrc_ours(tree):
    """The same shape."""
    return {"default" if m.get("default") else m["machine"]:
            [m.get("login", ""), m.get("account", ""), m.get("password", "")]
            for m in tree["machines"]}


def real_env(text):
    """python-dotenv, which gives None to a name without a value."""
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    bindings = list(parse_stream(io.StringIO(text)))
    keys = [b.key for b in bindings if b.key is not None]
    if any(b.error for b in bindings) or len(set(keys)) != len(keys):
        raise ValueError("wrong")
    values = dict(dotenv_values(stream=io.StringIO(text), interpolate=False))
    if None in values.values():
        raise ValueError("no value")
    return values


def real_csv(text):
    """Rows by their heads."""
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    if len(set(rows[0])) != len(rows[0]) or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("ragged")
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def real_git(text):
    """urllib's view of URLs."""
    found = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        scheme, _, rest = line.partition("://")
        user, _, host = rest.partition("@")
        name, _, word = user.partition(":")
        host, _, path = host.partition("/")
        one = {"protocol": scheme, "username": name, "password": word, "host": host}
        one.update({"path": path} if path else {})
        found.append({key: urllib.parse.unquote(value) for key, value in one.items()})
    return found


NPM_INI = next((path for path in ("/usr/share/nodejs/ini", "/usr/share/nodejs/npm/node_modules/ini",
                                  "/usr/lib/node_modules/npm/node_modules/ini")
                if os.path.isdir(path)), None)


def real_npmrc(text):
    """npm's own package, where it is installed."""
    script = (f"const ini = require({json.dumps(NPM_INI)});"
              "console.log(JSON.stringify(ini.parse(require('fs').readFileSync(0, 'utf8'))))")
    done = subprocess.run(["node", "-e", script], input=text.encode(), capture_output=True, check=True)
    return plain({key + "[]" * isinstance(v, list): v for key, v in json.loads(done.stdout).items()})


def real_json(text):
    """Refuses what occurs twice."""
    def once(pairs):
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("twice")
        return dict(pairs)
    return json.loads(text, object_pairs_hook=once)


def real_docker(text):
    """base64 of name and word, where nothing else says them."""
    def apart(entry):
        others = {"username", "password", "identitytoken", "registrytoken"}
        auth = entry.get("auth") if isinstance(entry, dict) else None
        if not isinstance(auth, str) or others & set(entry) or len(auth) % 4:
            return entry
        try:
            user, _, word = base64.b64decode(auth, validate=True).decode().partition(":")
        except ValueError:
            return entry
        if not user or not word or any(not 32 <= ord(c) != 127 for c in user + word):
            return entry
        return {"username": user, "password": word, **{k: v for k, v in entry.items() if k != "auth"}}

    tree = real_json(text)
    if isinstance(tree, dict) and isinstance(tree.get("auths"), dict):
        tree["auths"] = {name: apart(entry) for name, entry in tree["auths"].items()}
    return tree


def real_kubeconfig(text):
    """Contexts with what they name; names that no two contexts say are gone."""
    def pair(one, kind):
        return (isinstance(one, dict) and set(one) == {"name", kind} and isinstance(one["name"], str)
                and isinstance(one[kind], dict))

    tree = real_yaml(text)
    if not isinstance(tree, dict):
        return tree
    contexts = tree.get("contexts")
    whole = [c for c in contexts if pair(c, "context")] if isinstance(contexts, list) else []
    out = json.loads(json.dumps(tree))
    for kind in ("cluster", "user"):
        listed = tree.get(kind + "s")
        if not isinstance(listed, list):
            continue
        said = [c["context"].get(kind) for c in whole]
        named = [one.get("name") for one in listed if isinstance(one, dict)]
        # Ours tells names from numbers.
        if any(re.fullmatch(r"-?\d+|true|false", str(n)) for n in named + said):
            raise ValueError("no name")
        good = {one["name"]: one[kind] for one in listed if pair(one, kind) and named.count(one["name"]) == 1}
        for was, context in zip(contexts, out["contexts"]) if isinstance(contexts, list) else ():
            name = was["context"].get(kind) if pair(was, "context") else None
            if isinstance(name, str) and name in good:
                context[kind] = good[name]
                if said.count(name) == 1:
                    del context["context"][kind]
        out[kind + "s"] = [one for one in listed if not (pair(one, kind) and one["name"] in good and one["name"] in said)]
    return out


def real_raw(text):
    """Without the line end."""
    return re.sub(r"\r?\n\Z", "", text)


REAL = {
    "yaml": real_yaml, "json": real_json, "ini": real_ini, "netrc": real_netrc, "env": real_env,
    "csv": real_csv, "git-credentials": real_git, "raw": real_raw,
    "docker-config": real_docker, "kubeconfig": real_kubeconfig,
    "toml": lambda text: toml_word(tomllib.loads(text)), "npmrc": real_npmrc,
}

def same(name, tree, real):
    """Whether the two trees say the same."""
    if name in ("yaml", "kubeconfig"):
        return plain(tree) == real
    if name == "toml":
        return toml_ours(toml_word(tree), real) == real
    if name == "netrc":
        return netrc_ours(tree) == real
    if name == "npmrc":
        return plain(tree) == real
    return tree == real


def can_compare(name):
    """Whether the real parser is installed."""
    if name == "npmrc":
        return bool(NPM_INI and shutil.which("node"))
    if name == "env":
        try:
            __import__("dotenv")
        except ImportError:
            return False
    return True
