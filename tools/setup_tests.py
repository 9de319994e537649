"""What only the tests need of the machine: a browser for pages, R with IRkernel, PostgreSQL, and a directory."""

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

SERVERS = Path("/usr/lib/postgresql")
SERVER_PROGRAMS = ("initdb", "postgres", "pg_dump", "pg_restore")
DIRECTORY_HEADERS = (Path("/usr/include/ldap.h"), Path("/usr/include/sasl/sasl.h"))
DIRECTORIES = tuple(Path(folder, "slapd") for folder in ("/usr/sbin", "/usr/lib/openldap", "/usr/libexec"))


def main() -> int:
    """See to it that all of it is there; return the exit status (0 it is, 1 something is lacking)."""
    machine = Machine.this()
    needs = _needs(machine)
    try:
        if needs and machine.installs_by_itself:
            print(f"set-up: {' and '.join(need.what for need in needs)}", flush=True)
            install_system_packages(machine, Environment.here(ROOT), needs)
            needs = _needs(machine)
        if not needs:
            Environment.here(ROOT).add(ROOT / "requirements" / "ldap.txt")
    except StepFailedError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    if needs:
        print(lack_report(machine, needs), file=sys.stderr)
        return 1
    return 0


def _needs(machine: Machine) -> tuple[Need, ...]:
    return (
        *browser_need(machine),
        *r_need(R_KERNELS),
        *database_need(machine, SERVERS),
        *directory_need(machine, DIRECTORIES),
        *client_need(machine, DIRECTORY_HEADERS),
    )


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


def database_need(machine: Machine, places: Path) -> tuple[Need, ...]:
    """Return that PostgreSQL is lacking, on the path and where its versions lie; empty if it is there."""
    if all(machine.find(name) or any(places.glob(f"*/bin/{name}")) for name in SERVER_PROGRAMS):
        return ()
    packages = {
        **dict.fromkeys(("debian", "arch"), "postgresql"),
        **dict.fromkeys(("fedora", "suse"), "postgresql-server"),
    }
    return (Need(what="PostgreSQL for the tests", why="no initdb, postgres or pg_dump", packages=packages),)


def directory_need(machine: Machine, places: tuple[Path, ...]) -> tuple[Need, ...]:
    """Return that OpenLDAP's server is lacking, on the search path and where systems keep it; empty if it is there."""
    if machine.find("slapd") or any(place.is_file() for place in places):
        return ()
    packages = {"debian": "slapd", "fedora": "openldap-servers", "suse": "openldap2", "arch": "openldap"}
    return (Need(what="a directory for the tests", why="no slapd", packages=packages),)


def client_need(machine: Machine, headers: tuple[Path, ...]) -> tuple[Need, ...]:
    """Return that what python-ldap is built with is lacking; empty if it is there."""
    if (machine.find("cc") or machine.find("gcc")) and all(one.is_file() for one in headers):
        return ()
    packages = {
        "debian": "gcc libc6-dev libldap-dev libsasl2-dev",
        **dict.fromkeys(("fedora", "suse"), "gcc openldap-devel cyrus-sasl-devel"),
        "arch": "gcc libldap libsasl",
    }
    return (Need(what="what python-ldap is built with, for the tests", why="no ldap.h or sasl.h", packages=packages),)


if __name__ == "__main__":
    sys.exit(main())
