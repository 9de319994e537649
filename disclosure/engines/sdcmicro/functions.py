"""What may be asked of sdcMicro: a closed table of its functions, their arguments and what they are called with.

A job names functions and arguments of this table and nothing else; no text of a user is ever read as R. What sdcMicro
has besides stands in `LEFT_OUT` with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What an argument is."""

    FLAG = "flag"
    WHOLE = "whole"
    NUMBER = "number"
    NUMBERS = "numbers"
    COLUMN = "column"
    COLUMNS = "columns"
    COLUMN_SETS = "column_sets"
    """Several lists of columns."""
    LABELS = "labels"
    """Texts that become categories."""
    CHOICE = "choice"
    MEASURE = "measure"
    """A choice that names a function of R."""
    FORMULA = "formula"
    """Columns on either side; a formula is made of their names, and none is read."""
    FRAME = "frame"
    """Another frame of the job."""


@dataclass(frozen=True)
class Argument:
    """One argument: its kind, and what a choice may be."""

    kind: Kind
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """One function of sdcMicro.

    Attributes:
        subject: how its first argument is called, which is a frame or the result of an earlier call.
        arguments: the others, by name.
        random: whether it draws numbers, so that a job must bring a seed.
    """

    name: str
    subject: str
    arguments: Mapping[str, Argument]
    random: bool = False


FLAG, WHOLE, NUMBER = Argument(Kind.FLAG), Argument(Kind.WHOLE), Argument(Kind.NUMBER)
NUMBERS, COLUMN, COLUMNS = Argument(Kind.NUMBERS), Argument(Kind.COLUMN), Argument(Kind.COLUMNS)
SETS, LABELS, FORMULA = Argument(Kind.COLUMN_SETS), Argument(Kind.LABELS), Argument(Kind.FORMULA)
FRAME = Argument(Kind.FRAME)
_MEASURE = Argument(Kind.MEASURE, ("mean", "median"))


def _choice(*choices: str) -> Argument:
    return Argument(Kind.CHOICE, choices)


def _function(name: str, subject: str, /, *, random: bool = False, **arguments: Argument) -> Function:
    return Function(name, subject, MappingProxyType(arguments), random)


