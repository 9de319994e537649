"""A directory of a test's own on loopback: OpenLDAP's slapd with two people in it, over TLS and without."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.x509.oid import NameOID

BASE = "dc=office,dc=example"
WORD = "a word of the directory"
SLAPD = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin:/usr/lib/openldap")
CONFIGURATION = """
include {schema}/core.schema
modulepath {modules}
moduleload back_mdb
TLSCertificateFile {place}/server.pem
TLSCertificateKeyFile {place}/server.key
TLSCACertificateFile {place}/server.pem
pidfile {place}/slapd.pid
database mdb
suffix "{base}"
directory {place}/data
access to attrs=userPassword by anonymous auth by * none
access to * by * none
"""
ENTRIES = f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Office\ndc: office\n\n" + "".join(
    f"dn: cn={name},{BASE}\nobjectClass: person\ncn: {name}\nsn: {name}\nuserPassword: {WORD}\n\n"
    for name in ("vera", "zeno")
)


@dataclass(frozen=True)
class DirectoryServer:
    """Where it answers, and the authority of its certificate."""

    plain: str
    secure: str
    authority: Path


def certificate(place: Path) -> Path:
    """Make a key and a certificate for loopback, its own authority, and return the certificate's path."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (place / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (place / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return place / "server.pem"


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _first(*places: str) -> str:
    return next((place for place in places if Path(place).is_dir()), places[0])


@contextmanager
def directory(place: Path) -> Iterator[DirectoryServer]:
    """Yield a directory that answers on loopback; its files lie in `place`."""
    if SLAPD is None:
        raise RuntimeError("slapd is not installed: run make setup")
    (place / "data").mkdir(parents=True)
    authority = certificate(place)
    given = {
        "schema": _first("/etc/ldap/schema", "/etc/openldap/schema"),
        "modules": _first("/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap"),
        "place": place, "base": BASE,
    }  # fmt: skip
    configuration = place / "slapd.conf"
    configuration.write_text(CONFIGURATION.format(**given))
    subprocess.run(
        [SLAPD, "-T", "add", "-f", str(configuration)], input=ENTRIES.encode(), check=True, capture_output=True
    )
    plain, secure = (f"127.0.0.1:{free_port()}" for _ in range(2))
    listens = f"ldap://{plain} ldaps://{secure}"
    with (place / "slapd.log").open("wb") as log:
        server = subprocess.Popen([SLAPD, "-f", str(configuration), "-h", listens, "-d", "0"], stdout=log, stderr=log)
    try:
        _wait_for(plain, server)
        yield DirectoryServer(f"ldap://{plain}", f"ldaps://{secure}", authority)
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    host, port = address.split(":")
    for _ in range(200):
        if server.poll() is not None:
            raise RuntimeError("slapd ended at once")
        with socket.socket() as one:
            if one.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("slapd does not answer")
