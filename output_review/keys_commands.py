"""`datakamp key` and `datakamp camp open`: keys, and the manifest that pins them."""

from __future__ import annotations

from pathlib import Path

import click

from disclosure.errors import BadInputError
from output_review.commands import FOLDER, Opening, camp_option, json_option, passphrase_from, printed


def commands() -> tuple[click.Command, ...]:
    """Return the commands."""
    return (key,)


@click.group()
def key() -> None:
    """Make and list keys."""


@key.command("new")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(["reviewer", "root", "log", "release"]))
@click.option("--folder", required=True, type=FOLDER, help="Where NAME.key and NAME.pub are written.")
@click.option("--passphrase-file", type=FOLDER, help="A file with the passphrase; otherwise it is asked for.")
@click.option("--demo", is_flag=True, help="A key of a demonstration: what it signs carries the mark DEMO.")
def new(name: str, role: str, folder: Path, passphrase_file: Path | None, demo: bool) -> None:
    """Make a key pair, the private key under a passphrase."""
    from output_review.signing.key_files import create_key_files
    from output_review.signing.keys import KeyRole, Mark

    if not folder.is_dir():
        raise BadInputError(f"There is no folder '{folder.name}'.")
    if Path(name).name != name or name.startswith("."):
        raise BadInputError("A key's name is a plain file name.")
    passphrase = passphrase_from(passphrase_file, "Passphrase for the new key")
    public = create_key_files(folder, name, KeyRole(role), passphrase, mark=Mark.DEMO if demo else Mark.NONE)
    click.echo(f"{role} key of {name}: {public.fingerprint}")


@key.command("list")
@click.option("--folder", required=True, type=FOLDER)
@json_option
def listed(folder: Path, as_json: bool) -> None:
    """List the public keys in a folder with their fingerprints."""
    from output_review.signing.key_files import read_public_key

    keys = {path.stem: read_public_key(path) for path in sorted(folder.glob("*.pub"))}
    document = [{"name": name, "role": one.role.value, "fingerprint": one.fingerprint} for name, one in keys.items()]
    printed(document, as_json, [f"{one['name']:<16} {one['role']:<9} {one['fingerprint']}" for one in document])


def open_command(around: Opening) -> click.Command:
    """Return `datakamp camp open`; see `output_review.commands.camp_commands`."""

    @click.command("open")
    @camp_option
    @click.option("--site", required=True, type=FOLDER, help="The office's site configuration.")
    def open_camp(folder: Path, site: Path) -> None:
        """Open a camp: freeze people, keys, policy and data sets in a manifest signed by the root."""
        from output_review.services.opening import open_camp as opened

        with around(folder, site):
            manifest = opened(folder, site)
        click.echo(f"The camp {manifest.camp} is open under policy {manifest.policy.name}.")
        for root in manifest.roots:
            click.echo(f"root: {root.fingerprint}")

    return open_camp
