"""The files that the campaign `reading` reads: as a definition, or plain with a token in them.

    reading_files.py definition		JSON, for ~/.config/tokenvault/providers/reading.json
    reading_files.py plain DIR TOKEN	writes the same files below DIR"""

import json
import pathlib
import sys

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIPJxZ3mYzCwvkm0l3cvmXMTzRjo2o0P9c0yD9oXvVbQk"

# More than one request of the kernel fetches, and lines that are in no order.
BIG = [f"{n * 7919 % 2500:04d} {{{{token}}}} {'abcdefghij'[n % 10] * (n % 37)}" for n in range(2500)]

FILES = {
    "big": BIG,
    "txt": ["first line", *BIG[:40], "last line of {{token}}"],
    "raw": "{{token}}",
    "data.json": ['{"name": "x",', ' "list": [1, 2, 3],', ' "token": "{{token}}"}'],
    "yaml": ["default: ci", "profiles:", "  - name: ci", "    token: {{token}}"],
    "toml": ["[login]", "name = 'x'", "token = '{{token}}'"],
    "ini": ["[default]", "name = x", "token = {{token}}"],
    "csv": ["name,token", 'x,"{{token}}"'],
    "env": ["NAME=x", "TOKEN={{token}}", "token={{token}}"],
    "netrc": ["machine 127.0.0.1", "login jo", "password {{token}}"],
    "header": ["X-Token: {{token}}"],
    "curlrc": ["silent", 'header = "X-Token: {{token}}"'],
    "wgetrc": ["quiet = on", "header = X-Token: {{token}}"],
    "gitconfig": ["[user]", "\tname = x", "[remote \"o\"]", "\ttoken = {{token}}"],
    "npmrc": ["reading-token={{token}}"],
    "ssh_config": ["Host x", "\tHostName x.invalid", "\tUser {{token}}"],
    "pub": [f"ssh-ed25519 {KEY} {{{{token}}}}"],
    "known_hosts": [f"x.invalid ssh-ed25519 {KEY} {{{{token}}}}"],
    "script.sh": ["echo the script has {{token}}"],
    "script.py": ["print('the script has {{token}}')"],
    "makefile": ["all:", "\t@echo made with {{token}}"],
    "code.c": ["const char token[] = \"{{token}}\";"],
}


def definition():
    """The service whose every entry has these files."""
    files = [
        {"name": name, "path": f"m/{name}", "shows": "in-use", "escape": "none", "template": text}
        for name, text in FILES.items()
    ]
    return {"name": "reading", "title": "What is read", "files": files}


def plain(place, token):
    """The same without a vault."""
    for name, text in FILES.items():
        text = text if isinstance(text, str) else "".join(line + "\n" for line in text)
        (place / name).write_text(text.replace("{{token}}", token), encoding="utf-8")
        (place / name).chmod(0o400)


if sys.argv[1] == "definition":
    print(json.dumps(definition()))
else:
    plain(pathlib.Path(sys.argv[2]), sys.argv[3])
