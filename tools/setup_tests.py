"""What only the tests need of the machine: a browser, in which the Lab and reports are opened, and R with IRkernel."""

from __future__ import annotations

import sys
from pathlib import Path

from setup_environment import Environment
from setup_machine import Machine, Need
from setup_report import StepFailedError
from setup_steps import ROOT, install_system_packages, lack_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
R_KERNELS = tuple(
    Path(folder, "IRkernel")
    for folder in ("/usr/lib/R/site-library", "/usr/local/lib/R/site-library", "/usr/lib64/R/library")
)


def main() -> int:
    """See to it that there is a browser and an R kernel; return the exit status (0 there are, 1 one is lacking)."""
    machine = Machine.this()
    needs = (*browser_need(machine), *r_need(R_KERNELS))
    try:
        if needs and machine.installs_by_itself:
            print(f"set-up: {' and '.join(need.what for need in needs)}", flush=True)
            install_system_packages(machine, Environment.here(ROOT), needs)
            needs = (*browser_need(machine), *r_need(R_KERNELS))
    except StepFailedError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    if needs:
        print(lack_report(machine, needs), file=sys.stderr)
        return 1
    return 0


def browser_need(machine: Machine) -> tuple[Need, ...]:
    """Return that a browser is lacking; empty if there is one."""
    if any(machine.find(name) for name in BROWSERS):
        return ()
    packages = {**dict.fromkeys(("fedora", "suse", "arch"), "chromium"), "debian": "chromium fonts-dejavu-core"}
    return (Need(what="a browser for the tests", why="no chromium on the search path", packages=packages),)


def r_need(places: tuple[Path, ...]) -> tuple[Need, ...]:
    """Return that R with IRkernel is lacking in all places where the system keeps it; empty if it is there."""
    if any(place.is_dir() for place in places):
        return ()
    remedy = "Install R, and in it, as root: install.packages('IRkernel', lib = .Library.site)."
    packages = {"debian": "r-cran-irkernel"}
    return (Need(what="R with IRkernel for the tests", why="no IRkernel", packages=packages, remedy=remedy),)


if __name__ == "__main__":
    sys.exit(main())
