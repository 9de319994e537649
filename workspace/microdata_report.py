"""The report on a file of records: risk before and after, what was done and what it cost, in one HTML file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2

from disclosure.errors import BadInputError, DocumentError
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.model.key_variables import KeyVariables
from disclosure.texts import current_language, language, text, translate
from workspace.microdata_charts import Picture, bars
from workspace.microdata_figures import Asked, Figures, figures_from, remarks
from workspace.microdata_minimise import Minimisation, minimisation_from
from workspace.microdata_options import Do
from workspace.microdata_plan import Purpose
from workspace.microdata_protect import RECORD, SCHEMA
from workspace.report import template_folder

_LARGEST: Final = 10_000_000
_TEMPLATE: Final = "microdata/report.html.j2"
_DO: Final = {
    Do.DROP: text("columns left out"),
    Do.PSEUDONYM: text("pseudonyms for identifiers"),
    Do.RECODE: text("coarser categories"),
    Do.CLASSES: text("numbers into classes"),
    Do.TOP_CODE: text("top coding"),
    Do.BOTTOM_CODE: text("bottom coding"),
    Do.SUPPRESS: text("local suppression"),
    Do.MDAV: text("microaggregation (MDAV)"),
    Do.PRAM: text("categories changed at random (PRAM)"),
    Do.NOISE: text("noise added"),
}
_PURPOSE: Final = {
    Purpose.PUBLIC: text("a public file"),
    Purpose.TRAINING: text("a training file"),
    Purpose.STUDENT: text("a file for students"),
    Purpose.SEALED: text("sealed microdata of a camp"),
}


@dataclass(frozen=True)
class Table:
    """A table of the report: heads, rows of texts of which the first is a label, and pictures below it."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Content:
    """What a report is about.

    Attributes:
        name: of the file.
        after: the figures of the file; `before` those before a plan, if there was one.
        document: the record of a plan; None of a file without one.
    """

    name: str
    asked: Asked
    after: Figures
    before: Figures | None = None
    minimisation: Minimisation | None = None
    document: dict[str, Any] | None = None


def read_record(folder: Path) -> Content:
    """Return what `datakamp microdata protect` recorded in a folder.

    Raises:
        DocumentError: there is no record, or it is of another schema.
        DataError: it is no regular file.
    """
    try:
        document = json.loads(read_regular(folder / RECORD, limit=_LARGEST))
        if document["schema"] != SCHEMA:
            raise DocumentError(text("The record is of another version of Datakamp."))
        keys, minimisation = document["keys"], document["minimisation"]
        variables = KeyVariables(
            tuple(keys["categorical"]), weights=keys["weights"], household=keys["household"],
            sensitive=tuple(keys["sensitive"]),
        )  # fmt: skip
        after = figures_from(document["after"])
        asked = Asked(variables, after.register, int(document["asked"]["k"]), float(document["asked"]["limit"]))
        before = None if document["before"] is None else figures_from(document["before"])
        least = None if minimisation is None else minimisation_from(minimisation)
        return Content(folder.resolve().name, asked, after, before, least, document)
    except (ValueError, KeyError, TypeError):
        raise DocumentError(text("The record of what was done cannot be read.")) from None


def write_report(content: Content, target: Path, *, lang: str | None = None) -> None:
    """Write the report as one HTML file, which loads nothing; in the reader's language if `lang` is left out.

    Raises:
        BadInputError: it cannot be written there.
    """
    with language(lang or current_language()):
        page = _page(content)
    try:
        write_atomically(target, page.encode("utf-8"), mode=0o600)
    except OSError:
        raise BadInputError(text("'{name}' cannot be written.", name=target.name)) from None


def _page(content: Content) -> str:
    folder = template_folder()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined
    )
    style = (folder / "page" / "style.css").read_text(encoding="utf-8")
    minimisation = content.minimisation
    return environment.get_template(_TEMPLATE).render(
        language=current_language(),
        style=jinja2.filters.do_mark_safe(style),
        title=str(text("Risk of the records in '{name}'", name=content.name)),
        mark=translate("For reading inside: not for release"),
        remarks=[str(one) for one in (*_about(content), *remarks(content.asked))],
        tables=[one for one in (_risk(content), _sharing(content), _special(content), *_done(content)) if one.rows],
        proposals_title=translate("How the file can be made smaller"),
        proposals=[] if minimisation is None else [str(one) for one in minimisation.lines()],
        footer=str(text("Made by Datakamp; risk by {engine}.", engine=content.after.engine)),
    )


