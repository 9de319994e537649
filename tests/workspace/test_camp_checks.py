"""`datakamp camp check`: every inconsistency of a camp, with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.errors import DocumentError
from tests.workspace.event_camp import EVENT, event_camp
from workspace.camp_checks import Problem, check_camp
from workspace.camp_checks.problems import Lines

TODAY = date(2026, 11, 20)


def problems(folder: Path, text: str = EVENT) -> tuple[Problem, ...]:
    return check_camp(event_camp(folder, text), data=False, today=TODAY)


def line_of(text: str, fragment: str, nth: int = 1) -> int:
    """The line on which a fragment stands for the nth time."""
    place = -1
    for _ in range(nth):
        place = text.index(fragment, place + 1)
    return text[:place].count("\n") + 1


def head_of(text: str, fragment: str) -> int:
    """The line of the head of the table in which a fragment stands, its own line outside of tables, 0 for ''."""
    own = line_of(text, fragment) if fragment else 0
    heads = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("[") and number <= own]
    return max(heads, default=own)


def test_a_camp_in_which_everything_fits_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == ()


ANNA, SIGNED = 'name = "anna"', 'signed = {statement = "2026-1", on = 2026-11-02}'


@pytest.mark.parametrize(("old", "new", "at", "told"), [
    ('teams = ["armoede"]\nsigned', 'teams = ["armoede", "wonen"]\nsigned', ANNA, "a team that the camp does not have"),
    (f"{SIGNED}\nawareness", "awareness", ANNA, "anna has not signed the statement"),
    ('statement = "2026-1", on', 'statement = "2025", on', ANNA, "another version"),
    ("on = 2026-11-02}", "on = 2026-11-21}", ANNA, "yet to come"),
    ("awareness = 2026-11-03\n\n", "\n", ANNA, "has not passed the awareness test"),
    ("awareness = 2026-11-03\n\n", "awareness = 2026-11-21\n\n", ANNA, "yet to come"),
    ('teams = ["armoede"]\nsigned', "signed", ANNA, "researcher in no team"),
    ('replaces = "anna"', 'replaces = "carla"', 'name = "bram"', "does not have"),
    ('replaces = "anna"', 'replaces = "vera"', 'name = "bram"', "other roles or another team"),
    ('name = "bram"', 'name = "anna"', 'name = "anna"\nroles = ["researcher"]\nteams = ["armoede"]\n' + SIGNED +
     '\nawareness = 2026-11-03\nreplaces', "second time"),
    ("until = 2026-11-23T17:30:00+01:00\n\n", "until = 2026-11-24T09:00:01+01:00\n\n",
     "[[sessions]]\nfrom = 2026-11-24", "overlaps"),
    ('legal_basis = "article 41"\n', "", 'name = "GBAPERSOONTAB"', "Expected legal_basis"),
    ('[[data]]\nname = "GBAPERSOONTAB"', '[[data]]\nname = "VEHTAB"', '"armoede"\ndata', "'GBAPERSOONTAB' has no"),
    ('[[data]]\nname = "GBAPERSOONTAB"', '[[data]]\nname = "VEHTAB"', 'name = "VEHTAB"', "No team has"),
    ("threshold = 110", "threshold = 49", "case = 2", "cannot have that value"),
    ("threshold = 110", "wijk = 1", "case = 2", "no parameter 'wijk'"),
    ("case = 2", "case = 99", "case = 99", "no case 99"),
    ('case = 2\nteam = "armoede"', 'case = 2\nteam = "wonen"', "case = 2", "no team 'wonen'"),
    ('"INHATAB2022", "KINDOUDERTAB"', '"KINDOUDERTAB"', "case = 2", "Case 2 needs INHATAB2022"),
    ('["vera", "wim"]', '["vera", "wim", "bram"]', "[[rota]]", "bram is on the rota and no reviewer"),
    ('["vera", "wim"]', '["vera"]', "[[sessions]]", "rota has 1 of the 2 reviewers"),
    ("until = 2026-11-24T17:30:00+01:00\nreviewers", "until = 2026-11-24T09:00:00+01:00\nreviewers",
     "[[sessions]]\nfrom = 2026-11-24", "rota has 0 of the 2 reviewers"),
    ("until = 2026-11-24T17:30:00+01:00\nreviewers", "until = 2026-11-24T17:29:59+01:00\nreviewers",
     "[[sessions]]\nfrom = 2026-11-24", "rota has 0 of the 2 reviewers"),
    ("until = 2026-11-24T17:30:00+01:00\n\n", "until = 2026-11-25T09:00:01+01:00\n\n",
     "[[sessions]]\nfrom = 2026-11-24", "longer than a day"),
    ("deadline = 2026-11-24T14", "deadline = 2026-11-24T16:30:00+01:00 #", "[presentation]", "lies before it"),
    ("deadline = 2026-11-24T14", "deadline = 2026-11-23T09:00:00+01:00 #", "[presentation]",
     "before the first session"),
    ("[presentation]\n", '[presentation]\nunreleased = "yes"\n', "[presentation]", "unreleased is one of"),
    ('policy = "cbs"', 'policy = "none"', "policy", "no policy"),
    ("ordinary = 2", "ordinary = 1", "[quorum]", "whole number, 2 or more"),
    ("ordinary = 2", "ordinary = 3", "", "The quorum is 3 reviewers"),
    ('title = "', 'colour = "', "colour", "'colour' is not an entry"),
    ('statement = "statement.txt"', 'statement = "other.txt"', "statement =", "is not there"),
])  # fmt: skip
def test_what_does_not_fit_is_told_with_its_line(tmp_path: Path, old: str, new: str, at: str, told: str) -> None:
    assert old in EVENT
    text = EVENT.replace(old, new, 1)
    found = [one for one in problems(tmp_path, text) if told in one.message]
    assert found, problems(tmp_path, text)
    assert found[0].line == head_of(text, at)


def test_a_camp_with_a_person_in_two_teams_is_told(tmp_path: Path) -> None:
    second = '[[teams]]\nname = "wonen"\ndata = []\n\n[[people]]\nname = "anna"'
    text = EVENT.replace('[[people]]\nname = "anna"', second).replace(
        'teams = ["armoede"]', 'teams = ["armoede", "wonen"]', 1
    )
    assert any(one.message == "anna is in 2 teams." for one in problems(tmp_path, text))


def test_a_team_in_which_nobody_works_is_told(tmp_path: Path) -> None:
    text = EVENT.replace("[[people]]", '[[teams]]\nname = "wonen"\ndata = []\n\n[[people]]', 1)
    [found] = problems(tmp_path, text)
    assert (found.line, found.message) == (line_of(text, "[[teams]]", 2), "Nobody is a researcher of the team 'wonen'.")


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = EVENT.replace('policy = "cbs"', 'policy = "none"').replace("case = 2", "case = 99").replace(
        "awareness = 2026-11-03\n\n", "\n", 1
    ).replace("exception = 3", "exception = 2")  # fmt: skip
    found = problems(tmp_path, text)
    assert len(found) == 4
    assert [one.line for one in found] == sorted(one.line for one in found)


@pytest.mark.parametrize("key", ["schema", "name", "mode", "policy"])
def test_what_every_camp_says_is_asked_for(tmp_path: Path, key: str) -> None:
    text = "".join(line for number, line in enumerate(EVENT.splitlines(keepends=True)) if number > 6 or key not in line)
    assert any(one.message == f"The camp does not say its {key}." for one in problems(tmp_path, text))


def test_a_camp_without_sessions_rota_or_statement_is_told(tmp_path: Path) -> None:
    text = EVENT.replace("[[sessions]]", "[[rota]]").replace('statement = "statement.txt"\n', "")
    told = {one.message for one in problems(tmp_path, text)}
    assert {"The camp has no sessions.", "The camp has no statement to sign."} <= told
    start = EVENT.index("[[rota]]")
    text = EVENT[:start] + EVENT[EVENT.index("[presentation]") :]
    assert {one.message for one in problems(tmp_path, text)} == {"The camp has no rota of reviewers."}


def test_data_sets_that_are_not_in_the_camp_yet_are_told_when_they_are_asked_for(tmp_path: Path) -> None:
    found = check_camp(event_camp(tmp_path), today=TODAY)
    assert len(found) == 8
    assert {one.line for one in found} == {0}


@pytest.mark.parametrize("text", [None, "schema = = 1"])
def test_a_folder_without_a_camp_and_a_text_that_is_no_toml_are_errors(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "camp.toml").write_text(text, "utf-8")
    with pytest.raises(DocumentError):
        check_camp(tmp_path)


@given(st.integers(1, 4), st.integers(1, 3), st.booleans())
def test_lines_are_found_whatever_stands_in_between(tables: int, blank: int, long: bool) -> None:
    value = '"""\n[[a]]\nk = 1\n"""' if long else "1"
    text = "# a\n" + "".join(f"{chr(10) * blank}[[a]]\nk = {value}\n" for _ in range(tables))
    lines = Lines(text)
    heads = [number for number, line in enumerate(text.splitlines(), 1) if line == "[[a]]"]
    wanted = heads[:: 2 if long else 1]
    assert [lines.of("a", number) for number in range(tables)] == wanted
    assert [lines.of("a", number, "k") for number in range(tables)] == [line + 1 for line in wanted]
    assert lines.of("a", tables) == lines.of("b") == 0


def test_reviewers_may_take_turns_and_a_session_may_last_a_whole_day(tmp_path: Path) -> None:
    whole = "[[rota]]\nfrom = 2026-11-23T09:00:00+01:00\nuntil = 2026-11-24T17:30:00+01:00\n"
    turns = (
        whole.replace("24T17:30", "23T12:00") + 'reviewers = ["vera", "wim"]\n'
        "[[rota]]\nfrom = 2026-11-23T12:00:00+01:00\nuntil = 2026-11-26T00:00:00+01:00\n"
    )
    text = EVENT.replace(whole, turns).replace(
        "until = 2026-11-24T17:30:00+01:00\n\n", "until = 2026-11-25T09:00:00+01:00\n\n"
    )
    assert "26T00:00" in text
    assert "25T09:00:00" in text
    assert problems(tmp_path, text) == ()
