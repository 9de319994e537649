"""Outputs of another program, as a sealed worker read them: typed cells and lines of text, none of the bytes.

What such a program says of its outputs is kept to be shown. Nothing here believes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.lines import is_hidden
from disclosure.exchange.written import ResultValues, values_from

INPUT: Final = "foreign"
"""The folder that the worker reads, below its input."""
MOST_OUTPUTS: Final = 100
LONGEST_SAID: Final = 4_000
LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class ForeignTable:
    """A table of a foreign output: the name of its file there, and its values."""

    file: str
    values: ResultValues


@dataclass(frozen=True)
class ForeignOutput:
    """One output of another program.

    Attributes:
        name: how it is called there.
        said: what the program and the researcher said of it, in lines.
        tables: what could be read of it.
        left_out: the names of its files that could not, each with the reason behind a colon.
    """

    name: str
    said: str
    tables: tuple[ForeignTable, ...]
    left_out: tuple[str, ...]

    def __post_init__(self) -> None:
        names = (self.name, *(one.file for one in self.tables), *self.left_out)
        if not self.name or any(len(one) > LONGEST_NAME or any(map(is_hidden, one)) for one in names):
            raise DocumentError("A foreign output has names of visible characters, of a line each.")
        if len(self.said) > LONGEST_SAID or any(is_hidden(sign) and sign != "\n" for sign in self.said):
            raise DocumentError("What is said of a foreign output is text of visible characters.")


@dataclass(frozen=True)
class ForeignOutputs:
    """What was read of a folder.

    Attributes:
        program: the program and its version, as the folder says.
    """

    program: str
    outputs: tuple[ForeignOutput, ...]

    def __post_init__(self) -> None:
        if len(self.outputs) > MOST_OUTPUTS or len({one.name for one in self.outputs}) != len(self.outputs):
            raise DocumentError(f"Foreign outputs are at most {MOST_OUTPUTS}, each with a name of its own.")
        if not self.program or len(self.program) > LONGEST_NAME or any(map(is_hidden, self.program)):
            raise DocumentError("A foreign program is named in a line of visible characters.")

    def to_bytes(self) -> bytes:
        """Return it as canonical JSON."""
        outputs = [
            {
                "name": one.name,
                "said": one.said,
                "tables": [{"file": table.file, "values": table.values.to_body()} for table in one.tables],
                "left_out": list(one.left_out),
            }
            for one in self.outputs
        ]
        return canonical_json({"program": self.program, "outputs": outputs})


def foreign_outputs_from_bytes(data: bytes) -> ForeignOutputs:
    """Return what `to_bytes` wrote.

    Raises:
        DocumentError: it is anything else.
    """
    document = parse_json(data, what="What was read of foreign outputs")
    try:
        found = ForeignOutputs(_line(document["program"]), tuple(_output(one) for one in document["outputs"]))
    except (KeyError, TypeError):
        raise DocumentError("What was read of foreign outputs does not follow its schema.") from None
    if found.to_bytes() != data:
        raise DocumentError("What was read of foreign outputs is not in its one spelling.")
    return found


def _output(document: Any) -> ForeignOutput:
    tables = tuple(ForeignTable(_line(one["file"]), values_from(_line(one["values"]))) for one in document["tables"])
    left_out = tuple(_line(one) for one in document["left_out"])
    return ForeignOutput(_line(document["name"]), _line(document["said"]), tables, left_out)


def _line(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value
