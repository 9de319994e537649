# %% [markdown]
# # Case 13. The answer to the exercise
#
# These cells go below those of the case. What counts is how many people are above the figure, and how close together the incomes
# around it are.

# %%
for rows in (["wc"], ["stadsdeel"], []):
    for percentile in ("p75", "p95", "p99"):
        tail = sdc.table(people, rows=rows, values="INHGESTINKH", statistic=percentile, unit="RINPERSOON")
        failing = {finding.cell for finding in tail.verdict.findings}
        print(*rows or ["city"], percentile, tail.verdict.status.value, f"{len(failing)} cells fail")

# %% [markdown]
# The smaller the area, the sooner the tail is a handful of people. And the further out, the coarser the rounding: the step is chosen so
# that enough people's incomes lie in it. A step of 2 euros says that many people earn about that much, a step of 20,000 that
# they are few and far apart. Where the step would be too large, nothing is shown.
