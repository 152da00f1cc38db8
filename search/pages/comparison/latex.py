r"""A comparison as a fragment of LaTeX that any document can ``\input``: it needs no package."""

from collections.abc import Iterator

from kg.text.latex.portable import definitions, portable_text
from search.pages.comparison import wording
from search.pages.comparison.comparison import Column, Comparison, Row

ROWS_PER_TABLE = 3
"""Papers that fit beside each other on a page."""

_HEADING_SHARE = 0.14
"""Share of the width of a line that the names of the fields take."""

_TEXT_SHARE = 0.76
"""Share that the cells take together; the rest is the space between them."""

_END = r" \tabularnewline"


def latex(comparison: Comparison) -> str:
    """Return the comparison as tables of a few papers each, the fields as their lines."""
    fields = wording.fields(comparison)
    body: list[str] = [f"{portable_text(note)}\\par" for note in wording.notes(comparison)]
    for first in range(0, len(comparison.rows), ROWS_PER_TABLE):
        rows = comparison.rows[first : first + ROWS_PER_TABLE]
        body += _tabular(rows, fields)
    text = "\n".join(body)
    return "\n".join([r"\begingroup\footnotesize", *definitions(text), text, r"\endgroup", ""])


def _tabular(rows: tuple[Row, ...], fields: tuple[Column, ...]) -> Iterator[str]:
    share = f"{_TEXT_SHARE / len(rows):.3f}"
    columns = f"p{{{_HEADING_SHARE}\\linewidth}}" + f"p{{{share}\\linewidth}}" * len(rows)
    yield rf"\par\noindent\begin{{tabular}}{{{columns}}}"
    yield r"\hline"
    yield _line("", [rf"\textbf{{{portable_text(wording.label(row))}}}" for row in rows])
    yield r"\hline"
    for field in fields:
        texts = [wording.items(row, field) for row in rows]
        if any(texts):
            yield _line(portable_text(field.heading), [_cell(field, one) for one in texts])
    yield r"\hline"
    yield r"\end{tabular}"


def _line(heading: str, cells: list[str]) -> str:
    return " & ".join(f"\\raggedright {cell}" for cell in (heading, *cells)) + _END


def _cell(field: Column, texts: tuple[str, ...]) -> str:
    cell = portable_text(", ".join(texts))
    # An address has no space at which a line could end.
    return cell.replace("/", r"/\allowbreak{}") if field.name in ("code", "id") else cell