def _about(content: Content) -> list[Any]:
    keys = content.asked.keys
    lines = [text("Key variables: {keys}.", keys=", ".join(keys.categorical))]
    if content.document is None:
        return lines
    purpose = Purpose(content.document["purpose"])
    lines.append(text("What the file is for: {purpose}.", purpose=_PURPOSE[purpose]))
    if purpose.bound:
        lines.append(
            text(
                "Limits bind it: {k} records or more share a key, and no risk is over {risk}. It keeps to them.",
                k=content.asked.k, risk=_share(content.asked.limit),
            )
        )  # fmt: skip
    else:
        lines.append(
            text("It never leaves the sealed camp: no limit of k binds it, and it should hold no more than is needed.")
        )
    digests = content.document["digests"]
    source, plan, data = (str(digests[name]) for name in ("source", "plan", "data"))
    lines.append(text("Digests: file {source}, plan {plan}, result {data}.", source=source, plan=plan, data=data))
    return lines


def _risk(content: Content) -> Table:
    heads, found = _columns(content)
    after = content.after
    rows = [(translate("records"), *(_count(one.records) for one in found))]
    for k, _ in after.violations:
        label = str(text("records that share their key with fewer than {k}", k=k))
        rows.append((label, *(_count(dict(one.violations).get(k)) for one in found)))
    limit = str(text("records with a risk over {limit}", limit=_share(content.asked.limit)))
    rows += [
        (translate("expected re-identifications"), *(_decimals(one.expected) for one in found)),
        (translate("their share of all records"), *(_share(one.share) for one in found)),
        (translate("largest risk of a record"), *(_share(one.largest) for one in found)),
        (limit, *(_count(one.over) for one in found)),
    ]
    if after.household is not None:
        shares = (_share(one.household[0]) if one.household else "-" for one in found)
        rows.append((translate("share of records in households of which somebody is re-identified"), *shares))
    for name, _, _ in after.diversity:
        label = str(text("records whose key has one value of '{name}' only", name=name))
        rows.append((label, *(_count({column: n for column, _, n in one.diversity}.get(name)) for one in found)))
    classes = tuple((called, one.risks) for called, one in zip(heads[1:], found, strict=True))
    picture = bars(translate("Records by risk"), translate("risk"), classes)
    return Table(translate("Risk"), heads, tuple(rows), (picture,))


def _sharing(content: Content) -> Table:
    heads, found = _columns(content)
    rows = tuple((name, *(_count(dict(one.sharing)[name]) for one in found)) for name, _ in content.after.sharing)
    classes = tuple((called, one.sharing) for called, one in zip(heads[1:], found, strict=True))
    picture = bars(translate("Records by how many share their key"), translate("records with the key"), classes)
    return Table(translate("How many share a key"), heads, rows, (picture,))


def _special(content: Content) -> Table:
    """Return the part of each key variable in special uniques; no rows if none was measured."""
    heads, found = _columns(content)
    named = [name for name, _ in content.after.contributions if any(dict(one.contributions).get(name) for one in found)]
    rows = tuple((name, *(_decimals(dict(one.contributions).get(name, 0.0)) for one in found)) for name in named)
    pictures: tuple[Picture, ...] = ()
    if rows:
        classes = tuple((called, one.contributions) for called, one in zip(heads[1:], found, strict=True))
        title = translate("Part of each key variable in special uniques (SUDA2), percent")
        pictures = (bars(title, translate("key variable"), classes),)
    return Table(translate("Which key variables single out"), heads, rows, pictures)


def _done(content: Content) -> list[Table]:
    document = content.document
    if document is None:
        return []
    steps = tuple(
        (f"{place}. {_DO[Do(one['do'])]}", str(name), _count(int(count)))
        for place, one in enumerate(document["steps"], start=1)
        for name, count in one["counts"]
    )
    utility = document["utility"]
    lost = []
    if utility["il1s"] is not None:
        lost.append((translate("distance in standard deviations (IL1s)"), _decimals(float(utility["il1s"]))))
    if utility["eigenvalues"] is not None:
        lost.append((translate("difference of eigenvalues"), f"{float(utility['eigenvalues']):.6f}"))
    heads = (translate("step"), translate("column"), translate("values"))
    loss = (str(text("numbers: {columns}", columns=", ".join(utility["columns"]))), translate("loss"))
    return [Table(translate("What was done"), heads, steps), Table(translate("What it cost"), loss, tuple(lost))]


def _columns(content: Content) -> tuple[tuple[str, ...], tuple[Figures, ...]]:
    if content.before is None:
        return ("", translate("now")), (content.after,)
    return ("", translate("before"), translate("after")), (content.before, content.after)


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}".replace(",", "\u202f")


def _decimals(number: float) -> str:
    return _signed(f"{number:.2f}")


def _share(share: float) -> str:
    return _signed(f"{100 * share:.3g}") + "%"


def _signed(number: str) -> str:
    return number.replace(".", ",") if current_language() == "nl" else number
