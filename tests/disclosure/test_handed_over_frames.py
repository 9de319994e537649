"""Narrow frames in the sealed worker: whatever is malformed is refused, and no value of it is repeated."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from disclosure.check import received
from disclosure.errors import HandoverError
from disclosure.exchange.tabulation import Outcome, Reason, TabulationResult
from tests.disclosure.tabulation_inputs import CANARY, Inputs, inputs, persons


@pytest.fixture
def made(tmp_path: Path) -> Inputs:
    return inputs(tmp_path)


def refused_for(result: TabulationResult) -> str:
    assert result.refusal is not None
    return result.refusal.name


def honest() -> pa.Table:
    return persons().select(["pid", "wijk"])


def _file_of(table: pa.Table, options: pyarrow.ipc.IpcWriteOptions | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _stream_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def canary_frame() -> pa.Table:
    return pa.table({"pid": [CANARY] * 20, "wijk": [CANARY] * 20})


def _bad_offsets() -> bytes:
    offsets = pa.py_buffer(np.array([0, 1 << 30, 5], dtype=np.int32))
    column = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(CANARY.encode())])
    return _file_of(pa.table([column, pa.array(["28", "28"])], names=["pid", "wijk"]))


def _bad_text() -> bytes:
    offsets = pa.py_buffer(np.array([0, 2, 4], dtype=np.int32))
    column = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"\xff\xfe\xff\xfe")])
    return _file_of(pa.table([column, pa.array(["28", "28"])], names=["pid", "wijk"]))


def _bad_codes() -> bytes:
    codes = pa.array([0, 7], pa.int8())
    column = pa.DictionaryArray.from_arrays(codes, pa.array([CANARY]), safe=False)
    return _file_of(pa.table([column, pa.array(["28", "28"])], names=["pid", "wijk"]))


def _of_type(column: pa.Array) -> bytes:
    return _file_of(pa.table([pa.array([CANARY]), column], names=["pid", "wijk"]))


MALFORMED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: CANARY.encode() * 100,
    "only the first bytes": lambda: b"ARROW1\0\0",
    "cut off at the end": lambda: _file_of(canary_frame())[:-10],
    "cut off in the middle": lambda: _file_of(canary_frame())[:200],
    "without its beginning": lambda: _file_of(canary_frame())[64:],
    "a stream": lambda: _stream_of(canary_frame()),
    "a Parquet file": lambda: _parquet(canary_frame()),
    "a column too many": lambda: _file_of(canary_frame().append_column(CANARY, pa.array([CANARY] * 20))),
    "a column too few": lambda: _file_of(canary_frame().drop_columns(["wijk"])),
    "another column": lambda: _file_of(canary_frame().rename_columns(["pid", CANARY])),
    "a column twice": lambda: _file_of(canary_frame().append_column("wijk", pa.array([CANARY] * 20))),
    "no columns": lambda: _file_of(pa.table({})),
    "offsets beyond the text": _bad_offsets,
    "text that is no UTF-8": _bad_text,
    "codes beyond the dictionary": _bad_codes,
    "lists": lambda: _of_type(pa.array([[CANARY]])),
    "structures": lambda: _of_type(pa.array([{"a": CANARY}])),
    "bytes": lambda: _of_type(pa.array([CANARY.encode()])),
    "times": lambda: _of_type(pa.array([1], pa.time32("s"))),
    "run ends": lambda: _of_type(pc.run_end_encode(pa.array([CANARY]))),
    "an extension": lambda: _of_type(pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16], pa.binary(16)))),
    "a dictionary of lists": lambda: _of_type(
        pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array([[CANARY]]))
    ),
    "rows without bytes": lambda: _file_of(
        pa.table([pa.nulls((1 << 30) + 1), pa.nulls((1 << 30) + 1)], names=["pid", "wijk"])
    ),
}


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("forge", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_frame_is_refused_without_a_value(made: Inputs, forge: Callable[[], bytes]) -> None:
    made.frame_path.write_bytes(forge())
    job = made.narrow()
    result = made.run(job)
    assert refused_for(result) == "HandoverError"
    assert CANARY.encode() not in made.result_path.read_bytes()
    with pytest.raises(HandoverError):
        received(job, result)


def test_a_frame_cut_off_anywhere_is_refused(made: Inputs) -> None:
    whole = _file_of(canary_frame())
    job = made.narrow()
    for length in range(0, len(whole), 97):
        made.frame_path.write_bytes(whole[:length])
        assert refused_for(made.run(job)) == "HandoverError"


def test_a_frame_with_bytes_changed_anywhere_gets_an_answer_without_a_value(made: Inputs) -> None:
    # In a process of its own: a library that dies of a forged file may not take the tests with it.
    whole = _file_of(canary_frame())
    made.write(made.narrow())
    for place in range(8, len(whole), max(1, len(whole) // 4)):
        made.frame_path.write_bytes(whole[:place] + b"\xff\xff\xff\x7f" + whole[place + 4 :])
        ended = made.run_apart()
        assert (ended.stdout, ended.returncode) == (b"", 0)
        assert CANARY.encode() not in made.result_path.read_bytes()


def test_a_frame_may_have_as_many_bytes_as_allowed_and_no_more(made: Inputs) -> None:
    size = made.hand_over(honest()).stat().st_size
    job = made.narrow()
    assert made.run(job, "--frame-bytes", str(size)).outcome is Outcome.EVIDENCE
    assert refused_for(made.run(job, "--frame-bytes", str(size - 1))) == "HandoverError"


def test_a_few_bytes_that_unpack_to_many_are_refused(made: Inputs) -> None:
    rows = 200_000
    frame = pa.table({"pid": pa.array(["0" * 100] * rows), "wijk": pa.array(["28"] * rows)})
    path = made.hand_over(frame, options=pyarrow.ipc.IpcWriteOptions(compression="zstd"))
    limit = 2_000_000
    assert path.stat().st_size < limit < frame.nbytes / 4
    assert refused_for(made.run(made.narrow(), "--frame-bytes", str(limit))) == "HandoverError"


def test_a_frame_that_is_not_there_is_refused(made: Inputs) -> None:
    assert refused_for(made.run(made.narrow())) == "HandoverError"


@pytest.mark.parametrize("kind", ["symbolic", "hard", "pipe", "folder"])
def test_a_frame_that_is_no_file_of_its_own_is_refused(made: Inputs, kind: str) -> None:
    path = made.hand_over(honest())
    aside = path.rename(path.with_name("aside"))
    if kind == "symbolic":
        path.symlink_to(aside)
    elif kind == "hard":
        path.hardlink_to(aside)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    assert refused_for(made.run(made.narrow())) == "HandoverError"


def test_a_frame_without_rows_is_refused(made: Inputs) -> None:
    made.hand_over(honest().slice(0, 0))
    assert refused_for(made.run(made.narrow())) == "DataError"


def test_a_frame_without_a_unit_is_inconclusive_before_it_is_opened(made: Inputs) -> None:
    made.frame_path.write_bytes(b"")
    result = made.run(made.narrow(unit=()))
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.MISSING)


def test_the_notes_of_a_frame_are_left_behind(made: Inputs) -> None:
    # Arrow files carry free text beside the columns.
    made.hand_over(honest().replace_schema_metadata({"note": CANARY}))
    assert made.run(made.narrow()).outcome is Outcome.EVIDENCE
    assert CANARY.encode() not in made.result_path.read_bytes()
