# %% [markdown]
# # Case 12. Answer of the exercise
#
# These cells go on where the notebook ends: `added`, `everyone` and `basket` are there. The make-up "other" has few
# households, so the three kinds of household without a couple or a parent with children are taken together.

# %%
with_make_up = added.mutate(
    make_up=ibis.cases(
        (added["INHSAMHH"] == "3", "couple with children"), (added["INHSAMHH"] == "4", "single parent"), else_="others"
    )
)
by_make_up = sdc.table(with_make_up, rows=["make_up"], unit="RINPERSOONHKW")
print("by make-up:", by_make_up.verdict.status)
by_make_up

# %% [markdown]
# A couple with a son of twenty at home is a couple with children by its make-up, and has no children under 18. So the
# two tables do not add up: their difference is the households of which all children are grown up, together with those
# where a child lives that is not counted as one. If that is a handful, the tables do not go together, although each
# is safe.

# %%
try:
    basket.add(
        by_make_up,
        name="households-added-by-make-up",
        title=f"Households {between}, by make-up, {year}",
        population=everyone,
    )
    basket.remove("households-added-by-make-up")
    print("It goes with the others.")
except sdc.errors.RefusedError as refusal:
    print("Refused:", refusal)