_TABLE: Final = (
    # What a job begins with, and what it reads off in the end.
    _function(
        "createSdcObj", "dat", keyVars=COLUMNS, numVars=COLUMNS, pramVars=COLUMNS, weightVar=COLUMN, hhId=COLUMN,
        strataVar=COLUMN, sensibleVar=COLUMNS, excludeVars=COLUMNS, alpha=NUMBER,
    ),
    _function("extractManipData", "obj", random=True, randomizeRecords=_choice("no", "simple", "byHH", "withinHH")),
    _function("addGhostVars", "obj", keyVar=COLUMN, ghostVars=COLUMNS),
    _function("removeDirectID", "obj", var=COLUMNS),
    _function("calcRisks", "obj"),
    # Risk.
    _function("freqCalc", "x", keyVars=COLUMNS, w=COLUMN, alpha=NUMBER),
    _function("freq", "obj", type=_choice("fk", "Fk")),
    _function("indivRisk", "x", method=_choice("approx", "exact"), qual=NUMBER, survey=FLAG),
    _function("kAnon_violations", "object", weighted=FLAG, k=NUMBER),
    _function(
        "measure_risk", "obj", keyVars=COLUMNS, w=COLUMN, missing=NUMBER, hid=COLUMN, max_global_risk=NUMBER,
        fast_hier=FLAG,
    ),
    _function(
        "ldiversity", "obj", keyVars=COLUMNS, ldiv_index=COLUMNS, l_recurs_c=NUMBER, missing=NUMBER,
    ),
    _function(
        "suda2", "obj", variables=COLUMNS, missing=NUMBER, DisFraction=NUMBER, original_scores=FLAG,
    ),
    _function("modRisk", "obj", method=_choice("default", "CE", "PML", "weightedLLM", "IPF"), weights=COLUMN,
              formulaM=FORMULA, bound=NUMBER),
    _function("riskyCells", "obj", keyVars=COLUMNS, useIdentificationLevel=FLAG, threshold=NUMBERS, maxDim=WHOLE,
              level=NUMBERS),
    _function("dRisk", "obj", xm=FRAME, k=NUMBER),
    _function("dRiskRMD", "obj", xm=FRAME, k=NUMBER, k2=NUMBER),
    _function("recordLinkage", "x", y=FRAME, vars=COLUMNS, distance=_choice("gower", "euclidean", "manhattan"),
              weights=NUMBERS, na_action=_choice("ignore", "fail"), tol=NUMBER),
    # Anonymisation.
    _function("localSuppression", "obj", keyVars=COLUMNS, strataVars=COLUMNS, k=NUMBERS, importance=NUMBERS,
              combs=NUMBERS, alpha=NUMBER),
    _function("kAnon", "obj", keyVars=COLUMNS, strataVars=COLUMNS, k=NUMBERS, importance=NUMBERS, combs=NUMBERS,
              alpha=NUMBER),
    _function("localSupp", "obj", keyVar=COLUMN, threshold=NUMBER, indivRisk=NUMBERS),
    _function("LocalRecProg", "obj", random=True, categorical=COLUMNS, numerical=COLUMNS, k_level=WHOLE,
              FindLowestK=FLAG, weight=NUMBERS, lowMemory=FLAG),
    _function("globalRecode", "obj", column=COLUMN, breaks=NUMBERS, labels=LABELS,
              method=_choice("equidistant", "logEqui", "equalAmount")),
    _function("groupAndRename", "obj", var=COLUMN, before=LABELS, after=LABELS, addNA=FLAG),
    _function("varToFactor", "obj", var=COLUMN),
    _function("varToNumeric", "obj", var=COLUMN),
    _function("topBotCoding", "obj", value=NUMBER, replacement=NUMBER, kind=_choice("top", "bottom"), column=COLUMN),
    _function("mvTopCoding", "x", alpha=NUMBER),
    _function(
        "microaggregation", "obj", random=True, variables=COLUMNS, aggr=WHOLE, strata_variables=COLUMNS,
        method=_choice("mdav", "rmd", "pca", "clustpppca", "influence", "simple", "single", "onedims", "pppca"),
        nc=WHOLE, clustermethod=_choice("clara", "kmeans", "cmeans", "bclust"),
        measure=_choice("mean", "median", "trim", "onestep"), trim=NUMBER, varsort=WHOLE,
        transf=_choice("none", "log", "boxcox"),
    ),
    _function("microaggrGower", "obj", random=True, variables=COLUMNS, aggr=WHOLE, dist_var=COLUMNS, by=COLUMNS,
              mixed=COLUMNS, weights=NUMBERS, numFun=_MEASURE, addRandom=FLAG),
    _function("mafast", "obj", variables=COLUMNS, by=COLUMNS, aggr=WHOLE, measure=_MEASURE),
    _function("argus_microaggregation", "df", k=WHOLE, useOptimal=FLAG),
    _function("argus_rankswap", "df", random=True, perc=NUMBER),
    _function("addNoise", "obj", random=True, variables=COLUMNS, noise=NUMBER, p=NUMBER, delta=NUMBER,
              method=_choice("additive", "correlated", "correlated2", "restr", "ROMM", "outdect")),
    _function("pram", "obj", random=True, variables=COLUMNS, strata_variables=COLUMNS, pd=NUMBERS, alpha=NUMBER),
    _function("rankSwap", "obj", random=True, variables=COLUMNS, TopPercent=NUMBER, BottomPercent=NUMBER, K0=NUMBER,
              R0=NUMBER, P=NUMBER, missing=NUMBER, seed=WHOLE),
    _function("recordSwap", "data", random=True, hid=COLUMN, hierarchy=COLUMNS, similar=SETS, swaprate=NUMBER,
              risk_threshold=NUMBER, k_anonymity=WHOLE, risk_variables=COLUMNS, carry_along=COLUMNS,
              return_swapped_id=FLAG, seed=WHOLE),
    _function("shuffle", "obj", random=True, form=FORMULA, method=_choice("ds", "mvn", "mlm"),
              covmethod=_choice("spearman", "pearson", "mcd"), regmethod=_choice("lm", "MM"), gadp=FLAG),
    _function("dataGen", "obj", random=True, n=WHOLE,
              use=_choice("everything", "complete.obs", "pairwise.complete.obs")),
    # Utility.
    _function("dUtility", "obj", xm=FRAME, method=_choice("IL1", "IL1s", "eigen", "robeigen")),
    _function("IL_correl", "x", xm=FRAME),
    _function("IL_variables", "x", xm=FRAME),
    _function("infoLoss", "data", data_swapped=FRAME, table_vars=COLUMNS, hid=COLUMN,
              metric=Argument(Kind.LABELS, ("absD", "relabsD", "abssqrtD")), exclude_zeros=FLAG,
              only_inner_cells=FLAG),
    _function("valTable", "x", random=True,
              method=Argument(Kind.LABELS, ("simple", "onedims", "clustpppca", "addNoise: additive", "swappNum")),
              measure=_choice("mean", "median"), aggr=WHOLE, nc=WHOLE, p=NUMBER, noise=NUMBER, delta=NUMBER),
    # Frames.
    _function("generateStrata", "df", stratavars=COLUMNS, name=Argument(Kind.LABELS)),
    _function("createNewID", "obj", random=True, newID=Argument(Kind.LABELS), withinVar=COLUMN),
    _function("selectHouseholdData", "dat", hhId=COLUMN, hhVars=COLUMNS),
    _function("mergeHouseholdData", "dat", hhId=COLUMN, dathh=FRAME),
)  # fmt: skip

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType({one.name: one for one in _TABLE})

_STATE: Final = "a job is a list of calls that can be done again; nothing is undone or set beside it"
_FILES: Final = "files are read and written by Datakamp"
_DRAWN: Final = "Datakamp draws its own plots and writes its own report"
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AI_applyAnonymization": "it sends what it is given to a service outside",
        "AI_createSdcObj": "it sends what it is given to a service outside",
        "sdcApp": "it opens a server",
        "readMicrodata": _FILES,
        "writeSafeFile": _FILES,
        "importProblem": _FILES,
        "plot.localSuppression": _DRAWN,
        "plotMicro": _DRAWN,
        "report": _DRAWN,
        "nextSdcObj": _STATE,
        "undolast": _STATE,
        "set.sdcMicroObj": _STATE,
        "get.sdcMicroObj": "what an object holds comes back with each result",
        "strataVar<-": "createSdcObj takes strataVar",
        "createDat": "it makes data of its own",
    }
)
