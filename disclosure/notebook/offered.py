"""Remedies as they are offered: what each does and loses, what loses least first, and the call that applies it."""

from __future__ import annotations

from html import escape

from disclosure.model.verdicts import Remedy
from disclosure.notebook.html_page import framed
from disclosure.texts import text, translate


class Offered(tuple[Remedy, ...]):
    """The remedies of an output, a tuple that is read as a list in plain words.

    >>> from disclosure.texts import language
    >>> with language("en"):
    ...     Offered()
    nothing to repair, or nothing that repairs it
    """

    __slots__ = ()

    def __repr__(self) -> str:
        if not self:
            return translate("nothing to repair, or nothing that repairs it")
        lines = [translate("remedies, the one that loses least first:")]
        for place, one in enumerate(self):
            lines.append(f"  {place}  {text('{what}; loses {loses}', what=one, loses=one.loses)}")
            lines.append(f"     {_call(place)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if not self:
            return framed(f"<p>{escape(repr(self))}</p>")
        heads = (translate("remedy"), translate("what it loses"), translate("call"))
        head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
        rows = "".join(
            f'<tr><th scope="row">{escape(str(one))}</th><td>{escape(one.loses)}</td>'
            f"<td><code>{_call(place)}</code></td></tr>"
            for place, one in enumerate(self)
        )
        caption = escape(translate("Remedies, the one that loses least first"))
        return framed(
            f'<div class="s" role="region" tabindex="0" aria-label="{caption}"><table class="b">'
            f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )


def _call(place: int) -> str:
    return f"out.apply(out.remedies()[{place}])"
