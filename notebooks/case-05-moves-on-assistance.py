# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   datakamp:
#     case: 5
#     title:
#       en: Moves of people on assistance into and out of the city
#       nl: Verhuizingen van mensen met bijstand naar en uit de stad
#     data:
#       GBAADRESOBJECTBUS: [RINPERSOON, RINOBJECTNUMMER, GBADATUMAANVANGADRESHOUDING, GBADATUMEINDEADRESHOUDING]
#       VSLGWBTAB: [RINOBJECTNUMMER, gem, wc, stadsdeel]
#       BIJSTANDUITKERINGTAB: [RINPERSOON, AANVBIJSTAND, EINDBIJSTAND]
#     parameters:
#       first_year: {from: 2018, until: 2020}
#       last_year: {from: 2020, until: 2022}
#       municipality: ["0518", "1916"]
#       area: [stadsdeel, wc]
# ---

# %% [markdown]
# # Case 5. Moves of people on assistance into and out of the city
#
# **Question.** Do more people on social assistance come to The Hague than leave it, from which municipalities do they
# come and for which do they leave, and in which parts of the city?
#
# **Who is counted.** Persons who moved between The Hague and another municipality from the first day of `first_year`
# until the last day of `last_year`, and who were on assistance (bijstand, IOAW or IOAZ) on their first day here if they
# came, and on their last day here if they left. Moves within the city are not counted, nor are people who came from
# abroad, were born or died.

# %% tags=["parameters"]
first_year: int = 2018
last_year: int = 2022
municipality: str = "0518"
area: str = "stadsdeel"

# %% [markdown]
# `first_year` and `last_year` are the years of the moves, `municipality` is the one that the data are of (`"0518"` The
# Hague, `"1916"` Leidschendam-Voorburg), and `area` the area in it: `"stadsdeel"` or `"wc"` (wijk).

# %%
import ibis

import disclosure as sdc

# %% [markdown]
# ## Data
#
# | data set | what is taken from it | key |
# |---|---|---|
# | GBAADRESOBJECTBUS | addresses: first and last day, also those in other municipalities | person, dwelling |
# | VSLGWBTAB | municipality (`gem`), wijk and stadsdeel of the dwelling | dwelling |
# | BIJSTANDUITKERINGTAB | spells of assistance: first and last day | person |

# %%
stays = sdc.data("GBAADRESOBJECTBUS").join(sdc.data("VSLGWBTAB"), "RINOBJECTNUMMER")
here = stays.filter(stays["gem"] == municipality).select(
    "RINPERSOON",
    "RINOBJECTNUMMER",
    "wc",
    "stadsdeel",
    came="GBADATUMAANVANGADRESHOUDING",
    went="GBADATUMEINDEADRESHOUDING",
)
elsewhere = stays.filter(stays["gem"] != municipality).select(
    "RINPERSOON", "gem", begin="GBADATUMAANVANGADRESHOUDING", end="GBADATUMEINDEADRESHOUDING"
)
spells = sdc.data("BIJSTANDUITKERINGTAB").select("RINPERSOON", "AANVBIJSTAND", "EINDBIJSTAND")

# %% [markdown]
# ## Method
#
# A move is not a row of any file. It is two addresses of one person of which the second begins on the day after the
# first ends. So each address here is put beside each address elsewhere of the same person, and those that follow on
# each other are kept: *in* if the one here is the later, *out* if it is the earlier.
#
# `day` is the first or the last day in the city. The municipality pays the assistance of that day, and that is what the
# question is about; whether somebody still had assistance a month after leaving is another question.

# %%
one_day = ibis.interval(days=1)
pairs = here.join(elsewhere, "RINPERSOON")
comes = pairs["came"] == pairs["end"] + one_day
leaves = pairs["begin"] == pairs["went"] + one_day
moved = pairs.select(
    "RINPERSOON",
    "RINOBJECTNUMMER",
    "gem",
    "wc",
    "stadsdeel",
    direction=ibis.cases((comes, "in"), (leaves, "out"), else_="neither"),
    day=ibis.ifelse(comes, pairs["came"], pairs["went"]),
)
moved = moved.filter(moved["direction"] != "neither").join(spells, "RINPERSOON")
on_assistance = moved.filter(moved["AANVBIJSTAND"] <= moved["day"], moved["EINDBIJSTAND"] >= moved["day"])
moves = on_assistance.filter(
    on_assistance["day"].year() >= first_year, on_assistance["day"].year() <= last_year
).select("RINPERSOON", "RINOBJECTNUMMER", "gem", "wc", "stadsdeel", "direction", year=on_assistance["day"].year())


def repaired(out, *kinds):
    """Return a table that is safe: as it stands, or by the first remedy of one of these kinds; None if none helps."""
    if out.verdict.status == "safe":
        return out
    found = (out.apply(remedy) for remedy in out.remedies() if remedy.kind in kinds)
    return next((better for better in found if better.verdict.status == "safe"), None)


