"""What the services answer: replies of api7, azion and choreo as PROVIDERS has them, and of any other."""

import json
import pathlib
import secrets
import string
import threading
import uuid


class Tokens:
    """The tokens that live: those in the folder's files, and what azion's interface makes and deletes."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "tokens"
        self.lock = threading.Lock()
        self.azion = {}
        self.seen = set()

    def listed(self, service):
        """The lines of a service's file; a word each."""
        try:
            return (self.folder / service).read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return []

    def take_up(self):
        """Azion's file: lines of TOKEN [UUID [NAME]]; each token once, so that it can be deleted."""
        for words in (line.split() for line in self.listed("azion")):
            if words and words[0] not in self.seen:
                self.seen.add(words[0])
                self.add(words[0], words[1] if len(words) > 1 else str(uuid.uuid4()),
                         words[2] if len(words) > 2 else "initial", None)

    def add(self, key, identity, name, expires, description=""):
        """A token that lives from now on."""
        self.azion[identity] = {
            "key": key, "uuid": identity, "name": name, "user_id": 1234,
            "created": "2026-01-01T00:00:00Z", "expires_at": expires, "description": description,
        }
        return self.azion[identity]

    def is_live(self, service, token):
        """Whether the service accepts a token."""
        if service == "azion":
            self.take_up()
            return any(t["key"] == token for t in self.azion.values())
        return bool(token) and token in self.listed(service)


def without_key(token):
    """A token as azion lists it."""
    return {name: value for name, value in token.items() if name not in ("key", "user_id")}


def api7(tokens, request):
    """api.api7.cloud."""
    if not tokens.is_live("api7", request["token"]):
        return 401, {"payload": None, "status": {"code": 4, "message": "unauthorized"},
                     "error": "invalid token"}
    if request["path"] != "/api/v1/user/me":
        return 404, {"payload": None, "status": {"code": 5, "message": "not found"}}
    return 200, {"payload": {"id": "1", "email": "you@example.com"},
                 "status": {"code": 0, "message": "OK"}}


def azion_user(tokens, request):
    """sso.azion.com."""
    if request["scheme"] != "Token" or not tokens.is_live("azion", request["token"]):
        return 401, {"detail": "Invalid token"}
    return 200, {"results": {"client_id": "1234abc", "email": "me@example.com"}}


def page_of(tokens, request):
    """A page of azion's list; all of it unless the folder says how many go on one."""
    size = pathlib.Path(tokens.folder.parent, "pages")
    size = int(size.read_text(encoding="utf-8")) if size.exists() else 1000
    path, _, query = request["path"].partition("?")
    size = 1000 if query == "all=1" else size
    number = int(query.removeprefix("page=")) if query.startswith("page=") else 1
    shown = [without_key(t) for t in tokens.azion.values()][(number - 1) * size :]
    goes_on = f"https://{request['host']}{path}?page={number + 1}" if len(shown) > size else None
    return {"count": len(tokens.azion), "total_pages": -(-len(tokens.azion) // size),
            "schema_version": 3, "links": {"previous": None, "next": goes_on},
            "results": shown[:size]}


def azion_tokens(tokens, request):
    """api.azionapi.net: making, listing and deleting tokens."""
    base = "/iam/personal_tokens"
    if request["scheme"] != "Token" or not tokens.is_live("azion", request["token"]):
        return 401, {"detail": "Invalid token"}
    path, method = request["path"].split("?")[0], request["method"]
    if path == base and method == "POST":
        try:
            wish = json.loads(request["body"])
            name, expires = wish["name"], wish["expires_at"]
        except (ValueError, KeyError, TypeError):
            return 400, {"detail": "name and expires_at"}
        key = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))
        return 201, tokens.add(key, str(uuid.uuid4()), name, expires, wish.get("description", ""))
    if path == base and method == "GET":
        return 200, page_of(tokens, request)
    identity = path.removeprefix(base + "/")
    if identity not in tokens.azion:
        return 404, {"detail": "Not found"}
    if method == "DELETE":
        del tokens.azion[identity]
        return 204, None
    return (200, without_key(tokens.azion[identity])) if method == "GET" else (405, {})


def choreo(tokens, request):
    """apis.choreo.dev."""
    if not tokens.is_live("choreo", request["token"]):
        return 401, {"error_message": "Invalid Credentials", "code": "900901"}
    if request["path"] == "/api-key-service/v1.0/pat/introspect" and request["method"] == "POST":
        return 200, {"id": "77", "organizationUuid": "3f0c", "userId": "dev@example.com",
                     "allowedScopes": ["all"], "validUntil": "2031-08-19T00:18:59Z",
                     "status": "ACTIVE"}
    if request["path"] == "/orgs/1.0.0/orgs":
        return 200, [{"id": 1, "handle": "acme"}]
    return 404, {"error_message": "Not found"}


def other(tokens, request):
    """Any other host: the tokens of the file `other`."""
    if not tokens.is_live("other", request["token"]):
        return 401, {"message": "Bad credentials"}
    return 200, {"login": "octo", "user": {"email": "octo@example.com"}}


def behind(tokens, request):
    """asks.example: azion's two hosts for a test that wants to know what is so, whatever their modes."""
    if request["path"].startswith("/iam/"):
        return azion_tokens(tokens, request)
    return azion_user(tokens, request)


HOSTS = {
    "asks.example": behind,
    "api.api7.cloud": api7,
    "console.api7.cloud": api7,
    "sso.azion.com": azion_user,
    "api.azionapi.net": azion_tokens,
    "apis.choreo.dev": choreo,
    "apis.eu.choreo.dev": choreo,
}



def reply(tokens, request):
    """(status, JSON value or None) to a request."""
    with tokens.lock:
        return HOSTS.get(request["host"], other)(tokens, request)
