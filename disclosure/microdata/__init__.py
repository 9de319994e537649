"""Risk of microdata and what lowers it: key variables, frequencies, risk, suppression, microaggregation, noise."""

from __future__ import annotations

from disclosure.microdata.added_noise import noise
from disclosure.microdata.closeness import t_closeness
from disclosure.microdata.counting import frequencies, k_anonymity
from disclosure.microdata.described import described_keys
from disclosure.microdata.diversity import l_diversity
from disclosure.microdata.microaggregation import mdav
from disclosure.microdata.randomising import pram
from disclosure.microdata.recoding import recode, top_bottom_code
from disclosure.microdata.risk import global_risk, household_risk, individual_risk
from disclosure.microdata.suda import suda2
from disclosure.microdata.suppression import local_suppression
from disclosure.microdata.utility import eigenvalue_difference, il1, il1s
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import (
    Changed,
    DistanceKind,
    Diversities,
    Frequencies,
    GlobalRisk,
    HouseholdRisk,
    IndividualRisk,
    KAnonymity,
    LDiversity,
    Microaggregated,
    MultiDiversity,
    NoiseMethod,
    Randomised,
    RiskMethod,
    Suda,
    SudaScores,
    Suppressed,
    TCloseness,
    Transition,
)

__all__ = [
    "Changed",
    "DistanceKind",
    "Diversities",
    "Frequencies",
    "GlobalRisk",
    "HouseholdRisk",
    "IndividualRisk",
    "KAnonymity",
    "KeyVariables",
    "LDiversity",
    "Microaggregated",
    "MultiDiversity",
    "NoiseMethod",
    "Randomised",
    "RiskMethod",
    "Suda",
    "SudaScores",
    "Suppressed",
    "TCloseness",
    "Transition",
    "described_keys",
    "eigenvalue_difference",
    "frequencies",
    "global_risk",
    "household_risk",
    "il1",
    "il1s",
    "individual_risk",
    "k_anonymity",
    "l_diversity",
    "local_suppression",
    "mdav",
    "noise",
    "pram",
    "recode",
    "suda2",
    "t_closeness",
    "top_bottom_code",
]
