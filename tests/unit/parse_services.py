"""Reads back each service's files with real parsers of their formats: a check_NAME for each."""

import base64
import configparser
import json
import netrc
import os
import shlex
import shutil
import subprocess
import tempfile
import tomllib
import urllib.parse

import yaml

from awkward import RANDOM, by_label, entries_of, entry, files_of


def check_api7():
    """Configs that say something else than their entries."""
    for _ in range(200):
        entries = [entry(n, "api7", ["address"]) for n in range(3)]
        files = files_of(entries)
        profiles = [
            {
                "name": e["label"],
                "address": e["fields"].get("address", "https://api.api7.cloud"),
                "user": {"access_token": e["token"]},
            }
            for e in sorted(entries, key=lambda e: e["label"])
        ]
        expected = {"default_profile": entries[0]["label"], "profiles": profiles}
        if yaml.safe_load(files["/.api7cloud/config"]) != expected:
            yield files["/.api7cloud/config"]
        if yaml.safe_load(files["/.api7cloud/credentials"]) != {
            "user": {"access_token": entries[0]["token"]}}:
            yield files["/.api7cloud/credentials"]


def check_azion():
    """Settings that say something else than their entries."""
    names = {
        "uuid": "UUID", "client_id": "ClientId", "email": "Email",
        "continuation_token": "ContinuationToken", "s3_access_key": "S3AccessKey",
        "s3_secret_key": "S3SecretKey", "s3_bucket": "S3Bucket",
    }
    for _ in range(200):
        one = entry(0, "azion", names)
        files = files_of([one])
        expected = {names[f]: one["fields"].get(f, "") for f in names}
        expected["Email"] = expected["Email"] or one["account"]
        got = tomllib.loads(files[f"/.azion/{one['label']}/settings.toml"])
        constants = [str(got.pop("LastCheck")), got.pop("LastVulcanVersion"),
                     got.pop("AuthorizeMetricsCollection")]
        if got != {"Token": one["token"], **expected} or constants != [
            "9999-01-01 00:00:00+00:00", "", 2]:
            yield files[f"/.azion/{one['label']}/settings.toml"]
        if tomllib.loads(files["/.azion/profiles.json"]) != {"Name": one["label"]}:
            yield files["/.azion/profiles.json"]
        if shlex.split(files[f"azion/{one['label']}/vulcan.env"]) != ["API_TOKEN=" + one["token"]]:
            yield files[f"azion/{one['label']}/vulcan.env"]
        if files[f"azion/{one['label']}/credentials"] != one["token"]:
            yield files[f"azion/{one['label']}/credentials"]


def check_choreo():
    """Files that say something else than their entries."""
    for _ in range(200):
        one = entry(0, "choreo", [])
        files = files_of([one])
        if files["/.choreo/token"] != one["token"] + "\n":
            yield files["/.choreo/token"]
        if tomllib.loads(files["/.choreo/config.toml"]) != {
            "login": {"oauth2": {"accessToken": one["token"]}}}:
            yield files["/.choreo/config.toml"]


def check_files(expected_of, entries_maker, path, read):
    """Files that a reader takes for something else than what they were made of."""
    for _ in range(60):
        entries = entries_maker()
        text = files_of(entries)[path]
        got, expected = read(text), expected_of(entries)
        if got != expected:
            yield text, got, expected


def read_sections(text):
    """By the reader of most Python tools."""
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def read_npmrc(text):
    """Keys have colons, and end at the first equals sign."""
    parser = configparser.RawConfigParser(delimiters=("=",))
    parser.optionxform = str
    parser.read_string("[npm]\n" + text)
    return dict(parser["npm"])


