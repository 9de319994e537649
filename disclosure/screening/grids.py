"""Tables in text: found by their shape, judged by what their figures look like.

Nothing here knows what a number counts. A grid is told to hold small counts if all numbers of a column are whole and
one of them lies below the policy's minimum; a table of large counts is not safe for that, only unjudged, since nobody
knows the units behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Row = tuple[str, ...]

_COUNT = re.compile(r"\+?\d{1,15}(?:\.0+)?|[1-9]\d{0,2}(?:[., '’_]\d{3}){1,4}")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[., '’_]\d{3})+$")
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,'’_]*|\.\d+)(?:[eE][+-]?\d+)?%?")
_DIGIT = re.compile(r"\d")
# A column of aligned figures stands two blanks or more from the field before it; a comma that parts fields does not.
_HARD_GROUPS = re.compile(r"(?<=  )[+-]?[1-9]\d{0,2}(?:[\u00a0\u2009\u202f]\d{3})+(?!\d|[\u00a0\u2009\u202f])")
_WITH_COMMA = re.compile(r"(?<=  )[+-]?(?:([1-9]\d{0,2}(?:,\d{3})+)(\.\d+)?|\d+,\d+)%?(?=  | *$)")
_PARTING: Final = ("", *",;|│┆┃║\t&[(:=")
_ABSENT: Final = frozenset({"", "-", ".", "nan", "na", "<na>", "none", "null", "nat", "..."})
_IDENTIFYING = re.compile(
    r"(?i)^(?:rin\w*|beid|brin|bsn|ikvid|.*(?:_id|id_|-id)|id|key|sleutel|.*naam|.*name|achternaam|adres|address|e-?mail"
    r"|postcode|telefoon|phone|iban|geboortedatum|birth_?date|person|persoon|unit|eenheid)$"
)
_TRUNCATED = re.compile(
    r"\d ?rows [x×] ?\d[\d,._]{0,12} columns|(?m:^Length: \d+|^Name: .{0,80}, Length: \d+)|"
    r"shape: \((?:[2-9]\d|\d[\d_]{2,12}), ?\d"
)
_FLAGS: Final = " ▲()[]*†‡"  # what a table puts beside a figure
_BULLETS: Final = ("-", "*", "+", "•")
MANY_ROWS: Final = 20
MANY_COLUMNS: Final = 3


@dataclass(frozen=True)
class Grid:
    """A table as it stands in a text.

    Attributes:
        rows: the cells, as text; rows may be of different lengths.
        labels: how many columns on the left hold labels.
        heads: how many rows at the top hold headings only, such as codes 1 and 2; no count is looked for in them.
    """

    rows: tuple[Row, ...]
    labels: int = 1
    heads: int = 0

    @property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max(map(len, self.rows), default=0)

    def column(self, place: int) -> Row:
        """Return the cells of a column, without the rows that are too short."""
        return tuple(row[place] for row in self.rows if place < len(row))


def count_in(cell: str) -> int | None:
    """Return the count that a cell may show, None if it is no whole number.

    >>> count_in("1,234"), count_in("9.0"), count_in("9.5")
    (1234, 9, None)
    """
    cell = cell.strip(_FLAGS)
    if _COUNT.fullmatch(cell) is None:
        return None
    whole = cell if _GROUPED.search(cell) else cell.split(".", maxsplit=1)[0]
    return int(re.sub(r"\D", "", whole))


def has_small_counts(grid: Grid, minimum: int) -> bool:
    """Tell whether a column of whole numbers holds one that is more than 0 and less than `minimum`."""
    first = min(grid.labels, max(grid.width - 1, 0))
    for place in range(first, grid.width):
        below = (row[place] for row in grid.rows[grid.heads :] if place < len(row))
        cells = [cell for cell in below if _NUMBER.fullmatch(cell.strip(_FLAGS))]
        counts = [count_in(cell) for cell in cells]
        if all(count is not None for count in counts) and any(0 < (count or 0) < minimum for count in counts):
            return True
    return False


def is_row_listing(grid: Grid, identifiers: tuple[str, ...]) -> bool:
    """Tell whether a table looks like rows of records: a running number, or a column that identifies.

    A running number alone is also what a table of counts has after `reset_index`, so it takes many rows or columns too.
    """
    named = {name.lower() for name in identifiers}
    for place, head in enumerate(grid.rows[0] if grid.rows else ()):
        below = grid.column(place)[1:]
        # A table that explains data sets has such headings as well, but hardly a digit under them.
        if below and (head.lower() in named or (_IDENTIFYING.match(head) and any(map(_DIGIT.search, below)))):
            return True
    return _runs_on(grid.column(0)) and (grid.width > MANY_COLUMNS or len(grid.rows) > MANY_ROWS)


def has_extremes(grid: Grid) -> bool:
    """Tell whether a table has a minimum and a maximum among its headings or labels, as `describe` gives."""
    heads = {cell.lower() for cell in (*grid.column(0), *(grid.rows[0] if grid.rows else ()))}
    return {"min", "max"} <= heads or {"minimum", "maximum"} <= heads or {"min.", "max."} <= heads


def is_truncated(text: str) -> bool:
    """Tell whether a frame wrote its own size below itself, as it does when there are more rows than it shows."""
    return _TRUNCATED.search(text) is not None


def grids_in_html(tables: list[list[list[tuple[str, bool]]]]) -> tuple[Grid, ...]:
    """Return the tables of an HTML reading; headings at the left of a row are labels."""
    grids = []
    for table in tables:
        rows = [row for row in table if row]
        lead = [next((place for place, (_, heading) in enumerate(row) if not heading), 0) for row in rows]
        # Where all is a heading, none is.
        heads = next((place for place, row in enumerate(rows) if not all(heading for _, heading in row)), 0)
        grids.append(Grid(tuple(tuple(text for text, _ in row) for row in rows), max([*lead, 1]), heads))
    return tuple(grid for grid in grids if grid.rows)


def without_hard_groups(text: str) -> str:
    r"""Return a text in which hard blanks within the figures of aligned columns are left out, as in 1\u00a0998.

    A common blank may part two columns, so that it stays.
    """
    return _HARD_GROUPS.sub(lambda match: re.sub(r"[^\d+-]", "", match.group()), text)


def grids_in_text(text: str) -> tuple[Grid, ...]:
    """Return the tables in a plain text: fields between marks, columns between spaces, arrays and mappings."""
    lines = [_without_commas(line) for line in text.splitlines()]
    return (*_marked(lines), *_aligned(lines), *_mappings(text), *_sequences(text), *_headed(text), *_single(text))


def _without_commas(line: str) -> str:
    """Return a line in which the figures of aligned columns have no commas: neither for thousands nor for decimals.

    >>> _without_commas("a  1,998  12,5"), _without_commas("a,  1,998")
    ('a  1998  12.5', 'a,  1,998')
    """

    def plain(match: re.Match[str]) -> str:
        if line[: match.start()].rstrip(" ")[-1:] in _PARTING:
            return match.group()
        return match.group().replace(",", "" if match.group(1) else ".")

    return _WITH_COMMA.sub(plain, line) if "," in line else line


def _runs_on(cells: Row) -> bool:
    numbers = [int(cell) for cell in cells if cell.isdecimal() and len(cell) < 10]
    return (
        len(numbers) >= 2 and numbers[0] in (0, 1) and all(after - before == 1 for before, after in pairwise(numbers))
    )


_MARKS: Final[Mapping[str, re.Pattern[str]]] = {
    "|": re.compile(r"[|│┆┃║]"),
    "\t": re.compile(r"\t"),
    ";": re.compile(r";"),
    ",": re.compile(r","),
    "&": re.compile(r"&"),
}
_EDGES = re.compile(r"array\(|dtype=\w+|[\[\]()]")
_RULE = re.compile(r"[\s|│┆┃║+:=\-─═╞╡┌┐└┘╌├┤┬┴┼╪]*")


def _marked(lines: list[str]) -> Iterator[Grid]:
    """Yield the tables whose fields are parted by marks: as many in each of two lines or more."""
    for mark, pattern in _MARKS.items():
        rows: list[Row] = []
        for line in [*lines, ""]:
            if rows and line.strip() and _RULE.fullmatch(line):
                continue
            fields = tuple(one.strip().strip("\"'").removesuffix("\\\\").strip() for one in pattern.split(line))
            if mark == "|" and len(fields) > 2 and not fields[0] and not fields[-1]:
                fields = fields[1:-1]
            if len(fields) > 1 and (not rows or len(fields) == len(rows[-1])):
                rows.append(fields)
                continue
            if len(rows) > 1:
                yield Grid(tuple(rows))
            rows = [fields] if len(fields) > 1 else []


def _aligned(lines: list[str]) -> Iterator[Grid]:
    """Yield the tables whose lines end in figures; the line above the first of them is their heading."""
    rows: list[Row] = []
    heading: Row = ()
    for line in [*lines, ""]:
        words = tuple(_EDGES.sub(" ", line).replace(",", " ").split())
        words = words[1:] if words[:1] and words[0] in _BULLETS else words
        if line.lstrip().startswith(("[", "array(")):
            words = ("", *words)
        if len(words) > 1 and _is_figure(words[-1]):
            rows.append(words)
            continue
        if len(rows) > 1:
            yield _grid(heading, rows)
        rows, heading = [], words


def _grid(heading: Row, rows: list[Row]) -> Grid:
    """Return lines of words as a table; where their number differs, the first words of a line are one label."""
    if len({len(row) for row in rows}) > 1:
        figures = min(_figures(row) for row in rows)
        rows = [(" ".join(row[: len(row) - figures]), *row[len(row) - figures :]) for row in rows]
        labels = 1
    else:
        labels = max(1, *(len(row) - _figures(row) for row in rows))
    pad = max(0, len(rows[0]) - len(heading))
    return Grid((("",) * pad + heading, *rows), labels)


def _figures(row: Row) -> int:
    """Return how many words at the end are figures; the first word is a label whatever it is."""
    figures = 0
    while figures < len(row) - 1 and _is_figure(row[-1 - figures]):
        figures += 1
    return figures


def _is_figure(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None or word.lower() in _ABSENT


_PAIR = re.compile(r"""(?:["'][^"'\n]{0,80}["']|[\w.-]{1,80})\s?[:=]\s?(?:np\.int64\()?(\d{1,9})\)?(?=\s?[,})\]])""")


def _mappings(text: str) -> Iterator[Grid]:
    """Yield the mapping of labels to whole numbers that a counter or a dictionary shows."""
    pairs = [("", match.group(1)) for match in _PAIR.finditer(text)]
    if len(pairs) > 1 and "{" in text:
        yield Grid(tuple(pairs))


_WHOLE = r"(?:np\.int64\()?\d{1,9}(?:\.0*)?\)?"
_LIST = re.compile(rf"(?:array\()?\[\s*(?:{_WHOLE}(?:\s*,\s*|\s+))*{_WHOLE}\s*\](?:,\s*dtype=\w+)?\)?")
_VECTOR = re.compile(r"(?:\s*\[\d{1,9}\](?:\s+\d{1,9})+)+")
_COUNTED = re.compile(r"""\(\s*["'][^"'\n]{0,80}["']\s*,\s*(?:np\.int64\()?(\d{1,9})(?:\.0*)?\)?\s*\)""")
_PLACE, _KIND = re.compile(r"\[\d{1,9}\]"), re.compile(r"np\.int64|dtype=\w+")


def _sequences(text: str) -> Iterator[Grid]:
    """Yield whole numbers that stand in a row: a list, an array, a vector of R, or pairs of a label and a number."""
    body = text.strip()
    if _VECTOR.fullmatch(body) or _LIST.fullmatch(body):
        bare = (_PLACE if _VECTOR.fullmatch(body) else _KIND).sub(" ", body)
        yield Grid(tuple(("", number) for number in re.findall(r"(\d+)(?:\.0*)?", bare)))
    pairs = tuple(("", match.group(1)) for match in _COUNTED.finditer(text))
    if len(pairs) > 1:
        yield Grid(pairs)


def _headed(text: str) -> Iterator[Grid]:
    """Yield one line of whole numbers under one line of headings, as R shows a table of one dimension."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) in (2, 3) and len(lines[-1]) == len(lines[-2]) and all(map(str.isdecimal, lines[-1])):
        # Headings may be codes; then only the blank line above, which R leaves, tells them from counts.
        named = not any(map(_is_figure, lines[-2]))
        if named or (len(lines) == 2 and not text.split("\n", 1)[0].strip()):
            yield Grid((tuple(lines[-2]), tuple(lines[-1])), 0, 1)


def _single(text: str) -> Iterator[Grid]:
    """Yield a text that is one whole number as the table of one cell that it is."""
    if count_in(text.strip().removeprefix("np.int64(").removesuffix(")")) is not None:
        yield Grid(((text.strip().removeprefix("np.int64(").removesuffix(")"),),), 0)


def has_figures(grid: Grid) -> bool:
    """Tell whether a table has a number outside its labels."""
    return any(_NUMBER.fullmatch(cell) for row in grid.rows for cell in row[min(grid.labels, grid.width - 1) :])
