# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 3
#     title:
#       en: Work and pay after assistance
#       nl: Werk en loon na de bijstand
#     data:
#       BIJSTANDUITKERINGTAB: [RINPERSOON, EINDBIJSTAND, REDENEINDE]
#       SPOLISBUS:
#         years: [year]
#         columns: [RINPERSOON, BEID, SDATUMEINDEIKO, SBASISLOON, SBASISUREN, SCONTRACTSOORT, SSECT]
#     parameters:
#       year: {from: 2020, until: 2022}
#       years_back: {from: 2, until: 4}
# ---

# %% [markdown]
# # Case 3. Work and pay after assistance
#
# **Question.** People who left social assistance for work: in which sectors do they work at the end of the year, and
# what does it pay?
#
# **Who is counted.** Persons whose benefit (bijstand, IOAW or IOAZ) ended for work in `year` or in one of the
# `years_back` years before it, and who had a job in December of `year`. Who has no job then is not in the tables:
# that is another question (case 4).

# %% tags=["parameters"]
year: int = 2022
years_back: int = 4

# %% [markdown]
# `year` is the year in whose December the jobs are held, `years_back` is how many years before it somebody may have
# left.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | BIJSTANDUITKERINGTAB | last day of the benefit, why it ended (`"1"` is work) | person |
# | SPOLISBUS | jobs in December: basic pay and hours, kind of contract, sector and employer | person, employer |

# %%
last_day = ibis.literal(f"{year}-12-31").cast("date")
spells = sdc.data("BIJSTANDUITKERINGTAB")
left = (
    spells.filter(
        spells["REDENEINDE"] == "1",
        spells["EINDBIJSTAND"].year() >= year - years_back,
        spells["EINDBIJSTAND"].year() <= year,
    )
    .group_by("RINPERSOON")
    .aggregate(exits=lambda one: one["REDENEINDE"].count())
)
jobs = sdc.data("SPOLISBUS", year=year)
december = jobs.filter(jobs["SDATUMEINDEIKO"] == last_day)

# %% [markdown]
# ## Method
#
# A person with two jobs has two rows: numbers are of persons, and pay is per job. The key of the employer is kept in
# the table. It is never shown, but it is what tells how much of the pay in a cell comes from one employer.
#
# Small sectors are taken together with others of their kind, in the column `branch`.

# %%
joined = left.join(december, "RINPERSOON")
branches = {
    "52": "temporary work",
    "45": "cleaning and security",
    "17": "retail and crafts",
    "33": "hotels and restaurants",
    "35": "health and care",
    "03": "construction and transport",
    "32": "construction and transport",
}
found = joined.select(
    "RINPERSOON",
    "BEID",
    "SSECT",
    "SCONTRACTSOORT",
    "SBASISLOON",
    "SBASISUREN",
    branch=ibis.cases(
        *((joined["SSECT"] == code, name) for code, name in branches.items()), else_="services and government"
    ),
)


def suppressed_if_needed(out):
    """Return a table that is safe: as it stands, or with what fails and all margins withheld; None if nothing is left."""
    if out.verdict.status == "safe":
        return out
    found = (out.apply(remedy) for remedy in out.remedies() if remedy.kind == "suppress")
    return next((better for better in found if better.verdict.status == "safe"), None)


def status(out):
    """Return the status of a table that there may be none of: of few people hardly anything can be shown."""
    return "nothing is left" if out is None else out.verdict.status


# %% [markdown]
# ## 1. Which work
#
# By sector some cells have a handful of people, unless the population is large. By branch there are enough of them
# everywhere; where the total would tell how few have jobs in two branches, it is withheld.

# %%
by_sector = sdc.table(found, rows=["SSECT"], unit="RINPERSOON")
print("sectors:", by_sector.verdict.status)
by_sector

# %%
by_branch = suppressed_if_needed(sdc.table(found, rows=["branch"], unit="RINPERSOON"))
print("branches:", status(by_branch))
by_branch

