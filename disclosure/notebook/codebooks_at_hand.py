"""Which codebooks speak of a frame: the camp's, the one that is given, or the one that lies beside its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from disclosure.check import knowledge_of_frame
from disclosure.errors import BadInputError
from disclosure.knowledge import Knowledge, knowledge_of
from disclosure.model.codebooks import Codebook, read_codebook
from disclosure.model.recipes import LazySource
from disclosure.notebook.camp import Camp
from disclosure.texts import text


def codebook_of(codebook: Codebook | str | Path | None, frame: Any) -> Codebook | None:
    """Return the codebook that is given, or the one that lies beside a Parquet file; None if there is none.

    Raises:
        BadInputError: it is neither a codebook nor a path.
        CodebookError: the file is not a codebook.
    """
    if isinstance(codebook, Codebook):
        return codebook
    if codebook is not None and not isinstance(codebook, str | Path):
        raise BadInputError(text("codebook= takes a codebook or its path, not a {kind}.", kind=type(codebook).__name__))
    if codebook is not None:
        return read_codebook(Path(codebook))
    if isinstance(frame, str | Path):
        path = Path(frame)
        for beside in (path.with_name(f"{path.name}.codebook.toml"), path.with_name(f"{path.stem}.codebook.toml")):
            if beside.exists():
                return read_codebook(beside)
    return None


def books_of(camp: Camp | None, book: Codebook | None, lazy: LazySource | None) -> list[Codebook]:
    """Return the codebooks that may describe a frame."""
    books = [book] if book is not None else []
    if camp is not None:
        used = [one.name for one in lazy.data_sets] if lazy is not None else list(camp.codebooks)
        books += [camp.codebooks[name] for name in used]
    return books


def default_unit(names: tuple[str, ...], books: list[Codebook]) -> tuple[str, ...]:
    """Return the unit that the codebooks name, if a frame with these columns has it; nothing if they name several."""
    units = {one.unit for one in books if set(one.unit) <= set(names)}
    # Two data sets of different units in one table: which of them is counted is the researcher's to say.
    return units.pop() if len(units) == 1 else ()


def knowledge_at_hand(camp: Camp | None, book: Codebook | None) -> Knowledge:
    """Return what is known of columns before a frame is looked at.

    Raises:
        BadInputError: a codebook of one's own inside a camp.
    """
    if camp is not None:
        if book is not None:
            raise BadInputError(text("Inside a camp the codebooks are the camp's."), hint=text("Leave codebook= out."))
        return knowledge_of_frame((), camp.codebooks)
    return knowledge_of(book) if book is not None else Knowledge()
