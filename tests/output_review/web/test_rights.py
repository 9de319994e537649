"""Every view, for every role and team: who is shown it, who is refused, and that what was read is written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from output_review.domain.access import Permission
from output_review.services.ingest import ingest
from output_review.services.reads import opened_by
from output_review.services.tabulating import tabulate
from output_review.signing.manifest import Person, PersonRole
from output_review.web.house import House
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp

if TYPE_CHECKING:
    from django.test import Client

# Open to everyone, because nobody has logged in there yet, or because it is for machines and says next to nothing.
OPEN = {
    "login", "logout", "language", "join", "join-second-factor", "join-picture", "sign-on", "sign-on-callback",
    "health", "metrics",
}  # fmt: skip
VIEWS = {
    Permission.ENTER: {"front", "account", "account-password", "log-out-everywhere"},
    Permission.QUEUE: {"queue"},
    Permission.READ: {"request", "code", "history", "finish", "output", "output-rows", "output-file", "output-waiting"},
    Permission.DECIDE: {
        "vote", "resolve", "comment", "comment-on-request", "approve-opened", "claim", "hand-over", "return", "reject",
        "recall",
    },
    Permission.OWN_REQUESTS: {"own-requests", "own-request"},
    Permission.ANSWER: {"own-answer", "own-withdraw"},
    Permission.ORGANISE: {"organiser"},
    Permission.OPERATE: {"operation", "figures", "figures-json"},
    Permission.AUDIT: {"audit", "audit-log", "audit-reads", "audit-proof"},
}  # fmt: skip
POST_ONLY = VIEWS[Permission.DECIDE] | {"logout", "language", "log-out-everywhere", "own-answer"}
MAY = {
    Permission.ENTER: {"anna", "bert", "vera", "xena", "olga", "udo"},
    Permission.QUEUE: {"vera", "xena", "udo"},
    Permission.READ: {"vera", "xena", "udo"},
    Permission.DECIDE: {"vera", "xena"},
    Permission.OWN_REQUESTS: {"anna", "bert"},
    Permission.ANSWER: {"anna", "bert"},
    Permission.ORGANISE: {"olga", "udo"},
    Permission.OPERATE: {"vera", "xena", "olga", "udo"},
    Permission.AUDIT: {"udo"},
}
NOT_THIS_TEAM = {"bert", "xena"}
"""Bert's team is another one; Xena is a reviewer, and of the team whose request it is."""
NOBODY, STRANGER = "", "zeno"
PEOPLE = ["anna", "bert", "vera", "xena", "olga", "udo", STRANGER, NOBODY]


@dataclass(frozen=True)
class View:
    """A view at its address."""

    name: str
    address: str
    about_a_request: bool
    permission: Permission | None


class PeopledCamp(WebCamp):
    """A camp with people of every role, and a request of team-1."""

    def __init__(self, camp: ZoneCamp) -> None:
        super().__init__(camp)
        people = (
            *self.zone.manifest.people,
            Person("bert", (PersonRole.RESEARCHER,), ("team-2",)),
            Person("olga", (PersonRole.ORGANISER,)),
            Person("udo", (PersonRole.AUDITOR,)),
        )
        self.zone = replace(self.zone, manifest=replace(self.zone.manifest, people=people))
        self.house = House(camp.folder, lambda: self.zone)


@pytest.fixture
def web(zone_camp: ZoneCamp) -> WebCamp:
    camp = PeopledCamp(zone_camp)
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    ingest(camp.zone)
    tabulate(camp.zone, camp.zone.request(1))
    return camp


