"""Reads plaintext files with tokenvault-read and with a real parser of each format, and compares; then
changes them at random: readers.py PROGRAM. Prints TAP."""

import json
import os
import random
import re
import resource
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from readers_real import REAL, can_compare, same  # pylint: disable=wrong-import-position

PROGRAM = os.path.abspath(sys.argv[1])
RANDOM = random.Random(20261122)
# A sanitizer takes four times as long to start.
MUTATIONS = int(os.environ.get("TV_MUTATIONS", "60" if os.environ.get("TV_SANITIZED") else "250"))
number = failures = 0


def check(what, good, *why):
    """One check."""
    global number, failures
    number += 1
    failures += not good
    print(f"{'' if good else 'not '}ok {number} - {what.replace('#', '_')}")
    for line in why if not good else ():
        print("#  ", ascii(line))


def run(name, data, **more):
    """What the program says of a text: its code and its answer."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    done = subprocess.run([PROGRAM, name], input=data, capture_output=True, check=False, **more)
    return done.returncode, done.stdout


def read(name, data):
    """(tree, None) or (None, detail)."""
    code, out = run(name, data)
    if code:
        raise RuntimeError(f"exit {code}")
    answer = json.loads(out)
    return answer.get("tree"), answer.get("detail")


# ---- the files: what has to be read, and what has to be refused with which line

GOOD = {
    "yaml": [
        "default_profile: ci\nprofiles:\n    - name: ci\n      address: https://api.api7.cloud\n"
        "      user:\n        access_token: eyJhbGciOiJub25lIn0.e30.c2ln\n",
        "a: 1\nb: 01\nc: 1e5\nd: 0x10\ne: true\nf: True\ng: yes\nh: ~\ni:\nj: ''\nk: \"\"\nl: null\n",
        "a: 'it''s'\nb: \"\\x41\\u00e9\\U0001F511\\n\"\nc: |\n  x\n   y\nd: >-\n  x\n  y\n",
        "# only\n---\n- [a, {b: c}]\n- ? k\n  : v\n...\n", "just text\n", "[]", "{}", "\ufeffa: b\n",
        "a: &x {k: v}\nb: *x\nc: [*x, *x]\n", "a: &x text\nb: *x\n", "a: !!str 12\nb: ! 12\n",
        "when: 2027-08-19T00:18:59Z\nbig: 12345678901234567890\nneg: -5\nzero: -0\n",
        "github.com:\r\n    user: u\r\n    oauth_token: t\r\n", "'a b': c\n\"d\\n\": e\n1: f\n",
    ],
    "toml": [
        "Token = 'abc'\nUUID = ''\nLastCheck = 9999-01-01T00:00:00Z\nn = 2\n",
        'a = "q\\"\\\\\\b\\t\\n\\f\\r\\u00e9\\U0001F511"\nb = \'C:\\x\'\nc = """\nx\n  y"""\nd = \'\'\'\n\'x\'\'\'\n',
        'a = """a \\\n\n   b\\   \n  c"""\nb = """"q""""\nc = """""q"""""\nd = \'\'\'\'q\'\'\'\'\ne = """x\r\ny"""\n',
        "a.b.c = 1\na.b.d = 2\n'x y'.\"z\" = 3\n1.2 = 4\n\"\" = 5\n",
        "p = {x = 1, y.z = 2, y.w = [1, {q = 2}]}\nq = {}\nr = [[1, 2], ['a']]\ns = [\n 1, # c\n 2,\n]\n",
        "[a]\nb = 1\n[a.c]\nd = 2\n[[l]]\nx = 1\n[[l]]\nx = 2\n[l.m]\ny = 3\n[[l.n]]\nz = 4\n",
        "[a.b.c]\nx = 1\n[a]\ny = 2\n[ d . 'e' ]\nz.z = 3\n",
        "i = [1, -1, +1, 0, -0, 1_000, 0xff, 0o17, 0b11, 0xDE_AD, 99999999999999999999]\n",
        "f = [1.0, -1.5, 1e5, 1.5E-3, 1_0.0_1, +inf, -inf, inf, 6.6e+2]\nt = true\nu = false\n",
        "d = [1979-05-27T07:32:00Z, 1979-05-27 07:32:00.5-07:00, 1979-05-27T07:32:00, 2024-02-29, 07:32:00]\n",
        "# c \t\n\n  a = 1 # c\r\n\r\n[b] # c\r\nc = 2", "", "a = 'x' \n[fruit]\napple.color = 1\napple.taste.sweet = true\n",
        "[a]\n[a.b]\n[c.d]\n[c]\n", "[login.oauth2]\naccessToken = \"t\"\n",
    ],
    "json": ['{"a": [1, -2, true, false, null, "x\\u00e9\\n"], "b": {}}', "[]", '"x"', " 12 \n", "\ufeff{}"],
    "docker-config": [
        '{"auths": {"a": {"auth": "am86dDp4", "email": "e"}, "b": {"auth": "am86"}, "c": {}}, "credsStore": "s"}',
        '{"auths": {"a": {"auth": "OnQ="}, "b": {"auth": "dTp0", "identitytoken": "i"}, "c": {"auth": "bm8gY29sb24="}}}',
        '{"auths": {"a": {"auth": "AA"}, "b": {"auth": "A==="}, "c": {"auth": "am86\\n"}, "d": {"auth": 1}, "e": 2}}',
        '{"auths": {"a": {"auth": "dTp0", "username": "x"}, "b": {"auth": "/w=="}}, "HttpHeaders": {"a": "b"}}',
        "{}", "[]", '{"auths": []}', '{"auths": {"a": {"auth": "w7w6AQ=="}}}',
    ],
    "kubeconfig": [
        """apiVersion: v1
