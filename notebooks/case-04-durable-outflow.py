# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 4
#     title:
#       en: Durable outflow from assistance
#       nl: Duurzame uitstroom uit de bijstand
#     data:
#       BIJSTANDUITKERINGTAB: [RINPERSOON, AANVBIJSTAND, EINDBIJSTAND, REDENEINDE]
#       GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR, GBAGESLACHT]
#     parameters:
#       first_year: {from: 2018, until: 2021}
#       last_year: {from: 2018, until: 2021}
#       period: [1, 2, 3, 4, 6, 12]
# ---

# %% [markdown]
# # Case 4. Durable outflow from assistance
#
# **Question.** Of the people who leave social assistance for work or school, how many are not back within twelve months, and
# does it differ by age and between men and women? The municipality says 80%.
#
# **Who is counted.** Persons whose benefit (bijstand, IOAW or IOAZ) ended for work or school between the first day of
# `first_year` and the last day of `last_year`. Who left more than once counts once, with the first time. Everybody can be
# followed for twelve months, since the data go on for a year after the last exit.

# %% tags=["parameters"]
first_year: int = 2018
last_year: int = 2021
period: int = 3

# %% [markdown]
# `first_year` and `last_year` are the years in which people left, `period` is the number of months between two points of the
# curve of the whole city.

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | BIJSTANDUITKERINGTAB | spells: first day, last day, why it ended (`"1"` work, `"2"` school) | person |
# | GBAPERSOONTAB | year of birth, sex | person |
#
# A spell of assistance begins on the first day of a month and ends on the last day of one. So time is counted in whole
# months: `left` and `began` are numbers of months since the year 0, and nothing of a date is left in what is published.

# %%
spells = sdc.data("BIJSTANDUITKERINGTAB")
began = spells["AANVBIJSTAND"].year() * 12 + spells["AANVBIJSTAND"].month()
left = spells["EINDBIJSTAND"].year() * 12 + spells["EINDBIJSTAND"].month()
persons = sdc.data("GBAPERSOONTAB").select("RINPERSOON", "GBAGEBOORTEJAAR", "GBAGESLACHT")

for_work_or_school = spells.filter(
    spells["REDENEINDE"].isin(["1", "2"]),
    spells["EINDBIJSTAND"].year() >= first_year,
    spells["EINDBIJSTAND"].year() <= last_year,
)

# %% [markdown]
# ## Method
#
# Two steps, each a count per person, so that a person is one row:
#
# 1. the month in which somebody left for the first time in these years;
# 2. the first month in which that person was on assistance again after that, if there is one.
#
# `months` is in which month after the last one with assistance somebody was back, and `back` whether that happened at all. Of
# those who did not return we know only that they stayed away until the end of the data: in the language of survival
# analysis they are *censored*. To call them "never back" would be wrong, and to leave them out would be worse. Kaplan and
# Meier's curve uses each of them for as long as they are seen.
#
# Age is that at the end of `last_year`, for everybody. Who left at 25 and was 28 then is among the older ones. An age *when they
# left* would divide people better, but it is made of birth and exit together, and more than two groups that are made of two columns
# cannot be judged by themselves: the check answers that it cannot tell.

# %%
exits = for_work_or_school.mutate(left=left).group_by("RINPERSOON").aggregate(left=lambda one: one["left"].min())
later = exits.join(spells.select("RINPERSOON", began=began), "RINPERSOON")
returns = (
    later.filter(later["began"] > later["left"]).group_by("RINPERSOON").aggregate(began=lambda one: one["began"].min())
)
end_of_data = 2022 * 12 + 13  # the first month that the data do not have

followed = exits.left_join(returns, "RINPERSOON").select("RINPERSOON", "left", "began")
joined = followed.join(persons, "RINPERSOON")
age = last_year - joined["GBAGEBOORTEJAAR"]
people = joined.select(
    "RINPERSOON",
    "GBAGESLACHT",
    age=ibis.cases((age < 27, "under 27"), (age < 45, "27 to 44"), else_="45 and older"),
    months=ibis.coalesce(joined["began"], end_of_data) - joined["left"],
    back=ibis.ifelse(joined["began"].isnull(), 0, 1),
)

