"""Vault files with a fault, and libraries with a check taken out: hostile_checks.py run BUILD VECTORS EVERY, or hostile_checks.py checks
BUILD VECTORS EVERY SECONDS. Prints `ok …`, `not ok …`, and at last `# tried N, found N, expected N, skipped N`."""

import concurrent.futures
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
if (ROOT / "tests").is_dir():
    sys.path.insert(1, str(ROOT / "tests"))
SANDBOX = pathlib.Path(os.environ["TMPDIR"])
# What reads a vault; every refusal in them is taken out in turn.
FILES = ("header slot open seal cursor docjson docindex span entryjson choicejson rulejson json jsontext state settings doc utf8 path host hosts entry "
         "rotation hex wrap stretch slots/both slots/device slots/keyfile slots/passphrase").split()
REFUSAL = re.compile(
    r"\s*(?:return (?:damaged|newer|tv_doc_damaged|out_of_bounds)\(|return false;|return fail_twice\(|status = tv_doc_damaged\("
    r"|return tv_fail\(err,\s*TV_(?:DAMAGED|NEWER|KDF_BOUNDS|BAD_VALUE|ROLLED_BACK|FORKED|NOT_YOURS|WRONG_KEY)|status = TV_BAD_VALUE"
    r"|return tv_fail\(err, wrong_mac|return a;)"
)
# Checks that no vault file can show to be missing, and why: (file, the condition's end): the reason.
TWICE, MEMORY, CALL, URL = "said by another check, too", "keeps from reading too far", "no file leads there", "of an address, not of a vault"
WRITTEN = "of what was just written, not of a file that is read"
NEEDLESS = {
    ("header", "c->left"): "the MAC would not fit",
    ("header", "c->failed"): TWICE,
    ("header", "len < SLOT_FRONT"): TWICE,
    ("header", "h->len < FIXED_BYTES + TV_MAC_BYTES"): TWICE,
    ("header", "h->len > file_len"): TWICE,
    ("header", "h->payload_len > TV_PAYLOAD_MAX"): "the file would have 128 MiB",
    ("header", "!is_padded(h)"): "asked of what is in the payload, too",
    ("open", "json_len > c.left"): MEMORY,
    ("rulejson", "&pid)"): TWICE,
    ("rulejson", "&start)"): TWICE,
    ("host", "len >= sizeof address"): MEMORY,
    ("slot", "!type"): CALL,
    ("slot", "!tv_label_is_valid(label)"): CALL,
    ("slot", "!vault_id && type->public_key_at"): CALL,
    ("slot", "sizeof commitment)"): "compared by who opens the slot, too",
    ("wrap", "sizeof commitment)"): "compared by who looks for the slot, too",
    ("open", "!slot"): CALL,
    ("open", "from->header.vault_id, TV_ID_BYTES)"): CALL,
    ("open", "!has_payload(v, file)"): CALL,
    ("open", "sodium_memcmp(mac, again->header.mac, sizeof mac)"): WRITTEN,
    ("json", "!raw"): "for want of memory",
    ("docjson", "n_entries == TV_ENTRIES_MAX"): "the file would have 8 MB: unit/test_doc.c has it",
    ("span", "peek(&w) != ':'"): TWICE,
    ("span", "!rest->at"): CALL,
    ("entryjson", "!token"): TWICE,
    ("entryjson", "status"): TWICE,
    ("choicejson", "(m == hosts) != tv_json_is_array(m)"): TWICE,
    ("rulejson", "tv_json_count(exit) != 2"): TWICE,
    ("jsontext", "r->at == r->end"): MEMORY,
    ("state", "fd < 0"): TWICE,
    ("state", "!= 4"): TWICE,
    ("state", "id)"): TWICE,
    ("state", "mac)"): TWICE,
    ("state", "pin)"): TWICE,
    ("settings", "!value"): CALL,
    ("utf8", "more < 0"): TWICE,
    ("utf8", "(size_t)more >= len - i"): MEMORY,
    ("utf8", "c <= others[i].last"): "of what is shown, not of a vault",
    ("path", "len >= TV_PATH_MAX - n"): TWICE,
    ("host", "len < 3"): URL,
    ("host", "len - 2 >= sizeof text"): URL,
    ("host", "at[len - 1] != ']'"): URL,
    ("host", "inet_pton(AF_INET6, text, address) != 1"): URL,
    ("host", "name > len"): URL,
    ("host", "len >= TV_HOST_MAX"): URL,
    ("host", "!normalize_address(out, at, name)"): URL,
    ("host", "strlen(scheme)) != 0"): URL,
    ("host", 'strcspn(at, "/"))'): URL,
    ("entry", "!fields"): CALL,
    ("hex", "!text"): CALL,
}


