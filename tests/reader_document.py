"""The second reader's part for the document: JSON, and every bound that FORMAT.md sets. See reader.py."""

import json
import re
import socket

ANSWERS = ("OK", "TOKEN_REFUSED", "UNREACHABLE", "CERTIFICATE", "ODD_REPLY")
EXACT = 1 << 53
DEPTH = 64


class Refused(Exception):
    """The vault is refused; its text is a status' name of vault/status.def."""


def need(truth, status="DAMAGED"):
    if not truth:
        raise Refused(status)


# ---- what a value may be; each is a function that says whether it is that


def is_text(value, least, most):
    return (
        isinstance(value, str)
        and least <= len(value.encode()) <= most
        and not any(c < " " or c == "\x7f" for c in value)
    )


def text(least, most):
    return lambda value: is_text(value, least, most)


def like(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value, re.A) is not None


def whole(least, most=EXACT):
    return lambda value: type(value) is int and least <= value <= most  # pylint: disable=unidiomatic-typecheck


def one_of(*values):
    return lambda value: any(value is v or (isinstance(value, str) and value == v) for v in values)


def path(value):
    return is_text(value, 1, 4096) and value[0] == "/"


def own_path(value):
    parts = value.split("/") if is_text(value, 1, 1023) else [""]
    short = all(0 < len(part.encode()) <= 255 for part in parts)
    return short and not {".", ".."} & set(parts) and not re.search(r"\{\{|\}\}", value)


def file_name(value):
    return is_text(value, 1, 255) and "/" not in value and value not in (".", "..")


def in_one_spelling(family, address):
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, address)) == address
    except (OSError, UnicodeError):
        return False


def host(value):
    match = isinstance(value, str) and re.fullmatch(
        r"(?:\[([0-9a-f:.]+)\]|([0-9a-z.-]{1,253}))(?::([1-9][0-9]{0,4}))?", value, re.A
    )
    if not match or (match[3] and (int(match[3]) > 65535 or int(match[3]) == 443)):
        return False
    if match[1]:
        return in_one_spelling(socket.AF_INET6, match[1])
    labels = match[2].split(".")
    if not all(re.fullmatch(r"[0-9a-z]([0-9a-z-]{0,61}[0-9a-z])?", label) for label in labels):
        return False
    is_number = re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1])
    return not is_number or in_one_spelling(socket.AF_INET, match[2])


def many(check, most, least=0, twice=False):
    """An array of these, none twice unless that is said."""

    def is_that(value):
        return (
            isinstance(value, list)
            and least <= len(value) <= most
            and all(check(item) for item in value)
            and (twice or len({json.dumps(item) for item in value}) == len(value))
        )

    return is_that


def fields(value):
    name = like(r"[a-z][a-z0-9_]{0,31}")
    return isinstance(value, dict) and len(value) <= 64 and all(name(k) and is_text(v, 0, 8192) for k, v in value.items())


def objects(name, most):
    return lambda value: isinstance(value, list) and len(value) <= most and all(is_object(item, name) for item in value)


def an_object(name):
    return lambda value: is_object(value, name)


def is_object(value, name):
    """Whether it is one of this kind; a member that FORMAT.md does not list is a newer program's."""
    if not isinstance(value, dict):
        return False
    known = MEMBERS[name]
    need(set(value) <= set(known), "NEWER")
    return REQUIRED.get(name, set()) <= set(value) and all(known[member](inner) for member, inner in value.items())


TIME = whole(0)
TRUE = one_of(True)
BOOL = one_of(True, False)
HEX16, HEX32 = like("[0-9a-f]{32}"), like("[0-9a-f]{64}")
PROVIDER = like("[a-z0-9][a-z0-9-]{0,31}")
LABEL = like(r"(?!\.\.?$)[A-Za-z0-9._-]{1,64}")
TOKEN = like("[ -~]{1,65536}")
HANDLE = text(1, 256)
SECONDS = whole(1, 366 * 86400)

