"""What only the tests need of the machine: a browser, in which the Lab and reports are opened."""

from __future__ import annotations

import sys

from setup_environment import Environment
from setup_machine import Machine, Need
from setup_report import StepFailedError
from setup_steps import ROOT, install_system_packages, lack_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """See to it that there is a browser; return the exit status (0 there is, 1 there is none)."""
    machine = Machine.this()
    needs = browser_need(machine)
    try:
        if needs and machine.installs_by_itself:
            print("set-up: a browser for the tests", flush=True)
            install_system_packages(machine, Environment.here(ROOT), needs)
            needs = browser_need(machine)
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


if __name__ == "__main__":
    sys.exit(main())
