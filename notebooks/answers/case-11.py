# %% [markdown]
# # Case 11. Answer of the exercise
#
# These cells go on where the notebook ends: `low`, `basket` and `everyone` are there, and the table by wijk is in the
# basket.

# %%
by_stadsdeel = suppressed_if_needed(sdc.table(low, rows=["stadsdeel"], columns=["band"], unit="RINPERSOONHKW"))
print("by stadsdeel:", status(by_stadsdeel))

# %% [markdown]
# On its own this table is safe, and it withholds little or nothing. Beside the table by wijk it is refused where a
# stadsdeel has one withheld wijk: the stadsdeel less the wijken that are shown is the withheld one. Of Laak that is
# Binckhorst.

# %%
name = "low-incomes-by-stadsdeel-and-band"
told = {
    "title": f"Households up to 130% of the policy minimum by stadsdeel and band, {year}",
    "population": f"{everyone}, up to 130% of the policy minimum",
    "differs": "The same households as by wijk, in larger areas.",
}
if by_stadsdeel is not None:
    try:
        basket.add(by_stadsdeel, name=name, **told)
        basket.remove(name)
        print("Both may go: in no stadsdeel is a wijk withheld on its own.")
    except sdc.errors.RefusedError as refusal:
        print("Refused:", refusal)

# %% [markdown]
# One of the two has to go. The council decides about stadsdelen, and by wijk most bands are withheld where few
# households are poor. So we would hand in the coarser table alone: it says something of every area, with its totals.
# The other way is to keep the wijken, and to tell the council that the two cannot both leave, now or later, from this
# team or from another.
