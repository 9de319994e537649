"""The output classes, one per file. A statistic that is not here cannot be judged, and so is refused."""

from collections.abc import Mapping
from types import MappingProxyType

from disclosure.model.recipes import Statistic
from disclosure.statistics.base import OutputClass, rounded
from disclosure.statistics.count import COUNT
from disclosure.statistics.mean import MEAN
from disclosure.statistics.rate import RATE
from disclosure.statistics.sums import MAGNITUDE_RULES, SUM

OUTPUT_CLASSES: Mapping[Statistic, OutputClass] = MappingProxyType(
    {one.statistic: one for one in (COUNT, SUM, MEAN, RATE)}
)

__all__ = ["MAGNITUDE_RULES", "OUTPUT_CLASSES", "OutputClass", "rounded"]