def read_machines(text):
    """By Python's own reader."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        return {m: (login, password) for m, (login, _, password) in netrc.netrc(file.name).hosts.items()}


def check_aws():
    """Profiles that say something else than their entries."""
    names = {"access_key_id": "aws_access_key_id", "session_token": "aws_session_token"}
    yield from check_files(
        lambda entries: {
            e["label"]: {"aws_secret_access_key": e["token"]} | {names[f]: v for f, v in e["fields"].items()}
            for e in entries},
        lambda: entries_of("aws", names, "ini"), "/.aws/credentials", read_sections)


def check_cargo():
    """Registries that say something else than their entries, one of which is for the default one."""
    def made():
        entries = entries_of("cargo", ["registry"])
        del entries[0]["fields"]["registry"]
        return entries
    yield from check_files(
        lambda entries: {
            "registry": {"token": entries[0]["token"]},
            "registries": {e["fields"]["registry"]: {"token": e["token"]} for e in entries[1:]}},
        made, "/.cargo/credentials.toml", tomllib.loads)


def check_docker():
    """Registries that say something else than their entries."""
    def expected(entries):
        auth = [f"{e['fields']['user']}:{e['token']}".encode() for e in entries]
        return {"auths": {e["fields"]["registry"]: {"auth": base64.b64encode(a).decode()}
                          for e, a in zip(entries, auth)}}
    yield from check_files(
        expected, lambda: entries_of("docker", ["registry", "user"]), "/.docker/config.json", json.loads)


def check_doctl():
    """Contexts that say something else than their entries."""
    yield from check_files(
        lambda entries: {
            "access-token": entries[0]["token"], "context": "default",
            "auth-contexts": {e["label"]: e["token"] for e in entries[1:]}},
        lambda: entries_of("doctl", []), "/.config/doctl/config.yaml", yaml.safe_load)


def ask_git(file, entry_):
    """What git's helper gives for an entry's host and user."""
    asked = {"protocol": "https", "host": entry_["fields"]["host"], "username": entry_["fields"]["user"]}
    done = subprocess.run(
        ["git", "-c", "credential.helper=", "-c", f"credential.helper=store --file={file}",
         "credential", "fill"],
        input="".join(f"{k}={v}\n" for k, v in asked.items()), capture_output=True, text=True,
        check=False, env={"PATH": os.environ["PATH"], "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"})
    return dict(line.split("=", 1) for line in done.stdout.split("\n") if "=" in line).get("password")


def check_git_credentials():
    """Tokens that git does not find, and an entry in use that does not come first."""
    for number in range(12):
        entries = entries_of("git-credentials", ["user"])
        for e in entries:
            e["fields"]["host"] = RANDOM.choice(["h.example", "h.example:8443"])
        text = files_of(entries)["/.git-credentials"]
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            got = [ask_git(file.name, e) for e in entries] if shutil.which("git") else None
        if got is not None and got != [e["token"] for e in entries]:
            yield text, got, entries
        first = urllib.parse.urlsplit(text.split("\n")[0])
        if urllib.parse.unquote(first.password) != entries[0]["token"]:
            yield number, text


def check_github():
    """Hosts that say something else than their entries."""
    yield from check_files(
        lambda entries: {
            e["fields"]["host"]: {
                "user": e["fields"]["user"], "oauth_token": e["token"],
                "git_protocol": e["fields"]["git_protocol"]}
            for e in entries},
        lambda: entries_of("github", ["host", "user", "git_protocol"]), "/.config/gh/hosts.yml",
        yaml.safe_load)


def check_gitlab():
    """Hosts that say something else than their entries."""
    yield from check_files(
        lambda entries: {
            "host": entries[0]["fields"]["host"], "check_update": False,
            "hosts": {
                e["fields"]["host"]: {
                    "token": e["token"], "user": e["fields"]["user"], "git_protocol": "https",
                    "api_protocol": "https", "api_host": e["fields"]["host"]}
                for e in entries}},
        lambda: entries_of("gitlab", ["host", "user"]), "/.config/glab-cli/config.yml", yaml.safe_load)


def check_huggingface():
    """Files that are not the token."""
    yield from check_files(
        lambda entries: entries[0]["token"], lambda: entries_of("huggingface", []),
        "/.cache/huggingface/token", str)


def check_kubernetes():
    """Contexts that say something else than their entries."""
    def expected(entries):
        sorted_ = by_label(entries)
        return {
            "apiVersion": "v1", "kind": "Config", "preferences": {},
            "current-context": entries[0]["label"],
            "clusters": [
                {"name": e["label"], "cluster": {
                    "server": e["fields"]["server"],
                    "certificate-authority-data": e["fields"]["ca_data"]}}
                for e in sorted_],
            "contexts": [
                {"name": e["label"], "context": {
                    "cluster": e["label"], "user": e["label"], "namespace": e["fields"]["namespace"]}}
                for e in sorted_],
            "users": [{"name": e["label"], "user": {"token": e["token"]}} for e in sorted_],
        }
    yield from check_files(
        expected, lambda: entries_of("kubernetes", ["server", "ca_data", "namespace"]), "/.kube/config",
        yaml.safe_load)


def check_netrc():
    """Machines that say something else than their entries."""
    yield from check_files(
        lambda entries: {e["fields"]["machine"]: (e["fields"]["login"], e["token"]) for e in entries},
        lambda: entries_of("netrc", ["machine", "login"], "netrc"), "/.netrc", read_machines)


def check_npm():
    """Registries that say something else than their entries."""
    def made():
        entries = entries_of("npm", [], "ini")
        for number, e in enumerate(entries):
            e["fields"]["registry"] = f"{number}.example.com:8443/a~b"
        return entries
    yield from check_files(
        lambda entries: {f"//{e['fields']['registry']}/:_authToken": e["token"] for e in entries},
        made, "/.npmrc", read_npmrc)


def check_pypi():
    """Repositories that say something else than their entries."""
    def expected(entries):
        servers = "".join(f"\n{e['label']}" for e in by_label(entries))
        return {"distutils": {"index-servers": servers}} | {
            e["label"]: {"repository": e["fields"]["repository"], "username": e["fields"]["user"],
                         "password": e["token"]} for e in entries}
    yield from check_files(
        expected, lambda: entries_of("pypi", ["repository", "user"], "ini"), "/.pypirc", read_sections)


def check_terraform():
    """Hosts that say something else than their entries."""
    yield from check_files(
        lambda entries: {"credentials": {e["fields"]["host"]: {"token": e["token"]} for e in entries}},
        lambda: entries_of("terraform", ["host"]), "/.terraform.d/credentials.tfrc.json", json.loads)


def check_vercel():
    """Files that say something else than their entries."""
    yield from check_files(
        lambda entries: {"token": entries[0]["token"]}, lambda: entries_of("vercel", []),
        "/.local/share/com.vercel.cli/auth.json", json.loads)
