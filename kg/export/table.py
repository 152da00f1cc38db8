"""Papers as CSV (RFC 4180), one row each, in UTF-8.

A row's cells are named by the first row, after the fields of `kg.records.Paper`; ``topics``,
``lists`` and ``cites`` hold ids of topics, names of lists and ids of papers of the same file;
``introduces`` to ``mentions`` hold ids of methods, benchmarks and models, such as ``method/lora``.
An empty cell is an unknown fact. ``summary``, ``kind``, ``data``, ``access``, ``training`` and
``modality`` are of the paper's card (`kg.cards.card`), ``code`` is the link to its code.

- A list is one cell, its items separated by ``"; "``; within an item, a backslash stands before
  each backslash and semicolon (`kg.export.text.joined`).
- Spreadsheets read a cell that begins with ``= + - @`` as a formula. Such a text, and one that
  begins with an apostrophe, gets one apostrophe before it; readers remove one apostrophe from each
  cell that begins with one.
"""

import csv
import io

from kg.cards.card import CHOICES
from kg.entities.entity import Relation
from kg.export.excerpt import Excerpt
from kg.export.text import joined
from kg.records import Paper

# Also full-width forms, which some spreadsheets read alike, and white space that they skip.
_FORMULA_STARTS = ("=", "+", "-", "@", "'", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def table(excerpt: Excerpt) -> str:
    """Return the papers as CSV with a row of names."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    cited = excerpt.cited()
    writer.writerow(COLUMNS)
    for paper in excerpt.papers:
        writer.writerow(map(escaped_formula, _cells(paper, excerpt, cited.get(paper.id, ()))))
    return file.getvalue()


FIRST_COLUMNS: tuple[str, ...] = (
    *("id", "title", "authors", "year", "published", "updated", "venue", "arxiv_id", "doi", "url"),
    *("categories", "topics", "lists", "cites", "comment", "journal_ref", "version", "withdrawn"),
)
"""Names of the columns by which a table of ours is known: more came with later versions."""

COLUMNS: tuple[str, ...] = (
    *FIRST_COLUMNS,
    *("summary", *CHOICES, "code", *Relation, "abstract"),
)
"""Names of the columns."""


def _cells(paper: Paper, excerpt: Excerpt, cited: tuple[str, ...]) -> list[str]:
    details = excerpt.known(paper.id)
    choices = details.choices()
    return [
        paper.id,
        paper.title,
        joined(paper.authors),
        str(paper.year if paper.year is not None else ""),
        paper.published.isoformat() if paper.published else "",
        paper.updated.isoformat() if paper.updated else "",
        paper.venue or "",
        paper.arxiv_id or "",
        paper.doi or "",
        paper.url or "",
        joined(paper.categories),
        joined(excerpt.topics(paper.id)),
        joined(excerpt.lists.get(paper.id, ())),
        joined(cited),
        paper.comment or "",
        paper.journal_ref or "",
        str(paper.version or ""),
        "true" if paper.withdrawn else "false",
        details.summary or "",
        *(choices.get(field, "") for field in CHOICES),
        details.code or "",
        *(joined(excerpt.related(paper.id, relation)) for relation in Relation),
        paper.abstract or "",
    ]


def unescaped_formula(cell: str) -> str:
    """Return the text of a cell of a table that `table` wrote."""
    return cell.removeprefix("'")


def escaped_formula(cell: str) -> str:
    """Return the text of a cell as spreadsheets show it and do not compute it."""
    return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell
