"""Drives tokenvault-fetch as tokenvault does, a line of JSON for what came of it:
drive.py PROGRAM FOLDER URL [NAME=VALUE …], NAMEs method, headers, body, proxy, private, roots."""

import json
import os
import struct
import subprocess
import sys
import time

NAMES = ("method", "url", "headers", "body", "proxy", "roots", "private")


def message(fields):
    """The fields as the program reads them."""
    return b"TVF1" + b"".join(
        struct.pack("<I", len(field)) + field + b"\0" for field in fields
    )


def split(data):
    """The fields of its answer."""
    assert data[:4] == b"TVF1", data[:40]
    at, fields = 4, []
    while at < len(data):
        (length,) = struct.unpack("<I", data[at : at + 4])
        fields.append(data[at + 4 : at + 4 + length])
        at += 5 + length
    return fields


def main():
    """One exchange."""
    program, folder, url = sys.argv[1:4]
    with open(os.path.join(folder, "ca.pem"), "rb") as file:
        given = {"method": b"GET", "private": b"yes", "roots": file.read()}
    given.update((word.split("=", 1)[0], word.split("=", 1)[1].encode()) for word in sys.argv[4:])
    given["url"] = url.encode()
    fields = [given.get(name, b"") for name in NAMES]
    began = time.monotonic()
    done = subprocess.run([program], input=message(fields), capture_output=True, env={},
                          check=False)
    took = time.monotonic() - began
    if not done.stdout:
        print(json.dumps({"status": "none", "code": done.returncode, "err": done.stderr.decode()}))
        return
    status, detail, http, reply = (field.decode("latin-1") for field in split(done.stdout))
    print(json.dumps({"status": status, "detail": detail, "http": int(http), "reply": reply,
                      "code": done.returncode, "took": round(took, 1)}))


main()
