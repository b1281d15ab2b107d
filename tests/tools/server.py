"""What the tools' services answer, over HTTPS and HTTP, and which token came: server.py FOLDER HTTPS HTTP.

The folder has good.pem and good.key, and `accepted`: the tokens that are good, one a line (aws: ID:SECRET).
Every request is a line of `arrived`: HOST METHOD PATH STATUS SCHEME TOKEN, with tabs between.
"""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import ssl
import sys
import threading
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])
IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/jo</Arn><UserId>AIDAJO</UserId>
<Account>123456789012</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""
CONFIG = '{"architecture":"amd64","os":"linux"}'
MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json",
                       "digest": "sha256:" + hashlib.sha256(CONFIG.encode()).hexdigest(),
                       "size": len(CONFIG)}, "layers": []}
DENIED = """<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code>
<Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>"""
REF = "0123456789012345678901234567890123456789\trefs/heads/main\n"


def accepted():
    """The tokens that are good now."""
    return (FOLDER / "accepted").read_text(encoding="utf-8").split()


def signature(secret, request, body, scope, signed):
    """AWS' Signature Version 4 of a request: its documentation's steps 1 to 4."""
    url = urllib.parse.urlsplit(request.path)
    query = "&".join(sorted(f"{k}={v}" for k, v in urllib.parse.parse_qsl(url.query, True)))
    names = signed.split(";")
    headers = "".join(f"{n}:{' '.join(request.headers[n].split())}\n" for n in names)
    canonical = "\n".join((request.command, url.path, query, headers, signed,
                           hashlib.sha256(body).hexdigest()))
    text = "\n".join(("AWS4-HMAC-SHA256", request.headers["X-Amz-Date"], "/".join(scope),
                      hashlib.sha256(canonical.encode()).hexdigest()))
    key = ("AWS4" + secret).encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def signer(request, body):
    """Whose secret made the signature: ID:SECRET, or what came of it."""
    parts = dict(p.strip().split("=", 1) for p in
                 request.headers["Authorization"].split(" ", 1)[1].split(","))
    name, *scope = parts["Credential"].split("/")
    for pair in accepted():
        known, _, secret = pair.partition(":")
        if known == name and hmac.compare_digest(
                signature(secret, request, body, scope, parts["SignedHeaders"]), parts["Signature"]):
            return pair
    return name + ":wrong"


def token_of(request, body):
    """The scheme and the token of a request; of Basic, USER:TOKEN."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        token = base64.b64decode(token).decode()
    elif scheme == "AWS4-HMAC-SHA256":
        token = signer(request, body)
    return scheme, token


class Answer(http.server.BaseHTTPRequestHandler):
    """One request: logged, and answered as its path's service would."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """No talk on standard error."""

    def body_for(self, body):
        """(content type, text) of a good answer."""
        path = self.path.split("?")[0]
        if b"Action=GetCallerIdentity" in body:
            return "text/xml", IDENTITY
        if path.endswith("/info/refs"):
            return "text/plain", REF
        if path.endswith("/HEAD"):
            return "text/plain", "ref: refs/heads/main\n"
        if "/blobs/" in path:
            return "application/octet-stream", CONFIG
        if "/manifests/" in path:
            return MANIFEST["mediaType"], json.dumps(MANIFEST)
        return "application/json", json.dumps({"username": "jo", "login": "jo", "path": path})

    def body_against(self, body):
        """The same of a bad one."""
        if b"Action=" in body:
            return "text/xml", DENIED
        return "application/json", '{"message":"no"}'

    def do_GET(self):
        """Any method."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        scheme, token = token_of(self, body)
        is_good = token in accepted() or (scheme == "Basic" and token.split(":", 1)[1] in accepted())
        status = 200 if is_good else 401
        with open(FOLDER / "arrived", "a", encoding="utf-8") as log:
            print(self.headers.get("Host", "-"), self.command, self.path, status, scheme or "-",
                  token or "-", sep="\t", file=log)
        kind, text = self.body_for(body) if is_good else self.body_against(body)
        self.send_response(status)
        if not is_good:
            self.send_header("WWW-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Type", kind)
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    do_POST = do_HEAD = do_PUT = do_GET


def main():
    """Listens on both ports until it is ended."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(FOLDER / "good.pem", FOLDER / "good.key")
    secure = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Answer)
    secure.socket = tls.wrap_socket(secure.socket, server_side=True)
    plain = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3])), Answer)
    (FOLDER / "listening").touch()
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    secure.serve_forever()


main()