# The members of the document that FORMAT.md lists, whose they are, and what they may be.
VERSION = {
    "label": LABEL,
    "token": TOKEN,
    "note": text(0, 4096),
    "fields": fields,
    "expires": TIME,
    "expires_from": one_of("token", "service", "user"),
    "hosts": many(host, 64),
    "since": TIME,
    "ended": TIME,
    "account": text(0, 4096),
}
MEMBERS = {
    "": {
        "version": whole(1, 1),
        "entries": objects("entries", 100000),
        "views": objects("views", 1000),
        "paths": objects("paths", 1000),
        "rules": objects("rules", 1000),
        "settings": an_object("settings"),
        "keys": objects("keys", 16),
        "lineage": many(HEX32, 64, twice=True),
        "audit": HEX32,
    },
    "entries": VERSION
    | {
        "id": HEX16,
        "provider": PROVIDER,
        "created": TIME,
        "updated": TIME,
        "removed": TIME,
        "verified": TIME,
        "tried": TIME,
        "answer": lambda value: isinstance(value, str),
        "in_use": TRUE,
        "deny": TRUE,
        "rotation": an_object("rotation"),
        "revoking": objects("revoking", 16),
        "history": objects("history", 10),
    },
    "history": VERSION,
    "rotation": {
        "step": one_of("minting", "minted"),
        "name": HANDLE,
        "started": TIME,
        "token": TOKEN,
        "id": HANDLE,
        "expires": TIME,
    },
    "revoking": {"id": HANDLE, "at": TIME},
    "views": {"provider": PROVIDER, "entry": HEX16, "file": file_name, "on": BOOL},
    "paths": {"provider": PROVIDER, "entry": HEX16, "file": file_name, "path": own_path},
    "rules": {
        "id": like("[0-9a-f]{8}"),
        "entry": HEX16,
        "verdict": one_of("allow", "deny", "ask"),
        "created": TIME,
        "program": path,
        "script": path,
        "hash": HEX32,
        "ancestor": path,
        "tty": TRUE,
        "no_ancestor": many(lambda name: is_text(name, 1, 64) and "/" not in name, 32, least=1, twice=True),
        "cgroup": text(1, 4096),
        "until": whole(1),
        "reads": whole(1, 1000000),
        "until_exit": an_object("until_exit"),
        "namespaces": TRUE,
    },
    "until_exit": {"pid": whole(1, (1 << 31) - 1), "start": whole(1)},
    "settings": {
        "proxy": text(1, 4096),
        "ca_file": text(1, 4096),
        "private_hosts": many(lambda value: host(value) and not re.search(r":[0-9]+$", value.split("]")[-1]), 100),
        "lock_idle": SECONDS,
        "lock_after": SECONDS,
        "lock_sleep": BOOL,
        "lock_screen": BOOL,
        "unlock_on_open": BOOL,
        "prompt_wait": whole(1, 3600),
        "audit": BOOL,
    },
    "keys": {"uuid": HEX16, "recipient": HEX32, "label": LABEL, "created": TIME},
}
REQUIRED = {
    "": {"version", "entries", "keys", "lineage"},
    "entries": {"id", "provider", "label", "token"},
    "history": {"label", "token"},
    "rotation": {"step", "name"},
    "revoking": {"id"},
    "views": {"provider", "file", "on"},
    "paths": {"provider", "file", "path"},
    "rules": {"id", "entry", "verdict"},
    "until_exit": {"pid", "start"},
    "keys": {"uuid", "recipient", "label"},
}


# ---- what its parts say of each other


def none_twice(values):
    values = list(values)
    need(len(set(values)) == len(values))


def check_entry(entry):
    for version in entry.get("history", []) + [entry]:
        need("expires_from" not in version or version.get("expires"))
    need(bool(entry.get("tried")) == ("answer" in entry))
    need(entry.get("answer", "OK") in ANSWERS, "NEWER")
    none_twice(one["id"] for one in entry.get("revoking", []))
    rotation = entry.get("rotation", {"step": "minting"})
    need((rotation["step"] == "minted") == ("token" in rotation))
    need("token" in rotation or ("id" not in rotation and not rotation.get("expires")))


def check_entries(entries):
    none_twice(entry["id"] for entry in entries)
    live = [entry for entry in entries if not entry.get("removed")]
    need(not any("in_use" in entry for entry in entries if entry.get("removed")))
    none_twice((entry["provider"], entry["label"]) for entry in live)
    for provider in {entry["provider"] for entry in live}:
        need(sum("in_use" in entry for entry in live if entry["provider"] == provider) == 1)


def check_choices(document, providers):
    for one in document.get("views", []) + document.get("paths", []):
        need("entry" not in one or providers.get(one["entry"]) == one["provider"])
    none_twice((one["provider"], one["file"], one.get("entry")) for one in document.get("views", []))
    none_twice(one["path"] for one in document.get("paths", []))


def check_rules(rules, providers):
    none_twice(rule["id"] for rule in rules)
    need(sum("until_exit" in rule for rule in rules) <= 8)
    for rule in rules:
        need(rule["entry"] in providers)
        need("program" in rule or not {"script", "hash"} & set(rule))


def check(document):
    need(isinstance(document, dict) and whole(1)(document.get("version")))
    need(document["version"] == 1, "NEWER")
    need(is_object(document, ""))
    for entry in document["entries"]:
        check_entry(entry)
    check_entries(document["entries"])
    providers = {entry["id"]: entry["provider"] for entry in document["entries"]}
    check_choices(document, providers)
    check_rules(document.get("rules", []), providers)
    none_twice(key["uuid"] for key in document["keys"])
    return document


# ---- JSON


def number(digits):
    """As a double, as which everybody reads it; whole ones as such."""
    need(len(digits) <= 63)
    value = float(digits)
    return int(value) if abs(value) <= EXACT and value == int(value) else value


def members(pairs):
    need(len(pairs) <= 4096)
    none_twice(name for name, _ in pairs)
    return dict(pairs)


def refuse(_):
    raise Refused("DAMAGED")


def check_texts(value, depth=0):
    """No text with a NUL or half a surrogate pair, and nothing too deep."""
    if isinstance(value, (dict, list)):
        need(depth < DEPTH)
        for child in value if isinstance(value, list) else [*value, *value.values()]:
            check_texts(child, depth + 1)
    elif isinstance(value, str):
        need("\0" not in value and not re.search("[\ud800-\udfff]", value))


def parse(data):
    """The document of these bytes."""
    try:
        document = json.loads(
            data.decode(), parse_int=number, parse_float=number, parse_constant=refuse, object_pairs_hook=members
        )
    except (ValueError, RecursionError):
        raise Refused("DAMAGED") from None
    check_texts(document)
    return check(document)
