"""A new camp: what is written is what is read, and nothing that is there is overwritten."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from disclosure.errors import BadInputError, DocumentError
from disclosure.exchange.camp import CampLimits, Participant, Team, ZoneMode, read_camp
from workspace.camp_folder import new_camp

TEAMS = (Team("armoede", ("HOMES", "PERSONS")), Team("wonen", ()))
PEOPLE = (
    Participant("anna", ("researcher",), ("armoede",)),
    Participant("vera", ("reviewer",), ()),
    Participant("otto", ("organiser", "auditor"), ()),
)


def test_the_camp_is_read_as_it_was_asked_for(tmp_path: Path) -> None:
    title = 'Poverty: "The Hague" \\ 2022, é'
    camp = new_camp(tmp_path / "Camp-1", title=title, policy="sacro", mark="DEMO", teams=TEAMS, participants=PEOPLE)
    assert (camp.name, camp.title, camp.policy, camp.mark) == ("camp-1", title, "sacro", "DEMO")
    assert (camp.mode, camp.quorum, camp.exception_quorum) == (ZoneMode.ONE_USER, 2, 3)
    assert (camp.teams, camp.participants, camp.limits) == (TEAMS, PEOPLE, CampLimits())


def test_every_zone_has_its_folder_and_only_what_leaves_is_open_to_others(tmp_path: Path) -> None:
    camp = new_camp(tmp_path / "camp", teams=TEAMS)
    for team in TEAMS:
        for folder in (camp.workspace(team.name), camp.outbox(team.name), camp.inbox(team.name)):
            assert folder.stat().st_mode & 0o777 == 0o700
    for folder in (camp.review, camp.folder / "microdata"):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert camp.released.is_dir()


def test_a_camp_without_people_shows_how_to_write_them(tmp_path: Path) -> None:
    camp = new_camp(tmp_path / "camp")
    assert camp.participants == ()
    assert '# name = "anna"' in (camp.folder / "camp.toml").read_text()


@pytest.mark.parametrize("role", ["reviewer", "researcher"])
def test_an_auditor_who_sees_every_vote_neither_votes_nor_asks(tmp_path: Path, role: str) -> None:
    both = (Participant("udo", (role, "auditor"), ("armoede",) if role == "researcher" else ()),)
    with pytest.raises(DocumentError, match=f"udo is an auditor, who is never a {role}"):
        new_camp(tmp_path / "camp", teams=TEAMS, participants=both)


@pytest.mark.parametrize("people", [(), PEOPLE])
def test_what_a_hub_needs_is_there_to_be_uncommented(tmp_path: Path, people: tuple[Participant, ...]) -> None:
    camp = new_camp(tmp_path / "camp", participants=people, teams=TEAMS)
    assert (camp.sessions, camp.statement) == ((), "")
    file = camp.folder / "camp.toml"
    entry = r"^# (statement\w* = .*|\[.*\]|[a-z_]+ = .*)$"
    written = file.read_text()
    begins = written.index("# What makes a dated event")
    statement = re.sub(
        entry, r"\1", written[written.index("# The text, in a file") : begins], count=2, flags=re.MULTILINE
    )
    event = re.sub(entry, r"\1", written[begins:], flags=re.MULTILINE)
    file.write_text(written[: written.index("# The text, in a file")] + statement + event)
    again = read_camp(camp.folder)
    assert (again.statement, again.event.statement_version) == ("statement.txt", "2026-1")
    assert [one.end - one.start for one in again.sessions] == [timedelta(hours=8, minutes=30)]
    assert [one.number for one in again.event.cases] == [2]
    assert again.event.presentation is not None
    assert len(again.event.rota) == len(again.event.authorisations) == 1
    assert again == replace(camp, statement=again.statement, sessions=again.sessions, event=again.event)


def test_an_empty_folder_becomes_a_camp_and_any_other_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "camp"
    folder.mkdir()
    new_camp(folder)
    before = (folder / "camp.toml").read_bytes()
    with pytest.raises(BadInputError, match="not empty"):
        new_camp(folder, title="Another")
    assert (folder / "camp.toml").read_bytes() == before


def test_a_file_in_the_place_of_the_folder_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "camp").write_text("x")
    with pytest.raises(BadInputError, match="cannot be made"):
        new_camp(tmp_path / "camp")


@pytest.mark.parametrize(
    ("argument", "value"),
    [("name", "Has Space"), ("name", "x" * 32), ("title", "two\nlines"), ("policy", "none"), ("mark", "TEST")],
)
def test_what_no_camp_says_is_refused(tmp_path: Path, argument: str, value: str) -> None:
    with pytest.raises(BadInputError):
        new_camp(tmp_path / "camp", **{argument: value})  # type: ignore[arg-type]


def test_a_team_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises((BadInputError, DocumentError)):
        new_camp(tmp_path / "camp", teams=(TEAMS[0], TEAMS[0]))