# %% [markdown]
# ## 1. The whole city
#
# The curve begins at 1, everybody is away, and goes down as people come back. Its height after twelve months is the
# durable outflow. The life table beside it says how many were still away, and how many came back, in each period.


# %%
def twelve_months(by=(), step=period):
    """Return the safe curve, or curves, with the shortest periods of so many months or a multiple; and that period."""
    for length in range(step, 13, step):
        if 12 % length == 0:
            curve = sdc.survival(
                people, duration="months", event="back", by=by, unit="RINPERSOON", period=length, until=12
            )
            if curve.verdict.status == "safe":
                return curve, length
    return None, step


city, shown = twelve_months()
if city is None:
    print("Too few people left, or too few came back, for a curve.")
else:
    life_table = city.to_pandas()
    print(f"Not back within twelve months: {life_table['survival'].iloc[-1]:.3f}")
city

# %% [markdown]
# ## 2. The trap: a single person who comes back
#
# By age, and month by month, the same question is about very few people at a time. In a small city there is a month in which one
# single person of a group came back: whoever knows somebody who left assistance at that age sees when it went wrong. It does not
# help that many are at risk. The verdict names each time and the rule that it fails.

# %%
by_month = sdc.survival(people, duration="months", event="back", by="age", unit="RINPERSOON", period=1, until=12)
print(by_month.verdict.status, len(by_month.verdict.findings))
for finding in by_month.verdict.findings[:5]:
    print("-", finding.rule, "|", finding.message)

# %% [markdown]
# ## The remedy
#
# - *longer period*: the question is about a year and needs no months. With longer periods more people come back in each, and
#   nobody is left out;
# - *suppress* ends the curve of a group before the first month that fails, and so before the answer. There is a second reason
#   against it: the life table of the whole city less those of the other groups gives back what is withheld.
#
# So `twelve_months` tries longer and longer periods. All of them are multiples of the period of the curve of the city: curves
# of the same people that are cut at different times, of two months and of three, can be subtracted from each other too.

# %%
for remedy in by_month.remedies():
    print("-", remedy.kind, "| loses:", remedy.loses)

by_age, _ = twelve_months(by="age", step=shown)
by_age

# %% [markdown]
# Between men and women in the same way. A difference of a few hundredths can be chance: of a group of n people the share is
# uncertain by about the square root of 0.8 x 0.2 / n, twice.

# %%
by_sex, _ = twelve_months(by="GBAGESLACHT", step=shown)
by_sex

# %% [markdown]
# ## Handing in
#
# Three curves of the same people. Each group's life table adds up to that of the city, which is why nothing in them may be
# withheld. The basket compares the three: when only few left in the years that were asked for, it refuses what would show
# these few, and the curve of the city goes alone.

# %%
who = f"Persons who left assistance for work or school in {first_year}-{last_year}, each with the first time"
basket = sdc.basket()
same = "The same people as in the table of the whole city, by {}."
for name, curves, title, differs in (
    (
        "not-back-in-assistance",
        city,
        "Share not back in assistance, by months since leaving",
        "Everybody; the other tables have the same people by age and by sex.",
    ),
    (
        "not-back-in-assistance-by-age",
        by_age,
        f"Share not back in assistance, by age at the end of {last_year} and months since leaving",
        same.format("age"),
    ),
    (
        "not-back-in-assistance-by-sex",
        by_sex,
        "Share not back in assistance, by sex and months since leaving",
        same.format("sex"),
    ),
):
    if curves is None:
        continue
    try:
        basket.add(curves, name=name, title=title, population=who, differs=differs)
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="Durable outflow from assistance",
    purpose="To show how many of those who leave assistance for work or school stay away for a year, and who needs aftercare.",
    code=["case-04-durable-outflow.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# Is who stays away for twelve months gone for good? Follow the same people for 24 months. Whoever left in the last year cannot be
# followed so long. How large is the share that is not back, if you use each person for as long as they are seen, and how large
# would it be if you counted everybody without a return as "not back"? Is the table safe, and if not, what helps?
