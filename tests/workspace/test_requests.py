"""Requests: what sdc.submit writes is read; anything else is refused without being opened."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import BadInputError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import canonical_json
from tests.workspace.small_camp import TEAM, make_camp, notebook, put, put_request, submission
from workspace.requests import read_request, waiting_numbers


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


def edited(camp: CampFile, /, **entries: Any) -> bytes:
    """The bytes of a submission with other entries than its class would take."""
    return canonical_json(json.loads(submission(camp).to_bytes()) | entries)


def test_a_request_is_read_with_its_code_and_claims(camp: CampFile) -> None:
    put_request(camp)
    request = read_request(camp, TEAM, 1)
    assert request.submission == submission(camp)
    assert [name for name, _ in request.code] == ["homes.ipynb"]
    assert request.claims == (("homes-by-wijk.json", b'{"cells":[]}'),)


def test_a_workspace_without_requests_has_none_waiting(camp: CampFile) -> None:
    assert waiting_numbers(camp.workspace(TEAM)) == ()


def test_only_finished_numbers_wait_in_the_order_of_their_numbers(camp: CampFile) -> None:
    folder = camp.workspace(TEAM) / "requests"
    for name in ("10", "9", ".11", "0", "07", "²", "-1", "1e3", "notes", "1234567890"):
        (folder / name).mkdir(parents=True)
    assert waiting_numbers(camp.workspace(TEAM)) == (9, 10)


def test_a_linked_folder_of_requests_is_refused(camp: CampFile, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "1").mkdir(parents=True)
    (camp.workspace(TEAM) / "requests").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInputError, match="Links are refused"):
        waiting_numbers(camp.workspace(TEAM))


def hidden(folder: Path) -> None:
    (folder / ".hidden").write_text("x")


def archive(folder: Path) -> None:
    (folder / "claims.zip").write_bytes(b"PK\x03\x04")


def pickled(folder: Path) -> None:
    (folder / "claims" / "model.pkl").write_bytes(pickle.dumps([1]))


def pickle_for_claim(folder: Path) -> None:
    (folder / "claims" / "homes-by-wijk.json").write_bytes(pickle.dumps([1]))


def hidden_claim(folder: Path) -> None:
    (folder / "claims" / ".more").write_text("{}")


def claim_missing(folder: Path) -> None:
    (folder / "claims" / "homes-by-wijk.json").unlink()


def claim_linked(folder: Path) -> None:
    (folder / "claims" / "homes-by-wijk.json").unlink()
    (folder / "claims" / "homes-by-wijk.json").symlink_to("/etc/passwd")


def claims_linked(folder: Path) -> None:
    (folder / "claims").rename(folder.parent / "moved")
    (folder / "claims").symlink_to(folder.parent / "moved")


def claim_too_large(folder: Path) -> None:
    (folder / "claims" / "homes-by-wijk.json").write_bytes(b" " * 5_000_001)


def claim_folder(folder: Path) -> None:
    (folder / "claims" / "homes-by-wijk.json").unlink()
    (folder / "claims" / "homes-by-wijk.json").mkdir()


def own_code(folder: Path) -> None:
    (folder / "code").mkdir()


def no_submission(folder: Path) -> None:
    (folder / "submission.json").unlink()


def linked_submission(folder: Path) -> None:
    (folder / "submission.json").rename(folder.parent / "elsewhere")
    (folder / "submission.json").symlink_to(folder.parent / "elsewhere")


def doubled_submission(folder: Path) -> None:
    os.link(folder / "submission.json", folder.parent / "second")


def pipe_submission(folder: Path) -> None:
    (folder / "submission.json").unlink()
    os.mkfifo(folder / "submission.json")


def large_submission(folder: Path) -> None:
    (folder / "submission.json").write_bytes(b" " * 5_000_001)


def pretty_submission(folder: Path) -> None:
    path = folder / "submission.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1))


def cut_submission(folder: Path) -> None:
    path = folder / "submission.json"
    path.write_bytes(path.read_bytes()[:-20])


def linked_folder(folder: Path) -> None:
    folder.rename(folder.parent.parent / "moved")
    folder.symlink_to(folder.parent.parent / "moved")


@pytest.mark.parametrize(
    "change",
    [
        hidden, archive, pickled, pickle_for_claim, hidden_claim, claim_missing, claim_linked, claims_linked,
        claim_too_large, claim_folder, own_code, no_submission, linked_submission, doubled_submission,
        pipe_submission, large_submission, pretty_submission, cut_submission, linked_folder,
    ],
)  # fmt: skip
def test_a_request_that_holds_anything_else_is_refused(camp: CampFile, change: Callable[[Path], None]) -> None:
    change(put_request(camp))
    with pytest.raises(BadInputError) as caught:
        read_request(camp, TEAM, 1)
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize(
    "entries",
    [
        {"camp": "other"},
        {"team": "wonen"},
        {"number": 2},
        {"number": True},
        {"version": 1},
        {"version": 5},
        {"extra": 1},
        {"outputs": []},
        {"outputs": {}},
        {"outputs": [1]},
        {"code": []},
        {"code": ["/etc/passwd"]},
        {"code": ["../other/homes.ipynb"]},
        {"code": ["sub/homes.ipynb"]},
        {"code": [".hidden.py"]},
        {"code": ["model.pkl"]},
        {"code": ["homes.ipynb", "homes.ipynb"]},
        {"code": [f"part{number}.py" for number in range(51)]},
        {"parameters": {"a": {"b": 1}}},
        {"parameters": [["a", 1]]},
        {"parameters": None},
        {"title": "two\nlines"},
        {"purpose": ""},
    ],
    ids=str,
)
def test_a_submission_that_says_something_else_is_refused(camp: CampFile, entries: dict[str, Any]) -> None:
    folder = put_request(camp)
    (folder / "submission.json").write_bytes(edited(camp, **entries))
    with pytest.raises(BadInputError):
        read_request(camp, TEAM, 1)


def test_a_file_swapped_between_two_requests_is_refused(camp: CampFile) -> None:
    put_request(camp, 1)
    put_request(camp, 2)
    folder = camp.workspace(TEAM) / "requests"
    (folder / "1" / "submission.json").rename(folder / "aside")
    (folder / "2" / "submission.json").rename(folder / "1" / "submission.json")
    with pytest.raises(BadInputError, match="another number"):
        read_request(camp, TEAM, 1)


def linked_code(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def code_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def other_language(path: Path) -> None:
    document = json.loads(path.read_bytes())
    document["metadata"]["language_info"]["name"] = "julia"
    path.write_text(json.dumps(document))


def no_notebook(path: Path) -> None:
    path.write_text("{}")


def large_code(path: Path) -> None:
    path.write_bytes(notebook("#" * (1 << 20)))


def surrogate(path: Path) -> None:
    path.write_bytes(notebook("'x'").replace(b"'x'", b"'\\ud800'"))


@pytest.mark.parametrize("change", [linked_code, code_folder, other_language, no_notebook, large_code, surrogate])
def test_code_that_is_not_what_it_should_be_is_refused(camp: CampFile, change: Callable[[Path], None]) -> None:
    put_request(camp)
    change(camp.workspace(TEAM) / "homes.ipynb")
    with pytest.raises(BadInputError):
        read_request(camp, TEAM, 1)


def test_a_script_is_text(camp: CampFile) -> None:
    put(camp, "homes.py", b"\xff\xfe")
    put_request(camp, code=("homes.py",))
    with pytest.raises(BadInputError, match="UTF-8"):
        read_request(camp, TEAM, 1)


def test_code_is_taken_without_what_running_it_left_behind(camp: CampFile) -> None:
    secret = "000012345"
    document = json.loads(notebook("frame.head()", parameters="year = 2022"))
    document["metadata"] |= {"widgets": {"state": secret}, "kernelspec": {"name": secret, "display_name": secret}}
    document["cells"][1] |= {
        "execution_count": 3,
        "metadata": {"note": secret, "tags": [secret]},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": secret}],
    }
    picture = {"cell_type": "markdown", "metadata": {}, "source": "x", "attachments": {"a.png": {"image/png": secret}}}
    document["cells"].append(picture)
    put(camp, "homes.ipynb", json.dumps(document))
    put_request(camp)
    ((_, code),) = read_request(camp, TEAM, 1).code
    assert secret.encode() not in code
    sources = [(cell["cell_type"], cell["source"]) for cell in json.loads(code)["cells"]]
    assert sources == [("code", "year = 2022"), ("code", "frame.head()"), ("markdown", "x")]
    assert json.loads(code)["cells"][0]["metadata"] == {"tags": ["parameters"]}


def test_the_same_notebook_gives_the_same_bytes_whether_it_was_run_or_not(camp: CampFile) -> None:
    put_request(camp)
    before = read_request(camp, TEAM, 1).code
    document = json.loads((camp.workspace(TEAM) / "homes.ipynb").read_bytes())
    document["nbformat_minor"] = 5
    document["cells"][0] |= {"id": "cell-1", "execution_count": 7}
    put(camp, "homes.ipynb", json.dumps(document, indent=2))
    assert read_request(camp, TEAM, 1).code == before
