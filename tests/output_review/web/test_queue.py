"""The queue: what it shows of each request, to whom, in which order, and with how few statements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from output_review.services.claiming import claim
from output_review.web.reviewing.queue_rows import PAGE
from tests.output_review.web.full_camp import handed_in, mixed, tables
from tests.output_review.web.web_camp import WebCamp


def many(n: int, *, team: str = "team-1", **changes: object) -> None:
    """Make requests directly, each with two outputs."""
    from output_review.models import OutputRow, RequestRow

    now = datetime.now(UTC)
    first = RequestRow.objects.count()
    given = {"state": "submitted", "purpose": "", "author": "anna", "submission": "", **changes}
    rows = [
        RequestRow(team=team, number=first + place, title=f"Request {first + place}", received=now, **given)
        for place in range(1, n + 1)
    ]
    RequestRow.objects.bulk_create(rows)
    rows = list(RequestRow.objects.filter(team=team, number__gt=first))
    OutputRow.objects.bulk_create(
        OutputRow(request=row, revision=1, name=name, title=name, population="", verdict="safe", level="recomputed")
        for row in rows
        for name in ("one", "two")
    )


def page(web: WebCamp, query: str = "", name: str = "vera", language: str = "en") -> str:
    answer = web.client(name).get(f"/queue{query}", secure=True, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.text


def test_a_row_says_what_it_is_with_a_sign_and_a_word_for_each_verdict(web: WebCamp) -> None:
    handed_in(web, mixed(web.camp), title="Persons & <b>wijken</b>")
    text = page(web)
    assert "Persons &amp; &lt;b&gt;wijken&lt;/b&gt;" in text
    assert "team-1" in text
    assert text.count('class="sign safe"') == 2
    assert text.count('class="sign unsafe"') == 1
    assert '<span class="heard">Unsafe</span>' in text
    assert "LIGHT" not in text
    assert "Wacht op een beoordelaar" in page(web, language="nl")


def test_light_requests_come_first_and_have_a_shelf_of_their_own(web: WebCamp) -> None:
    handed_in(web, mixed(web.camp), title="The heavy one")
    handed_in(web, tables(web.camp, 2), number=2, title="The light one")
    text = page(web)
    assert text.index("The light one") < text.index("The heavy one")
    assert "LIGHT" in text
    assert "The heavy one" not in page(web, "?show=light")


def test_a_claim_is_shown_while_it_holds_and_mine_are_on_a_shelf(web: WebCamp) -> None:
    from output_review.models import RequestRow

    number = handed_in(web, tables(web.camp, 1), title="Claimed by vera")
    claim(web.zone, web.zone.request(number), "vera")
    assert "until " in page(web, name="wim")
    assert "Claimed by vera" in page(web, "?show=mine")
    assert "Claimed by vera" not in page(web, "?show=mine", name="wim")
    RequestRow.objects.update(claimed_at=datetime.now(UTC) - timedelta(minutes=31))
    assert "until " not in page(web, name="wim")


def test_what_waits_longer_than_promised_says_so_in_words(web: WebCamp) -> None:
    from output_review.models import RequestRow

    many(1)
    assert "promised" not in page(web)
    RequestRow.objects.update(received=datetime.now(UTC) - timedelta(hours=9))
    assert "9.0 h, promised 8 h" in page(web)


def test_only_requests_that_one_may_read_are_there_and_counted(web: WebCamp) -> None:
    many(1)
    assert "Request 1" in page(web)
    assert "Request 1" not in page(web, "?show=all", name="xena")
    assert "Nothing waits here." in page(web, "?show=all", name="xena")


@pytest.mark.parametrize("state", ["returned", "released", "rejected", "withdrawn", "refused", "approved", "recalled"])
def test_what_does_not_wait_is_only_among_all(web: WebCamp, state: str) -> None:
    many(1, state=state)
    assert "Request 1" not in page(web)
    assert "Request 1" in page(web, "?show=all")


def test_a_part_has_fifty_rows_and_leads_on(web: WebCamp) -> None:
    many(PAGE + 1)
    assert page(web).count("data-row") == PAGE
    assert "page=2" in page(web)
    assert page(web, "?page=2").count("data-row") == 1
    assert "page=3" not in page(web, "?page=2")


@pytest.mark.parametrize(
    "query", ["?show=nothing", "?page=0", "?page=-1", "?page=x", "?page=99999999999999999999", "?page=²"]
)
def test_a_query_that_nobody_could_have_clicked_shows_a_page_all_the_same(web: WebCamp, query: str) -> None:
    many(1)
    assert "Request 1" in page(web, query)


def test_the_number_of_statements_does_not_grow_with_the_rows(web: WebCamp) -> None:
    client = web.client("vera")
    counts = []
    for n in (2, 40):
        many(n)
        client.get("/queue", secure=True)
        with CaptureQueriesContext(connection) as asked:
            client.get("/queue", secure=True)
        counts.append(sum("output_review_requestrow" in one["sql"] or "outputrow" in one["sql"] for one in asked))
    assert 2 <= counts[0] == counts[1] <= 4


def test_a_later_revision_says_how_many_outputs_changed_came_and_went(web: WebCamp) -> None:
    from output_review.models import OutputRow, RequestRow

    many(2)
    row = RequestRow.objects.earliest("pk")
    RequestRow.objects.filter(pk=row.pk).update(revision=2)
    given = {"request": row, "revision": 2, "population": "", "level": "recomputed"}
    OutputRow.objects.create(name="one", title="another title", verdict="unsafe", **given)
    OutputRow.objects.create(name="three", title="three", verdict="safe", **given)
    text = page(web)
    assert "revision 2" in text
    for kind, words in (("changed", "1 changed"), ("added", "1 new"), ("removed", "1 gone")):
        assert text.count(f'class="mark {kind}"') == 1
        assert words in text
    assert text.count('class="sign unsafe"') == 1
    assert text.count('class="sign safe"') == 3  # of the new revision and of the other request, not of the old one


def test_a_title_and_a_name_of_any_length_and_any_signs_are_cut_and_escaped(web: WebCamp) -> None:
    from output_review.models import OutputRow, RequestRow

    many(1)
    RequestRow.objects.update(title="<i>" + "x" * 160, author="&" * 100, team="team-1")
    OutputRow.objects.filter(name="one").update(name='"><script>', verdict="")
    text = page(web)
    assert "x" * 117 not in text
    assert "&lt;i&gt;" + "x" * 116 + "…" in text
    assert "&amp;" * 59 + "…" in text
    assert "<script>" not in text
    assert "&quot;&gt;&lt;script&gt;: Not tabulated yet" in text


def test_a_request_without_a_title_can_be_opened_all_the_same(web: WebCamp) -> None:
    from output_review.models import RequestRow

    many(1)
    RequestRow.objects.update(title="")
    assert "<bdi>–</bdi></a>" in page(web)


def test_hours_are_written_as_the_reader_writes_them(web: WebCamp) -> None:
    from output_review.models import RequestRow

    many(1)
    RequestRow.objects.update(received=datetime.now(UTC) - timedelta(hours=9))
    assert "9,0 u" in page(web, language="nl")


def test_the_queue_is_counted_by_its_index_and_reads_no_code_of_a_request(web: WebCamp) -> None:
    many(3)
    client = web.client("vera")
    client.get("/queue", secure=True)
    with CaptureQueriesContext(connection) as asked:
        client.get("/queue", secure=True)
    statements = [one["sql"] for one in asked if 'FROM "output_review_requestrow"' in one["sql"]]
    assert len(statements) == 2
    assert not [one for one in statements if '"parameters"' in one or '"purpose"' in one or '"code"' in one]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            plans = [str(cursor.execute(f"EXPLAIN QUERY PLAN {one}").fetchall()) for one in statements]
        assert "COVERING INDEX request_queue" in plans[0]
        assert all("request_queue" in one for one in plans)
