"""A PostgreSQL cluster of the tests' own: no network, a socket in a folder of its own, gone when they end."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

PROGRAMS = ("initdb", "postgres", "pg_dump", "pg_restore")
_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "shared_buffers": "16MB", "max_connections": "60", "wal_level": "minimal", "max_wal_senders": "0",
    "autovacuum": "off",
}  # fmt: skip


def program(name: str) -> str:
    """Return a program of PostgreSQL: the one on the path, or of Debian's newest version."""
    found = shutil.which(name)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda one: int(one.parts[-3]))
    if found is None and not versions:
        raise RuntimeError("PostgreSQL is not installed; run: make setup-tests")
    return found or str(versions[-1])


@dataclass
class Cluster:
    """A running server; the user of the tests may do all in it."""

    folder: Path

    def address(self, name: str) -> str:
        """Return the address of a database, as camp.toml has it."""
        return f"postgresql:///{name}?host={self.folder}"

    def database(self, template: str = "template0") -> str:
        """Make a database, a copy of another one that nobody is connected to, and return its name."""
        name = f"db{next(_NUMBERS)}"
        with self.connected() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    @contextlib.contextmanager
    def connected(self, name: str = "postgres") -> Iterator[psycopg.Connection]:
        """Connect to a database, each statement by itself."""
        with psycopg.connect(dbname=name, host=str(self.folder), autocommit=True) as connection:
            yield connection


_NUMBERS = count(1)


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Make a cluster, run it, and stop it by its process."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    owner = _owner()
    try:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        folder.chmod(0o755)
        data = folder / "data"
        initdb = [program("initdb"), "--no-sync", "--auth=peer", "--encoding=UTF8", "--locale=C"]
        made = subprocess.run(
            [*_as(owner), *initdb, f"--username={getpass.getuser()}", f"--pgdata={data}"],
            check=False, capture_output=True, text=True, timeout=_SECONDS, cwd=folder,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr[-500:]}")
        settings = {**_SETTINGS, "unix_socket_directories": str(folder)}
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*_as(owner), program("postgres"), "-D", str(data), *words], stdout=log, stderr=log, cwd=folder
            )
        try:
            yield _ready(Cluster(folder), server)
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ready(cluster: Cluster, server: subprocess.Popen[bytes]) -> Cluster:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            with cluster.connected():
                return cluster
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"postgres does not run: {(cluster.folder / 'log').read_text()[-500:]}") from None
            time.sleep(0.05)


def _owner() -> pwd.struct_passwd | None:
    """Return whom the server runs as where the tests are root's, as which it does not run."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("There is no ordinary user to run PostgreSQL as.")


def _as(owner: pwd.struct_passwd | None) -> list[str]:
    """Return the words that start a program as its user, and end it with the process that started it."""
    if owner is None:
        return ["setpriv", "--pdeathsig", "INT", "--"]
    user = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    return ["setpriv", *user, "--pdeathsig", "INT", "--"]
