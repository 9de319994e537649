"""The output classes, one idea per file. A statistic that is not here cannot be judged, and so is refused."""

from collections.abc import Mapping
from types import MappingProxyType

from disclosure.errors import RecipeError
from disclosure.model.recipes import Recipe, Statistic
from disclosure.statistics.base import OutputClass, Withholding, rounded
from disclosure.statistics.comparisons import CHI_SQUARE, CORRELATION, ODDS_RATIO, RISK_RATIO, TEST
from disclosure.statistics.concentration import CONCENTRATION_RATIO, HHI
from disclosure.statistics.count import COUNT
from disclosure.statistics.inequality import GINI, S80_S20, THEIL
from disclosure.statistics.lorenz import LORENZ
from disclosure.statistics.mean import MEAN
from disclosure.statistics.mode import MODE
from disclosure.statistics.percent import COLUMN_PERCENT, ROW_PERCENT, TOTAL_PERCENT
from disclosure.statistics.position import MEDIAN, QUANTILE
from disclosure.statistics.poverty import POVERTY_GAP, POVERTY_RATE
from disclosure.statistics.rate import RATE
from disclosure.statistics.regression import MODEL
from disclosure.statistics.shape import KURTOSIS, SKEWNESS, STANDARD_DEVIATION, VARIANCE
from disclosure.statistics.share import SHARE
from disclosure.statistics.sums import MAGNITUDE_RULES, SUM, TOTAL_RULES
from disclosure.statistics.survival import CUMULATIVE_INCIDENCE, SURVIVAL
from disclosure.statistics.trimmed_mean import TRIMMED_MEAN
from disclosure.texts import text

_CLASSES = (
    *(COUNT, ROW_PERCENT, COLUMN_PERCENT, TOTAL_PERCENT, RATE),
    *(SUM, MEAN, SHARE, TRIMMED_MEAN),
    *(MEDIAN, QUANTILE),
    *(STANDARD_DEVIATION, VARIANCE, SKEWNESS, KURTOSIS),
    MODE,
    *(HHI, CONCENTRATION_RATIO),
    *(GINI, THEIL, S80_S20, POVERTY_RATE, POVERTY_GAP, LORENZ),
    *(SURVIVAL, CUMULATIVE_INCIDENCE),
    MODEL,
    *(CORRELATION, TEST, CHI_SQUARE, ODDS_RATIO, RISK_RATIO),
)
OUTPUT_CLASSES: Mapping[Statistic, OutputClass] = MappingProxyType({one.statistic: one for one in _CLASSES})


def output_class(recipe: Recipe) -> OutputClass:
    """Return the output class of a recipe, whose options it accepts.

    Raises:
        RecipeError: the statistic cannot be judged yet, or an option makes no sense.
    """
    found = OUTPUT_CLASSES.get(recipe.statistic)
    if found is None:
        raise RecipeError(
            text("The statistic '{statistic}' cannot be judged.", statistic=recipe.statistic),
            hint=text("Known: {known}.", known=", ".join(OUTPUT_CLASSES)),
        )
    found.check_options(recipe)
    return found


__all__ = ["MAGNITUDE_RULES", "OUTPUT_CLASSES", "TOTAL_RULES", "OutputClass", "Withholding", "output_class", "rounded"]
