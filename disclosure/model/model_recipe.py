"""What the recipe of a model asks for, read from its options, and the same recipe with less in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import itemgetter

from disclosure.errors import RecipeError
from disclosure.model.cells import label_order
from disclosure.model.evidence import Evidence
from disclosure.model.formula_reader import formula_from, names_from
from disclosure.model.formulas import Category, Factor, Formula, Term, formula_of, names_text
from disclosure.model.model_facts import Covariance, Family, model_facts
from disclosure.model.recipes import Recipe
from disclosure.texts import text as said

MOST_ABSORBED = 2


@dataclass(frozen=True)
class Roles:
    """Which columns a model reads besides those of its formula.

    Attributes:
        absorbed: columns of which each label has an effect of its own that is not shown.
        cluster: the column within which errors may go together; None for the unit.
        event: of a Cox model, 1 where the time ends with an event.
    """

    absorbed: tuple[str, ...] = ()
    cluster: str | None = None
    event: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.absorbed, *(one for one in (self.cluster, self.event) if one is not None))


@dataclass(frozen=True)
class ModelRecipe:
    """The options of a model, read."""

    formula: Formula
    family: Family
    covariance: Covariance
    roles: Roles


def model_recipe(recipe: Recipe) -> ModelRecipe:
    """Return what the recipe of a model asks for.

    Raises:
        RecipeError: an option is not of the closed list, is not spelled as it is kept, or does not fit the columns.
    """
    formula = formula_from(recipe.option("formula") or "")
    family = Family.named(recipe.option("family"))
    covariance = Covariance.named(recipe.option("covariance") or Covariance.CLUSTER)
    absorb, cluster, event = (recipe.option(name) for name in ("absorb", "cluster", "event"))
    absorbed = names_from(absorb) if absorb is not None else ()
    roles = Roles(absorbed, _one(cluster), _one(event))
    if str(formula) != recipe.option("formula") or (absorb is not None and names_text(absorbed) != absorb):
        raise RecipeError(
            said("The formula of a recipe is kept as it is read."), hint=said("Expected {formula}.", formula=formula)
        )
    if recipe.dimensions:
        raise RecipeError(
            said("A model has no rows and columns."), hint=said("Add C(name) to the formula, or select the rows.")
        )
    if recipe.value != formula.response.column:
        raise RecipeError(said("The value of a model is the response of its formula."))
    keys = {*recipe.unit, *(name for group in recipe.other_units for name in group)}
    # A term that a remedy took away leaves its column behind, which nothing reads.
    if not {*formula.columns, *roles.columns} - keys <= set(recipe.others) or set(formula.columns) & keys:
        raise RecipeError(said("The recipe of a model names every column that its formula and its other options read."))
    _check_roles(formula, family, covariance, roles, recipe)
    return ModelRecipe(formula, family, covariance, roles)


def _check_roles(formula: Formula, family: Family, covariance: Covariance, roles: Roles, recipe: Recipe) -> None:
    if (family is Family.COX) is not (roles.event is not None):
        raise RecipeError(
            said("A cox model, and no other, needs the column that says whether the time ended with an event.")
        )
    if family is not Family.OLS and formula.response.transform:
        raise RecipeError(
            said("The response of a {family} model is taken as it is.", family=family),
            hint=said("Leave the function out."),
        )
    if family is not Family.OLS and roles.absorbed:
        raise RecipeError(
            said("Effects are absorbed in a linear model only."), hint=said('Use C(name), or family="ols".')
        )
    if len(roles.absorbed) > MOST_ABSORBED:
        raise RecipeError(
            said("At most {most_absorbed} kinds of effects are absorbed.", most_absorbed=MOST_ABSORBED),
            hint=said("Use C(name) for the small ones."),
        )
    if (family is Family.COX or roles.absorbed) and not formula.constant:
        raise RecipeError(
            said("The constant of this model is not shown, so it cannot be left out."), hint=said("Leave out - 1.")
        )
    if (family is Family.COX or roles.absorbed) and not formula.terms:
        raise RecipeError(said("The model has no term besides what is not shown."), hint=said("Name a regressor."))
    if roles.cluster is not None and covariance is not Covariance.CLUSTER:
        raise RecipeError(said("Clusters are for covariance='cluster'."), hint=said("Leave one of the two out."))
    if family is Family.COX and (covariance in (Covariance.HC0, Covariance.HC1) or recipe.weight is not None):
        raise RecipeError(said("A cox model takes no weights, and a covariance that is 'cluster' or 'nonrobust'."))
    if recipe.weight is not None and covariance is Covariance.NONROBUST:
        raise RecipeError(
            said("With sampling weights standard errors are robust."), hint=said("Leave covariance= out.")
        )
    if recipe.weight is not None and recipe.weight in (formula.response.column, *formula.columns):
        raise RecipeError(said("The weight is also a column of the formula."))
    if roles.event is not None and roles.event in (formula.response.column, *formula.columns):
        raise RecipeError(said("The event is also a column of the formula."))


def _one(text: str | None) -> str | None:
    if text is None:
        return None
    names = names_from(text)
    if len(names) != 1 or names_text(names) != text:
        raise RecipeError(said("The cluster and the event of a model are one column each."))
    return names[0]


def without_term(recipe: Recipe, label: str) -> Recipe:
    """Return the recipe of the model without a term, and without the products that build on it.

    Args:
        label: the term as a finding names it, for example "sex=2" or "age:sex=2".

    Raises:
        RecipeError: there is no such term, or nothing would be left without it.
    """
    formula = model_recipe(recipe).formula
    term = term_of(formula, label)
    kept = [one for one in formula.terms if not term.key <= one.key]
    return _with_formula(recipe, formula_of(formula.response, kept, constant=formula.constant))


def left_with(recipe: Recipe, label: str) -> str:
    """Return what `without_term` leaves out of the formula, as it is written there, such as "C(wijk), age:C(wijk)".

    Args:
        label: the term as a finding names it.

    Raises:
        RecipeError: there is no such term.
    """
    formula = model_recipe(recipe).formula
    term = term_of(formula, label)
    return ", ".join(str(one) for one in formula.terms if term.key <= one.key)


def with_merged(recipe: Recipe, column: str, labels: tuple[str, ...]) -> Recipe:
    """Return the recipe of the model with labels of a category counted as one; merged ones may be merged again.

    Raises:
        RecipeError: the formula has no such category.
    """
    formula = model_recipe(recipe).formula
    found = next((one for term in formula.terms for one in term.categories if one.column == column), None)
    if found is None:
        raise RecipeError(said("The formula has no category '{column}'.", column=column))
    groups = {" + ".join(group): group for group in found.merged}
    together = tuple(one for label in labels for one in groups.get(label, (label,)))
    merged = (*(group for name, group in groups.items() if name not in labels), together)
    into = Category(column, found.reference, merged)

    def changed(factor: Factor) -> Factor:
        return into if factor == found else factor

    terms = [Term(tuple(map(changed, term.factors))) for term in formula.terms]
    return _with_formula(recipe, formula_of(formula.response, terms, constant=formula.constant))


def neighbour_merges(
    recipe: Recipe, evidence: Evidence, failing: Collection[str]
) -> tuple[tuple[str, tuple[str, str], Recipe], ...]:
    """Return what merging neighbours may repair: the category, its two labels, and the recipe that merges them.

    Labels are neighbours in canonical order, the reference among them, and one of the two is that of a failing term.

    Args:
        failing: terms as findings name them.
    """
    formula, found = model_recipe(recipe).formula, []
    terms = evidence.categories[evidence.dimensions.index("term")]
    for column, reference in model_facts(evidence).references:
        own = [
            term.removeprefix(f"{column}=") for term in terms if term is not None and _is_label(formula, term, column)
        ]
        labels = sorted({reference, *own}, key=label_order)
        for pair in pairwise(labels):
            if any(f"{column}={one}" in failing for one in pair):
                found.append((column, pair, with_merged(recipe, column, pair)))
    return tuple(found)


def failing_runs_merged(recipe: Recipe, evidence: Evidence, failing: Collection[str]) -> Recipe:
    """Return the recipe with labels of failing terms that follow each other merged, and a single one with a neighbour.

    Args:
        failing: terms as findings name them.
    """
    formula = model_recipe(recipe).formula
    terms = evidence.categories[evidence.dimensions.index("term")]
    for column, reference in model_facts(evidence).references:
        own = [term for term in terms if term is not None and _is_label(formula, term, column)]
        labels = sorted({reference, *(term.removeprefix(f"{column}=") for term in own)}, key=label_order)
        for start, end in _runs([f"{column}={label}" in failing for label in labels]):
            together = tuple(labels[start : end + 1])
            if 1 < len(together) < len(labels):
                recipe = with_merged(recipe, column, together)
    return recipe


def _runs(fails: list[bool]) -> list[tuple[int, int]]:
    """Return the first and last places of stretches that fail, one that stands alone with a neighbour of it."""
    runs: list[tuple[int, int]] = []
    for fail, group in groupby(enumerate(fails), key=itemgetter(1)):
        places = [place for place, _ in group]
        if fail:
            start = places[0] if len(places) > 1 or not places[0] else places[0] - 1
            end = max(places[-1], start + 1)
            # The neighbour may be the end of the stretch before.
            joins = bool(runs) and runs[-1][1] >= start
            runs = [*runs[:-1], (runs[-1][0], end)] if joins else [*runs, (start, end)]
    return runs


def merged_words(recipe: Recipe, before: Recipe) -> tuple[str, ...]:
    """Return which categories of a formula a recipe merges that another one does not, such as "wijk: a + b"."""
    old = {category for term in model_recipe(before).formula.terms for category in term.categories}
    known = {(one.column, group) for one in old for group in one.merged}
    new = [category for term in model_recipe(recipe).formula.terms for category in term.categories]
    found = [(one.column, group) for one in new for group in one.merged if (one.column, group) not in known]
    return tuple(f"{column}: {' + '.join(group)}" for column, group in dict.fromkeys(found))


def _is_label(formula: Formula, label: str, column: str) -> bool:
    alone = (term.factors for term in formula.terms if len(term.factors) == 1)
    return any(isinstance(one, Category) and one.column == column and _matches((one,), label) for (one,) in alone) and (
        len(term_of(formula, label).factors) == 1
    )


def term_of(formula: Formula, label: str) -> Term:
    """Return the term of the formula that a term of the table belongs to; `RecipeError` if there is none."""
    for term in reversed(formula.terms):
        if _matches(term.factors, label):
            return term
    raise RecipeError(said("The model has no such term."))


def _matches(factors: tuple[Factor, ...], label: str) -> bool:
    if not factors:
        return label == ""
    first, rest = factors[0], factors[1:]
    if isinstance(first, Category):
        head = f"{first.column}="
        if not label.startswith(head):
            return False
        # A label may hold any sign, so every place where it may end is tried.
        ends = [place for place, sign in enumerate(label) if sign == ":" and place >= len(head)] if rest else []
        return any(_matches(rest, label[end + 1 :]) for end in ends) if rest else True
    head = str(first)
    if not rest:
        return label == head
    return label.startswith(f"{head}:") and _matches(rest, label[len(head) + 1 :])


def _with_formula(recipe: Recipe, formula: Formula) -> Recipe:
    """Return the recipe with another formula. Its columns stay, so that the narrow frame at hand is still its own."""
    changed = replace(
        recipe, options=tuple((name, str(formula) if name == "formula" else one) for name, one in recipe.options)
    )
    model_recipe(changed)
    return changed
