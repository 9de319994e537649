# %% [markdown]
# # Case 8. The answer to the exercise
#
# These cells go below those of the case. A reach is a share of those for whom a scheme is meant. Among all households the kit
# for children seems to reach few, because most have no children.

# %%
of_all = sdc.table(households, values="kit", statistic="rate", unit="RINPERSOONHKW")
families = households.filter(households["children"] == "yes")
of_families = sdc.table(families, values="kit", statistic="rate", unit="RINPERSOONHKW")
print(f"Kit, of all households: {float(of_all.to_pandas()['rate'].iloc[0]):.3f}")
print(f"Kit, of families: {float(of_families.to_pandas()['rate'].iloc[0]):.3f}")

# %% [markdown]
# Publish the second. Beside the number of families, which leaves too, the first adds one thing only: how many households
# *without* children have the kit. That is nobody, or a handful whose last child has just come of age, and a figure
# that serves only to tell a handful is one to leave out.
