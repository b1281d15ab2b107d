"""The first inputs of the fuzz targets, and the words to make more of: seeds.py DIRECTORY. One directory a target, and
TARGET.dict."""

import json
import pathlib
import re
import struct
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
sys.path[1:1] = [str(TESTS), str(TESTS / "hostile")]
sys.dont_write_bytecode = True
import hostile  # pylint: disable=wrong-import-position

OUT = pathlib.Path(sys.argv[1])
READ = ["{}", '{"provider":"azion"}', '{"provider":"azion","label":"work"}', '{"before":9}']
PROOF = '"proof":{"slot":"SLOT","key":"PKEY"}'
SLOT = ('"slot":{"type":2,"uuid":"' + "1" * 32 + '","params":"' + "2" * 64 + '","commitment":"' + "3" * 64
        + '","recipient":"' + "4" * 64 + '","label":"n"}')
# Messages of agent.def with requests that are served.
REQUESTS = {
    "add": ['{"provider":"npm","token":"t","fields":{"registry":"r"},"note":"n","expires":9,"hosts":["a.b"],"deny":true,"checked":{"at":1,'
            '"answer":"OK","account":"x","expires":9,"fields":{"a":"b"}}}'],
    "set": ['{"provider":"azion","token":"t","fields":{"uuid":null},"note":null,"new_label":"b","expires":null,"deny":false}'],
    "remove": ['{"provider":"azion"}'], "use": ['{"provider":"azion","label":"work"}'], "undo": ['{"provider":"azion","version":1,"force":true}'],
    "forget": ['{"provider":"azion","force":true}'], "view": ['{"provider":"azion","file":"settings.toml","on":false}'],
    "path": ['{"provider":"github","file":"hosts.yml","path":"a/b","on":true}'], "checked": ['{"results":[{"provider":"azion","label":"default",'
    '"since":1,"checked":{"at":1,"answer":"OK"}}]}'], "setting": ['{"name":"proxy","value":"http://p"}', '{"name":"private_hosts","value":["a"]}'],
    "rotation": ['{"provider":"azion","step":"begin","name":"n"}', '{"provider":"azion","step":"queue","revoke_id":"i"}',
                 '{"provider":"azion","step":"minted","token":"t"}', '{"provider":"azion","step":"swap"}'],
    "rule": ['{"provider":"azion","verdict":"allow","program":"/p","until_exit":{"pid":1,"start":1},"no_ancestor":["a"]}', '{"remove":"00000000"}'],
    "key_add": ["{" + PROOF + "," + SLOT + "}"], "key_remove": ["{" + PROOF + ',"uuid":"SLOT"}'],
    "passwd": ["{" + PROOF + ',"replace":"SLOT",' + SLOT + "}"], "unlock": ['{"slot":"SLOT","key":"PKEY"}'], "reload": ['{"accept_rollback":true}'],
    "mount": ['{"providers":["azion","github","npm"]}', '{"remembered":true}'], "caller": ['{"pid":1}'],
}
OPTIONS = ["add azion", "set api7/prod --expires 90d --field a=b", "key add --keyfile /k", "rule allow github --program gh --for 10m", "list --json",
           "-v x list", "--vault a status", "view add a/b ~/c", "setting set lock_idle 15m", "--help", "add --expires 2027-08-19 -- -x",
           "set azion --note n --when-expired deny", "history --json azion", "import pass --dry-run", "rotate azion --grace 1h"]


def put(target, name, data):
    """One input."""
    place = OUT / target
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def words(target, texts):
    """What the mutator puts in as a whole."""
    lines = {json.dumps(text).replace("\\u00", "\\x") for text in texts if text.isascii() and 0 < len(text) < 60}
    (OUT / f"{target}.dict").write_text("\n".join(sorted(lines)) + "\n", encoding="ascii")


def vectors():
    """Vault files: the one that opens first, so that the others can be mutated below their seal."""
    for path in sorted((TESTS / "vectors" / "hostile").iterdir()):
        head, data = hostile.read_vector(path)
        if len(data) < 10000 and "passphrase" not in head:
            put("header", path.name, data)
            put("header", "front-" + path.name, data[: int.from_bytes(data[12:16], "little")])
            put("sealed", ("0-" if path.name == "ok-keyfile" else "") + path.name, data)


def documents():
    """Documents and their members."""
    import documents as cases
    import reader

    for name, _, _, text in cases.CASES:
        if len(text) < 4000:
            put("document", name, text)
    names = {member for members in reader.MEMBERS.values() for member in members}
    words("document", [f'"{name}":' for name in names] + ['"minted"', '"allow"', '"OK"', "true", "null", "[]", "{}", "0" * 31 + "1", "azion"])
    (OUT / "sealed.dict").write_bytes((OUT / "document.dict").read_bytes())


