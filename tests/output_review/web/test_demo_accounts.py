"""People of a demonstration come in with what the command line tells; of any other camp nobody does."""

from __future__ import annotations

import stat
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from disclosure.errors import BadInputError, StateError
from output_review.services.accounts import invite, invited
from output_review.services.demo_accounts import FOLDER, demo_account
from output_review.signing.keys import Mark
from tests.output_review.web.web_camp import WebCamp


def logged_in(web: WebCamp, name: str, password: str, digits: str) -> bool:
    browser = web.client()
    form = {"name": name, "password": password, "digits": digits}
    return browser.post("/login", form, secure=True).status_code == 302


def test_what_is_told_lets_one_in_once(web: WebCamp) -> None:
    first = demo_account(web.zone, "vera")
    assert logged_in(web, "vera", first.password, first.digits)
    assert not logged_in(web, "vera", first.password, first.digits)
    second = demo_account(web.zone, "vera")
    assert second.password == first.password
    assert second.digits != first.digits
    assert logged_in(web, "vera", second.password, second.digits)


def test_what_is_kept_is_for_the_control_zone_alone(web: WebCamp) -> None:
    demo_account(web.zone, "vera")
    folder = web.camp.camp.review / FOLDER
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_another_camp_than_a_demonstration_has_none(web: WebCamp) -> None:
    real = replace(web.zone, manifest=cast("Any", SimpleNamespace(mark=Mark.NONE)))
    with pytest.raises(StateError, match="no demonstration"):
        demo_account(real, "vera")
    from django.contrib.auth.models import User

    assert not User.objects.filter(username="vera").exists()


def test_nobody_else_than_people_of_the_manifest_has_one(web: WebCamp) -> None:
    with pytest.raises(BadInputError, match="nobody of that name"):
        demo_account(web.zone, "../zeno")
    assert not (web.camp.camp.review / FOLDER).exists()


def test_an_account_that_its_owner_made_stays_the_owners(web: WebCamp) -> None:
    web.account("vera")
    with pytest.raises(StateError, match="came in with a code"):
        demo_account(web.zone, "vera")


def test_a_code_that_was_given_before_is_void(web: WebCamp) -> None:
    code = invite(web.zone, "vera").code
    demo_account(web.zone, "vera")
    assert not invited(web.zone, "vera", code)