current-context: a
contexts:
- {name: a, context: {cluster: c, user: u, namespace: n}}
- {name: b, context: {cluster: d, user: u}}
clusters:
- {name: c, cluster: {server: "https://x"}}
- {name: d, cluster: {server: y}}
- {name: e, cluster: {server: z}}
users:
- name: u
  user: {token: t}
""",
        "contexts:\n- {name: a, context: {cluster: c, user: u}, more: 1}\nclusters:\n- {name: c, cluster: {s: 1}}\nusers: []\n",
        "contexts: [{name: a, context: {cluster: c, user: u}}]\nclusters:\n- {name: c, cluster: {s: x}}\n"
        "- {name: c, cluster: {s: y}}\nusers:\n- {name: u, user: {token: t}, more: z}\n",
        "contexts: [{name: a, context: {cluster: c, user: c}}, {name: b, context: {}}, x, [y]]\n"
        "clusters: [{name: c, cluster: {}}]\nusers: [{name: c, user: {exec: {command: x}}}, 7]\n",
        "contexts:\nclusters: {}\nusers: x\n", "[]", "x", "contexts: [{name: a, context: b}]\n",
    ],
    "ini": [
        "[default]\naws_access_key_id = AKIA\naws_secret_access_key = a/b+c=\n\n# c\n; c\n[profile x]\nRegion: eu\n",
        "[pypi]\nusername = __token__\npassword = pypi-%(x)s #no\n", "[a]\nb =\n  c = d\n  e = f\n\nf = g\n",
        "[a]\r\nb=c\r\n", "[a]\nx = 1\n  2\n\n  3\n# c\n  4\ny = \n", "[a b]\nc d = e f\n[DEFAULT]\nz=1\n", "",
        "[a]\n  k = v\n  l = w\n  [b]\n", "[s]\nk=v = w:x\nl:v=w\n[t]\n",
    ],
    "netrc": [
        "machine a login b password c\n", "machine a\n\tlogin b\n\taccount d\n\tpassword c\nmachine b login x password y\n",
        "default login anon password x", 'machine a login "b c" password "d\\"e\\\\f"\n', "",
        "# c\nmachine a login b password #c\n# d e\n", "machine a login b password c\nmacdef m\ncd /\nls\n\nmachine z login y password x\n",
        "machine a user b password c\n",
    ],
    "env": [
        "A=b\nexport B=c\n# c\n\nC = d e  # c\nD=\"x\\ny\\\"\\t\"\nE='a\\'b $X'\nF=\nG=a#b\nH='x\ny'\r\nI=\"#\" # c\n",
        "AZIONCLI_TOKEN=abc\r\nB=${A}\r\n", "", "A.B-C=1\n", "a=b=c\n  b = 'x' \n",
    ],
    "npmrc": [
        "//registry.example/:_authToken=npm_abc\nregistry=https://x/\n; c\n# c\n\n",
        "a = \"x;y\"\nb='x y'\nc=x;y\nd=x\\;y\ne\nca[]=a\nca[] = b\nf = x \\ y\n",
    ],
    "git-credentials": ["https://u:p%40%2f@github.com\nhttp://a%3Ab:c@h:8080/p/q.git\n\n# c\n", ""],
    "raw": ["abc", "abc\n", "abc\r\n", "a\nb\n\n", "", " x "],
    "csv": [
        '"Group","Title","Username","Password","URL","Notes"\r\n"R","a","u","p""q,r","https://x","l1\nl2"\r\n',
        "a,b\n1,\n,2\n", "a\n\n x \n", "\n\r\na\nb\n", "\ufeffTitle,Url\nx,y",
    ],
}
# (text, the line that is named)
BAD = {
    "yaml": [("a: 1\na: 2\n", 2), ("a: [\n", 2), ("a: b\n\x00", 2), ("a: 1\n---\nb: 2\n", 2), ("a: *x\n", 1),
             ("a: &x [*x]\n", 1), ("? [a]\n: b\n", 1), ("a: !x b\n", 1), ("a: !!binary aGk=\n", 1), ("\ta: b\n", 1),
             ("x: &a {b: 1}\nc:\n  <<: *a\n", 3), ("a: b\nc: '\udc80'\n", 2), ("[" * 100, 1), ("a: \x01", 1)],
    "toml": [("a = 1\na = 2\n", 2), ("[a]\n[a]\n", 2), ("a = {b = 1}\n[a.c]\n", 2), ("a = [1]\n[[a]]\n", 2), ("a.b = 1\n[a]\n", 2),
             ("[[a]]\n[a]\n", 2), ("a = 'x\n", 1), ('a = "\\q"\n', 1), ("a = 01\n", 1), ("a = 1__0\n", 1), ("a = 1.\n", 1),
             ("a = 2023-02-29\n", 1), ("a = 24:00:00\n", 1), ("a = x\n", 1), ("a\n", 1), ("= 1\n", 1), ("a = {b = 1,}\n", 1),
             ("a = {b = 1\n}\n", 1), ("a = \"\x01\"\n", 1), ("[a.b]\nc = 1\n[a]\nb.d = 2\n", 4), ("a = 1 b = 2\n", 1),
             ("# \x7f\n", 1), ("a = '''x", 1), ("a = {b = 1}\na.c = 2\n", 2), ("'''a''' = 1\n", 1), ("a = \"\\ud800\"\n", 1),
             ("x = 1\n\ny = [1,\n 2\n", 5), ("a = " + "[" * 100, 1), (".".join("a" * 100) + " = 1", 1), ("a = \"\\u0000\"", 1)],
    "json": [("{\n'a': 1}", 2), ("", 1), ("[1,]", 1), ('"\\u0000"', 1), ("{} {}", 1), ("[" * 2000, 1), ('["\\u12"]', 1)],
    "docker-config": [("{\n'a': 1}", 2), ("", 1), ('{"auths": {"a": "\\u0000"}}', 1)],
    "kubeconfig": [("a: [\n", 2), ("contexts:\n- {name: a, name: b}\n", 2), ("contexts: *x\n", 1)],
    "ini": [("[a]\nb\n", 2), ("[a]\nb=1\nB=2\n", 3), ("[a]\n[a]\n", 2), ("[]\n", 1), ("[a\n", 1), ("[a]\n=1\n", 2)],
    "netrc": [("machine", 1), ("login a\n", 1), ("machine a b\n", 1), ("machine a\nlogin x\nlogin y\n", 3),
              ("machine a password x\\y\n", 1), ('machine a password "x\\ny"\n', 1), ('machine a password "x\n', 1), ("machine a login\n", 1)],
    "env": [("A=1\nA=2\n", 2), ("A\n", 1), ("A='x\n", 1), ("\nA='x' y\n", 2), ("A B=1\n", 1), ("=1\n", 1), ("A= # c\n", 1), ("A=1\nB=x\ry\n", 2)],
    "npmrc": [("a=1\na=2\n", 2), ("[a]\n", 1), ("=1\n", 1), ("a = \"\\x\"\n", 1)],
    "git-credentials": [("x\n", 1), ("\nhttps://u@h\n", 2), ("https://u:p%4@h\n", 1), ("https://u:%0a@h\n", 1), ("https://u:p@\n", 1), ("https://u:%ff@h\n", 1)],
    "raw": [("a\x00", 1), ("a\nb\udcff", 2)],
    "csv": [("a,b\n1\n", 2), ("a\n1,2\n", 2), ("a,a\n1,2\n", 2), ('a\n"x\n', 2), ('a\n"x"y\n', 2), ('a\nx"y\n', 2)],
}
# What ours refuses and the real parser takes, on purpose.
STRICTER = {
    "yaml": r"control|NUL|occurs twice|merge|tag|document|nested|alias|no text|anchors|mapping values|not YAML",
    "toml": r"control|NUL|nested",
    "ini": r"control|a section|NUL",
    "netrc": r"control|NUL|disagree|occurs twice|quote|macdef|value",
    "kubeconfig": r"control|NUL|occurs twice|merge|tag|document|nested|alias|no text|anchors|mapping values|not YAML|unexpected ':'",
    "docker-config": r".", "csv": r".", "env": r".", "json": r".", "git-credentials": r".", "raw": r".", "npmrc": r".",
}


def good_and_bad(name):
    """The fixed files."""
    global number
    for text in GOOD[name]:
        tree, why = read(name, text)
        if why is not None:
            check(f"{name} reads {text[:40]!r}", False, why)
        elif can_compare(name):
            real = REAL[name](text.removeprefix("\ufeff"))
            check(f"{name} reads {text[:40]!r}", same(name, tree, real), tree, real)
        else:
            number += 1
            print(f"ok {number} - {name} # SKIP its real parser is not installed")
    for text, line in BAD[name]:
        tree, why = read(name, text)
        check(f"{name} refuses {text[:40]!r}", why is not None and why.startswith(f"line {line}:"), tree, why)


def mutate(text):
    """A few bytes changed, lost, doubled, or of another place."""
    data = bytearray(text.encode())
    for _ in range(RANDOM.randint(1, 4)):
        at = RANDOM.randint(0, len(data))
        kind = RANDOM.randint(0, 3)
        if kind == 0:
            data[at:at] = RANDOM.choice([b"\n", b"'", b'"', b"=", b"[", b"]", b"{", b"}", b"#", b"\\", b" ", b".",
                                         b",", b"\x80", b"\x00", b"*a", b"&a ", b"%", b"\t", b":", b"0", b"\r"])
        elif kind == 1:
            del data[at:at + RANDOM.randint(1, 5)]
        elif kind == 2:
            data[at:at] = data[at - 8 if at > 8 else 0:at + 8]
        elif data:
            data[min(at, len(data) - 1)] = RANDOM.randint(0, 255)
    return bytes(data)


def fuzz(name):
    """No text ends the program, and where both parsers take one they agree on it."""
    died, differ = [], []
    for _ in range(MUTATIONS):
        data = mutate(RANDOM.choice(GOOD[name] + [text for text, _ in BAD[name] if "\udc80" not in text and "\udcff" not in text]))
        try:
            tree, why = read(name, data)
        except (RuntimeError, ValueError) as error:
            died.append((data, str(error)))
            continue
        # Python's readers of YAML, 1.1 and with tags that resolve late, know these otherwise.
        odd = name in ("yaml", "kubeconfig") and (b"!" in data or data.count(b"\xef\xbb\xbf") > 1)
        if odd or name == "npmrc" or not can_compare(name):
            continue
        try:
            real = REAL[name](data.decode().removeprefix("\ufeff"))
        except Exception:  # pylint: disable=broad-except
            if name == "toml" and why is None:
                differ.append((data, "taken, and should not be"))
            continue
        if why is None and not same(name, tree, real):
            differ.append((data, f"{tree} is not {real}"))
        elif why is not None and not re.search(STRICTER[name], why):
            differ.append((data, f"refused: {why}"))
    check(f"{name}: no changed file ends the program", not died, *died[:3])
    check(f"{name}: what it takes is what the real parser takes", not differ, *differ[:5])


def bombs():
    """Little files that would be large trees."""
    levels = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i-1}'] * 9)}]\n" for i in range(1, 30))
    wide = "a: &a [" + "x," * 60000 + "]\nb: [*a, *a]\n"
    long = "a: &a " + "x" * 100000 + "\nb: [" + "*a," * 5000 + "]\n"
    deep = "a0: &a0 [" + "[" * 40 + "]" * 40 + "]\n" + "".join(f"a{i}: &a{i} [" + "[" * 40 + f"*a{i-1}" + "]" * 40 + "]\n" for i in range(1, 20))
    many = "\n".join(f"k{i}: v" for i in range(100000))
    for what, name, text in (
        ("a billion laughs", "yaml", "a0: &a0 x\n" + levels), ("wide aliases", "yaml", wide), ("long aliases", "yaml", long),
        ("deep aliases", "yaml", deep), ("many names", "yaml", many), ("open brackets", "yaml", "[" * 1000000),
        ("open braces", "yaml", "{a: " * 200000), ("open quotes", "yaml", "- '" * 300000), ("question marks", "yaml", "? " * 500000),
        ("many names", "env", many.replace(": ", "=")), ("many tables", "toml", "".join(f"[t{i}]\n" for i in range(100000))),
        ("many lists", "toml", "[[a]]\n" * 150000), ("many values", "toml", "a = [" + "1," * 500000 + "]"), ("open lists", "json", "[" * 1000000),
        ("many values", "json", "[" + "1," * 500000 + "1]"), ("many machines", "netrc", "machine a " * 100000),
        ("many columns", "csv", "a," * 500000), ("many rows", "csv", "a\n" + "b\n" * 500000),
    ):
        start = time.monotonic()
        try:
            _, why = read(name, text[:1 << 20])
        except RuntimeError as error:
            why = None
            text = str(error)
        check(f"{name}: {what}", why is not None and time.monotonic() - start < 15, text[:80])
    _, why = read("raw", "x" * ((1 << 20) + 1))
    check("a file over 1 MiB", why is not None)


def sandboxed():
    """What the program can do while it reads."""
    other = os.open("/dev/null", os.O_RDONLY)
    child = subprocess.Popen([PROGRAM, "raw"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[other],
                             env={"PATH": os.environ["PATH"], "SECRET": "xyzzy"})
    status = {}
    for _ in range(100):
        with open(f"/proc/{child.pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        if status["Seccomp"] == "2":
            break
        time.sleep(0.05)
    check("there is a list of system calls before it reads", status["Seccomp"] == "2", status["Seccomp"])
    check("it can't gain privileges", status["NoNewPrivs"] == "1")
    if os.geteuid() == 0:
        check("it has no descriptor but 0 to 2", set(os.listdir(f"/proc/{child.pid}/fd")) == {"0", "1", "2"})
    os.close(other)
    limits = resource.prlimit(child.pid, resource.RLIMIT_CORE) if os.geteuid() == 0 else (0, 0)
    check("it leaves no core", limits == (0, 0))
    out, _ = child.communicate(b"x")
    check("and it reads", json.loads(out) == {"tree": "x"} and child.returncode == 0)
    code, _ = run("xml", "")
    check("a format that does not exist", json.loads(run("xml", "")[1])["status"] == "USAGE", code)


def main():
    """All of it."""
    for name in GOOD:
        good_and_bad(name)
        fuzz(name)
    bombs()
    sandboxed()
    print(f"1..{number}")
    return 1 if failures else 0


sys.exit(main())
