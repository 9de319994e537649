"""What `views` returns, and what a reviewer is about to sign, as lines of text for a terminal.

What comes from a team, its code or its data is quoted or made visible; nothing of it is printed as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from output_review.services.quoting import quoted, shortened

if TYPE_CHECKING:
    from output_review.signing.signoff import SignOff

MOST_FINDINGS = 20
_TITLE = 60
_LANGUAGES = {"en": "English", "nl": "Dutch"}


def list_line(document: dict[str, Any]) -> str:
    """Return a request in one line."""
    title = shortened(document["title"], _TITLE)
    outputs = f"{len(document['outputs'])} outputs"
    handed_in = f"{document['team']}/{document['number']}"
    return f"{document['request']:>4}  {document['state']:<10} {handed_in:<20} {outputs}  {title}"


def detail_lines(document: dict[str, Any]) -> list[str]:
    """Return what `views.detail` returned as lines of text."""
    handed_in = f"{document['team']}/{document['number']}"
    lines = [
        f"request {document['request']} ({handed_in}), revision {document['revision']}: {document['state']}",
        *quoted("title", document["title"]),
        *quoted("author", document["author"]),
        *quoted("purpose", document["purpose"]),
    ]
    if document["reason"]:
        lines += quoted("reason", document["reason"])
    if document["lane"]:
        lines.append(f"  lane        {document['lane']}")
    if document["claim"] is not None:
        lines.append(f"  claimed by  {document['claim']['by']}, until {document['claim']['until']} if nothing happens")
    for step in document["steps"]:
        lines.append(f"  history     {step['taken']}  revision {step['revision']}: {step['to']}, by {step['who']}")
    for name, value in sorted(document["parameters"].items()):
        lines += quoted("parameter", f"{name} = {value!r}")
    for code in document["code"]:
        lines.append(f"  code        {code['name']}: {code['lines']} lines, {code['bytes']} bytes, {code['digest']}")
    for found in document["scan"][:MOST_FINDINGS]:
        lines += quoted("scan", found)
    if len(document["scan"]) > MOST_FINDINGS:
        lines.append(f"  and {len(document['scan']) - MOST_FINDINGS} more findings of the scan")
    lines.append(f"  signed by   {', '.join(document['signed_by']) or 'nobody yet'}")
    lines += _comments(document["comments"], "")
    for output in document["outputs"]:
        lines += ["", *_output(output), *_comments(document["comments"], output["name"])]
    for code in document["code"]:
        for place, cell in enumerate(code.get("cells", ()), start=1):
            lines += ["", f"{code['name']}, {cell['kind']} {place}:", *quoted("", cell["source"])]
    return lines


def _comments(comments: list[dict[str, Any]], output: str) -> Iterator[str]:
    for one in comments:
        if one["output"] == output:
            yield f"  {one['kind']} {one['number']} by {one['author']}, on revision {one['revision']}:"
            yield from quoted("", one["said"])


def _output(output: dict[str, Any]) -> Iterator[str]:
    yield f"{output['name']}: {output['verdict']}, {output['level']}; {output['outcome']}"
    for label in ("title", "population", "differs", "note"):
        if output[label]:
            yield from quoted(label, output[label])
    votes = output["votes"]
    if isinstance(votes, dict):
        for reviewer, decision in sorted(votes.items()):
            yield f"  vote        {reviewer}: {decision}"
    else:
        yield f"  votes       {votes} so far; whose is shown once the quorum has voted"
    for found in output["scan"]:
        yield from quoted("scan", found)
    yield from _table(output) if output["written"] is None else _written(output["written"])


def _table(output: dict[str, Any]) -> Iterator[str]:
    if output["derived"] is not None:
        yield from _derived(output["derived"])
    yield from recipe_lines(output["recipe"])
    if output["figure"] is not None:
        yield from _figure(output["figure"])
    if output["derivation"] is None:
        yield "  rows        made by the submission's code: see --code"
    else:
        yield from quoted("rows", output["derivation"])
    for one in output["lineage"]:
        yield from quoted("column", f"{one['column']}: {_standing(one)}")
    if output["across_rows"] and output["derivation"] is not None:
        yield "  rows        a column may depend on rows of other units: confirm the derivation"
    for finding in output["findings"][:MOST_FINDINGS]:
        yield from quoted("finding", finding)
    if len(output["findings"]) > MOST_FINDINGS:
        yield f"  and {len(output['findings']) - MOST_FINDINGS} more findings"
    for cell in output["differences"][:MOST_FINDINGS]:
        yield from quoted("not as said", cell)
    for cell in output["cells"]:
        yield from quoted("cell", f"{cell['cell']}: {cell['shows']}  (n = {cell['n_units']})")


def _derived(derived: dict[str, Any]) -> Iterator[str]:
    yield f"  computed    {derived['operation']} of the published figures of {', '.join(derived['tables'])}"
    if derived["base"] is not None:
        yield from quoted("100 is", ": ".join(derived["base"]))
    yield "  judged by   what these tell together, which is not shown:"


def _written(written: dict[str, Any]) -> Iterator[str]:
    if written["support"]:
        yield f"  support     the units behind it are counted in {written['support']}"
    yield from quoted(written["kind"], "\n".join(written["lines"]))


def _figure(figure: dict[str, Any]) -> Iterator[str]:
    yield f"  figure      {figure['kind']}, in {_LANGUAGES[figure['language']]}"
    for role in ("x", "y", "series", "panel"):
        if figure[role] is not None:
            yield from quoted(role, figure[role])
    for name, label in figure["at"]:
        yield from quoted("held at", f"{name}: {'missing' if label is None else label}")
    if figure["tables"]:
        yield f"  drawn from  {', '.join(figure['tables'])}"
    for label, name in (("its title", "title"), ("axis", "x_title"), ("values", "value_title")):
        if figure[name]:
            yield from quoted(label, figure[name])
    if figure["geography"] is not None:
        yield f"  areas       {figure['geography']['digest']}"
        yield from quoted("by", figure["geography"]["key"])
    if figure["alternative"] is not None:
        yield from quoted("shows", figure["alternative"])


def recipe_lines(recipe: dict[str, Any]) -> Iterator[str]:
    """Yield what a recipe asks for."""
    value = "" if recipe["value"] is None else f" of {recipe['value']}"
    by = ", ".join((*recipe["rows"], *recipe["columns"])) or "nothing: one cell"
    yield from quoted("table", f"{recipe['statistic']}{value} by {by}")
    for name, given in recipe["options"].items():
        yield from quoted("option", f"{name}: {given}")
    if recipe["others"]:
        yield from quoted("also reads", ", ".join(recipe["others"]))
    yield from quoted("unit", ", ".join(recipe["unit"]) or "none")
    for other in recipe["other_units"]:
        yield from quoted("and unit", f"{', '.join(other)}, of which each cell reaches the minimum too")
    if recipe["holding"]:
        yield from quoted("holding", f"{', '.join(recipe['holding'])}, by which contributions are added up")
    yield from quoted("weight", recipe["weight"] or "none")
    yield f"  missing     {'rows without a category are left out' if recipe['dropna'] else 'counted as a category'}"
    for recoding in recipe["recodings"]:
        merged: dict[str, list[str]] = {}
        for code, label in recoding["mapping"]:
            merged.setdefault(label, []).append(code)
        for label, codes in merged.items():
            yield from quoted("recoded", f"{recoding['dimension']}: {', '.join(codes)} as {label}")
    for order in recipe.get("orders", []):
        yield from quoted("order", f"{order['dimension']}: {', '.join(order['labels'])}")
    if recipe["rounding"]:
        yield f"  rounded     to multiples of {recipe['rounding']}"
    if recipe["suppressed"]:
        yield "  suppressed  failing cells are withheld, and with them all margins"


def _standing(one: dict[str, Any]) -> str:
    if one["origin"] is not None:
        return f"registered, {one['origin']}"
    sources = f", from {', '.join(one['sources'])}" if one["sources"] else ""
    return f"computed by the code{sources}"


def statement_lines(signed: SignOff) -> list[str]:
    """Return what a reviewer is about to sign, digest by digest."""
    lines = [f"You sign revision {signed.revision} of request {signed.request} of team {signed.team}:"]
    for output in signed.approved:
        lines.append(f"  approve {output.name} ({output.verdict.value}, {output.level.value})")
        lines += quoted("title", output.title)
        lines += [f"    {one.file}  {one.digest}" for one in output.files]
    lines += [f"  {one.decision.value}: an output that stays inside" for one in signed.withheld]
    return lines