def statement(status_of):
    """The exit codes of status.def by name."""
    text = (ROOT / "vault" / "status.def").read_text(encoding="utf-8")
    return {name: int(code) for name, code in re.findall(r"TV_STATUS\((\w+), (\d+),", text)}[status_of]


# ---- the command line


def by_command(path):
    """What `list` makes of a vector: a fault, or None."""
    import hostile

    head, data = hostile.read_vector(path)
    place = SANDBOX / f"cli-{os.path.basename(path)}"
    place.mkdir()
    vault = place / "v.vault"
    vault.write_bytes(data)
    (place / "tokenvault").mkdir()
    for part in hostile.PARTS:
        if part in head:
            (place / "tokenvault" / part).write_bytes(bytes.fromhex(head[part]))
    # What a machine has of its own it finds by itself.
    if "device" in head:
        (place / "tokenvault" / "device").rename(place / "tokenvault" / "device.key")
        (place / "tokenvault" / "device.key").chmod(0o600)
    if "seen" in head:
        (place / "tokenvault" / f"{data[16:32].hex()}.seen").write_text(json.loads(head["seen"]), encoding="ascii")
    how = ["--keyfile", str(place / "tokenvault" / "keyfile")] if "keyfile" in head else []
    with open(place / "tokenvault" / "passphrase" if "passphrase" in head else os.devnull, "rb") as file:
        if "passphrase" in head:
            how += ["--passphrase-fd", str(file.fileno())]
        done = subprocess.run(["tokenvault", "--vault", str(vault), *how, "list"], stdin=subprocess.DEVNULL, capture_output=True,
                              start_new_session=True, pass_fds=[file.fileno()], env=os.environ | {"XDG_STATE_HOME": str(place)},
                              check=False)
    wanted = statement(head["expect"])
    # A line's end is no part of a passphrase that comes by descriptor.
    if head.get("passphrase", "").endswith("0a"):
        wanted = 0
    # A key that it was not told to use is left out.
    if "device" in head and head["expect"] == "BAD_VALUE":
        wanted = statement("WRONG_KEY")
    if done.returncode != wanted:
        return f"exit {done.returncode}, not {wanted}: {done.stderr.decode()}"
    left = sorted(one.name for one in place.iterdir() if one.name not in ("v.vault", "tokenvault"))
    if vault.read_bytes() != data or left:
        return f"it was changed, or there are {left}"
    return None


def run(build, vectors, every):
    """The vectors by library, second reader and command line: (tried, found)."""
    import hostile

    names = sorted(os.listdir(vectors))
    paths = [os.path.join(vectors, name) for name in names]
    done = subprocess.run([f"{build}/tests/test_vectors"], env=os.environ | {"TV_VECTORS": os.path.dirname(vectors)},
                          capture_output=True, text=True, check=False)
    wrong = re.findall(r"^not ok \d+ - (.*)", done.stdout, re.M)
    found = [f"library: {one}" for one in wrong]
    if not wrong and done.returncode:
        found.append(f"library: {done.stdout[-300:]} {done.stderr[-300:]}")
    for path in paths:
        status, expect, comment = hostile.outcome(path)
        if status != expect:
            found.append(f"second reader: {comment}: {status}, not {expect}")
    chosen = paths[::every]
    for path in chosen:
        fault = by_command(path)
        if fault:
            found.append(f"command line: {os.path.basename(path)}: {fault}")
    for fault in found:
        print("not ok", fault)
    return 2 * len(paths) + len(chosen), len(found)


# ---- libraries without a check


def closing(text, at):
    """Where the bracket at `at` closes."""
    depth = 0
    for match in re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|[()]').finditer(text, at):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return match.start()
    raise ValueError(text[at : at + 60])


