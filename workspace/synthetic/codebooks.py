"""Codebooks of the generated data sets: the texts beside this module, with their origin and the areas filled in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from workspace.synthetic.places import DEN_HAAG, OUTSIDE, Municipality
from workspace.synthetic.tables_of_persons import buurten_of, wijken_of

GENERATOR = "datakamp synthetic generator"
GENERATOR_VERSION = 2
_AREA_LEVELS = ("bc", "wc", "stadsdeel")


def codebook(name: str, *, seed: int, year: int, municipality: Municipality = DEN_HAAG) -> bytes:
    """Return the codebook of one data set as TOML, marked as synthetic and naming the generator, its version and seed.

    The key `source` names what made the data, so that a table that turns up later can be traced to the run.
    """
    text = files("workspace.synthetic").joinpath("codebooks", f"{name}.toml").read_text("utf-8")
    source = f"{GENERATOR} {GENERATOR_VERSION}, seed {seed}, year {year}"
    parts = ["synthetic = true", f'source = "{source}"', text.rstrip()]
    if name == "VSLGWBTAB":
        parts.append(_areas(municipality))
    return ("\n".join(parts) + "\n").encode()


def _areas(municipality: Municipality) -> str:
    """Return the columns municipality, buurt, wijk and stadsdeel with their codes, and the hierarchy between them."""
    names = [wijk.name for wijk in municipality.wijken] + [name for _, name, _ in municipality.elsewhere]
    deel = [wijk.stadsdeel_code for wijk in municipality.wijken] + [OUTSIDE] * len(municipality.elsewhere)
    codes = wijken_of(municipality)
    gemeenten = {municipality.code: _label(municipality.name)}
    gemeenten |= {code: _label(name) for code, name, _ in municipality.elsewhere}
    buurten, parents = {}, {}
    for wijk, name, own in zip(codes, names, buurten_of(municipality), strict=True):
        for number, buurt in enumerate(own, start=1):
            buurten[buurt] = _label(f"{name} {number}")
            parents[buurt] = f'"{wijk}"'
    wijken = {wijk: _label(name) for wijk, name in zip(codes, names, strict=True)}
    parents |= {wijk: f'"{part}"' for wijk, part in zip(codes, deel, strict=True)}
    stadsdelen = {code: _label(name) for code, name in municipality.stadsdelen}
    stadsdelen[OUTSIDE] = '{en = "Outside the municipality", nl = "Buiten de gemeente"}'
    levels = ", ".join(f'"{level}"' for level in _AREA_LEVELS)
    columns = [_column("stadsdeel", "Stadsdeel", "Stadsdeel", stadsdelen)]
    for suffix, en, nl in (("", "", ""), ("2023", ", as in 2023", ", indeling 2023")):
        columns += [
            _column(f"gem{suffix}", f"Municipality{en}", f"Gemeente{nl}", gemeenten, hierarchy=False),
            _column(f"wc{suffix}", f"Wijk{en}", f"Wijk{nl}", wijken),
            _column(
                f"bc{suffix}",
                f"Buurt (numbered by the generator){en}",
                f"Buurt (genummerd door de generator){nl}",
                buurten,
            ),
        ]
    return "\n".join(
        ("", *columns, "[hierarchies.area]", f"levels = [{levels}]", "[hierarchies.area.parents]", _entries(parents))
    )


def _column(name: str, english: str, dutch: str, categories: Mapping[str, str], *, hierarchy: bool = True) -> str:
    return "\n".join(
        (
            f"[columns.{name}]",
            f'title = {{en = "{english}", nl = "{dutch}"}}',
            'type = "category"',
            "sensitive = false",
            *(['hierarchy = "area"'] if hierarchy else []),
            f"[columns.{name}.categories]",
            _entries(categories),
            "",
        )
    )


def _label(name: str) -> str:
    # Names of places are the same in both languages.
    return f'{{en = "{name}", nl = "{name}"}}'


def _entries(table: Mapping[str, str]) -> str:
    return "\n".join(f'"{code}" = {value}' for code, value in table.items())