def views(patterns: Any = None, before: str = "/") -> Iterator[View]:
    """Yield every view of the application, its address filled in with request 1 and its output."""
    from django.urls import URLPattern, get_resolver

    from output_review.models import OutputRow
    from output_review.web.seat import permission_of

    files = OutputRow.objects.get(name="by-wijk").files
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if not isinstance(one, URLPattern):
            yield from views(one.url_patterns, before + str(one.pattern))
            continue
        address = before + str(one.pattern)
        filled = {
            "<int:number>": "1", "<slug:output>": "by-wijk", "<str:file>": min(files), "<int:revision>": "1",
        }  # fmt: skip
        for name, value in filled.items():
            address = address.replace(name, value)
        assert "<" not in address, f"the test does not know how to fill in {address}"
        assert one.name, f"{address} has no name, under which reads are written down"
        yield View(one.name, address, "<int:number>" in before + str(one.pattern), permission_of(one.callback))


def expected(view: View, person: str) -> set[int]:
    """Return what may be answered to a GET."""
    if view.name in POST_ONLY:
        # Some say so before they look who asks, which tells nobody anything.
        return {405, *({403, 404} if person not in (NOBODY, STRANGER) else {302})}
    if view.permission is None:
        return {200, 302, 404}
    if person in (NOBODY, STRANGER):
        return {302}
    if person not in MAY[view.permission]:
        return {403}
    if view.about_a_request and person in NOT_THIS_TEAM:
        return {404}
    return {302} if view.name in ("front", "request", "output-waiting") else {200}  # they lead on


def browser_of(web: WebCamp, person: str) -> Client:
    """Return a browser in which this person is logged in."""
    browser = web.client(person)
    browser.raise_request_exception = False
    return browser


def counted() -> dict[str, int]:
    """Count the rows that only deeds may add."""
    from output_review import models

    tables = ("LogRow", "StepRow", "VoteRow", "CommentRow", "SignOffRow", "RecallRow", "OutputRow", "RequestRow")
    return {name: getattr(models, name).objects.count() for name in tables}


def test_each_view_asks_for_one_permission_or_is_on_the_short_list(web: WebCamp) -> None:
    found = {view.name: view.permission for view in views()}
    assert found == {
        **dict.fromkeys(OPEN, None),
        **{name: permission for permission, names in VIEWS.items() for name in names},
    }
    assert set(MAY) == set(Permission)


@pytest.mark.parametrize("person", PEOPLE)
def test_each_view_is_shown_to_those_who_may_and_changes_nothing(web: WebCamp, person: str) -> None:
    browser, before = browser_of(web, person), counted()
    for view in views():
        if view.permission is None:
            continue
        answer = browser.get(view.address, secure=True)
        assert answer.status_code in expected(view, person), (view.name, answer.status_code)
        if person in (NOBODY, STRANGER) and answer.status_code == 302:
            assert answer["Location"].startswith("/login"), view.name
    assert counted() == before


@pytest.mark.parametrize("person", PEOPLE)
def test_no_form_is_taken_from_those_who_may_not(web: WebCamp, person: str) -> None:
    browser, before = browser_of(web, person), counted()
    for view in views():
        if view.permission is None or view.name in ("log-out-everywhere", "account-password"):
            continue
        barred = person in NOT_THIS_TEAM and view.about_a_request
        if person in MAY[view.permission] and not barred:
            continue
        given = {"decision": "approve", "body": "x", "reason": "other", "text": "x", "reviewer": "wim", "revision": "1"}
        answer = browser.post(view.address, given, secure=True)
        wanted = {302} if person in (NOBODY, STRANGER) else {403} if person not in MAY[view.permission] else {404}
        assert answer.status_code in {*wanted, 405}, (view.name, answer.status_code)
    assert counted() == before


def test_a_form_only_view_shows_nothing_at_its_address(web: WebCamp) -> None:
    by_name = {view.name: view for view in views()}
    assert by_name.keys() >= POST_ONLY
    for name in sorted(POST_ONLY):
        view = by_name[name]
        who = "anna" if view.permission in (Permission.ANSWER, Permission.OWN_REQUESTS) else "vera"
        assert browser_of(web, who).get(view.address, secure=True).status_code == 405, name


