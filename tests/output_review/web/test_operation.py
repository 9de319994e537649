"""What machines and operators see: health, numbers for a monitor, figures about the work."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from output_review.domain.states import Actor, State
from output_review.services.beating import say
from output_review.services.figures import figures_of, oldest_waiting
from output_review.services.figures_lines import figures_lines
from output_review.services.ingest import ingest
from output_review.services.notices import MOST_ATTEMPTS
from output_review.services.zone import ControlZone
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def status(web: WebCamp, name: str = "") -> str:
    return str(web.client(name).get("/health", secure=True).json()["status"])


def test_health_says_whether_a_worker_lives_and_nothing_else(web: WebCamp) -> None:
    assert web.client().get("/health", secure=True).json() == {"status": "late"}
    say(web.zone)
    assert web.client().get("/health", secure=True).json() == {"status": "ok"}
    say(replace(web.zone, clock=lambda: datetime.now(UTC) - timedelta(minutes=2)))
    assert status(web) == "late"


def test_a_job_that_is_due_for_long_while_none_runs_is_late(web: WebCamp) -> None:
    from output_review.models import JobRow

    web.camp.hand_in({"by-wijk": web.camp.recipe()})
    ingest(web.zone)
    say(web.zone)
    assert status(web) == "ok"
    JobRow.objects.update(due=datetime.now(UTC) - timedelta(minutes=11))
    assert status(web) == "late"
    JobRow.objects.update(state="running", beat=datetime.now(UTC))
    assert status(web) == "ok"


def test_the_page_of_operation_shows_jobs_that_were_given_up(web: WebCamp) -> None:
    from output_review.models import JobRow

    web.camp.hand_in({"by-wijk": web.camp.recipe()})
    ingest(web.zone)
    JobRow.objects.update(state="failed", problem="OSError in services", finished=MONDAY)
    page = web.client("vera").get("/operation", secure=True, headers={"accept-language": "en"}).text
    assert "OSError in services" in page
    assert "The worker is late" in page
    assert web.client("anna").get("/operation", secure=True).status_code == 403


def test_the_page_of_operation_shows_messages_that_have_not_left(web: WebCamp) -> None:
    from output_review.models import NoticeRow

    def page(who: str = "vera") -> str:
        return web.client(who).get("/operation", secure=True, headers={"accept-language": "en"}).text

    web.camp.hand_in({"by-wijk": web.camp.recipe()})
    ingest(web.zone)
    assert "<dt>Messages that wait to be sent</dt><dd>0</dd>" in page()
    assert "Nobody is told by message" in page()
    given = {"request": web.zone.request(1), "kind": "waiting", "made": MONDAY}
    NoticeRow.objects.create(person="wim", attempts=MOST_ATTEMPTS - 1, **given)
    NoticeRow.objects.create(person="wim", sent=MONDAY, attempts=MOST_ATTEMPTS, **given)
    text = page()
    assert '<dt>Messages that wait to be sent</dt><dd>1 <span class="under">the oldest since 2026-11-23 09:00' in text
    assert "<dt>Messages that could not be sent</dt><dd>0</dd>" in text
    assert "are not tried again" not in text
    NoticeRow.objects.filter(sent=None).update(attempts=MOST_ATTEMPTS)
    text = page()
    assert "<dt>Messages that wait to be sent</dt><dd>0</dd>" in text
    assert '<dt>Messages that could not be sent</dt><dd>1 <span class="under">about request 1</span>' in text
    assert "are not tried again" in text


# ------------------------------------------------------------------------------------------------------------ numbers
def test_the_machine_itself_may_ask_for_numbers_and_nobody_is_named(web: WebCamp) -> None:
    web.camp.hand_in({"by-wijk": web.camp.recipe()})
    ingest(web.zone)
    say(web.zone)
    answer = web.client().get("/metrics", secure=True)
    assert answer.status_code == 200
    assert 'datakamp_review_requests{state="submitted"} 1.0' in answer.text
    assert 'datakamp_review_jobs{state="queued"} 1.0' in answer.text
    assert "datakamp_review_oldest_waiting_session_hours 0.0" in answer.text
    assert "datakamp_review_messages_waiting 0.0" in answer.text
    assert "datakamp_review_messages_given_up 0.0" in answer.text
    assert not any(name in answer.text for name in ("anna", "vera", "team-1", "by-wijk", "Persons"))


@pytest.mark.parametrize(
    "asked",
    [{"REMOTE_ADDR": "10.0.0.7"}, {"HTTP_X_FORWARDED_FOR": "10.0.0.7"}, {"HTTP_FORWARDED": "for=x"},
     {"REMOTE_ADDR": ""}, {"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer "}],
)  # fmt: skip
def test_nobody_else_may_ask_without_the_token(web: WebCamp, asked: dict[str, str]) -> None:
    assert web.client().get("/metrics", secure=True, **asked).status_code == 403  # type: ignore[arg-type]


def test_behind_a_proxy_only_the_token_counts(web: WebCamp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https"))
    secure = {"HTTP_X_FORWARDED_PROTO": "https"}
    assert web.client().get("/metrics", secure=True, **secure).status_code == 403  # type: ignore[arg-type]
    token = web.camp.folder / "review" / "web" / "metrics.token"
    token.write_text("short\n")
    shown = {**secure, "HTTP_AUTHORIZATION": "Bearer short"}
    assert web.client().get("/metrics", secure=True, **shown).status_code == 403  # type: ignore[arg-type]
    token.write_text("a-token-of-many-letters-and-signs\n")
    shown = {**secure, "HTTP_AUTHORIZATION": "Bearer a-token-of-many-letters-and-signs"}
    assert web.client().get("/metrics", secure=True, **shown).status_code == 200  # type: ignore[arg-type]
    shown = {**secure, "HTTP_AUTHORIZATION": "Bearer another-token-of-many-letters"}
    assert web.client().get("/metrics", secure=True, **shown).status_code == 403  # type: ignore[arg-type]


def test_answers_are_counted_by_kind(web: WebCamp) -> None:
    from output_review.web.office.counting import ANSWERS, counted

    def inner(environment: Any, start: Any) -> list[bytes]:
        start("404 Not Found", [])
        return [b""]

    before = _count(ANSWERS)
    counted(inner)({"REQUEST_METHOD": "GET"}, lambda *_: lambda _: None)
    counted(inner)({"REQUEST_METHOD": "BREW vera"}, lambda *_: lambda _: None)
    assert _count(ANSWERS) == before + 2
    kinds = {tuple(sorted(sample.labels.items())) for one in ANSWERS.collect() for sample in one.samples}
    assert any(dict(kind).get("method") == "other" for kind in kinds)
    assert not any("vera" in str(kind) for kind in kinds)


def _count(histogram: Any) -> float:
    samples = [sample for one in histogram.collect() for sample in one.samples]
    return sum((float(one.value) for one in samples if one.name.endswith("_count")), 0.0)


# ------------------------------------------------------------------------------------------------------------ figures
def worked(zone_camp: ZoneCamp) -> ControlZone:
    """Return a camp in which one request was returned after 2 hours, one rejected after 30, and one waits for 5."""
    from django.db import transaction

    from output_review.models import OutputRow, RequestRow, VoteRow

    zone = zone_camp.zone()
    for number in (1, 2, 3):
        zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, number=number)
    ingest(zone)
    RequestRow.objects.update(received=MONDAY)

    def move(number: int, target: State, hours: float) -> None:
        now = replace(zone, clock=lambda: MONDAY + timedelta(hours=hours))
        row = zone.request(number)
        with transaction.atomic():
            now.move(row, target, Actor.REVIEWER, "vera")

    move(1, State.IN_REVIEW, 1)
    move(1, State.RETURNED, 2)
    move(2, State.IN_REVIEW, 1)
    move(2, State.REJECTED, 30)
    output = OutputRow.objects.get(request_id=2)
    output.verdict, output.level = "safe", "recomputed"
    output.save()
    VoteRow.objects.create(output=output, reviewer="vera", decision="reject", reason="other", explanation="x")
    VoteRow.objects.create(output=output, reviewer="wim", decision="approve")
    return replace(zone, clock=lambda: MONDAY + timedelta(hours=35))


def test_turnaround_age_returns_and_votes_against_the_verdict(zone_camp: ZoneCamp) -> None:
    document = figures_of(worked(zone_camp)).to_document(teams=True)
    assert (document["waiting"], document["oldest"], document["median_age"]) == (1, 35.0, 35.0)
    assert (document["answers"], document["returns"], document["median"], document["p90"]) == (2, 1, 2.0, 30.0)
    assert (document["votes"], document["overrides"]) == (2, 1)
    assert [one["week"] for one in document["weeks"]] == ["2026-W48"]
    assert [(one["team"], one["overrides"]) for one in document["teams"]] == [("team-1", 1)]
    assert "answers: 2, of which 1 returned" in "\n".join(figures_lines(document))


def test_votes_are_counted_once_they_are_no_secret_and_never_of_the_reader_s_team(web: WebCamp) -> None:
    from output_review.models import OutputRow, RequestRow

    def counted(who: str) -> tuple[int, int]:
        document = web.client(who).get("/figures.json", secure=True).json()
        return document["votes"], document["overrides"]

    worked(web.camp)
    assert counted("vera") == (2, 1)
    assert counted("xena") == (0, 0)  # of the team itself
    for state in ("submitted", "in_review"):
        RequestRow.objects.filter(pk=2).update(state=state)
        assert counted("vera") == (0, 0)
    RequestRow.objects.filter(pk=2).update(state="returned")
    assert counted("vera") == (2, 1)
    RequestRow.objects.filter(pk=2).update(state="in_review", revision=2)
    assert OutputRow.objects.get(request_id=2).revision == 1
    assert counted("vera") == (2, 1)


def test_the_oldest_that_waits_is_that_of_the_figures_whatever_its_state(zone_camp: ZoneCamp) -> None:
    from output_review.models import RequestRow

    zone = worked(zone_camp)
    assert oldest_waiting(zone) == figures_of(zone).oldest == 35.0
    RequestRow.objects.filter(pk=3).update(state="in_review")  # claimed, and not answered
    assert oldest_waiting(zone) == figures_of(zone).oldest == 35.0
    RequestRow.objects.filter(pk=3).update(state="withdrawn")
    assert oldest_waiting(zone) == 0.0
    assert figures_of(zone).oldest is None
    row = zone.request(1)
    row.state = "submitted"  # its revision came in an hour before now; it was answered before
    row.save()
    row.steps.create(
        revision=2, origin="returned", target="submitted", actor="researcher", who="anna",
        taken=MONDAY + timedelta(hours=34),
    )  # fmt: skip
    assert oldest_waiting(zone) == figures_of(zone).oldest == 1.0


def test_a_camp_without_work_has_figures_too(zone_camp: ZoneCamp) -> None:
    document = figures_of(zone_camp.zone()).to_document(teams=False)
    assert (document["answers"], document["median"], document["oldest"]) == (0, None, None)
    assert "teams" not in document
    assert "waiting: 0, the oldest for -" in figures_lines(document)[0]


def test_the_pages_of_figures_are_for_those_who_operate_and_teams_for_auditors(web: WebCamp) -> None:
    worked(web.camp)
    page = web.client("vera").get("/figures", secure=True, headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "2026-W48" in page.text
    assert "team-1" not in page.text
    assert "teams" not in web.client("vera").get("/figures.json", secure=True).json()
    assert web.client("anna").get("/figures", secure=True).status_code == 403
    assert web.client("anna").get("/figures.json", secure=True).status_code == 403


def test_figures_on_the_command_line(zone_camp: ZoneCamp, capsys: pytest.CaptureFixture[str]) -> None:
    import click

    from output_review.operate_commands import commands

    worked(zone_camp)
    group = click.Group("review", commands={one.name or "": one for one in commands(zone_camp.engines)})
    group.main(["figures", "--camp", str(zone_camp.folder), "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["answers"] == 2
    group.main(["figures", "--camp", str(zone_camp.folder)], standalone_mode=False)
    assert "votes against the verdict" in capsys.readouterr().out


def into_spare(zone_camp: ZoneCamp) -> list[str]:
    """Return the words that name the database of a server to restore into; none for a file."""
    return [] if zone_camp.spare is None else ["--database", zone_camp.spare()]


def test_backup_and_restore_on_the_command_line(
    zone_camp: ZoneCamp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import click

    from output_review.operate_commands import commands

    group = click.Group("review", commands={one.name or "": one for one in commands(zone_camp.engines)})
    group.main(["backup", "--camp", str(zone_camp.folder), "--into", str(tmp_path), "--json"], standalone_mode=False)
    made = json.loads(capsys.readouterr().out)
    words = [made["backup"], "--camp", str(tmp_path / "again"), "--site", str(zone_camp.office / "site.toml")]
    group.main(["restore", *words, *into_spare(zone_camp)], standalone_mode=False)
    said = capsys.readouterr().out
    assert f"log of {made['log']} entries, the last {made['hash']}" in said
    assert "not noticed without --head" in said


def test_a_backup_with_a_head_is_put_back_with_it(
    zone_camp: ZoneCamp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import click

    from output_review.operate_commands import commands

    group = click.Group("review", commands={one.name or "": one for one in commands(zone_camp.engines)})
    head = ["--head", str(tmp_path / "head.json")]
    group.main(["backup", "--camp", str(zone_camp.folder), "--into", str(tmp_path), *head], standalone_mode=False)
    assert "keep it elsewhere" in capsys.readouterr().out
    (made,) = tmp_path.glob("camp-*")
    words = [str(made), "--camp", str(tmp_path / "again"), "--site", str(zone_camp.office / "site.toml"), *head]
    group.main(["restore", *words, *into_spare(zone_camp)], standalone_mode=False)
    assert "not noticed" not in capsys.readouterr().out
