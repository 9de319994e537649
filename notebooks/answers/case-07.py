# %% [markdown]
# # Case 7. The answer to the exercise
#
# These cells go below those of the case: `out_of_school` and `basket` are there.
#
# The product of the two terms: its odds ratio is the one of a single parent for women, divided by the one for men. It
# is not saturated, since income is in it as a main effect only, and each of the four groups has enough people.

# %%
product = sdc.model(
    "unqualified ~ single_parent * woman + low_income", out_of_school, family="logit", unit="RINPERSOON"
)
print("product:", product.verdict.status)
bounds = product.to_pandas().loc["single_parent:woman"]
print(f"interval of the product: {bounds['confidence_low']} to {bounds['confidence_high']}")
product

# %% [markdown]
# An interval around 0 says that no difference was found among so few, and not that there is none. To hand it in because
# it came out, and not if it had not, is how findings are made that nobody finds again.
#
# Two models of the same persons that differ by one term are judged each by itself. Put beside each other they tell no
# more than the one with the product does, since its terms are all of the other's and one more. So hand in that one, or
# the one above, and say in the text of the request why.
