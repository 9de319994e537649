# %% [markdown]
# # Case 6. The answer to the exercise
#
# These cells go below those of the case: `stay`, `start`, `incomes` and `cuts` are there.
#
# By the model the share is what is left of the households of the first year when the chances to stay are applied once
# for each year, without entrants.

# %%
left = start @ np.linalg.matrix_power(stay, last_year - first_year)
print(f"By the model, always among the low incomes: {left.sum() / start.sum():.3f}")

# %% [markdown]
# Counted, it is a rate of the households of the first year. A household that moved away was not there in all years,
# as in the model.

# %%
followed = incomes(first_year)
followed = followed.filter(followed["ratio"] <= cuts[-1]).select("RINPERSOON", always=ibis.literal(1))
for year in range(first_year + 1, last_year + 1):
    joined = followed.left_join(incomes(year), "RINPERSOON")
    followed = joined.select(
        "RINPERSOON", always=ibis.ifelse(ibis.coalesce(joined["ratio"], 1000) <= cuts[-1], joined["always"], 0)
    )
always = sdc.table(followed, values="always", statistic="rate", unit="RINPERSOON")
print("always:", always.verdict.status)
print(f"Counted: {always.to_pandas().iloc[0, 0]:.3f}")
always

# %% [markdown]
# More households stayed than the model says. It mixes two kinds: some are poor for a year and gone, others hardly
# ever leave, and who is still there after some years is mostly of the second kind. (Blumen, Kogan and McCarthy called
# them movers and stayers in 1955.) The number of low incomes is hardly touched by that, as the comparison with the
# last year shows. But of help for all who are poor this year a part goes to those who would have left by themselves,
# and a way out for those who stay is worth more than the model says.
