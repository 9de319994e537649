"""`datakamp check notebook --released`: what shows released files byte for byte, and nothing else, is registered."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import datakamp
import disclosure as sdc
from disclosure.errors import BadInputError, DataError
from disclosure.notebook.output import Output
from disclosure.policy import load_policy
from disclosure.render import to_csv, to_html, to_json
from disclosure.screening import released_files
from disclosure.screening.cleaned import cleaned_notebook
from disclosure.screening.notebook_cells import Screening, rules_of, screen_notebook
from disclosure.screening.released_files import NOTHING_RELEASED, ReleasedFiles, read_released
from disclosure.texts import language
from tests.disclosure.notebooks import PIXELS, check_format, code, display, executed, notebook, stream

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of released files: a table in its three forms, and a figure in its two."""
    place = tmp_path_factory.mktemp("released")
    homes = pd.DataFrame({"person": range(80), "wijk": ["28", "29"] * 40})
    out = sdc.table(homes, rows="wijk", unit="person")
    assert isinstance(out, Output)
    (place / "homes.csv").write_bytes(to_csv(out.table))
    (place / "homes.html").write_bytes(to_html(out.table, title="Homes"))
    (place / "homes.json").write_bytes(to_json(out.table, title="Homes", population="all"))
    (place / "homes.svg").write_text(SVG, encoding="utf-8")
    (place / "homes.png").write_bytes(base64.b64decode(PIXELS))
    (place / "README").write_text("not a released file", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def released(folder: Path) -> ReleasedFiles:
    return read_released(folder)


def screened(released: ReleasedFiles, *outputs: Any) -> Screening:
    return screen_notebook(notebook(code(*outputs)), rules_of(load_policy("cbs"), released=released))


SHOWS: dict[str, Callable[[Path], tuple[Any, str]]] = {
    "html": lambda place: (display({"text/html": (place / "homes.html").read_text("utf-8")}), "homes.html"),
    "html in lines": lambda place: (
        display({"text/html": (place / "homes.html").read_text("utf-8").splitlines(keepends=True)}),
        "homes.html",
    ),
    "json": lambda place: (
        display({"application/json": json.loads((place / "homes.json").read_bytes())}),
        "homes.json",
    ),
    "svg": lambda _: (display({"image/svg+xml": SVG}), "homes.svg"),
    "png": lambda _: (display({"image/png": PIXELS}), "homes.png"),
    "png in lines": lambda _: (display({"image/png": f"{PIXELS[:40]}\n{PIXELS[40:]}\n"}), "homes.png"),
    "what IPython says": lambda _: (
        display({"image/png": PIXELS, "text/plain": "<IPython.core.display.Image object>"}),
        "homes.png",
    ),
    "printed csv": lambda place: (stream((place / "homes.csv").read_text("utf-8")), "homes.csv"),
    "printed with a line of its own": lambda place: (
        stream((place / "homes.csv").read_text("utf-8") + "\n"),
        "homes.csv",
    ),
}


@pytest.mark.parametrize("kind", SHOWS)
def test_what_shows_a_released_file_is_registered(folder: Path, released: ReleasedFiles, kind: str) -> None:
    output, name = SHOWS[kind](folder)
    found = screened(released, output)
    assert found.findings == ()
    (one,) = found.outputs
    assert one.registered is not None
    assert one.registered.names == (name,)


@pytest.mark.parametrize("kind", SHOWS)
def test_nothing_is_registered_where_no_folder_is_named(folder: Path, kind: str) -> None:
    output, _ = SHOWS[kind](folder)
    found = screened(NOTHING_RELEASED, output)
    assert found.findings
    assert found.outputs[0].registered is None


OTHERS: dict[str, Callable[[Path], Any]] = {
    "one letter more": lambda place: display({"text/html": (place / "homes.html").read_text("utf-8") + " "}),
    "another figure": lambda place: stream((place / "homes.csv").read_text("utf-8").replace("40", "41")),
    "two lines of its own": lambda place: stream((place / "homes.csv").read_text("utf-8") + "\n\n"),
    "an error stream": lambda place: stream((place / "homes.csv").read_text("utf-8"), "stderr"),
    "something beside it": lambda _: display({"image/png": PIXELS, "text/plain": "nine persons in wijk 28"}),
    "under another type": lambda place: display({"text/html": (place / "homes.csv").read_text("utf-8")}),
    "under an unknown type": lambda _: display({"image/png": PIXELS, "application/x-own": "9"}),
    "with metadata": lambda _: display({"image/png": PIXELS}, {"image/png": {"width": 912, "height": 3}}),
    "with a key of its own": lambda _: {**display({"image/png": PIXELS}), "more": 9},
    "with a count that is none": lambda _: {
        **display({"image/png": PIXELS}), "output_type": "execute_result", "execution_count": "nine"
    },
    "in another spelling": lambda _: display({"image/png": PIXELS.rstrip("=")}),
    "with bits to spare": lambda _: display({"image/png": PIXELS.replace("gg==", "gh==")}),
    "no letters of a code": lambda _: display({"image/png": "é"}),
    "half a character": lambda _: stream("\ud800"),
    "json with a key more": lambda place: display(
        {"application/json": {**json.loads((place / "homes.json").read_bytes()), "more": 9}}
    ),
    "no text": lambda _: display({"text/html": 9}),
    "words of IPython alone": lambda _: display({"text/plain": "<IPython.core.display.HTML object>", "text/html": "9"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_what_shows_anything_else_is_looked_at_as_ever(folder: Path, released: ReleasedFiles, kind: str) -> None:
    output = OTHERS[kind](folder)
    found = screened(released, output)
    assert found.outputs[0].registered is None
    assert found.findings == screened(NOTHING_RELEASED, output).findings


def test_a_cleaned_copy_keeps_what_is_registered_and_nothing_of_the_rest(folder: Path, released: ReleasedFiles) -> None:
    rules = rules_of(load_policy("cbs"), released=released)
    said = {"image/png": PIXELS, "text/plain": "<IPython.core.display.Image object>"}
    document = notebook(code(stream("persoon 111222333\n"), display(said), SHOWS["printed csv"](folder)[0]))
    cleaned = cleaned_notebook(document, screen_notebook(document, rules))
    check_format(cleaned)
    figure, table, note = cleaned["cells"][0]["outputs"]
    assert figure == {"output_type": "display_data", "data": {"image/png": PIXELS}, "metadata": {}}
    assert table["text"] == (folder / "homes.csv").read_text("utf-8")
    assert note["text"] == "[removed: identifier, text]\n"
    again = screen_notebook(cleaned, rules)
    assert again.findings == ()
    assert cleaned_notebook(cleaned, again)["cells"][0]["outputs"] == cleaned["cells"][0]["outputs"]


def test_what_a_kernel_shows_of_released_files_is_registered(folder: Path, released: ReleasedFiles) -> None:
    source = f"""
from IPython.display import HTML, Image, display
display(HTML(filename={str(folder / "homes.html")!r}), Image(filename={str(folder / "homes.png")!r}))
print(open({str(folder / "homes.csv")!r}).read())
"""
    document = notebook(code(source=source, execution_count=None))
    found = screen_notebook(executed(document), rules_of(load_policy("cbs"), released=released))
    assert [one.registered.names for one in found.outputs if one.registered] == [
        ("homes.html",), ("homes.png",), ("homes.csv",),
    ]  # fmt: skip


def test_the_command_counts_what_is_registered_and_ends_with_0(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook(code(display({"image/png": PIXELS})))), encoding="utf-8")
    with language("en"):
        assert datakamp.run(["check", "notebook", str(path)]) == 1
        assert "registered" not in capsys.readouterr().out
        assert datakamp.run(["check", "notebook", str(path), "--released", str(folder)]) == 0
        assert "outputs that show released files and nothing else: 1" in capsys.readouterr().out
        assert datakamp.run(["check", "notebook", str(path), "--released", str(folder), "--json"]) == 0
    (output,) = json.loads(capsys.readouterr().out)["outputs"]
    assert (output["classes"], output["files"], output["status"]) == (["registered"], ["homes.png"], "safe")


def test_a_folder_without_released_files_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        (tmp_path / "file").write_text("", encoding="utf-8")
        with pytest.raises(BadInputError):
            read_released(place)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(released_files, "MOST_FILES", 2)
    assert set(read_released(tmp_path).names.values()) == {"a.csv", "b.csv"}
    monkeypatch.setattr(released_files, "MOST_FILES", 1)
    with pytest.raises(BadInputError):
        read_released(tmp_path)


def test_links_and_large_files_in_the_folder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("1234", encoding="utf-8")
    monkeypatch.setattr(released_files, "MOST_BYTES", 4)
    assert len(read_released(tmp_path).names) == 1
    monkeypatch.setattr(released_files, "MOST_BYTES", 3)
    with pytest.raises(DataError):
        read_released(tmp_path)
    monkeypatch.setattr(released_files, "MOST_BYTES", 4)
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    with pytest.raises(DataError):
        read_released(tmp_path)
