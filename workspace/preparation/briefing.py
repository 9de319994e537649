"""The briefing: one page that everybody gets before a camp, in English and in Dutch. It holds nothing of the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import jinja2

from disclosure.exchange.camp import CampFile
from disclosure.exchange.files import write_atomically
from disclosure.texts import LANGUAGES, current_language, language, localized, text
from workspace.cases import case
from workspace.presenting.rule import rule_words
from workspace.report import template_folder

FOLDER: Final = "briefing"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def write_briefing(camp: CampFile, titles: Mapping[str, Mapping[str, str]]) -> tuple[Path, ...]:
    """Write the page in each language, and return where.

    Args:
        titles: of the data sets in the camp, by name and language.
    """
    (camp.folder / FOLDER).mkdir(exist_ok=True)
    made = []
    for code in LANGUAGES:
        with language(code):
            page = _page(camp, titles)
        place = camp.folder / FOLDER / f"briefing.{code}.html"
        write_atomically(place, page.encode("utf-8"))
        made.append(place)
    return tuple(made)


def _page(camp: CampFile, titles: Mapping[str, Mapping[str, str]]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    style = (template_folder() / "page" / "style.css").read_text("utf-8")
    return environment.get_template("briefing/index.html.j2").render(
        language=current_language(),
        policy=_POLICY,
        style=style,
        title=camp.title or camp.name,
        words=_words(camp),
        sessions=[(_day(one.start), _clock(one.start), _clock(one.end)) for one in camp.sessions],
        teams=[_team(camp, team.name) for team in camp.teams],
        data=[
            (one.name, localized(titles.get(one.name, {}), one.name), one.legal_basis, one.purpose, one.owner)
            for one in camp.event.authorisations
        ],
        reviewers=_names(camp, "reviewer"),
        organisers=_names(camp, "organiser"),
        statement=_statement(camp),
        version=camp.event.statement_version,
    )


def _words(camp: CampFile) -> dict[str, str]:
    """Return what the page says, in the reader's language."""
    rules = [
        text("Nobody brings a telephone, camera, notes or a computer into the room."),
        text("Nothing leaves but released packages: no screen, no photograph, no figure that you remember."),
        text("Every output counts people and is checked; ask for fewer, larger cells, and it leaves sooner."),
        text("An output waits for {quorum} reviewers, who see your code as well.", quorum=camp.quorum),
    ]
    presentation = camp.event.presentation
    if presentation is not None:
        day, clock = _day(presentation.deadline), _clock(presentation.deadline)
        rules.append(text("What is to be presented is handed in by {day}, {clock}.", day=day, clock=clock))
        rules.append(rule_words(camp))
    said = {
        "briefing": text("Briefing"),
        "sessions": text("Sessions"),
        "presentation": text("Presentation"),
        "rules": text("What holds in the room"),
        "teams": text("Teams and cases"),
        "team": text("Team"),
        "people": text("People"),
        "cases": text("Cases"),
        "data": text("Data, and on what ground they are used"),
        "data_set": text("Data set"),
        "basis": text("Legal basis"),
        "purpose": text("Purpose"),
        "owner": text("Owner"),
        "reviewers": text("Reviewers"),
        "organisers": text("Organisers"),
        "statement": text("The statement that you sign"),
        "version": text("Version"),
        "until": text("to"),
    }
    told = {key: str(value) for key, value in said.items()}
    when = "" if presentation is None else f"{_day(presentation.at)}, {_clock(presentation.at)}"
    return {**told, "when": when, "all_rules": "\n".join(str(rule) for rule in rules)}


def _team(camp: CampFile, name: str) -> dict[str, Any]:
    cases = [case(one.number) for one in camp.event.cases if one.team == name]
    return {
        "name": name,
        "people": ", ".join(one.name for one in camp.participants if name in one.teams),
        "cases": [(one.number, localized(one.title, one.name)) for one in cases],
    }


def _names(camp: CampFile, role: str) -> str:
    return ", ".join(one.name for one in camp.participants if role in one.roles)


def _statement(camp: CampFile) -> str:
    return (camp.folder / camp.statement).read_text("utf-8") if camp.statement else ""


def _day(moment: datetime) -> str:
    from babel.dates import format_date

    return str(format_date(moment.date(), format="full", locale=current_language()))


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"
