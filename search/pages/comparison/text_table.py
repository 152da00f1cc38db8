"""A comparison as plain text for a terminal of any width."""

import io
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from search.pages.comparison import wording
from search.pages.comparison.comparison import Column, Comparison, Row

MIN_TEXT_WIDTH = 20
"""Columns of the terminal in which a sentence can be read."""

_GAP = 2


def text_table(comparison: Comparison, width: int = 80) -> str:
    """Return the comparison as text.

    Where all fits beside each other, each row is a line of cells. Else the fields are the lines,
    and as many papers as fit stand side by side; further ones follow below.

    Parameters
    ----------
    width : int
        Columns of the terminal.
    """
    file = io.StringIO()
    out = Console(file=file, width=width, color_system=None, emoji=False, highlight=False)
    for note in wording.notes(comparison):
        out.print(_text([note]))
    fields = wording.fields(comparison)
    if comparison.rows and _needed(comparison, fields) <= width:
        out.print(_upright(comparison.rows, fields))
    else:
        for first in range(0, len(comparison.rows), size := _group_size(fields, width)):
            rows = comparison.rows[first : first + size]
            if first:
                out.print()
            out.print(_transposed(rows, fields))
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def _needed(comparison: Comparison, fields: tuple[Column, ...]) -> int:
    """Return the width at which rows can be read as lines."""
    labels = max(min(cell_len(wording.label(row)), MIN_TEXT_WIDTH) for row in comparison.rows)
    for field in fields:
        cells = [", ".join(wording.items(row, field)) for row in comparison.rows]
        widest = max(map(cell_len, cells))
        labels += _GAP + max(cell_len(field.heading), min(widest, MIN_TEXT_WIDTH))
    return labels


def _group_size(fields: tuple[Column, ...], width: int) -> int:
    """Return how many rows fit beside each other and beside the headings of the fields."""
    headings = max((cell_len(field.heading) for field in fields), default=0)
    return max(1, (width - headings) // (MIN_TEXT_WIDTH + _GAP))


def _upright(rows: tuple[Row, ...], fields: tuple[Column, ...]) -> Table:
    table = _table(["", *(field.heading for field in fields)])
    for row in rows:
        cells = (wording.items(row, field) for field in fields)
        table.add_row(_text([wording.label(row)]), *map(_text, cells))
    return table


def _transposed(rows: tuple[Row, ...], fields: tuple[Column, ...]) -> Table:
    table = _table(["", *(wording.label(row) for row in rows)])
    for field in fields:
        cells = [wording.items(row, field) for row in rows]
        if any(cells):
            table.add_row(_text([field.heading]), *map(_text, cells))
    return table


def _table(headings: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), show_header=True)
    for number, heading in enumerate(headings):
        # The first column stays whole; the others share the rest evenly.
        table.add_column(_text([heading]), overflow="fold", ratio=1 if number else None)
    return table


def _text(texts: Sequence[str]) -> Text:
    return Text(", ".join(texts))
