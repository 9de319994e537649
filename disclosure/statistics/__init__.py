"""The output classes, one idea per file. A statistic that is not here cannot be judged, and so is refused."""

from collections.abc import Mapping
from types import MappingProxyType

from disclosure.errors import RecipeError
from disclosure.model.recipes import Recipe, Statistic
from disclosure.statistics.base import OutputClass, Withholding, rounded
from disclosure.statistics.count import COUNT
from disclosure.statistics.mean import MEAN
from disclosure.statistics.rate import RATE
from disclosure.statistics.sums import MAGNITUDE_RULES, SUM

OUTPUT_CLASSES: Mapping[Statistic, OutputClass] = MappingProxyType(
    {one.statistic: one for one in (COUNT, SUM, MEAN, RATE)}
)


def output_class(recipe: Recipe) -> OutputClass:
    """Return the output class of a recipe, whose options it accepts.

    Raises:
        RecipeError: the statistic cannot be judged yet, or an option makes no sense.
    """
    found = OUTPUT_CLASSES.get(recipe.statistic)
    if found is None:
        raise RecipeError(
            f"The statistic '{recipe.statistic}' cannot be judged.", hint=f"Known: {', '.join(OUTPUT_CLASSES)}."
        )
    found.check_options(recipe)
    return found


__all__ = ["MAGNITUDE_RULES", "OUTPUT_CLASSES", "OutputClass", "Withholding", "output_class", "rounded"]
