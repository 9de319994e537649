"""Coded phrases: what reviewers say often, chosen once and read by each person in their own language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from disclosure.texts import Text, text


class Phrase(StrEnum):
    """What is said by choosing it, by a reviewer or where something is taken in; `words` has the sentence."""

    POPULATION_UNCLEAR = "population_unclear"
    CONTEXT_MISSING = "context_missing"
    TITLE_UNCLEAR = "title_unclear"
    IDENTIFIER_IN_TEXT = "identifier_in_text"
    MERGE_SMALL_CELLS = "merge_small_cells"
    TOO_MUCH_DETAIL = "too_much_detail"
    TABLE_OF_FIGURE = "table_of_figure"
    DIFFERENCE_UNEXPLAINED = "difference_unexplained"
    DERIVATION_UNCLEAR = "derivation_unclear"
    UNIT_OR_WEIGHT_DOUBTED = "unit_or_weight_doubted"
    SUPPORT_MISSING = "support_missing"
    CODE_FAILS = "code_fails"
    LEAVE_OUT = "leave_out"
    FEWER_OUTPUTS = "fewer_outputs"
    FOREIGN_SAYS = "foreign_says"
    FOREIGN_LEFT_OUT = "foreign_left_out"


CHOSEN: Final = tuple(one for one in Phrase if one not in (Phrase.FOREIGN_SAYS, Phrase.FOREIGN_LEFT_OUT))
"""Those that reviewers choose; the others are said where something of another program is taken in."""


_WORDS: Final[Mapping[Phrase, Text]] = MappingProxyType(
    {
        Phrase.POPULATION_UNCLEAR: text("Say which population this is about: who is counted, when and who not."),
        Phrase.CONTEXT_MISSING: text("Explain what this output is for and how it is to be read."),
        Phrase.TITLE_UNCLEAR: text("Give it a title that says what is counted, of whom, where and when."),
        Phrase.IDENTIFIER_IN_TEXT: text("A title or a text seems to name a person, address or number: take it out."),
        Phrase.MERGE_SMALL_CELLS: text("Merge the small cells with others, or leave their categories out."),
        Phrase.TOO_MUCH_DETAIL: text("This is more detail than the question needs: make the table coarser."),
        Phrase.TABLE_OF_FIGURE: text("Hand in the table that the figure shows, too."),
        Phrase.DIFFERENCE_UNEXPLAINED: text("Explain how this differs from the earlier version."),
        Phrase.DERIVATION_UNCLEAR: text("Explain how the columns are made: the code does not show it plainly."),
        Phrase.UNIT_OR_WEIGHT_DOUBTED: text("Is this the right unit, and the right weight? Explain the choice."),
        Phrase.SUPPORT_MISSING: text("Show on how many units this result rests."),
        Phrase.CODE_FAILS: text("The code does not run from the top in an empty workspace: repair it."),
        Phrase.LEAVE_OUT: text("This cannot leave: leave it out."),
        Phrase.FEWER_OUTPUTS: text("Hand in fewer outputs: those that the publication needs."),
        Phrase.FOREIGN_SAYS: text("Another program says this of it, which nobody here has checked:"),
        Phrase.FOREIGN_LEFT_OUT: text("This was left out when it was taken in:"),
    }
)


def words(phrase: Phrase) -> Text:
    """Return the sentence of a phrase, which is read in the reader's language.

    >>> words(Phrase.LEAVE_OUT).english
    'This cannot leave: leave it out.'
    """
    return _WORDS[phrase]