def test_a_request_that_is_not_there_looks_like_one_that_one_may_not_see(web: WebCamp) -> None:
    browser = browser_of(web, "xena")
    hidden, missing = (browser.get(f"/requests/{number}/", secure=True) for number in (1, 999))
    assert hidden.status_code == missing.status_code == 404
    cleaned = [one.content.decode().replace("/requests/999/", "/requests/1/") for one in (hidden, missing)]
    assert _without_tokens(cleaned[0]) == _without_tokens(cleaned[1])


@pytest.mark.parametrize("number", [0, 1 << 63, 1 << 70, 10**200])
def test_a_number_that_no_request_has_is_not_there(web: WebCamp, number: int) -> None:
    assert browser_of(web, "vera").get(f"/requests/{number}/", secure=True).status_code == 404


# ------------------------------------------------------------------------------------------------ what is written down
def accesses() -> list[tuple[str, str, int | None, str, bool]]:
    from output_review.models import AccessRow

    rows = AccessRow.objects.order_by("pk")
    return [(one.person, one.what, one.request_id, one.output, one.refused) for one in rows]


def test_each_page_that_was_shown_is_written_down(web: WebCamp) -> None:
    browser = browser_of(web, "vera")
    for address in ("/queue", "/requests/1/outputs/by-wijk/", "/requests/1/code"):
        assert browser.get(address, secure=True).status_code == 200
    assert accesses() == [
        ("vera", "queue", None, "", False),
        ("vera", "output", 1, "by-wijk", False),
        ("vera", "code", 1, "", False),
    ]


def test_what_was_refused_is_written_down_too(web: WebCamp) -> None:
    browser_of(web, "anna").get("/requests/1/", secure=True)
    browser_of(web, "bert").get("/own/requests/1", secure=True)
    browser_of(web, "xena").post("/requests/1/outputs/by-wijk/vote", {"decision": "approve"}, secure=True)
    browser_of(web, "vera").get("/requests/999/", secure=True)
    assert accesses() == [
        ("anna", "request", 1, "", True),
        ("bert", "own-request", 1, "", True),
        ("xena", "vote", 1, "by-wijk", True),
        ("vera", "request", None, "", True),
    ]


def test_who_has_not_logged_in_leaves_no_row(web: WebCamp) -> None:
    browser_of(web, NOBODY).get("/queue", secure=True)
    browser_of(web, STRANGER).get("/queue", secure=True)
    assert accesses() == []


def test_a_page_that_cannot_be_written_down_is_not_shown(web: WebCamp, monkeypatch: pytest.MonkeyPatch) -> None:
    from output_review.models import AccessRow

    def full(**_: object) -> None:
        raise OSError("the disk is full of secrets")

    monkeypatch.setattr(AccessRow.objects, "create", full)
    answer = browser_of(web, "vera").get("/queue", secure=True)
    assert answer.status_code == 500
    assert "secrets" not in answer.content.decode()


def test_opened_is_what_was_shown_at_this_revision(web: WebCamp) -> None:
    from output_review.models import AccessRow

    row = web.zone.request(1)
    assert opened_by(row, "vera") == set()
    browser_of(web, "vera").get("/requests/1/outputs/by-wijk/", secure=True)
    browser_of(web, "wim").get("/requests/1/outputs/other/", secure=True)
    browser_of(web, "yara").head("/requests/1/outputs/by-wijk/", secure=True)
    assert [opened_by(row, who) for who in ("vera", "wim", "yara")] == [{"by-wijk"}, set(), set()]
    row.revision = 2
    assert opened_by(row, "vera") == set()
    AccessRow.objects.create(
        person="vera", what="output-rows", request=row, revision=2, output="x", at=web.zone.clock()
    )
    assert opened_by(row, "vera") == set()


def test_reads_cannot_be_changed_or_taken_out(web: WebCamp) -> None:
    from django.db import Error, transaction

    from output_review.models import AccessRow

    browser_of(web, "vera").get("/queue", secure=True)
    for change in (lambda: AccessRow.objects.update(person="wim"), lambda: AccessRow.objects.all().delete()):
        with pytest.raises(Error, match="only grows"), transaction.atomic():
            change()


def _without_tokens(page: str) -> str:
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
