"""Plans for microdata: what they may say, and that everything else is refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from disclosure.errors import BadInputError, ColumnError
from workspace.microdata_options import OPTIONS, Do, PlanError
from workspace.microdata_plan import Purpose, read_plan
from workspace.microdata_pseudonyms import pseudonyms, read_key

HEAD = 'schema = 1\npurpose = "training"\nregister = true\n'
KEYS = '[keys]\ncategorical = ["sexe", "klasse"]\n'
LIMITS = "[limits]\nk = 3\nrisk = 0.35\n"
WHOLE = HEAD + KEYS + LIMITS


def step(said: str) -> bytes:
    return ("seed = 1\n" + WHOLE + f"[[steps]]\n{said}\n").encode()


def test_a_plan_is_read_as_it_is_written() -> None:
    plan = read_plan(("seed = 7\nidentifiers = []\n" + WHOLE + '[[steps]]\ndo = "suppress"\nk = 3\n').encode())
    assert (plan.purpose, plan.register, plan.seed, plan.identifiers) == (Purpose.TRAINING, True, 7, ())
    assert plan.keys.categorical == ("sexe", "klasse")
    assert plan.limits is not None
    assert (plan.limits.k, plan.limits.risk) == (3, 0.35)
    assert [(one.do, one.columns, dict(one.options)) for one in plan.steps] == [(Do.SUPPRESS, (), {"k": 3})]


@pytest.mark.parametrize(
    "said",
    [
        'do = "drop"\ncolumns = ["a", "b"]',
        'do = "pseudonym"\ncolumn = "RINPERSOON"\ndomain = "person"',
        'do = "recode"\ncolumn = "buurt"\nhierarchy = "gebied"\nlevels = 2',
        'do = "classes"\ncolumn = "leeftijd"\nbreaks = [18, 65]',
        'do = "top_code"\ncolumn = "inkomen"\nat = 200000',
        'do = "bottom_code"\ncolumn = "inkomen"\nat = -5.5',
        'do = "suppress"\nk = 5\nimportance = [2, 1]',
        'do = "suppress"\ncombs = [[2, 5], [1, 10]]\nstrata = ["wijk"]',
        'do = "mdav"\ncolumns = ["inkomen"]\nk = 3\nstrata = ["sexe"]',
        'do = "pram"\ncolumns = ["werk"]\nleast = 0.8\nalpha = 0\nstrata = []',
        'do = "noise"\ncolumns = ["inkomen"]\namount = 10\nmethod = "correlated"',
    ],
)
def test_every_step_says_what_it_does(said: str) -> None:
    (one,) = read_plan(step(said)).steps
    assert set(one.options) <= set(OPTIONS[one.do])


@pytest.mark.parametrize(
    "said",
    [
        'do = "system"', "do = 5", "k = 3", 'do = "drop"', 'do = "drop"\ncolumns = []',
        'do = "drop"\ncolumns = ["a"]\ncolumn = "a"', 'do = "drop"\ncolumns = "a"', 'do = "drop"\ncolumns = ["a", "a"]',
        'do = "drop"\ncolumn = 5', 'do = "drop"\ncolumn = "a"\nk = 3',
        'do = "recode"\ncolumn = "a"', 'do = "recode"\ncolumns = ["a", "b"]\nhierarchy = "h"',
        'do = "recode"\ncolumn = "a"\nhierarchy = "h"\nlevels = 0',
        'do = "classes"\ncolumn = "a"\nbreaks = []', 'do = "classes"\ncolumn = "a"\nbreaks = [5, 1]',
        'do = "classes"\ncolumn = "a"\nbreaks = [1, 1]', 'do = "classes"\ncolumn = "a"\nbreaks = ["1"]',
        'do = "classes"\ncolumn = "a"\nbreaks = 5', 'do = "classes"\ncolumn = "a"\nbreaks = [nan]',
        'do = "top_code"\ncolumn = "a"', 'do = "top_code"\ncolumn = "a"\nat = "5"',
        'do = "top_code"\ncolumn = "a"\nat = inf',
        'do = "top_code"\ncolumn = "a"\nat = true',
        'do = "suppress"', 'do = "suppress"\nk = 0', 'do = "suppress"\nk = 3.0', 'do = "suppress"\nk = true',
        'do = "suppress"\nk = 3\ncombs = [[2, 3]]', 'do = "suppress"\ncombs = []', 'do = "suppress"\ncombs = [[2]]',
        'do = "suppress"\ncombs = [[2, 0]]', 'do = "suppress"\ncombs = [3, 4]',
        'do = "suppress"\nk = 3\ncolumn = "a"', 'do = "suppress"\nk = 3\nimportance = [1.5]',
        'do = "mdav"\ncolumns = ["a"]', 'do = "pram"\ncolumns = ["a"]\nleast = 1.1',
        'do = "pram"\ncolumns = ["a"]\nalpha = -0.1',
        'do = "noise"\ncolumns = ["a"]', 'do = "noise"\ncolumns = ["a"]\namount = 1\nmethod = "loud"',
        'do = "pseudonym"\ncolumn = "a"\ndomain = ""',
    ],
)  # fmt: skip
def test_a_step_that_says_anything_else_is_refused(said: str) -> None:
    with pytest.raises(PlanError):
        read_plan(step(said))


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("schema = [", "not TOML"),
        (WHOLE.replace("schema = 1", "schema = 2"), "schema = 1"),
        (WHOLE.replace("training", "fun"), "Expected a purpose"),
        (WHOLE.replace('purpose = "training"\n', ""), "Expected a purpose"),
        (WHOLE.replace("register = true", "register = 1"), "register"),
        (WHOLE.replace("register = true\n", ""), "register, or a sample"),
        (WHOLE.replace("klasse\"]\n", "klasse\"]\nweights = \"w\"\n"), "register, or a sample"),
        (HEAD + KEYS, "keeps to limits"),
        (WHOLE.replace("k = 3", "k = 2"), "limits.k"),
        (WHOLE.replace("k = 3\n", ""), "limits.k"),
        (WHOLE.replace("0.35", "1.0"), "limits.risk"),
        (WHOLE.replace("0.35", "0.0"), "limits.risk"),
        ("seed = -1\n" + WHOLE, "seed"),
        ("seed = true\n" + WHOLE, "seed"),
        ("more = 1\n" + WHOLE, "not an entry of the plan"),
        (WHOLE + "more = 1\n", "not an entry of"),
        ("identifiers = \"a\"\n" + WHOLE, "identifiers"),
        ("steps = 5\n" + WHOLE, "steps"),
        (WHOLE.replace('["sexe", "klasse"]', '"sexe"'), "keys.categorical"),
        ("seed = 1\n" + WHOLE + '[[steps]]\ndo = "pram"\ncolumn = "sexe"\n', "changed at random"),
        (WHOLE + '[[steps]]\ndo = "noise"\ncolumns = ["a"]\namount = 5\n', "needs a seed"),
    ],
)  # fmt: skip
def test_a_plan_that_says_less_or_more_is_refused(plan: str, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        read_plan(plan.encode())


def test_a_plan_without_key_variables_is_refused() -> None:
    with pytest.raises(ColumnError, match="No key variables"):
        read_plan(WHOLE.replace('["sexe", "klasse"]', "[]").encode())


def test_a_sealed_file_needs_no_limits_and_its_sample_needs_weights() -> None:
    sealed = (HEAD + KEYS).replace("training", "sealed")
    assert read_plan(sealed.encode()).limits is None
    sample = sealed.replace("register = true\n", "") + 'weights = "gewicht"\n'
    assert read_plan(sample.encode()).keys.weights == "gewicht"


KEY = bytes(range(32))


def key_file(folder: Path, data: bytes = KEY, mode: int = 0o600) -> Path:
    file = folder / "key"
    file.write_bytes(data)
    file.chmod(mode)
    return file


def test_the_same_person_has_the_same_pseudonym_in_every_file_and_another_under_another_key() -> None:
    texts = pa.chunked_array([pa.array(["000000001", "000000002", None]), pa.array(["000000001"])])
    made = pseudonyms(texts, KEY, domain="unit").to_pylist()
    assert made[0] == made[3] != made[1]
    assert made[2] is None
    assert all(len(one) == 24 for one in made if one is not None)
    assert "000000001" not in str(made)
    numbers = pa.chunked_array([pa.array([5, 6])])
    assert pseudonyms(numbers, KEY, domain="unit").to_pylist() == pseudonyms(
        pa.chunked_array([pa.array(["5", "6"])]), KEY, domain="unit"
    ).to_pylist()  # fmt: skip
    for other in (pseudonyms(texts, KEY[::-1], domain="unit"), pseudonyms(texts, KEY, domain="address")):
        assert not set(made[:2]) & set(other.to_pylist())


def test_the_pseudonym_is_the_published_construction() -> None:
    import hashlib
    import hmac

    known = hmac.new(KEY, b"unit\0" + b"000000001", hashlib.sha256).hexdigest()[:24]
    assert pseudonyms(pa.chunked_array([pa.array(["000000001"])]), KEY, domain="unit").to_pylist() == [known]


def test_an_identifier_that_became_a_float_is_refused() -> None:
    with pytest.raises(ColumnError, match="text or a whole number"):
        pseudonyms(pa.chunked_array([pa.array([1.0])]), KEY, domain="unit")


def test_a_key_is_long_secret_and_a_file_of_its_own(tmp_path: Path) -> None:
    assert read_key(key_file(tmp_path)) == KEY
    for data in (b"", KEY[:31], b"a" * 32, bytes(5000)):
        with pytest.raises(BadInputError, match="holds no key"):
            read_key(key_file(tmp_path, data))
    for mode in (0o640, 0o604, 0o644):
        with pytest.raises(BadInputError, match="chmod 600"):
            read_key(key_file(tmp_path, KEY, mode))
    with pytest.raises(BadInputError, match="cannot be read"):
        read_key(tmp_path / "absent")
    link = tmp_path / "link"
    link.symlink_to(key_file(tmp_path))
    with pytest.raises(BadInputError, match="holds no key"):
        read_key(link)
