"""A camp.toml of an event in which everything fits, for tests that make one thing of it wrong."""

from __future__ import annotations

from pathlib import Path

DATA = (
    "GBAPERSOONTAB", "GBAHUISHOUDENSBUS", "GBAADRESOBJECTBUS", "VSLGWBTAB", "KOPPELPERSOONHUISHOUDEN2022",
    "INHATAB2022", "KINDOUDERTAB", "SPOLISBUS2022",
)  # fmt: skip

EVENT = """\
schema = 1
name = "poverty"
title = "Poverty in The Hague"
mode = "one-user"
policy = "cbs"
statement = "statement.txt"
statement_version = "2026-1"

[quorum]
ordinary = 2
exception = 3

[[teams]]
name = "armoede"
data = [{data}]

[[people]]
name = "anna"
roles = ["researcher"]
teams = ["armoede"]
signed = {{statement = "2026-1", on = 2026-11-02}}
awareness = 2026-11-03

[[people]]
name = "bram"
roles = ["researcher"]
teams = ["armoede"]
signed = {{statement = "2026-1", on = 2026-11-02}}
awareness = 2026-11-03
replaces = "anna"

[[people]]
name = "vera"
roles = ["reviewer"]
signed = {{statement = "2026-1", on = 2026-11-02}}

[[people]]
name = "wim"
roles = ["reviewer"]
signed = {{statement = "2026-1", on = 2026-11-02}}

[[people]]
name = "olga"
roles = ["organiser"]
signed = {{statement = "2026-1", on = 2026-11-02}}

[[sessions]]
from = 2026-11-23T09:00:00+01:00
until = 2026-11-23T17:30:00+01:00

[[sessions]]
from = 2026-11-24T09:00:00+01:00
until = 2026-11-24T17:30:00+01:00

{grounds}
[[cases]]
case = 2
team = "armoede"
parameters = {{threshold = 110}}

[[rota]]
from = 2026-11-23T09:00:00+01:00
until = 2026-11-24T17:30:00+01:00
reviewers = ["vera", "wim"]

[presentation]
at = 2026-11-24T16:30:00+01:00
deadline = 2026-11-24T14:00:00+01:00
""".format(
    data=", ".join(f'"{name}"' for name in DATA),
    grounds="".join(
        f'[[data]]\nname = "{name}"\nlegal_basis = "article 41"\npurpose = "poverty"\nowner = "CBS"\n\n'
        for name in DATA
    ),
)


def event_camp(folder: Path, text: str = EVENT) -> Path:
    """Make the folder of a camp with this camp.toml and its statement."""
    folder.mkdir(exist_ok=True)
    (folder / "camp.toml").write_text(text, "utf-8")
    (folder / "statement.txt").write_text("I tell nobody what I see.\n", "utf-8")
    return folder
