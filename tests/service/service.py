"""Plays the services over HTTPS, and whatever can go wrong with them: service.py FOLDER HOST…

The folder is the whole interface; what is in it is read anew for each connection.
  mode/HOST, mode/HOST.METHOD   a word: one of MODES below, or a certificate's; none: ok
  tokens/api7|azion|choreo|other   tokens that are accepted, one a line
  reply/HOST                    a JSON body to answer with instead of the usual one
  log                           every request, a JSON object a line
  ca.pem                        the root of the certificates
"""

import json
import pathlib
import select
import socket
import ssl
import sys
import threading
import time
import warnings

import certificates
import replies

ADDRESSES = (("127.0.0.1", socket.AF_INET), ("93.184.216.34", socket.AF_INET), ("::1", socket.AF_INET6))
CERTIFICATES = ("expired", "wronghost", "selfsigned")
HTML = b"<!doctype html><title>Sign in</title>"
BIG = 200 * 1024


def hold(stream):
    """Says nothing until the other side leaves, or for a minute."""
    stream.settimeout(60)
    try:
        while stream.recv(4096):
            pass
    except OSError:
        pass


def head(status, length, *more):
    """Status line and headers."""
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/json", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


def drip(stream):
    """A byte a second."""
    stream.sendall(head(200, 60))
    for _ in range(60):
        stream.sendall(b" ")
        time.sleep(1)


def chunked(stream):
    """Too much, its length never said."""
    stream.sendall(head(200, None, "Transfer-Encoding: chunked"))
    for _ in range(BIG // 1024):
        stream.sendall(b"400\r\n" + b" " * 1024 + b"\r\n")
    stream.sendall(b"0\r\n\r\n")


def continues(stream):
    """One interim answer after another, without an end."""
    while True:
        stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def sends(*parts):
    """A mode that sends these bytes."""
    return lambda stream: stream.sendall(b"".join(parts))


MODES = {
    "slow": hold,
    "drip": drip,
    "big": sends(head(200, BIG), b" " * BIG),
    "bigchunked": chunked,
    "redirect": sends(head(302, 0, "Location: https://evil.example/stolen")),
    "odd": sends(head(200, len(HTML)), HTML),
    "500": sends(head(500, 2), b"{}"),
    "429": sends(head(429, 2, "Retry-After: 60"), b"{}"),
    "empty": sends(head(200, 0)),
    "badjson": sends(head(200, 9), b'{"status"'),
    "hugeheader": sends(head(200, 2, *(f"X-{i}: {'x' * 1000}" for i in range(BIG // 1000))), b"{}"),
    "continues": continues,
    "cut": sends(head(200, 1000), b'{"status"'),
    "eof": sends(),
    "nothttp": sends(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
}


class Service:
    """The folder, the certificates, and what happens on a connection."""

    def __init__(self, folder, hosts):
        self.folder = pathlib.Path(folder)
        self.hosts = sorted(hosts, key=len, reverse=True)
        self.tokens = replies.Tokens(folder)
        self.lock = threading.Lock()
        self.contexts = {name: self.context(name) for name in ("good", *CERTIFICATES)}
        self.contexts["tls11"] = self.context("good")
        self.contexts["tls11"].set_ciphers("ALL:@SECLEVEL=0")
        warnings.simplefilter("ignore", DeprecationWarning)  # they are what it is about
        self.contexts["tls11"].minimum_version = ssl.TLSVersion.TLSv1
        self.contexts["tls11"].maximum_version = ssl.TLSVersion.TLSv1_1

    def context(self, name):
        """A TLS side with that certificate."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return made

    def mode(self, host, method=None):
        """What the folder says of a host, or of one method there."""
        for name in (f"{host}.{method}", host):
            try:
                return (self.folder / "mode" / name).read_text(encoding="utf-8").strip()
            except FileNotFoundError:
                pass
        return "ok"

    def host_of(self, plain):
        """The host that the first bytes of a TLS connection name, without taking them."""
        for _ in range(50):
            hello = plain.recv(4096, socket.MSG_PEEK)
            if not hello:
                break
            for host in self.hosts:
                if host.encode() in hello:
                    return host
            time.sleep(0.02)
        return "unknown"

    def serve(self, plain):
        """A connection, from its first byte to its end."""
        plain.settimeout(30)
        try:
            host = self.host_of(plain)
            mode = self.mode(host)
            if mode == "closed":
                return
            if mode == "plain":
                plain.sendall(head(200, 2) + b"{}")
                return
            if mode == "stalled":
                hold(plain)
                return
            context = self.contexts.get(mode, self.contexts["good"])
            with context.wrap_socket(plain, server_side=True) as stream:
                self.answer(host, stream)
        except (OSError, ValueError):
            pass
        finally:
            plain.close()

    def answer(self, host, stream):
        """Reads a request, logs it, answers."""
        request = read_request(host, stream)
        if not request:
            return
        mode = self.mode(host, request["method"])
        with self.lock, open(self.folder / "log", "a", encoding="utf-8") as log:
            log.write(json.dumps({**request, "mode": mode, "time": time.time()}) + "\n")
        if mode in MODES:
            MODES[mode](stream)
            return
        if mode == "refused":
            request["token"] = ""
        status, value = replies.reply(self.tokens, request)
        if mode == "lost":
            return
        body = b"" if value is None else json.dumps(value).encode()
        instead = self.folder / "reply" / host
        if status == 200 and instead.exists():
            body = instead.read_bytes()
        stream.sendall(head(status, len(body)) + body)


def read_request(host, stream):
    """The request as the log has it, and its token; None when it ends early."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        if not more:
            return None
        data += more
    top, body = data.split(b"\r\n\r\n", 1)
    first, *lines = top.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in lines)
    lower = {name.lower(): value for name, value in headers.items()}
    while len(body) < int(lower.get("content-length", 0)):
        body += stream.recv(65536)
    # A token comes as `Authorization: SCHEME TOKEN`, as Basic's password, or in a header of its own.
    scheme, _, token = lower.get("authorization", "").partition(" ")
    token = token or lower.get("private-token", "")
    return {"host": host, "method": method, "path": path, "headers": headers, "scheme": scheme,
            "token": token, "body": body.decode("latin-1")}


def main():
    """Listens until it is told to end."""
    folder, hosts = pathlib.Path(sys.argv[1]), sys.argv[2:]
    certificates.make(folder, hosts)
    service = Service(folder, hosts)
    listening = []
    for address, family in ADDRESSES:
        plain = socket.socket(family, socket.SOCK_STREAM)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            plain.bind((address, 443))
        except OSError:
            continue
        plain.listen(64)
        listening.append(plain)
    (folder / "ready").touch()
    while listening:
        for plain in select.select(listening, [], [])[0]:
            threading.Thread(target=service.serve, args=(plain.accept()[0],), daemon=True).start()


main()
