"""What comes out of the server's box is a name and a key, or a signal; everything else is refused without a quote."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.errors import DocumentError
from workspace.lab.requests import LONGEST, Refusal, Report, Request, Signal, Start, read, written

KEY = "0123456789abcdef"


@pytest.mark.parametrize(
    "request_",
    [Start("python3", KEY), Start("r", "a" * 80), Signal(2), Signal(9), Signal(15), *map(Report, Refusal)],
)
def test_a_request_is_read_as_it_was_written(request_: Request) -> None:
    assert read(written(request_)) == request_
    assert len(written(request_)) <= LONGEST


@pytest.mark.parametrize(
    "document",
    [
        {"do": "start", "kernel": "python3"},
        {"do": "start", "kernel": "../python3", "key": KEY},
        {"do": "start", "kernel": "python3", "key": "short"},
        {"do": "start", "kernel": "python3", "key": "a" * 81},
        {"do": "start", "kernel": "python3", "key": KEY + "\n"},
        {"do": "start", "kernel": "python3", "key": KEY, "argv": ["sh"]},
        {"do": "start", "kernel": ["python3"], "key": KEY},
        {"do": "signal", "number": 1},
        {"do": "signal", "number": 19},
        {"do": "signal", "number": True},
        {"do": "signal", "number": "9"},
        {"do": "signal", "number": 9, "pid": 1},
        {"do": "report", "refusal": "something else"},
        {"do": "report", "refusal": ["route"]},
        {"do": "report", "refusal": "route", "path": "/files/data.csv"},
        {"do": "report"},
        {"do": "stop"},
        [],
        "start",
        None,
    ],
)
def test_anything_else_is_refused(document: object) -> None:
    with pytest.raises(DocumentError) as refused:
        read(json.dumps(document).encode())
    assert KEY not in str(refused.value)


@given(st.binary(max_size=300))
def test_bytes_are_no_request(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read(data)
