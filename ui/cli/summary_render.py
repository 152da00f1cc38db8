"""What `lfm ask` prints above the results: what is asked for, and what the papers say."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from search.ranking.definition import Definition
from search.ranking.summary import Statement, Summary
from ui.cli.printing import names, plain


def summary(found: Summary, out: Console) -> None:
    """Print a summary; each sentence names its paper by rank."""
    for defined in found.definitions:
        out.print(_definition(defined))
    for approach, statements in found.by_approach():
        if approach:
            out.print(plain(approach, "bold"))
        for one in statements:
            out.print(Padding(_statement(one), (0, 0, 0, 2)))
    if found.definitions or found.statements:
        out.print()


def _definition(one: Definition) -> Text:
    text = plain(one.name, "bold").append(f" ({one.type})", "dim")
    if one.about:
        text.append(": ").append(plain(one.about))
    for number, by in enumerate(one.introduced_by):
        authors, year = names(by.paper.authors, 1), str(by.paper.year or "")
        text.append("; " if number else " Introduced by " if authors else " Introduced in ")
        text.append(plain(", ".join(filter(None, (authors, year)))))
        text.append(f" [{by.rank or by.paper.id}]", "dim")
    return text


def _statement(one: Statement) -> Text:
    sentence = f"“{one.sentence}”" if one.quoted else one.sentence
    return plain(sentence).append(f" [{one.rank}]", "dim")
