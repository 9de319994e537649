"""Codebooks of the generated data sets: the texts beside this module, with their origin and the areas filled in."""

from __future__ import annotations

from importlib.resources import files

from workspace.synthetic.places import STADSDELEN, WIJKEN

GENERATOR = "datakamp synthetic generator"
GENERATOR_VERSION = 1
_AREA_LEVELS = ("bc", "wc", "stadsdeel")


def codebook(name: str, *, seed: int, year: int) -> bytes:
    """Return the codebook of one data set as TOML, marked as synthetic and naming the generator, its version and seed.

    The key `source` names what made the data, so that a table that turns up later can be traced to the run.
    """
    text = files("workspace.synthetic").joinpath("codebooks", f"{name}.toml").read_text("utf-8")
    source = f"{GENERATOR} {GENERATOR_VERSION}, seed {seed}, year {year}"
    parts = ["synthetic = true", f'source = "{source}"', text.rstrip()]
    if name == "VSLGWBTAB":
        parts.append(_areas())
    return ("\n".join(parts) + "\n").encode()


def _areas() -> str:
    """Return the columns buurt, wijk and stadsdeel with their codes, and the hierarchy between them."""
    buurten = {
        code: _label(f"{wijk.name} {place}") for wijk in WIJKEN for place, code in enumerate(wijk.buurten, start=1)
    }
    wijken = {wijk.code: _label(wijk.name) for wijk in WIJKEN}
    stadsdelen = {code: _label(name) for code, name in STADSDELEN}
    parents = {code: f'"{wijk.code}"' for wijk in WIJKEN for code in wijk.buurten}
    parents |= {wijk.code: f'"{wijk.stadsdeel_code}"' for wijk in WIJKEN}
    levels = ", ".join(f'"{level}"' for level in _AREA_LEVELS)
    return "\n".join(
        (
            "",
            _column("bc", "Buurt (numbered by the generator)", "Buurt (genummerd door de generator)", buurten),
            _column("wc", "Wijk", "Wijk", wijken),
            _column("stadsdeel", "Stadsdeel", "Stadsdeel", stadsdelen),
            "[hierarchies.area]",
            f"levels = [{levels}]",
            "[hierarchies.area.parents]",
            _entries(parents),
        )
    )


def _column(name: str, english: str, dutch: str, categories: dict[str, str]) -> str:
    return "\n".join(
        (
            f"[columns.{name}]",
            f'title = {{en = "{english}", nl = "{dutch}"}}',
            'type = "category"',
            "sensitive = false",
            'hierarchy = "area"',
            f"[columns.{name}.categories]",
            _entries(categories),
            "",
        )
    )


def _label(name: str) -> str:
    # Names of places are the same in both languages.
    return f'{{en = "{name}", nl = "{name}"}}'


def _entries(table: dict[str, str]) -> str:
    return "\n".join(f'"{code}" = {value}' for code, value in table.items())
