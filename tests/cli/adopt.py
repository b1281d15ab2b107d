"""Adopts what each provider's vector renders: adopt.py TOKENVAULT VECTORS PROVIDERS HOME.

Every file of a built-in definition that has a rule for adopting is written as its vector renders it,
adopted, and put back by release: it must say the same. What a rule has no place for must stay as it is.
Prints `ok …` or `not ok …`.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import yaml

PROGRAM, VECTORS, PROVIDERS, HOME = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
# Quoted as a shell reads it; libraries that read such files don't.
QUOTED = ("azion-awkward", "vulcan.env")


def run(*words):
    """Runs the program with its vault in HOME."""
    environment = {**os.environ, "HOME": str(HOME), "XDG_DATA_HOME": f"{HOME}/.local/share",
                   "XDG_STATE_HOME": f"{HOME}/.local/state", "XDG_CONFIG_HOME": f"{HOME}/.config"}
    return subprocess.run(
        [PROGRAM, "--keyfile", f"{HOME}/.key", "--quiet", *words], env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )


def place(files):
    """A new HOME that has these files, {path: bytes}, and an empty vault."""
    shutil.rmtree(HOME, ignore_errors=True)
    for path, data in files.items():
        (HOME / path).parent.mkdir(parents=True, exist_ok=True)
        (HOME / path).write_bytes(data)
    for directory in (".local/share", ".local/state", ".config"):
        (HOME / directory).mkdir(parents=True, exist_ok=True)
    run("init")


def present(paths):
    """Those of the paths that are files in HOME, with their bytes."""
    return {path: (HOME / path).read_bytes() for path in paths if (HOME / path).is_file()}


def sorted_lists(value):
    """A tree whose lists are in one order: entries are sorted by what they are called in the vault."""
    if isinstance(value, dict):
        return {key: sorted_lists(child) for key, child in value.items()}
    if isinstance(value, list):
        return sorted(map(sorted_lists, value), key=repr)
    return value


def meaning(path, data):
    """What a file says, by a real parser where its name tells the format; else its lines."""
    if path.endswith((".json", ".tfrc.json")) and data.lstrip().startswith(b"{"):
        return sorted_lists(json.loads(data))
    if path.endswith((".yml", ".yaml")) or path == ".api7cloud/config":
        return sorted_lists(yaml.safe_load(data))
    return sorted(data.splitlines())


def round_trip(what, files, tokens):
    """Adopts the files, all at once, and puts them back."""
    place(files)
    done = run("adopt", "--no-verify", "--no-mount", "--json")
    said = done.stdout + done.stderr
    states = {row["path"]: row["state"] for row in json.loads(done.stdout or "[]")}
    fault = ""
    if done.returncode or set(states.values()) != {"adopted"}:
        fault = f"exit {done.returncode}: {done.stderr} {states}"
    elif present(files):
        fault = f"still there: {sorted(present(files))}"
    elif any(token in said for token in tokens):
        fault = "a token is in the output"
    else:
        released = run("release", "--all", "--yes")
        back = present(files)
        if released.returncode:
            fault = f"release: {released.returncode} {released.stderr}"
        else:
            fault = "; ".join(f"{path}: {back.get(path)!r}" for path in files
                              if meaning(path, back.get(path, b"")) != meaning(path, files[path]))
    print("not ok" if fault else "ok", what, f"({fault})" if fault else "", flush=True)


def left_alone(what, files):
    """What one reader of a format writes and another would not read stays where it is."""
    place(files)
    done = run("adopt", "--no-verify", "--no-mount")
    good = done.returncode == 12 and present(files) == files
    print("ok" if good else "not ok", what, "" if good else f"(exit {done.returncode})", flush=True)


def main():
    """All vectors: the home that each renders, and each file by itself that is off at first."""
    seen = set()
    for vector in sorted(VECTORS.iterdir()):
        document = json.loads((vector / "document.json").read_text(encoding="utf-8"))
        tokens = {entry["token"] for entry in document["entries"] if len(entry["token"]) > 7}
        names = sorted({entry["provider"] for entry in document["entries"]})
        files = {}
        for name in names:
            definition = json.loads((PROVIDERS / f"{name}.json").read_text(encoding="utf-8"))
            for file in definition["files"]:
                if "adopt" not in file:
                    continue
                for path in sorted((vector / "home").glob(file["path"].replace("{{label}}", "*"))):
                    files[str(path.relative_to(vector / "home"))] = path.read_bytes()
                    seen.add((name, file["name"]))
                label = next(e["label"] for e in document["entries"] if e["provider"] == name)
                single = vector / "tree" / name / label / file["name"]
                if file.get("on", True) or not single.is_file():
                    continue
                seen.add((name, file["name"]))
                one = {file["path"].replace("{{label}}", label): single.read_bytes()}
                if (vector.name, file["name"]) == QUOTED:
                    left_alone(f"{vector.name}: {file['name']} is left alone", one)
                else:
                    round_trip(f"{vector.name}: {file['name']}", one, tokens)
        if files:
            round_trip(f"{vector.name}: {len(files)} files", files, tokens)
    missing = []
    for path in sorted(PROVIDERS.glob("*.json")):
        for file in json.loads(path.read_text(encoding="utf-8"))["files"]:
            if "adopt" in file and (path.stem, file["name"]) not in seen:
                missing.append(f"{path.stem}/{file['name']}")
    print("not ok" if missing else "ok", "every file with a rule has been adopted", missing or "")
    shutil.rmtree(HOME, ignore_errors=True)


main()
