"""Names of people in camp.toml: none under which a program writes into the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from disclosure.errors import DocumentError
from disclosure.exchange.camp import read_camp
from disclosure.exchange.camp_entries import PROGRAMS

_CAMP = """schema = 1
name = "camp"
mode = "one-user"
policy = "cbs"
[[teams]]
name = "gate"
[[people]]
name = "{name}"
roles = ["reviewer"]
"""


def read(folder: Path, name: str) -> tuple[str, ...]:
    (folder / "camp.toml").write_text(_CAMP.format(name=name), encoding="utf-8")
    return tuple(one.name for one in read_camp(folder).participants)


@pytest.mark.parametrize("name", ["intake", "gate", "release", "broker", "organiser", "system", "tabulation"])
def test_a_person_is_not_named_as_a_program(tmp_path: Path, name: str) -> None:
    assert name in PROGRAMS
    with pytest.raises(DocumentError, match=f"'{name}' is no name of a person"):
        read(tmp_path, name)


@pytest.mark.parametrize("name", ["vera", "intake2", "re-lease", "gates"])
def test_any_other_name_is_one(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, name) == (name,)
