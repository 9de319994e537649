# %% [markdown]
# # Case 10. Answer of the exercise
#
# These cells go on where the notebook ends: `joined` and `pairs` are there. Percentiles of the city are registered columns; the ranks of
# Spearman's coefficient are those among the pairs. The keys of both households stay in the table: a percentile is a household's, and
# without its key nobody could look whether enough households stand behind a term.

# %%
aged = joined.join(born, "RINPERSOON")
ranked = aged.select(
    "RINPERSOON",
    "RINPERSOONHKW",
    "HKWma",
    "place_parents",
    place_child="INHP100HGEST",
    older=ibis.ifelse(aged["GBAGEBOORTEJAAR"] <= year - least_age - 10, 1, 0),
)
fitted = sdc.model("place_child ~ place_parents", ranked, unit="RINPERSOON")
print("fitted:", fitted.verdict.status)
if fitted.verdict.status == "safe":
    print(f"Slope of percentiles: {float(fitted.to_pandas().loc['place_parents', 'coefficient']):.4f}")
fitted

# %% [markdown]
# Nearly the same, and not quite: a fitted slope is the correlation times the spread of the children over that of the parents. Among
# the pairs both have ranks from first to last, so their spreads are equal; over the hundred places of the city they are not.
#
# By age the slope is a product of terms. Both age groups are large, so nothing in the model is about few.

# %%
by_age = sdc.model("place_child ~ place_parents*older", ranked, unit="RINPERSOON")
print("by age:", by_age.verdict.status)
by_age

# %% [markdown]
# The product says how much flatter the slope of the older ones is. In a small city it is less than twice its standard error, so it
# may be chance. In real data expect the opposite: at 25 many still study or have just begun to work, and an income of that age says
# little of a life's, so that the slope is steeper when children are older.
