"""Remedies are shown in plain words: what each loses, that which loses least first, and the call that applies it."""

from __future__ import annotations

import pandas as pd

import disclosure as sdc
from disclosure.model.verdicts import Remedy
from disclosure.notebook.offered import Offered
from disclosure.texts import language

FRAME = pd.DataFrame({"person": range(47), "wijk": ["28"] * 20 + ["29"] * 20 + ["30"] * 7, "sex": [1, 2] * 23 + [1]})


def unsafe() -> sdc.Output:
    return sdc.table(FRAME, rows="wijk", columns="sex", unit="person", policy="cbs")


def test_each_remedy_is_told_with_what_it_loses_and_its_call() -> None:
    out = unsafe()
    with language("en"):
        lines = repr(out.remedies()).splitlines()
    assert lines[0] == "remedies, the one that loses least first:"
    assert len(lines) == 1 + 2 * len(out.remedies())
    for place, one in enumerate(out.remedies()):
        assert lines[1 + 2 * place].startswith(f"  {place}  {one}; loses ")
        assert lines[2 + 2 * place].strip() == f"out.apply(out.remedies()[{place}])"


def test_the_one_that_loses_least_comes_first() -> None:
    losses = [one.loss for one in unsafe().remedies()]
    assert losses == sorted(losses)
    assert len(losses) > 1


def test_the_call_that_is_told_is_the_one_that_applies_it() -> None:
    out = unsafe()
    call = repr(out.remedies()).splitlines()[2].strip()
    assert eval(call, {"out": out}).verdict.status.value == "safe"


def test_they_remain_a_tuple() -> None:
    out = unsafe()
    assert isinstance(out.remedies(), tuple)
    assert all(isinstance(one, Remedy) for one in out.remedies())
    assert out.remedies()[:1] == (out.remedies()[0],)


def test_several_outputs_offer_theirs_in_the_same_way() -> None:
    outs = sdc.table(FRAME.assign(x=1.5), rows="wijk", values="x", statistic=["mean", "sum"], unit="person")
    assert isinstance(outs.remedies(), Offered)


def test_a_page_lists_them_in_a_table_in_the_language_of_the_reader() -> None:
    offered = unsafe().remedies()
    assert isinstance(offered, Offered)
    with language("nl"):
        page = offered._repr_html_()
    assert '<div class="dk" lang="nl">' in page
    assert page.count("<tr>") == 1 + len(unsafe().remedies())
    assert '<th scope="col">oplossing</th><th scope="col">wat het kost</th><th scope="col">aanroep</th>' in page
    assert "<code>out.apply(out.remedies()[0])</code>" in page


def test_without_remedies_that_is_said() -> None:
    safe = sdc.table(FRAME.head(40), rows="wijk", unit="person")
    assert safe.remedies() == ()
    with language("en"):
        assert "nothing to repair" in repr(safe.remedies())
        assert "nothing to repair" in Offered()._repr_html_()


def test_a_label_in_a_remedy_is_no_markup() -> None:
    frame = FRAME.assign(wijk=FRAME["wijk"].replace({"30": "<b>x</b>"}))
    page = sdc.table(frame, rows="wijk", unit="person").remedies()
    assert "<b>" not in Offered(page)._repr_html_()
