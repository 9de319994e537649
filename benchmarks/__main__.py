"""The command: ``python -m benchmarks``, or ``make bench ARGS="--quick"``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console

from benchmarks.measurement import MeasurementError, NotMeasured
from benchmarks.report import as_document, as_table
from benchmarks.sections import ON_REQUEST, SECTIONS, Line, Settings
from disclosure.exchange.files import write_atomically


class RowCount(click.ParamType[int]):
    """A number of rows, which may be written as 1e6."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the whole number, or fail with a message."""
        try:
            number = float(str(value))
        except ValueError:
            number = 0.0
        if not number.is_integer() or not 10_000 <= number <= 1e9:
            self.fail("expected a number of rows from 1e4 to 1e9", param, ctx)
        return int(number)


def measured(settings: Settings, sections: tuple[str, ...]) -> Iterator[Line]:
    """Yield the lines of these sections as they are measured; one that fails says so and the rest goes on."""
    for name in sections:
        try:
            yield from SECTIONS[name](settings)
        except MeasurementError as error:
            yield NotMeasured(name, str(error))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rows", "rows", type=RowCount(), multiple=True, help="A size, such as 1e6; may be repeated.")
@click.option("--only", type=click.Choice(list(SECTIONS)), multiple=True, help="Measure this section; may be repeated.")
@click.option("--quick", is_flag=True, help="One size, one run: shows that everything works, no more.")
@click.option(
    "--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write all measurements here too."
)
def main(rows: tuple[int, ...], only: tuple[str, ...], quick: bool, path: Path | None) -> None:
    """Measure what the check costs, as ratios within this run.

    Every measurement is made in a fresh process, warmed up on a few rows, in turn with its baseline; the fastest of
    three runs counts, for kernels the median of ten. Sizes are 1e5, 1e6 and 1e7 rows unless --rows says otherwise.
    The sections "large" (1e8 rows from a file) and "model" (110 columns) run only when they are named.
    """
    plain = Settings()
    settings = Settings(
        rows=tuple(sorted(set(rows))) or ((100_000,) if quick else plain.rows),
        repeats=1 if quick else plain.repeats,
        starts=1 if quick else plain.starts,
        idle_kernels=2 if quick else plain.idle_kernels,
        teams=2 if quick else plain.teams,
        large=max(rows, default=1_000_000 if quick else plain.large),
    )
    sections = only or tuple(name for name in SECTIONS if name not in ON_REQUEST)
    lines: list[Line] = []
    progress = Console(stderr=True)
    for line in measured(settings, tuple(dict.fromkeys(sections))):
        lines.append(line)
        progress.print(f"measured: {line.section}, line {len(lines)}", style="dim")
    Console(width=None if sys.stdout.isatty() else 150).print(as_table(lines))
    if path is not None:
        write_atomically(path, (json.dumps(as_document(lines), indent=2, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
