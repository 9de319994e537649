"""What services say on a page is in the reader's language; the command line and the log keep English."""

from __future__ import annotations

from pathlib import Path

import pytest

import output_review
from tests.disclosure.test_errors_in_notebooks import plain_sentences

PACKAGE = Path(output_review.__file__).parent
UNSEEN = {
    "services/accounts": "an organiser makes codes on the command line",
    "services/backup": "the command line makes backups",
    "services/changing": "the command line changes who takes part",
    "services/closing": "the command line closes a camp",
    "services/copies": "the command line makes and restores backups",
    "services/deadline": "the command line releases",
    "services/demo_accounts": "the command line tells how to come into a demonstration",
    "services/desk": "who signs at a desk is on the command line",
    "services/finishing": "the command line releases",
    "services/foreign": "the command line takes in what another program made",
    "services/moving": "the command line moves a deadline",
    "services/opening": "the command line opens a camp",
    "services/releasing": "the command line releases",
    "services/restore": "the command line restores",
    "services/restored": "the command line restores",
    "services/signing_off": "a page never signs: who does is on the command line",
    "services/standing": "the command line makes presentations",
    "services/views": "what the command line shows",
    "services/zone": "the control zone cannot be opened: told to who starts the application",
    "web/accounts/single_sign_on": "told to who starts the application",
    "web/application": "told to who starts the application",
    "web/entry": "told to who starts the application",
    "web/serving": "told to who starts the application",
}
"""Modules whose errors no page shows, by the reason why it does not."""
SEEN = {
    str(path.relative_to(PACKAGE).with_suffix("")): path
    for part in ("domain", "services", "web")
    for path in sorted((PACKAGE / part).rglob("*.py"))
}


def test_there_are_modules_to_look_at() -> None:
    assert {"domain/votes", "services/reviewing", "web/reviewing/deciding"} < SEEN.keys()


@pytest.mark.parametrize("module", sorted(SEEN.keys() - UNSEEN.keys()))
def test_every_error_that_a_page_shows_is_made_of_texts(module: str) -> None:
    plain = plain_sentences(SEEN[module].read_text("utf-8"))
    assert not plain, f"write text(...) around these: {plain}"


@pytest.mark.parametrize("module", UNSEEN)
def test_an_excepted_module_is_there_and_needs_its_exception(module: str) -> None:
    assert plain_sentences(SEEN[module].read_text("utf-8")), "it has no such sentence any more: take it off the list"