def operands(text, first, last):
    """(start, end) of what stands between the || of a condition."""
    start = depth = 0
    start = first
    for match in re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|[()]|\|\|').finditer(text, first, last):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == "||" and not depth:
            yield start, match.start()
            start = match.end()
    yield start, last


def mutants():
    """(file, line, condition, the file's text without it)."""
    for name in FILES:
        text = (ROOT / "vault" / f"{name}.c").read_text(encoding="utf-8")
        for match in re.finditer(r"\bif \(", text):
            end = closing(text, match.end() - 1)
            behind = text[end + 1 :].lstrip(" {")
            if not REFUSAL.match(behind):
                continue
            for start, stop in operands(text, match.end(), end):
                condition = " ".join(text[start:stop].split())
                yield name, text.count("\n", 0, start) + 1, condition, (
                    text[:start] + "((" + text[start:stop] + ") && 0)" + text[stop:])


def reason_of(name, condition):
    """Why nothing would be accepted without this check, or None."""
    for (file, piece), reason in NEEDLESS.items():
        if file == name and condition.endswith(piece):
            return reason
    return None


def command_of(build, name):
    """How the build compiles a file of the library."""
    with open(f"{build}/compile_commands.json", encoding="utf-8") as file:
        for one in json.load(file):
            if one["file"].endswith(f"vault/{name}.c"):
                return one["directory"], shlex.split(one["command"])
    raise KeyError(name)


def is_noticed(build, vectors, number, name, text):
    """Whether the vectors notice that a check is missing. None: it does not even compile."""
    place = SANDBOX / f"mutant-{number}"
    place.mkdir()
    (place / "mutant.c").write_text(text, encoding="utf-8")
    directory, command = command_of(build, name)
    compiler = list(itertools.takewhile(lambda word: not word.startswith("-"), command))
    keep = [word for word in command if word.startswith(("-I", "-D", "-std")) and "FORTIFY" not in word]
    beside = f"-I{os.path.dirname(ROOT / 'vault' / name)}"
    subprocess.run([*compiler, *keep, beside, "-w", "-O1", "-c", str(place / "mutant.c"), "-o", str(place / "mutant.o")],
                   cwd=directory, check=True)
    objects = sorted(map(str, pathlib.Path(build, "tests", "test_vectors.p").glob("*.o")))
    subprocess.run([*compiler, *objects, str(place / "mutant.o"), f"{build}/vault/libvault.a", "-lsodium", "-lcjson", "-lcmocka",
                    "-o", str(place / "test")], check=True)
    try:
        done = subprocess.run([str(place / "test")], env=os.environ | {"TV_VECTORS": os.path.dirname(vectors)},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False)
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        subprocess.run(["rm", "-r", str(place)], check=True)


def checks(build, vectors, every, seconds):
    """(taken out, noticed, not needed)."""
    until = time.monotonic() + seconds
    every = [one for one in mutants() if not reason_of(one[0], one[2])][:: every]
    tried = noticed = 0

    def look(number):
        if time.monotonic() > until:
            return None
        return is_noticed(build, vectors, number, every[number][0], every[number][3])

    whole = (ROOT / "vault" / "header.c").read_text(encoding="utf-8")
    if is_noticed(build, vectors, len(every), "header", whole):
        print("not ok the vectors notice something where nothing is missing")
        return 0, 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for (name, line, condition, _), was in zip(every, pool.map(look, range(len(every)))):
            if was is None:
                continue
            tried += 1
            noticed += was
            if not was:
                print(f"not ok vault/{name}.c:{line}: nothing notices that this is not checked: {condition}")
    return tried, noticed


def main():
    """What the arguments say."""
    what, build, vectors, every = sys.argv[1:5]
    if what == "run":
        tried, found = run(build, vectors, int(every))
        print(f"# tried {tried}, found {found}, expected 0, skipped 0")
    elif what == "list":
        for name, line, condition, _ in mutants():
            print(f"{name}:{line}: {condition}", "# " + (reason_of(name, condition) or ""))
    else:
        tried, found = checks(build, vectors, int(every), float(sys.argv[5]))
        print(f"# tried {tried}, found {found}, expected {tried}, skipped {len(NEEDLESS)}")


main()
