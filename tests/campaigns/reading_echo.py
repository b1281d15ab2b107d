"""Answers every request with what the client sent of its own: reading_echo.py FILE, into which it
writes its port and its process id."""

import base64
import http.server
import os
import sys

OWN = ("Authorization", "X-Token", "Content-Type")


class Echo(http.server.BaseHTTPRequestHandler):
    """Says back the method, the headers that a user chose, and the body."""

    def answer(self):
        """One answer for every method."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = [f"{name}: {self.headers[name]}" for name in OWN if name in self.headers]
        scheme, _, basic = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            said.append(base64.b64decode(basic).decode())
        text = "\n".join([self.command, *said, ""]).encode() + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        """Says nothing."""


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
    with open(sys.argv[1] + ".new", "w", encoding="utf-8") as file:
        print(server.server_port, os.getpid(), file=file)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()
