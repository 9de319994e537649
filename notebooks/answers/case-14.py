# %% [markdown]
# # Case 14. Answer of the exercise
#
# These cells go on where the notebook ends: `people` and `matched` are there.

# %%
with_single = sdc.model("debts ~ used + single + C(group)", people, unit="RINPERSOONHKW")
print("with single parents:", with_single.verdict.status)
if with_single.verdict.status == "safe":
    print(f"Difference with single parents: {float(with_single.to_pandas().loc['used', 'coefficient']):.4f}")
with_single

# %% [markdown]
# All single parents together are many, with a scheme and without. As a term of its own the model assumes that they differ from
# others by the same amount in each group, so it tells of all of them and not of those in a group of three. That is what it
# costs: if single parents with debts fare otherwise than those without, this model does not see it.
#
# The difference hardly changes. A feature matters for the comparison only if it goes with the use of a scheme *and* with debts, and what it
# brings is mostly there already, in assistance and in the debts to begin with.
