"""The house's rules that can be read off the sources: sources.py ROOT [RULE]. Prints TAP."""

import functools
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1]).resolve()
ROOMS = ("vault", "fusefs", "cli", "tests")

# Whose front doors a room may come through. A room's own headers are always open to it.
ARROWS = {
    "vault": (),
    "fusefs": ("vault/vault.h", "vault/agent.h", "vault/sandbox.h"),
    "cli": ("vault/vault.h", "vault/agent.h", "vault/sandbox.h"),
}
# Lists that both ends read, and so the front door's too.
LISTS = ("vault/status.def", "vault/agent.def")

# Foreign headers, and the only files that may include them.
PINNED = {
    r"fuse[^/]*|fuse3/.*": r"(fusefs/(doctor/)?fuse\.h|tests/(campaigns/powerloss_disk|bench/libfuse)\.c)",
    r"fusefs/fuse\.h": r"fusefs/(files|tree|surface|handle|opening|record|shown|inval|server|who|waiting)\.[ch]",
    r"fusefs/doctor/fuse\.h": r"fusefs/doctor/files\.h",
    r"seccomp\.h": r"vault/sandbox\.c",
    r"yaml\.h": r"cli/read/yaml\.c",
    r"linux/landlock\.h": r"vault/sandbox\.c",
    r"cjson/.*": r"vault/json\.c",
    r"sodium.*": r"vault/[a-z_/]*\.c|tests/(unit|fuzz)/.*|tests/bench/(apart|kdf)\.c",
    r"curl/.*": r"cli/fetch/(exchange\.c|(headers|verdict)\.[ch])",
    r"systemd/.*": r"(cli/notify|fusefs/bus)/main\.c",
    r"cmocka\.h": r"tests/unit/.*",
}

# Never, anywhere: they write past ends, keep state, or start a shell.
BANNED = "strcpy strcat stpcpy sprintf vsprintf gets strtok system popen alloca tmpnam mktemp"
# The library has no environment, no standard streams and does not end the process.
BANNED_IN_VAULT = (
    "getenv secure_getenv setenv putenv exit _exit abort printf vprintf fprintf vfprintf puts "
    "putchar fputs fputc putc perror dprintf vdprintf fopen fdopen fread fwrite fgets getline "
    "scanf fscanf getpass assert"
)
STDIO = r"\b(stdout|stderr|stdin)\b"
# A comparison that stops at the first difference tells where it is: not for these, which go to
# sodium_memcmp.
SECRET = r"token|secret|pass|commitment|(slot|vault|wrap|file)_?key|\bkey\b"

MAIN_MAX = 25
FUNCTION_MAX = 60
FILE_MAX = 450


class Tap:
    """Counts and prints the checks."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def check(self, what, faults):
        """One check: passes when there are no faults."""
        self.number += 1
        faults = sorted(faults)
        print(f"{'not ok' if faults else 'ok'} {self.number} - {what}")
        for fault in faults:
            print("#  ", fault)
        self.failed += bool(faults)

    def skip(self, what, why):
        """One check that can't be made here."""
        self.number += 1
        print(f"ok {self.number} - {what} # SKIP {why}")

    def finish(self):
        """The plan; returns the exit code."""
        print(f"1..{self.number}")
        return 1 if self.failed else 0


def name(path):
    """The path as the rules write it."""
    return path.relative_to(ROOT).as_posix()


def sources(*suffixes, rooms=ROOMS):
    """All files of these kinds."""
    return sorted(
        path
        for room in rooms
        for path in (ROOT / room).rglob("*")
        if path.suffix in suffixes and path.is_file()
    )


@functools.cache
def code_of(path, keep_strings=False):
    """The file's text without comments and, unless they are kept, the insides of strings; line
    numbers stay."""
    def blank(match):
        text = match[0]
        if text[0] == "/":
            return " " + "\n" * text.count("\n")
        return text if keep_strings else text[0] * 2

    token = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(token, blank, path.read_text(encoding="utf-8"), flags=re.S)


def includes(path):
    """(line number, the include's text in its brackets or quotes) of a file."""
    for number, line in enumerate(code_of(path, keep_strings=True).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match[1], match[2]


def arrows(path):
    """Includes that go against the arrows between the rooms."""
    room = path.relative_to(ROOT).parts[0]
    if room not in ARROWS:
        return
    for number, bracket, target in includes(path):
        if bracket != '"':
            continue
        other = target.split("/")[0]
        if "/" not in target or other not in ROOMS:
            # What the build makes has no room, and is not among the sources.
            if (ROOT / room / target).exists() or (path.parent / target).exists():
                yield f"{name(path)}:{number}: {target} is not written from the root"
        elif other != room and target not in ARROWS[room] + (LISTS if ARROWS[room] else ()):
            yield f"{name(path)}:{number}: {room} must not include {target}"


def pinned(path):
    """Foreign headers outside the files that need them."""
    for number, _, target in includes(path):
        for header, homes in PINNED.items():
            if re.fullmatch(header, target) and not re.fullmatch(homes, name(path)):
                yield f"{name(path)}:{number}: <{target}> belongs in {homes}"


def banned(path):
    """Calls that no file, or no file of the library, may make."""
    in_vault = name(path).startswith("vault/")
    words = BANNED.split() + (BANNED_IN_VAULT.split() if in_vault else [])
    pattern = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(words))
    for number, line in enumerate(code_of(path).splitlines(), 1):
        for match in pattern.finditer(line):
            yield f"{name(path)}:{number}: {match[1]}()"
        if in_vault and re.search(STDIO, line):
            yield f"{name(path)}:{number}: standard streams in the library"