def status(out):
    """Return the status of a table that there may be none of: of few people hardly anything can be shown."""
    return "nothing is left" if out is None else out.verdict.status


coarser = ("merge", "other", "leave_out")

# %% [markdown]
# ## 1. Do more come than leave?
#
# Persons are counted, in each cell once. Who came in 2019 and left in 2021 stands in two cells and once in the total,
# so that rows need not add up. The balance of the city is what is in *in* less what is in *out*: it is computed from
# the table that leaves, and needs no table of its own.

# %%
by_year = repaired(sdc.table(moves, rows=["year"], columns=["direction"], unit="RINPERSOON"), *coarser)
print("by year:", status(by_year))
by_year

# %% [markdown]
# ## 2. From where, and for where?

# %%
by_municipality = repaired(sdc.table(moves, rows=["gem"], columns=["direction"], unit="RINPERSOON"), *coarser)
print("by municipality:", status(by_municipality))
by_municipality

# %% [markdown]
# ## 3. The trap: a matrix that is nearly empty
#
# The table that everybody asks for has the other municipalities as rows and the wijken as columns: who comes from
# where to where. It is a matrix of origins and destinations, and those are sparse: there are more cells than the
# moves can fill. Most cells have so few people that a neighbour knows who they are, and what the table adds is that
# they are on assistance.

# %%
matrix = sdc.table(moves, rows=["direction", "gem"], columns=["wc"], unit="RINPERSOON")
small = {finding.cell for finding in matrix.verdict.findings}
print("matrix:", matrix.verdict.status, len(small), "cells fail")
for finding in matrix.verdict.findings[:3]:
    print("-", finding.rule, "|", finding.message)

# %% [markdown]
# Every remedy costs what the matrix was made for. To *merge* until each cell has enough people leaves groups that are
# no places any more. To *suppress*, where it leaves anything, withholds most of it and all totals. (By stadsdeel the
# moves of some years in a large city nearly fill a matrix, and then it may be handed in, in place of the tables of
# its edges.)

# %%
for remedy in matrix.remedies():
    print("-", remedy.kind, "| loses:", remedy.loses)

# %% [markdown]
# ## The remedy
#
# Ask for the edges of the matrix in place of its cells. From where people come is in the table by municipality. To
# which part of the city they come is a table of its own, with a row for each. Each cell has as many people then as a
# whole row or column of the matrix.

# %%
by_area = sdc.table(moves, rows=[area], columns=["direction"], unit="RINPERSOON")
print("by area:", by_area.verdict.status, len(by_area.verdict.findings))
by_area

# %% [markdown]
# A place with few moves may fail still. To withhold it will not do here: the table by municipality has the totals of the
# same people, and a total less what is shown is what was withheld. The basket tries it as a reader would.

# %%
basket = sdc.basket()
everybody = f"Persons on assistance who moved to or from municipality {municipality} in {first_year}-{last_year}"
withheld = repaired(by_area, "suppress")
if by_area.verdict.status != "safe" and withheld is not None and by_municipality is not None:
    basket.add(by_municipality, name="trial", title="Moves by municipality", population=everybody)
    try:
        basket.add(withheld, name="trial-area", title="Moves by area", population=everybody)
        basket.remove("trial-area")
        print("What is withheld does not follow from the totals here.")
    except sdc.errors.RefusedError as refusal:
        print("Refused:", refusal)
    basket.remove("trial")

# %% [markdown]
# So small places are counted together with others (*merge*, or *other* for the smallest), and nothing is withheld.

# %%
areas_together = repaired(by_area, *coarser)
areas_together

# %% [markdown]
# ## Handing in

# %%
kind_of_area = {"wc": "wijk"}.get(area, area)
years = f"{first_year}-{last_year}"
for name, out, what, differs in (
    ("moves-by-year", by_year, "year and direction", "By year; the other tables have all years together."),
    ("moves-by-municipality", by_municipality, "other municipality and direction", "By municipality elsewhere."),
    (
        f"moves-by-{kind_of_area}",
        areas_together,
        f"{kind_of_area} and direction",
        "By part of the city, some together.",
    ),
):
    if out is None:
        continue
    try:
        basket.add(
            out,
            name=name,
            title=f"Persons on assistance who moved into or out of the municipality, by {what}, {years}",
            population=everybody,
            differs=f"{differs} The same moves in each.",
        )
    except sdc.errors.RefusedError as refusal:
        print("Left out:", refusal)

# %%
number = sdc.submit(
    title="Moves of people on assistance",
    purpose="To show whether people on assistance come to the city or leave it, and from and for which municipalities.",
    code=["case-05-moves-on-assistance.ipynb"],
)
print("Request", number)

# %% [markdown]
# ## Exercise
#
# A couple on assistance moves together, and both are counted. How many *dwellings* were moved into or out of, by
# municipality? Count them (`unit` is RINOBJECTNUMMER, the key of the dwelling in the city), and ask for the persons
# again with `other_units=["RINOBJECTNUMMER"]`. Which cells fail now, and would you hand in the persons and the
# dwellings both?