def definitions():
    """Definitions that are built in, and their templates."""
    texts = set()
    for path in sorted((ROOT / "vault" / "providers").glob("*.json")):
        text = path.read_text(encoding="utf-8")
        put("definition", path.stem, text.replace(f'"name": "{path.stem}"', '"name": "fuzz"', 1))  # of fuzz.json
        texts |= set(re.findall(r'"[a-z_]+":', text)) | set(re.findall(r"\{\{[^}]*\}\}", text))
        for number, file in enumerate(json.loads(text)["files"]):
            template = file.get("template", "")
            put("template", f"{path.stem}-{number}", ("".join(template) if isinstance(template, list) else template) + '\0{"token":"t","label":"a",'
                '"entries":[{"token":"\\u00e9 \\"x","label":"b"}]}')
    words("definition", texts)
    words("template", ["{{", "}}", "{{#a}}", "{{/a}}", "{{^a}}", "{{!", "{{#base64}}", "{{/base64}}", "{{a.b}}", "{{token}}", "{{#entries}}", "{{/entries}}"])
    put("template", "sections", "{{#a}}\n{{b}}{{^c}}x{{/c}}\n{{/a}}{{! c }}{{#uri}}{{d}}{{/uri}}\0" + '{"a":[{"b":1},{"c":true}],"d":"/"}')


def messages():
    """Requests as frames that are made whole, and one as it is; answers likewise."""
    numbers = dict(re.findall(r"TV_AGENT\((\d+), (\w+), \w+\)", (ROOT / "vault" / "agent.def").read_text(encoding="utf-8")))
    for number, name in numbers.items():
        for i, text in enumerate(REQUESTS.get(name, READ)):
            put("request", f"{name}-{i}", bytes([2, int(number)]) + text.encode())
            put("request", f"{name}-{i}-locked", bytes([6, int(number)]) + text.encode())
    put("request", "raw", b"\1" + struct.pack("<HHHHII", 0x5654, 1, 14, 0, 2, 0) + b"{}")
    texts = " ".join(READ + [text for some in REQUESTS.values() for text in some])
    words("request", set(re.findall(r'"[a-z_]+":?', texts)) | {"SLOT", "PKEY", '"azion"', '"work"', "null", "true"})
    for code, text in enumerate(('{"entries":[]}', '{"detail":"x"}', '{"views":[{"path":"a"}],"seen":{}}')):
        put("answer", f"made-{code}", bytes([1, code]) + struct.pack("<H", len(text)) + text.encode() + b"data")
        put("answer", f"raw-{code}", b"\0" + struct.pack("<HHHHII", 0x5654, 1, code, 0, len(text), 0) + text.encode())


def replies():
    """What services answer: an object with every pointer of every definition."""
    pointers = set()
    for path in (ROOT / "vault" / "providers").glob("*.json"):
        pointers |= set(re.findall(r'"(/[a-z_/0-9]*)"', path.read_text(encoding="utf-8")))
    whole = {}
    for pointer in sorted(pointers):
        at = whole
        parts = pointer[1:].split("/")
        for part in parts[:-1]:
            at = at.setdefault(part, {}) if isinstance(at.get(part, {}), dict) else {}
        at.setdefault(parts[-1], "2030-01-01T00:00:00Z")
    for choice in range(20):
        for status in range(3):
            one = bytes([status]) + json.dumps(whole).encode() + b"\0"
            put("reply", f"{choice}-{status}", bytes([choice]) + one * 3)
            put("reply", f"{choice}-{status}-list", bytes([choice]) + (bytes([status]) + json.dumps([whole]).encode() + b"\0") * 2)
    words("reply", {f'"{part}":' for pointer in pointers for part in pointer[1:].split("/")} | {"2030-01-01", "null", "true"})


def options():
    """Command lines."""
    found = set()
    for text in OPTIONS:
        put("options", re.sub(r"\W+", "-", text)[:40], "\0".join(text.split()))
    for path in (ROOT / "cli" / "commands").glob("*.c"):
        found |= {f"--{name}" for name in re.findall(r'\{"([a-z-]+)", (?:0|\'.\'),', path.read_text(encoding="utf-8"))} | {path.stem}
    words("options", found | {"-v", "--", "90d", "2027-08-19T00:00:00Z", "never", "https://a.b:1/", "[::1]"})


for make in (vectors, documents, definitions, messages, replies, options):
    make()