# %% [markdown]
# ## 2. The trap: one employer behind a total
#
# What is paid in each sector, by kind of contract? That a cell has enough people does not help if most of the pay
# comes from one employer: a competitor who knows the sector reads that employer's wage bill from the total. With
# `holding="BEID"` pay is added up by employer before the check asks who holds more than half of it. (In a large
# population no employer may, and only small cells fail.)

# %%
paid = sdc.table(
    found,
    rows=["SSECT"],
    columns=["SCONTRACTSOORT"],
    values="SBASISLOON",
    statistic="sum",
    unit="RINPERSOON",
    holding="BEID",
)
print("paid:", paid.verdict.status, "by", *sorted({finding.rule for finding in paid.verdict.findings}))
for finding in paid.verdict.findings:
    if finding.rule == "dominance":
        print("-", finding.rule, "|", finding.message)
paid

# %% [markdown]
# The remedy is a question that does not need the total. Mean pay by branch, still checked by employer, has many
# employers in each cell.

# %%
mean_pay = suppressed_if_needed(
    sdc.table(found, rows=["branch"], values="SBASISLOON", statistic="mean", unit="RINPERSOON", holding="BEID")
)
print("mean pay:", status(mean_pay))
mean_pay

# %% [markdown]
# ## 3. Percentiles
#
# A mean hides how far pay lies apart. The fifth and the ninety-fifth percentile would show it, but beyond them stand
# a few people only. Quartiles show nearly as much, and are the average of several people's pay, rounded: the caption
# says to what.

# %%
for statistic in ("p5", "p95"):
    extreme = sdc.table(found, rows=["branch"], values="SBASISLOON", statistic=statistic, unit="RINPERSOON")
    print(f"{statistic}:", extreme.verdict.status)

# %%
quartiles = {
    statistic: suppressed_if_needed(
        sdc.table(found, rows=["branch"], values="SBASISLOON", statistic=statistic, unit="RINPERSOON")
    )
    for statistic in ("p25", "median", "p75")
}
for statistic, out in quartiles.items():
    print(f"{statistic}:", status(out))
quartiles["median"]

# %% [markdown]
# Little pay may be a low wage or few hours. So the mean hours stand beside it.

# %%
mean_hours = suppressed_if_needed(
    sdc.table(found, rows=["branch"], values="SBASISUREN", statistic="mean", unit="RINPERSOON", holding="BEID")
)
print("mean hours:", status(mean_hours))
mean_hours

# %% [markdown]
# ## Handing in
#
# What would show few persons beside the rest, the basket refuses; then it stays out.

# %%
leavers = f"Persons who left assistance for work in {year - years_back}-{year} and had a job in December {year}"
basket = sdc.basket()
for name, out, title, differs in (
    (
        "persons-by-branch",
        by_branch,
        f"Persons by branch of their work in December {year} after assistance",
        "Numbers of persons; the other tables hold pay and hours of their jobs.",
    ),
    (
        "mean-pay-by-branch",
        mean_pay,
        f"Mean basic pay by branch in December {year} after assistance, in euros",
        "The same persons, pay per job.",
    ),
    (
        "mean-hours-by-branch",
        mean_hours,
        f"Mean basic hours by branch in December {year} after assistance",
        "The same persons, hours per job.",
    ),
    *(
        (
            f"{statistic}-pay-by-branch",
            out,
            f"{statistic} of basic pay by branch in December {year} after assistance, in euros",
            "The same jobs as in the table of mean pay.",
        )
        for statistic, out in quartiles.items()
    ),
):
    if out is None:
        continue
    try:
        basket.add(out, name=name, title=title, population=leavers, differs=differs)
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="Work and pay after assistance",
    purpose="To show in which branches people find work after assistance and what it pays, for the plans for outflow.",
    code=["case-03-work-after-assistance.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# Does pay per hour differ between permanent and fixed-term contracts (SCONTRACTSOORT)? Make the table for the city.
# Which column do you derive, what do you compare, and may it be handed in beside the tables above?
