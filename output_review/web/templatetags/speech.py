"""`{% say "English sentence" name=value %}`: a text of the project in the reader's language, escaped as any value."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from disclosure.texts import translate

register = template.Library()


@register.simple_tag
def say(sentence: str, **names: object) -> SafeString:
    """Return a sentence with its names filled in.

    The sentence itself is escaped too: a catalogue is text, never markup.
    """
    filled = {name: conditional_escape(one if isinstance(one, SafeString) else str(one)) for name, one in names.items()}
    return SafeString(conditional_escape(translate(sentence)).format(**filled))
