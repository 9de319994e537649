# %% [markdown]
# # Case 3. Answer of the exercise
#
# These cells go on where the notebook ends: `found` and `basket` are there. Pay per hour is derived for each job, and
# the mean is over jobs. (The total of the pay by the total of the hours would weigh a job by its hours, and is
# another figure.)

# %%
per_hour = found.mutate(hourly=found["SBASISLOON"] / found["SBASISUREN"])
by_contract = sdc.table(
    per_hour, rows=["SCONTRACTSOORT"], values="hourly", statistic="mean", unit="RINPERSOON", holding="BEID"
)
print("hourly pay:", by_contract.verdict.status)
by_contract

# %% [markdown]
# Both groups are large, and no employer pays half of either. It is a mean of another column over other groups, so that
# nothing can be subtracted from the tables by branch.

# %%
try:
    basket.add(
        by_contract,
        name="hourly-pay-by-contract",
        title="Mean basic pay per hour by kind of contract after assistance, in euros",
        population=leavers,
    )
    basket.remove("hourly-pay-by-contract")
    print("It goes with the others.")
except sdc.errors.RefusedError as refusal:
    print("Refused:", refusal)
