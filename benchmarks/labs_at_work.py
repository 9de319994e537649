"""Labs at work: the time until a browser shows one, the memory of idle kernels, and many teams at once.

``python -m benchmarks.labs_at_work page OPENINGS``, ``... idle KERNELS`` and ``... teams TEAMS`` each print one line
for people and hand over their figures.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from benchmarks.lab import first_result, lab, lab_of, memory
from benchmarks.stopwatch import hand_over
from disclosure.exchange.camp import Team
from workspace.camp_folder import new_camp

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
_LONGEST = 120_000
_ROWS = 200_000
_CASE = f"""
from pathlib import Path
import numpy as np, pandas as pd
import disclosure as sdc
chance = np.random.default_rng(20261122)
frame = pd.DataFrame({{"unit": np.arange({_ROWS}), "wijk": chance.integers(0, 200, {_ROWS}),
                       "value": chance.lognormal(10, 0.5, {_ROWS}).round(2)}})
for statistic in ("sum", "mean", "median"):
    out = sdc.table(frame, rows=["wijk"], values="value", statistic=statistic, unit="unit", policy="cbs")
    out.to_pandas()
own = Path("own.txt")
if own.exists():
    raise RuntimeError("this workspace is somebody else's as well")
own.write_text("x")
"""


def page(openings: int) -> dict[str, Any]:
    """Return the seconds from the address that a Lab prints to a list of files that a person can use, each time anew.

    Raises:
        RuntimeError: there is no browser.
    """
    from playwright.sync_api import sync_playwright

    program = next((found for found in map(shutil.which, _BROWSERS) if found is not None), None)
    if program is None:
        raise RuntimeError("there is no Chromium")
    seconds: list[float] = []
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        for _ in range(openings):
            with (
                tempfile.TemporaryDirectory(prefix="datakamp-bench-") as name,
                lab(Path(name), 8) as (address, token, _),
            ):
                for notebook in Path(name).glob("camp/workspaces/*"):
                    (notebook / "case.ipynb").write_text(_NOTEBOOK)
                shown = browser.new_context().new_page()
                shown.set_default_timeout(_LONGEST)
                begun = time.perf_counter()
                shown.goto(f"{address}/lab?token={token}", wait_until="commit")
                # A click finds it only when nothing lies over it any more.
                shown.locator(".jp-DirListing-item", has_text="case.ipynb").click()
                seconds.append(time.perf_counter() - begun)
                shown.context.close()
        browser.close()
    click.echo(f"Lab in the browser: {', '.join(f'{one:.1f}' for one in seconds)} s")
    return {"page": [{"seconds": one} for one in seconds]}


def idle(kernels: int) -> dict[str, Any]:
    """Return the seconds until so many kernels of one Lab have computed, and the memory of all of it when they idle."""

    async def fill(address: str, token: str) -> None:
        for _ in range(kernels):
            await first_result(address, token, keep=True)

    with (
        tempfile.TemporaryDirectory(prefix="datakamp-bench-") as name,
        lab(Path(name), kernels) as (address, token, pid),
    ):
        begun = time.perf_counter()
        asyncio.run(fill(address, token))
        seconds, peak = time.perf_counter() - begun, memory(pid)
    click.echo(f"{kernels} idle kernels, server and keeper: {peak / 2**30:.2f} GiB after {seconds:.0f} s")
    return {"idle": [{"seconds": seconds, "peak": peak}]}


def teams(number: int) -> dict[str, Any]:
    """Return the seconds of a case run by one team, and by so many at once, each in the Lab of its own."""
    names = [f"team-{one}" for one in range(number + 1)]

    async def together(labs: list[tuple[str, str, int]]) -> float:
        begun = time.perf_counter()
        await asyncio.gather(*(first_result(address, token, source=_CASE) for address, token, _ in labs))
        return time.perf_counter() - begun

    with tempfile.TemporaryDirectory(prefix="datakamp-bench-") as name, ExitStack() as held:
        camp = new_camp(Path(name) / "camp", teams=tuple(Team(one, ()) for one in names))
        labs = [held.enter_context(lab_of(camp.folder, one, 8)) for one in names]
        alone = asyncio.run(together(labs[:1]))
        many = asyncio.run(together(labs[1:]))
    click.echo(f"case: one team {alone:.1f} s, {number} at once {many:.1f} s, none failed")
    return {"one": [{"seconds": alone}], "many": [{"seconds": many}]}


_WHAT: dict[str, Callable[[int], dict[str, Any]]] = {"page": page, "idle": idle, "teams": teams}


@click.command()
@click.argument("what", type=click.Choice(list(_WHAT)))
@click.argument("number", type=int)
def main(what: str, number: int) -> None:
    """Measure and print."""
    hand_over(_WHAT[what](number))


if __name__ == "__main__":
    main()
