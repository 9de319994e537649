"""The pages behind gunicorn: where they listen, and what is written down about who asks for what."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from disclosure.errors import BadInputError
from output_review.web.house import House

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1")
_ACCESS: Final = "%(t)s %(m)s %(U)s %(s)s %(B)s %(L)s"
"""Time, method, path without its query, status, bytes, seconds: no address and no account."""
_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True)
class Address:
    """Where the pages are served: a host and a port, or the path of a socket."""

    bind: str
    loopback: bool

    def hosts(self, named: Iterable[str]) -> tuple[str, ...]:
        """Return the names by which the pages are reached: those given, and the machine's own on loopback.

        Raises:
            BadInputError: one is no name of a host.
        """
        names = tuple(dict.fromkeys(named))
        for name in names:
            if not _NAME.fullmatch(name):
                raise BadInputError("A host is a name such as review.office.example, without a port.")
        return tuple(dict.fromkeys((*names, *(_LOOPBACK_NAMES if self.loopback else ()))))

    def shown(self, names: tuple[str, ...]) -> str:
        """Return what to tell whoever started it."""
        if self.bind.startswith("unix:"):
            return f"{self.bind}, for a reverse proxy as {', '.join(names)}"
        return f"http://{self.bind}/ as {', '.join(names)}"


@dataclass(frozen=True)
class Service:
    """How pages are served.

    Attributes:
        review: the control zone's folder.
        proxied: whether a reverse proxy in front speaks TLS.
    """

    review: Path
    address: Address
    hosts: tuple[str, ...]
    proxied: bool
    workers: int
    threads: int


def address_of(value: str, *, proxied: bool) -> Address:
    """Return the address in `HOST:PORT` or `unix:PATH`.

    Raises:
        BadInputError: it is neither; or others could reach it and nothing speaks TLS.
    """
    if value.startswith("unix:"):
        if not Path(value.removeprefix("unix:")).is_absolute():
            raise BadInputError("The path of a socket begins at the root.", hint="For example unix:/run/review.sock")
        return Address(value, loopback=False)
    host, _, port = value.rpartition(":")
    wrong = BadInputError("An address is HOST:PORT or unix:PATH.", hint="For example 127.0.0.1:8000")
    try:
        where = ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        raise wrong from None
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise wrong
    if not where.is_loopback and not proxied:
        raise BadInputError(
            "Others could reach this address, and passwords would go over the line as they are.",
            hint="Listen on 127.0.0.1 behind a reverse proxy that speaks TLS, and give --proxied.",
        )
    return Address(value, where.is_loopback)


def serve_pages(house: House, service: Service) -> None:
    """Serve until ended by SIGTERM or SIGINT."""
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

    # Each process counts its own answers; they are added up from files here when somebody asks.
    counts = tempfile.mkdtemp(prefix="datakamp-counts-")
    os.environ[_METRICS] = counts

    class Pages(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for key, value in gunicorn_settings(service).items():
                self.cfg.set(key, value)

        def load(self) -> WSGIApplication:
            from output_review.web.application import application
            from output_review.web.office.counting import counted

            return counted(application(house, service.review, hosts=service.hosts, proxied=service.proxied))

    try:
        Pages().run()
    finally:
        shutil.rmtree(counts, ignore_errors=True)


def gunicorn_settings(service: Service) -> dict[str, Any]:
    """Return gunicorn's settings.

    It believes nobody who says that TLS was spoken: the application looks at that itself, and only behind a proxy.
    """
    return {
        "bind": service.address.bind,
        "worker_class": "output_review.web.patience.PatientWorker",
        "workers": service.workers,
        "threads": service.threads,
        "timeout": 120,
        "graceful_timeout": 30,
        "keepalive": 30,
        "accesslog": "-",
        "access_log_format": _ACCESS,
        "errorlog": "-",
        "loglevel": "warning",
        "forwarded_allow_ips": "",
        "control_socket_disable": True,
        "umask": 0o077 if not service.address.bind.startswith("unix:") else 0o007,
        "child_exit": _child_exit,
    }


def _child_exit(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
