"""What all printing for people shares: text that is safe, tables that fit, papers' titles."""

from collections.abc import Mapping

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from kg.records import Paper
from kg.text.plain import without_controls
from ui.cli.styled import MIN_WIDTH

MAX_WIDTH = 100_000
"""Width, in columns, that any table fits into."""


def plain(text: str, style: str = "") -> Text:
    """Return text from outside as it is, without what could steer the terminal."""
    return Text(without_controls(text), style)


def console() -> Console:
    """Return where to print, `MIN_WIDTH` columns wide at least."""
    # Emoji and highlighting would change what titles say.
    made = Console(highlight=False, emoji=False, soft_wrap=False)
    made.width = max(made.width, MIN_WIDTH)
    return made


def print_table(table: Table) -> None:
    """Print a table; where it is too wide to be read, each cell on a line with its heading.

    Words are broken only in columns of a ``min_width`` with ``overflow="fold"``.
    """
    out = console()
    if _fit(table, out):
        out.print(table)
        return
    rows = zip(*(column.cells for column in table.columns), strict=True)
    for row in rows:
        cells = [cell if isinstance(cell, Text) else Text(str(cell)) for cell in row]
        if table.show_header:
            for column, cell in zip(table.columns, cells, strict=True):
                heading = f"{' '.join(str(column.header).split())}: " if column.header else ""
                if cell.plain:
                    out.print(Text(heading, "dim").append_text(cell))
        else:
            out.print(Text(" ").join(cell for cell in cells if cell.plain))


def _fit(table: Table, out: Console) -> bool:
    """Return whether a table fits, after dividing the width among its columns.

    Left to itself, rich makes the widest column narrow first, and cuts its words.
    """
    # Measured as if there were room enough: what does not fit would be cut.
    room = out.options.update(max_width=MAX_WIDTH)
    whole = Measurement.get(out, room, table)
    if whole.maximum <= out.width:
        return True
    widths = []
    for column in table.columns:
        cells = [column.header, *column.cells] if table.show_header else list(column.cells)
        sizes = [Measurement.get(out, room, cell) for cell in cells]
        most = max(size.maximum for size in sizes)
        least = most if column.no_wrap else max(size.minimum for size in sizes)
        if column.overflow == "fold" and column.min_width:
            least = min(least, column.min_width)
        widths.append((least, most))
    between = whole.maximum - sum(most for _, most in widths)
    spare = out.width - between - sum(least for least, _ in widths)
    if spare < 0:
        return False
    missing = sum(most - least for least, most in widths)
    for column, (least, most) in zip(table.columns, widths, strict=True):
        column.width = least + spare * (most - least) // missing
    return True


def print_facts(facts: Mapping[str, str | Text]) -> None:
    """Print facts, each beside its name."""
    table = Table(box=None, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold", min_width=MIN_WIDTH)
    for name, value in facts.items():
        table.add_row(name, value)
    print_table(table)


def title(paper: Paper) -> Text:
    """Return a paper's title, marked where it was withdrawn."""
    made = plain(paper.title, "bold")
    return made.append(" (withdrawn)", "bold red") if paper.withdrawn else made
