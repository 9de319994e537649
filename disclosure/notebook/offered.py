"""Remedies as they are offered: what each does and loses, what loses least first, and the call that applies it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import overload

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


class Sought(Sequence[Remedy]):
    """The remedies of a finding, looked for when they are first read: a verdict alone looks for nothing."""

    __slots__ = ("_seek",)

    def __init__(self, seek: Callable[[], tuple[Remedy, ...]]) -> None:
        self._seek = seek

    @overload
    def __getitem__(self, which: int) -> Remedy: ...
    @overload
    def __getitem__(self, which: slice) -> tuple[Remedy, ...]: ...
    def __getitem__(self, which: int | slice) -> Remedy | tuple[Remedy, ...]:
        return self._seek()[which]

    def __len__(self) -> int:
        return len(self._seek())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self._seek()) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self._seek()))

    def __repr__(self) -> str:
        return repr(self._seek())


def _call(place: int) -> str:
    return f"out.apply(out.remedies()[{place}])"
