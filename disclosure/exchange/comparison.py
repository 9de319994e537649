"""The comparison of the outputs of one request: what the control zone asks of a sealed worker, and what comes back.

Evidence has no rows, so that few units who are in one output and not in another are seen by a worker only. It is asked
about all outputs of a request at once, and answers for each two of them of which there is something to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, digest, is_digest, parse_json
from disclosure.exchange.submission_names import check_output_name
from disclosure.exchange.tabulation import TabulationJob, tabulation_job_from
from disclosure.model import strict
from disclosure.model.beside import Beside, beside_from

VERSION: Final = 1
MOST_OUTPUTS: Final = 1000
Two = tuple[str, str]


@dataclass(frozen=True)
class ComparisonJob:
    """Outputs to be put beside each other.

    Attributes:
        outputs: name to the tabulation of its recipe.
    """

    outputs: Mapping[str, TabulationJob]

    def __post_init__(self) -> None:
        if not 2 <= len(self.outputs) <= MOST_OUTPUTS:
            raise DocumentError(f"A comparison is of 2 to {MOST_OUTPUTS} outputs.")
        for name in self.outputs:
            check_output_name(name)
        files = [one for job in self.outputs.values() for one in job.data_sets.items()]
        if len(dict(files)) != len(set(files)):
            raise DocumentError("Outputs of one comparison name different files of one data set.")

    @property
    def data_sets(self) -> Mapping[str, str]:
        """Data set name to the digest of its file, of all outputs together."""
        return MappingProxyType({name: one for job in self.outputs.values() for name, one in job.data_sets.items()})

    def digest(self) -> str:
        """Return the digest of the job, which its result repeats."""
        return digest(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the job as canonical JSON."""
        outputs = {name: job.to_document() for name, job in self.outputs.items()}
        return canonical_json({"comparison": VERSION, "outputs": outputs})


def comparison_job_from_bytes(data: bytes) -> ComparisonJob:
    """Return the job in a JSON document.

    Raises:
        DocumentError, RecipeError: it is anything else than what `to_bytes` writes.
    """
    document = parse_json(data, what="The comparison")
    try:
        strict.table(document, {"comparison", "outputs"})
        if strict.whole(document["comparison"]) != VERSION:
            raise ValueError
        outputs = {name: tabulation_job_from(one) for name, one in document["outputs"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("The comparison does not follow its schema.") from None
    return ComparisonJob(MappingProxyType(outputs))


@dataclass(frozen=True, eq=False)
class ComparisonResult:
    """What a worker found of the outputs of a comparison.

    Attributes:
        job: the digest of the job that it answers.
        found: for two outputs, by name in alphabetical order, what they tell together; two of which there is nothing
            to tell are not in it.
    """

    job: str
    found: Mapping[Two, Beside] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_digest(self.job):
            raise DocumentError("A result names the job that it answers.")
        if any(not one < other for one, other in self.found):
            raise DocumentError("Two outputs of a comparison are named in alphabetical order.")

    def to_bytes(self) -> bytes:
        """Return the result as canonical JSON."""
        found = [
            {"one": one, "other": other, "beside": beside.to_document()}
            for (one, other), beside in sorted(self.found.items())
        ]
        return canonical_json({"comparison": VERSION, "job": self.job, "found": found})


def comparison_result_from_bytes(data: bytes) -> ComparisonResult:
    """Return the result in a JSON document; `DocumentError` if it is anything else than what `to_bytes` writes."""
    document = parse_json(data, what="The result of the comparison")
    found: dict[Two, Beside] = {}
    try:
        strict.table(document, {"comparison", "job", "found"})
        if strict.whole(document["comparison"]) != VERSION:
            raise ValueError
        for one in strict.listed(document["found"]):
            found[_two(one)] = beside_from(one["beside"])
        result = ComparisonResult(strict.text(document["job"]), MappingProxyType(found))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("The result of the comparison does not follow its schema.") from None
    if result.to_bytes() != canonical_json(document):
        raise DocumentError("The result of the comparison has entries that no result of this version has.")
    return result


def _two(document: Any) -> Two:
    strict.table(document, {"one", "other", "beside"})
    return strict.text(document["one"]), strict.text(document["other"])
