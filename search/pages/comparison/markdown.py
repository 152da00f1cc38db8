"""A comparison as a table of GitHub Flavored Markdown."""

from collections.abc import Iterable

from kg.export.awesome_list import escaped, link, safe_address
from search.pages.comparison import wording
from search.pages.comparison.comparison import Column, Comparison, Row


def markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown: a paper or entity a row, with links to the papers."""
    fields = wording.fields(comparison)
    head = ["", *(field.heading for field in fields)]
    lines = [f"{escaped(note)}\n" for note in wording.notes(comparison)]
    lines += [_line(head), _line("---" for _ in head)] if comparison.rows else []
    for row in comparison.rows:
        lines.append(_line([_label(row), *(_cell(row, one) for one in fields)]))
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _label(row: Row) -> str:
    return _linked(f"**{escaped(wording.label(row))}**", link(row.paper) if row.paper else "")


def _cell(row: Row, column: Column) -> str:
    texts = wording.items(row, column)
    if column.name == "code":
        return ", ".join(_linked("code", safe_address(text)) for text in texts)
    if column.name == "title" and row.paper:
        return ", ".join(_linked(escaped(text), link(row.paper)) for text in texts)
    return ", ".join(map(escaped, texts))


def _linked(text: str, address: str) -> str:
    return f"[{text}]({address})" if address else text
