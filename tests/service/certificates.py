"""The test service's certificates, made with openssl: a root, what it signed, and what it didn't."""

import pathlib
import subprocess

CONFIG = """
[ca]
default_ca = it
[it]
dir = {dir}
database = {dir}/index
serial = {dir}/serial
new_certs_dir = {dir}
certificate = {dir}/ca.pem
private_key = {dir}/ca.key
default_md = sha256
default_days = 30
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""


def openssl(*words):
    """Runs openssl; its chatter is shown only when it fails."""
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def request(folder, name, hosts):
    """A key and a request for these hosts."""
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr", "-subj", f"/CN={name}",
            "-config", folder / "config",
            "-addext", "subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts))


def sign(folder, name, *dates):
    """The root signs a request."""
    openssl("ca", "-batch", "-notext", "-config", folder / "config", "-in", folder / f"{name}.csr",
            "-out", folder / f"{name}.pem", *dates)


def make(folder, hosts):
    """ca.pem, and good, expired, wronghost and selfsigned .pem with their .key."""
    folder = pathlib.Path(folder)
    (folder / "config").write_text(CONFIG.format(dir=folder), encoding="utf-8")
    (folder / "index").write_text("", encoding="utf-8")
    (folder / "serial").write_text("1000\n", encoding="utf-8")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-days", "30",
            "-subj", "/CN=throw-away root", "-config", folder / "config",
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    for name, names in {"good": hosts, "expired": hosts, "wronghost": ["wrong.invalid"]}.items():
        request(folder, name, names)
    sign(folder, "good")
    sign(folder, "wronghost")
    sign(folder, "expired", "-startdate", "20200101000000Z", "-enddate", "20210101000000Z")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", folder / "selfsigned.key", "-out", folder / "selfsigned.pem", "-days", "30",
            "-subj", "/CN=selfsigned", "-config", folder / "config",
            "-addext", "subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts))