def compares(path):
    """memcmp and strcmp where the bytes are secret."""
    code = code_of(path)
    for match in re.finditer(r"(?<!\w)(memcmp|bcmp|strn?cmp)\s*\(([^;{]*?)\)", code):
        if re.search(SECRET, match[2]) and (match[1] != "strcmp" or "secret" in match[2]):
            number = code.count("\n", 0, match.start()) + 1
            yield f"{name(path)}:{number}: {match[1]}({' '.join(match[2].split())})"


def functions():
    """(file, name, first line, last line) of every function, by universal-ctags."""
    listed = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+ne", "--kinds-c=f", "-f", "-", "-L", "-"],
        input="\n".join(str(path) for path in sources(".c", ".h")),
        capture_output=True, text=True, check=True,
    ).stdout
    for line in listed.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and "end" in tag:
            yield pathlib.Path(tag["path"]), tag["name"], tag["line"], tag["end"]


def long_functions():
    """Functions over the limit without `long: reason` above or in them."""
    for path, function, first, last in functions():
        limit = MAIN_MAX if function == "main" else FUNCTION_MAX + 1
        length = last - first + 1
        if length < limit:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        stated = any(re.search(r"/\* long: \w", line) for line in lines[max(0, first - 6) : last])
        if not (stated and function != "main"):
            yield f"{name(path)}:{first}: {function} has {length} lines"


def long_files():
    """Files past the point where they should have been two."""
    for path in sources(".c", ".h", ".py", ".sh"):
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > FILE_MAX:
            yield f"{name(path)} has {length} lines"


def unopened():
    """Files that do not say in their first line what they are for."""
    for path in sources(".c", ".h", ".def"):
        if not re.match(r"/\*\s*\S*\s*\w", path.read_text(encoding="utf-8")):
            yield f"{name(path)} opens without a comment"
    for path in sources(".py", rooms=("tests",)):
        text = path.read_text(encoding="utf-8")
        if not re.match(r'(#!.*\n)?("""|# )\w', text):
            yield f"{name(path)} opens without a comment"
    for path in sources(".sh", rooms=("tests",)):
        if not re.match(r"(#!.*\n)?# \w", path.read_text(encoding="utf-8")):
            yield f"{name(path)} opens without a comment"


def unformatted():
    """Files that clang-format would write otherwise."""
    files = [str(path) for path in sources(".c", ".h")]
    done = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", *files],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )
    return {line.replace(f"{ROOT}/", "") for line in done.stderr.splitlines() if "error:" in line}


def unfinished():
    """Words that say that a file is not done."""
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    here = pathlib.Path(__file__).resolve()
    for path in sources(".c", ".h", ".def", ".py", ".sh", ".md", ".build", ".json", ".1"):
        if path.resolve() == here or path.name == here.name:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = words.search(line)
            if match:
                yield f"{name(path)}:{number}: {match[0]}"


def top_level():
    """Names in the checkout's root that DESIGN does not know."""
    known = {"meson.build", "README.md", "LICENSE", *ROOMS}
    for path in ROOT.iterdir():
        if path.name not in known and not re.match(r"\.|build", path.name):
            yield f"{path.name} at the top level"


def needs(program, package, check):
    """The check, or why it can't be made."""
    return check if shutil.which(program) else f"{package} is not installed"


def rules():
    """(what, the check): a function that gives the faults, or why it can't be made here."""
    program = sources(".c", ".h", rooms=("vault", "fusefs", "cli"))
    everything = sources(".c", ".h")
    return (
        ("there are sources to read", lambda: [] if len(program) > 3 else ["none"]),
        ("includes follow the arrows", lambda: {f for p in program for f in arrows(p)}),
        ("foreign headers stay where they belong", lambda: {f for p in everything for f in pinned(p)}),
        ("no banned call", lambda: {f for p in program for f in banned(p)}),
        ("no memcmp on secrets", lambda: {f for p in program for f in compares(p)}),
        ("every file says what it is for", lambda: set(unopened())),
        (f"no file over {FILE_MAX} lines", lambda: set(long_files())),
        ("nothing unfinished", lambda: set(unfinished())),
        ("nothing else at the top level", lambda: set(top_level())),
        (f"no function over {FUNCTION_MAX} lines", needs("ctags", "universal-ctags", long_functions)),
        ("clang-format agrees", needs("clang-format", "it", unformatted)),
    )


def main():
    """All rules in turn, or the one that is named."""
    tap = Tap()
    for what, check in rules():
        if sys.argv[2:] and what not in sys.argv[2:]:
            continue
        if isinstance(check, str):
            tap.skip(what, check)
        else:
            tap.check(what, set(check()))
    return tap.finish()


sys.exit(main())
