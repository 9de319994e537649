"""sdcMicro behind the port that the embedded engine stands behind too: the same questions, the same answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from disclosure.engines.sdcmicro import process
from disclosure.engines.sdcmicro.calls import Call, Job
from disclosure.engines.sdcmicro.columns import as_before, coded_frame, key_frame, number_frame, with_strata
from disclosure.engines.sdcmicro.process import WorkerLimits
from disclosure.engines.sdcmicro.readings import (
    changes,
    column_of,
    counting,
    frequencies_in,
    grouped_by_average,
    require_numbers,
    require_risks,
    require_weights,
    shares_of_score,
    suppressing,
    values_of,
)
from disclosure.engines.sdcmicro.results import Returned
from disclosure.errors import ColumnError, RefusedError
from disclosure.microdata.coding import coded_keys
from disclosure.microdata.risk import coded_household
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import (
    Changed,
    Diversities,
    Frequencies,
    GlobalRisk,
    HouseholdRisk,
    IndividualRisk,
    LDiversity,
    Microaggregated,
    MultiDiversity,
    NoiseMethod,
    Randomised,
    RiskMethod,
    Suda,
    SudaScores,
    Suppressed,
)
from disclosure.texts import text

NAME: Final = "sdcmicro"
_DATA: Final = "data"
_NOISE: Final = {
    NoiseMethod.ADDITIVE: ("additive", "noise"),
    NoiseMethod.CORRELATED: ("correlated", "noise"),
    NoiseMethod.PRESERVING: ("correlated2", "delta"),
}


class SdcMicroEngine:
    """Implements `disclosure.ports.RiskEngine`. Each question starts a process, which takes about two seconds.

    Args:
        limits: what such a process may take.
        command: what starts it.
    """

    def __init__(self, limits: WorkerLimits | None = None, *, command: tuple[str, ...] = process.WORKER) -> None:
        self._limits = limits or WorkerLimits()
        self._command = command
        self._version = ""

    @property
    def name(self) -> str:
        """The word by which the engine is asked for."""
        return NAME

    @property
    def version(self) -> str:
        """What does the work, in which version; a worker is started to say so.

        Raises:
            EngineMissingError: R, rpy2 or sdcMicro is missing or too old.
        """
        if not self._version:
            found = process.versions(command=self._command)
            self._version = f"sdcMicro {found.sdcmicro} on R {found.r}"
        return self._version

    def frequencies(self, frame: pa.Table, keys: KeyVariables, *, alpha: float = 1.0) -> Frequencies:
        """Return how many records share a record's key, in the file and in the population: `freqCalc`."""
        coded_keys(frame, keys)
        (found,) = self._run({_DATA: key_frame(frame, keys)}, Call("freqCalc", _DATA, counting(keys, alpha)))
        return frequencies_in(found, alpha, weighted=keys.weights is not None)

    def individual_risk(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        method: RiskMethod = RiskMethod.APPROXIMATE,
        alpha: float = 1.0,
    ) -> IndividualRisk:
        """Return the risk of each record: `freqCalc` and `indivRisk`.

        Raises:
            ColumnError: there are no weights, and the method needs them.
            EngineFailedError: the risk of a record is none, as sdcMicro computes it.
        """
        coded_keys(frame, keys)
        if method is not RiskMethod.REGISTER:
            require_weights(keys)
        asked = (
            {"survey": False}
            if method is RiskMethod.REGISTER
            else {"method": "approx" if method is RiskMethod.APPROXIMATE else "exact"}
        )
        counted, risks = self._run(
            {_DATA: key_frame(frame, keys)}, Call("freqCalc", _DATA, counting(keys, alpha)), Call("indivRisk", 0, asked)
        )
        found = frequencies_in(counted, alpha, weighted=keys.weights is not None)
        risk = 1 / found.fk if method is RiskMethod.REGISTER else risks.part("rk").numbers()
        require_risks(risk)
        return IndividualRisk(risk, found.fk, found.Fk, method)

    def household_risk(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        method: RiskMethod = RiskMethod.APPROXIMATE,
        alpha: float = 1.0,
    ) -> HouseholdRisk:
        """Return the risk that somebody of a record's household is re-identified: `measure_risk`."""
        coded_keys(frame, keys)
        if method is not RiskMethod.APPROXIMATE or alpha != 1:
            raise RefusedError(text("sdcMicro has only the approximate risk of households, with alpha = 1."))
        if keys.household is None:
            raise ColumnError(
                text("No column says which records are one household."), hint=text("Name the column of households.")
            )
        coded_household(frame, keys.household)
        require_weights(keys)
        arguments = {"keyVars": keys.categorical, "w": keys.weights, "hid": keys.household}
        (found,) = self._run({_DATA: key_frame(frame, keys)}, Call("measure_risk", _DATA, arguments))
        risk = column_of(found.part("Res"), "hier_risk")
        expected = found.part("hier_risk_ER").number()
        return HouseholdRisk(risk, GlobalRisk(len(risk), expected, expected / len(risk), float(risk.max())))

    def l_diversity(self, frame: pa.Table, keys: KeyVariables, *, c: float = 2.0) -> Diversities:
        """Return how diverse the sensitive columns are among those with the same key: `ldiversity`."""
        coded_keys(frame, keys)
        if not keys.sensitive:
            raise ColumnError(text("No sensitive columns are named."), hint=text("Name at least one."))
        arguments = {"keyVars": keys.categorical, "ldiv_index": keys.sensitive, "l_recurs_c": c}
        # sdcMicro takes each missing value for one of its own, which nobody else has: here missing is one category.
        given = coded_frame(frame, keys.columns, filled=keys.sensitive)
        (found,) = self._run({_DATA: given}, Call("ldiversity", _DATA, arguments))
        columns = tuple(
            LDiversity(
                one,
                column_of(found, f"{one}_Distinct_Ldiversity"),
                column_of(found, f"{one}_Entropy_Ldiversity"),
                column_of(found, f"{one}_Recursive_Ldiversity"),
                c,
            )
            for one in keys.sensitive
        )
        together = None
        if len(columns) > 1:
            multi = (column_of(found, "MultiEntropy_Ldiversity"), column_of(found, "MultiRecursive_Ldiversity"))
            together = MultiDiversity(*multi, c)
        return Diversities(columns, together)

    def suda2(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        fraction: float = 0.01,
        scores: SudaScores = SudaScores.ORIGINAL,
    ) -> Suda:
        """Return the special uniques: `suda2`. It does not tell of which sizes they are, so `msu` has no columns."""
        coded_keys(frame, keys)
        arguments = {
            "variables": keys.categorical,
            "DisFraction": fraction,
            "original_scores": scores is SudaScores.ORIGINAL,
        }
        found, counted = self._run(
            {_DATA: coded_frame(frame, keys.categorical)},
            Call("suda2", _DATA, arguments),
            Call("freqCalc", _DATA, {"keyVars": keys.categorical}),
        )
        fk = counted.part("fk").numbers()
        score = found.part("score").numbers()
        contribution, totals = shares_of_score(found, keys.categorical, score)
        return Suda(
            score=score,
            dis_score=require_numbers(found.part("disScore").numbers()),
            msu=np.zeros((len(score), 0), dtype=np.int64),
            contribution=contribution,
            variables=keys.categorical,
            totals=totals,
            uniques=int((fk == 1).sum()),
            pairs=int((fk == 2).sum()),
            scores=scores,
        )

    def local_suppression(
        self,
        frame: pa.Table,
        keys: KeyVariables,
        *,
        k: int | None = None,
        combs: tuple[tuple[int, int], ...] = (),
        importance: tuple[int, ...] = (),
        strata: tuple[str, ...] = (),
        alpha: float = 1.0,
    ) -> Suppressed:
        """Return the frame with values made missing until every key is shared by k records: `localSuppression`."""
        coded_keys(frame, keys)
        arguments = suppressing(keys, k, combs, alpha) | ({"importance": importance} if importance else {})
        given = with_strata(key_frame(frame, KeyVariables(keys.categorical)), frame, strata)
        arguments |= {"strataVars": strata} if strata else {}
        (found,) = self._run({_DATA: given}, Call("localSuppression", _DATA, arguments))
        after = as_before(frame, found.part("xAnon").table(), keys.categorical)
        counts = tuple((one, after[one].null_count - frame[one].null_count) for one in keys.categorical)
        return Suppressed(after, counts, min(arguments["k"]), alpha)

    def mdav(
        self, frame: pa.Table, columns: tuple[str, ...], *, k: int = 3, strata: tuple[str, ...] = ()
    ) -> Microaggregated:
        """Return the frame with numbers averaged in groups of k records that lie near each other: `microaggregation`.

        Records whose averages are the same count as one group.
        """
        arguments: dict[str, Any] = {"variables": columns, "aggr": k, "method": "mdav"}
        given = with_strata(number_frame(frame, columns), frame, strata)
        arguments |= {"strata_variables": strata} if strata else {}
        (found,) = self._run({_DATA: given}, Call("microaggregation", _DATA, arguments), seed=0)
        averaged = np.column_stack([values_of(found.part("mx").table(), one) for one in columns])
        return grouped_by_average(frame, columns, averaged, k)

    def pram(
        self,
        frame: pa.Table,
        columns: tuple[str, ...],
        *,
        seed: int,
        least: float = 0.8,
        alpha: float = 0.5,
        strata: tuple[str, ...] = (),
    ) -> Randomised:
        """Return the frame with categories changed at random: `pram`. Its transitions are not told."""
        arguments: dict[str, Any] = {"variables": columns, "pd": least, "alpha": alpha}
        arguments |= {"strata_variables": strata} if strata else {}
        given = key_frame(frame, KeyVariables((*columns, *strata)), factors=True)
        (found,) = self._run({_DATA: given}, Call("pram", _DATA, arguments), seed=seed)
        new = {one: found.part(f"{one}_pram").table()["value"] for one in columns}
        after = as_before(frame, pa.table(new), columns)
        return Randomised(after, changes(frame, after, columns), ())

    def noise(
        self,
        frame: pa.Table,
        columns: tuple[str, ...],
        *,
        seed: int,
        method: NoiseMethod = NoiseMethod.ADDITIVE,
        amount: float,
    ) -> Changed:
        """Return the frame with noise added to numbers: `addNoise`."""
        named, amounts = _NOISE[method]
        arguments = {"variables": columns, "method": named, amounts: amount}
        (found,) = self._run({_DATA: number_frame(frame, columns)}, Call("addNoise", _DATA, arguments), seed=seed)
        after = frame
        for name in columns:
            values = values_of(found.part("xm").table(), name)
            after = after.set_column(after.schema.get_field_index(name), name, pa.array(values, mask=np.isnan(values)))
        return Changed(after, changes(frame, after, columns))

    def il1s(self, before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
        """Return the information that changed numbers lost: `dUtility`, IL1s."""
        return self._utility(before, after, columns, "IL1s")

    def eigenvalue_difference(self, before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> float:
        """Return how much the eigenvalues changed: `dUtility`, eigen."""
        return self._utility(before, after, columns, "eigen")

    def _utility(self, before: pa.Table, after: pa.Table, columns: tuple[str, ...], method: str) -> float:
        frames = {"before": number_frame(before, columns), "after": number_frame(after, columns)}
        (found,) = self._run(frames, Call("dUtility", "before", {"xm": "after", "method": method}))
        return found.number()

    def _run(self, frames: Mapping[str, pa.Table], *calls: Call, seed: int | None = None) -> Sequence[Returned]:
        job = Job(tuple(frames), calls, seed)
        finished = process.run(job, frames, self._limits, command=self._command)
        return [one.returned for one in finished.answers]
