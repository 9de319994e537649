"""What a figure is, in one line: the statistic, what it is taken of, and with which options."""

from __future__ import annotations

from disclosure.model.recipes import Recipe


def described(recipe: Recipe) -> str:
    """Return what the figures of a recipe are.

    >>> from disclosure.model.recipes import FrameSource, PolicyReference, Statistic
    >>> policy = PolicyReference("cbs", "sha256:" + "0" * 64)
    >>> columns = FrameSource(("p", "income"))
    >>> described(Recipe(columns, Statistic.QUANTILE, policy, value="income", options=(("probability", "0.9"),)))
    'quantile of income, probability 0.9'
    """
    parts = [recipe.statistic.value.replace("_", " ")]
    if recipe.value is not None:
        parts[0] += f" of {recipe.value}"
    if recipe.others:
        parts.append(f"with {', '.join(recipe.others)}")
    parts += [f"{name.replace('_', ' ')} {given}" for name, given in recipe.options]
    if recipe.weight is not None:
        parts.append(f"weighted by {recipe.weight}")
    if recipe.rounding:
        parts.append(f"rounded to multiples of {recipe.rounding}")
    return ", ".join(parts)
