"""The log: the chain, its stores, heads and the audit."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.errors import DataError, DocumentError, IntegrityError, RefusedError
from disclosure.exchange.canonical import digest
from output_review.log.audit import audit, open_head
from output_review.log.chain import GENESIS, LogEntry, LogHead, Payload, follows, next_entry
from output_review.log.stores import FileLog, LogStore, record
from output_review.signing.envelopes import PayloadType, sign
from output_review.signing.keys import KeyRole, SigningKey
from tests.output_review.trust_camp import NOON

TIME = datetime(2025, 3, 1, 12, tzinfo=UTC)


def grow(store: LogStore, count: int) -> None:
    for number in range(count):
        record(store, time=TIME, actor="vera", action="vote", payload={"request": "7", "place": number})


def chain(count: int) -> list[LogEntry]:
    entries: list[LogEntry] = []
    for number in range(count):
        last = entries[-1] if entries else None
        said: Payload = {"request": "7", "place": number}
        entries.append(next_entry(last, time=NOON, actor="vera", action="vote", payload=said))
    return entries


def head(entry: LogEntry | None) -> LogHead:
    return LogHead.of(entry, time=NOON)


def test_entries_are_chained_and_read_back(tmp_path: Path) -> None:
    store = FileLog(tmp_path / "log.jsonl")
    assert list(store.read()) == []
    first = record(store, time=TIME, actor="vera", action="vote", payload={"outputs": ("a", "b"), "safe": True})
    second = record(store, time=TIME, actor="release", action="release", payload={"note": None})
    assert (first.sequence, first.previous, first.time) == (1, GENESIS, NOON)
    assert (second.sequence, second.previous) == (2, first.hash)
    assert list(store.read()) == [first, second]
    assert list(store.read(2)) == [second]
    assert list(store.read(3)) == []
    assert first.payload["outputs"] == ("a", "b")


def test_a_store_refuses_what_does_not_follow(tmp_path: Path) -> None:
    store = FileLog(tmp_path / "log.jsonl")
    other = chain(3)
    for wrong in (other[1], replace(other[0], actor="wim"), replace(other[0], previous=digest(b""))):
        with pytest.raises(IntegrityError):
            store.append(lambda last, entry=wrong: entry)  # type: ignore[misc]
    grow(store, 1)
    for wrong in (other[0], other[1], other[2]):
        with pytest.raises(IntegrityError):
            store.append(lambda last, entry=wrong: entry)  # type: ignore[misc]
    assert len(list(store.read())) == 1


def test_an_entry_cannot_be_changed_in_place() -> None:
    entry = chain(1)[0]
    with pytest.raises(TypeError):
        entry.payload["place"] = 2  # type: ignore[index]


def test_two_entries_that_say_the_same_have_different_digests() -> None:
    one, two = (next_entry(None, time=NOON, actor="a", action="b", payload={}) for _ in range(2))
    assert one.body_digest != two.body_digest


@pytest.mark.parametrize(
    "payload",
    [{"a": 1.5}, {"a": b"x"}, {"a": {"b": 1}}, {"a": ["x"]}, {"a": (1,)}, {"a b": 1}, {"a": "x" * 4001}, {"a": 2**60}],
)
def test_a_payload_is_flat_and_plain(payload: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        next_entry(None, time=NOON, actor="vera", action="vote", payload=payload)


@pytest.mark.parametrize("change", [{"actor": ""}, {"action": "a b"}, {"time": "now"}, {"nonce": "0"}])
def test_a_malformed_entry_is_refused(change: dict[str, Any]) -> None:
    given_ = {"time": NOON, "actor": "vera", "action": "vote", "payload": {}, **change}
    with pytest.raises(DocumentError):
        next_entry(None, **given_)


def test_an_untouched_log_holds_with_all_its_checkpoints() -> None:
    entries = chain(6)
    report = audit(entries, [head(None), head(entries[2]), head(entries[5])])
    assert report.holds
    assert (report.length, report.hash, report.problem) == (6, entries[5].hash, "")
    assert audit([]).holds


@given(
    st.integers(0, 5), st.sampled_from(["time", "actor", "action", "payload", "nonce", "previous", "hash", "sequence"])
)
def test_the_first_changed_entry_is_named_whatever_was_changed(place: int, name: str) -> None:
    values = {
        "time": "2026-01-01T00:00:00Z", "actor": "mallory", "action": "other", "payload": {"place": 99},
        "nonce": "0" * 32, "previous": digest(b"x"), "hash": digest(b"y"), "sequence": 77,
    }  # fmt: skip
    entries = chain(6)
    entries[place] = replace(entries[place], **{name: values[name]})  # type: ignore[arg-type]
    report = audit(entries)
    assert not report.holds
    assert report.broken_at == place + 1
    assert report.length == place


@pytest.mark.parametrize("place", range(5))
def test_a_missing_doubled_or_moved_entry_is_named(place: int) -> None:
    entries = chain(6)
    missing = entries[:place] + entries[place + 1 :]
    doubled = entries[: place + 1] + entries[place:]
    moved = [*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :]]
    assert audit(missing).broken_at == place + 1
    assert audit(doubled).broken_at == place + 2
    assert audit(moved).broken_at == place + 1


def test_a_log_that_was_cut_off_is_noticed_by_whoever_holds_a_checkpoint() -> None:
    entries = chain(6)
    assert audit(entries[:4]).holds
    assert audit(entries[:4], [head(entries[3])]).holds
    report = audit(entries[:4], [head(entries[4])])
    assert report.broken_at == 5
    assert "cut off" in report.problem


def test_a_log_written_anew_from_some_entry_on_is_noticed() -> None:
    entries = chain(6)
    forged = entries[:3]
    for entry in entries[3:]:
        forged.append(next_entry(forged[-1], time=NOON, actor="mallory", action=entry.action, payload=entry.payload))
    assert audit(forged).holds
    report = audit(forged, [head(entries[5])])
    assert report.broken_at == 6
    assert "written anew" in report.problem
    assert audit(forged, [head(entries[3]), head(entries[5])]).broken_at == 4


def test_two_checkpoints_that_contradict_each_other_do_not_hold() -> None:
    entries = chain(2)
    assert audit(entries, [head(entries[1]), LogHead(2, digest(b""), NOON)]).broken_at == 2
    assert audit(entries, [LogHead(0, digest(b""), NOON)]).broken_at == 1


def test_a_head_counts_only_if_the_log_key_signed_it() -> None:
    entries = chain(2)
    key, other = SigningKey.generate(KeyRole.LOG), SigningKey.generate(KeyRole.LOG)
    envelope = sign(head(entries[1]).to_document(), PayloadType.LOG_HEAD, key)
    assert open_head(envelope, [key.public]) == head(entries[1])
    with pytest.raises(IntegrityError):
        open_head(envelope, [other.public])


def test_body_digests_alone_prove_that_the_log_only_grew() -> None:
    entries = chain(6)
    bodies = [entry.body_digest for entry in entries]
    assert follows(head(None), bodies, head(entries[5]))
    assert follows(entries[1], bodies[2:5], entries[4])
    assert follows(entries[1], (), entries[1])
    for wrong in (bodies[2:4], bodies[1:5], [*bodies[2:4], digest(b"")], list(reversed(bodies[2:5]))):
        assert not follows(entries[1], wrong, entries[4])
    assert not follows(head(None), bodies, LogHead(5, entries[5].hash, NOON))


def test_an_unfinished_last_line_does_not_count_and_is_removed_by_the_next_append(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    store = FileLog(path)
    grow(store, 3)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in (1, len(lines[2]) // 2, len(lines[2]) - 1):
        path.write_bytes(b"".join(lines[:2]) + lines[2][:cut])
        assert len(list(store.read())) == 2
        grow(store, 1)
        assert audit(store.read()).length == 3
    path.write_bytes(whole)
    assert audit(store.read()).holds


def test_a_line_that_is_no_entry_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    grow(FileLog(path), 3)
    lines = path.read_bytes().splitlines(keepends=True)
    for wrong in (b"not json\n", b"{}\n", b"\n", lines[1].replace(b"vera", b"ve ra"), b"\xff\n"):
        path.write_bytes(lines[0] + wrong + lines[2])
        with pytest.raises(IntegrityError, match="Log entry 2"):
            list(FileLog(path).read())
        with pytest.raises(IntegrityError, match="Log entry 2"):
            grow(FileLog(path), 1)


def test_a_log_that_is_a_link_or_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path / "link", tmp_path / "none" / "log", tmp_path):
        with pytest.raises(RefusedError):
            grow(FileLog(path), 1)
    with pytest.raises(DataError):
        list(FileLog(tmp_path / "link").read())
    assert not (tmp_path / "elsewhere").exists()


def test_appends_at_the_same_time_give_one_chain(tmp_path: Path) -> None:
    store = FileLog(tmp_path / "log.jsonl")
    threads = [threading.Thread(target=grow, args=(FileLog(tmp_path / "log.jsonl"), 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = audit(store.read())
    assert (report.holds, report.length) == (True, 20)
