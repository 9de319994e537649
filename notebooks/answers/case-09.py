# %% [markdown]
# # Case 9. Answer of the exercise
#
# These cells go on where the notebook ends: `young` and `basket` are there.

# %%
by_home = sdc.table(young, rows=["home"], values="in_sight", statistic="rate", unit="RINPERSOON")
print("in sight by home:", by_home.verdict.status)
by_home

# %% [markdown]
# Those with a home of their own are seen less often. Beside the tables that were handed in it is a question of
# subtraction: the table by age has all of the young, so that the two groups add up to a figure that is known. Both
# are large, so nothing of few people remains.

# %%
try:
    basket.add(
        by_home,
        name="young-in-sight-by-home",
        title=f"Share of the young with problematic debts whose household is in sight, by home, {year}",
        population=f"{everyone}, {ages}, in a household with problematic debts",
    )
    basket.remove("young-in-sight-by-home")
    print("It goes with the others.")
except sdc.errors.RefusedError as refusal:
    print("Refused:", refusal)

# %% [markdown]
# The figure is about households. Of those who live with their parents neither need be their own: the debts may be
# those of a parent, and so may the scheme. A young person with debts of their own in a household that uses the pass
# counts as in sight, and the municipality may never have spoken to them. With a home of their own debts and scheme
# are their own or their partner's. The comparison says which households are reached, and not which young people are.
