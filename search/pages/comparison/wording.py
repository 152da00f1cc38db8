"""What comparisons say to people, in any format."""

from collections.abc import Mapping

from kg.export.awesome_list import authors
from kg.export.text import one_line
from kg.ids.topic_ids import last_part
from kg.text.plain import without_controls
from search.pages.comparison.comparison import Column, Comparison, Row
from search.ranking.strength import HEADLINES, NEAREST, Strength


def label(row: Row) -> str:
    """Return what a row is headed by: the name of an entity, or the title of a paper."""
    return _plain(row.label)


def items(row: Row, column: Column) -> tuple[str, ...]:
    """Return what a row says in a column: one text, several, or none."""
    value = row.values[column.name]
    if isinstance(value, tuple):
        if column.name == "topics":
            value = tuple(map(last_part, value))
        elif column.name == "authors":
            value = (authors(value),) if value else ()
        return tuple(_plain(one) for one in value)
    if isinstance(value, Mapping):
        return tuple(f"{name} {sure:.0%}" for name, sure in value.items())
    if isinstance(value, bool):
        return ("yes",) if value else ()
    return (_plain(str(value)),) if value not in (None, "") else ()


def notes(comparison: Comparison) -> list[str]:
    """Return what is to be known before the table is read, a line each."""
    found = []
    if comparison.question is not None and not comparison.rows:
        found.append("No paper was found.")
    elif comparison.strength is not Strength.GOOD:
        found.append(f"{HEADLINES[comparison.strength]}. {NEAREST}")
    if any(row.values["confidence"] for row in comparison.rows):
        found.append("What is predicted, nobody has read the paper for; the share says how sure.")
    return found


def fields(comparison: Comparison) -> tuple[Column, ...]:
    """Return the columns beside that of `Row.label`, by which rows are headed.

    The title of a paper is its label; it is of use where a row is an entity's.
    """
    unneeded = {"name"}
    if not any(row.entity for row in comparison.rows):
        unneeded.add("title")
    return tuple(one for one in comparison.columns if one.name not in unneeded)


def _plain(text: str) -> str:
    return one_line(without_controls(text))
