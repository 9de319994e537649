"""What one zone asks the user of microdata for, and what comes back: folders that appear whole, each with one writer.

::

    queues/ASKER/orders/ID/    order.json, job, code/NAME    the asker writes, the worker reads
    queues/ASKER/answers/ID/   answer.json, result           the worker writes, the asker reads
    queues/work/               narrow frames and counts of attempts: the worker's alone

An identifier begins with the time, so that orders are done in the order in which they came. An asker holds a lock on
its order for as long as it waits: an order that nobody holds is nobody's.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.submission_names import check_code_name, check_output_name
from disclosure.exchange.tabulation import MAXIMUM_JOB_BYTES
from disclosure.model import strict
from workspace.untrusted import entry_names, opened_folder

VERSION: Final = 1
ORDER_FILE, JOB_FILE, CODE = "order.json", "job", "code"
MOST_ORDERS: Final = 1_000

_IDENTIFIER: Final = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}")
_LARGEST_ORDER: Final = 1 << 20
_LARGEST_CODE: Final = 1 << 20
_MOST_CODE: Final = 50
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class OrderKind(StrEnum):
    """What is asked for."""

    TRIAL = "trial"
    """Run code from the top, to see that it runs."""
    REPRODUCE = "reproduce"
    """Run code from the top and keep the narrow frames that it hands over."""
    TABULATE = "tabulate"
    COMPARE = "compare"


@dataclass(frozen=True)
class Ticket:
    """A narrow frame that the worker kept: of which order, and of which output."""

    order: str
    output: str

    def __post_init__(self) -> None:
        check_identifier(self.order)
        check_output_name(self.output)

    def to_document(self) -> dict[str, str]:
        """Return it as a JSON object."""
        return {"order": self.order, "output": self.output}


@dataclass(frozen=True)
class Order:
    """One thing that is asked for.

    Attributes:
        team, code, parameters: what is run and for whom: of a trial or reproduction.
        outputs: the names of the outputs whose frames are handed over: of a reproduction.
        job: the document of a tabulation or comparison.
        frames: the narrow frames of that, by the name of the output; of a tabulation at most one.
    """

    kind: OrderKind
    team: str = ""
    code: tuple[tuple[str, bytes], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    outputs: tuple[str, ...] = ()
    job: bytes = b""
    frames: Mapping[str, Ticket] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        runs = self.kind in {OrderKind.TRIAL, OrderKind.REPRODUCE}
        if runs is not bool(self.team and self.code) or runs is bool(self.job) or (runs and self.frames):
            raise DocumentError("An order has either code to run or a job.")
        if (self.outputs and self.kind is not OrderKind.REPRODUCE) or len(self.code) > _MOST_CODE:
            raise DocumentError("An order has entries that its kind has not, or too many.")
        if len(self.frames) > 1 and self.kind is OrderKind.TABULATE:
            raise DocumentError("A tabulation has one narrow frame.")
        for name, _ in self.code:
            check_code_name(name)
        for name in (*self.outputs, *self.frames):
            check_output_name(name)


def check_identifier(name: object) -> str:
    """Return the identifier of an order, or raise `DocumentError`."""
    if not isinstance(name, str) or not _IDENTIFIER.fullmatch(name):
        raise DocumentError("An order has another name than orders have.")
    return name


class PlacedOrder:
    """An order that waits for its answer; `close` takes it back.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, orders: Path, order: Order) -> None:
        self.identifier = f"{time.time_ns():016x}-{secrets.token_hex(8)}"
        aside = orders / f".{self.identifier}"
        aside.mkdir()
        self._lock = os.open(aside, _FOLDER)
        self._folder = aside
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            (aside / CODE).mkdir()
            for name, data in order.code:
                write_atomically(aside / CODE / name, data)
            write_atomically(aside / JOB_FILE, order.job)
            write_atomically(aside / ORDER_FILE, _document(order))
            aside.rename(orders / self.identifier)
            self._folder = orders / self.identifier
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Take the order back, whether it was answered or not."""
        _remove(self._folder)
        os.close(self._lock)


def waiting(orders: Path) -> tuple[str, ...]:
    """Return the identifiers of the orders that somebody waits for, in the order in which they came."""
    return tuple(name for name in _names(orders) if _IDENTIFIER.fullmatch(name) and _is_held(orders / name))


def sweep(orders: Path) -> None:
    """Remove the orders that nobody waits for any more; the asker's user may do that, and no other."""
    for name in _names(orders):
        if _IDENTIFIER.fullmatch(name.removeprefix(".")) and not _is_held(orders / name):
            _remove(orders / name)


def read_order(orders: Path, identifier: str) -> Order:
    """Return an order.

    Raises:
        DataError, DocumentError: it does not follow its schema, or holds something else than regular files.
    """
    with opened_folder(orders, check_identifier(identifier)) as folder:
        document = parse_json(read_regular(folder / ORDER_FILE, limit=_LARGEST_ORDER), what="The order")
        job = read_regular(folder / JOB_FILE, limit=MAXIMUM_JOB_BYTES)
    try:
        if document["version"] != VERSION:
            raise DocumentError("The order is of a version that is not known here.")
        names = [check_code_name(name) for name in document["code"][:_MOST_CODE]]
        with opened_folder(orders, identifier, CODE) as folder:
            code = tuple((name, read_regular(folder / name, limit=_LARGEST_CODE)) for name in names)
        order = Order(
            kind=OrderKind(document["kind"]),
            team=strict.text(document["team"]),
            code=code,
            parameters=document["parameters"],
            outputs=tuple(document["outputs"]),
            job=job,
            frames={name: Ticket(one["order"], one["output"]) for name, one in document["frames"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("The order does not follow its schema.") from None
    if _document(order) != canonical_json(document):
        raise DocumentError("The order has entries that no order of this version has.")
    return order


def _document(order: Order) -> bytes:
    return canonical_json(
        {
            "version": VERSION,
            "kind": order.kind.value,
            "team": order.team,
            "code": [name for name, _ in order.code],
            "parameters": dict(order.parameters),
            "outputs": list(order.outputs),
            "frames": {name: one.to_document() for name, one in order.frames.items()},
        }
    )


def _names(folder: Path) -> tuple[str, ...]:
    return entry_names(folder, limit=MOST_ORDERS)


def _is_held(folder: Path) -> bool:
    try:
        handle = os.open(folder, _FOLDER)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    # The mark of a whole order goes first, so that half of one is never taken for it.
    (folder / ORDER_FILE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
