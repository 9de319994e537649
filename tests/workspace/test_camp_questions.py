"""`datakamp camp new --ask`: the answers make a camp in which only signatures and tests are still missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from datakamp import datakamp
from disclosure.exchange.camp import read_camp
from workspace.camp_checks import check_camp

TODAY = date(2026, 11, 20)
SAID = [
    "Poverty", "cbs", "armoede, wonen", "anna, bram", "2", "carla", "2", "vera, wim", "olga", "article 41", "poverty",
    "CBS", "2026-11-24, 2026-11-23", "09:00-17:00", "+01:00", "2026-1", "16:00",
]  # fmt: skip


def asked(folder: Path, said: list[str]) -> str:
    arguments = ["camp", "new", str(folder), "--ask"]
    return CliRunner().invoke(datakamp, arguments, input="".join(f"{one}\n" for one in said)).output


def test_the_answers_make_a_camp_that_lacks_only_what_is_yet_to_come(tmp_path: Path) -> None:
    folder = tmp_path / "camp"
    assert "What is still missing" in asked(folder, SAID)
    camp = read_camp(folder)
    assert [team.name for team in camp.teams] == ["armoede", "wonen"]
    assert camp.teams[0].data_sets == camp.teams[1].data_sets
    assert [one.start.day for one in camp.sessions] == [23, 24]
    assert camp.event.presentation is not None
    assert camp.event.presentation.at.isoformat() == "2026-11-24T16:00:00+01:00"
    assert camp.event.presentation.deadline.isoformat() == "2026-11-24T14:00:00+01:00"
    (folder / "statement.txt").write_text("I tell nobody.")
    found = check_camp(folder, data=False, today=TODAY)
    missing = ("has not signed the statement", "has not passed the awareness test")
    assert [one for one in found if not any(words in one.message for words in missing)] == []
    assert len(found) == 6 + 3


def test_a_camp_over_the_change_of_the_clock_has_the_offset_of_each_day(tmp_path: Path) -> None:
    said = [*SAID[:12], "2017-03-21, 2017-03-28", "09:00-17:00", "Europe/Amsterdam", *SAID[15:]]
    printed = asked(tmp_path / "camp", said)
    assert "  2  Children in poverty" in printed
    camp = read_camp(tmp_path / "camp")
    assert [one.start.isoformat()[-6:] for one in camp.sessions] == ["+01:00", "+02:00"]
    assert camp.event.presentation is not None
    assert camp.event.presentation.at.isoformat() == "2017-03-28T16:00:00+02:00"


def test_without_a_presentation_there_is_none(tmp_path: Path) -> None:
    asked(tmp_path / "camp", [*SAID[:-1], "-"])
    assert read_camp(tmp_path / "camp").event.presentation is None


@pytest.mark.parametrize(("place", "wrong", "told"), [
    (2, "Armoede", "small letters"), (3, "system", "no name of a person"), (4, "99", "There is no case 99"),
    (4, "two", "could not be read"), (7, ",", "One or more"), (12, "23-11-2026", "could not be read"),
    (13, "17:00-09:00", "Hours as"), (13, "9-17", "Hours as"), (14, "1", "offset"), (16, "25:00", "An hour"),
    (9, "\t", "One line"),
])  # fmt: skip
def test_an_answer_that_is_none_is_asked_again(tmp_path: Path, place: int, wrong: str, told: str) -> None:
    printed = asked(tmp_path / "camp", [*SAID[:place], wrong, *SAID[place:]])
    assert told in printed
    assert read_camp(tmp_path / "camp").title == "Poverty"


def test_a_quotation_mark_in_an_answer_stays_text(tmp_path: Path) -> None:
    asked(tmp_path / "camp", ['A "camp" \\ of 2026', *SAID[1:9], 'article "41"', *SAID[10:]])
    camp = read_camp(tmp_path / "camp")
    assert camp.title == 'A "camp" \\ of 2026'
    assert camp.event.authorisations[0].legal_basis == 'article "41"'
