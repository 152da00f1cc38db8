"""What `lfm ask` prints above the results: what is asked for, and what the papers say."""

from search.ranking.definition import Definition
from search.ranking.summary import Statement, Summary
from ui.cli.styled import Printer, Styled
from ui.cli.wording import names


def summary(found: Summary, out: Printer) -> None:
    """Print a summary; each sentence names its paper by rank."""
    for defined in found.definitions:
        out.print(_definition(defined))
    for approach, statements in found.by_approach():
        if approach:
            out.print(Styled(approach, "bold"))
        for one in statements:
            out.print(_statement(one), indent=2)
    if found.definitions or found.statements:
        out.print()


def _definition(one: Definition) -> Styled:
    text = Styled(one.name, "bold").append(f" ({one.type})", "dim")
    if one.about:
        text.append(": ").append(one.about)
    for number, by in enumerate(one.introduced_by):
        authors, year = names(by.paper.authors, 1), str(by.paper.year or "")
        text.append("; " if number else " Introduced by " if authors else " Introduced in ")
        text.append(", ".join(filter(None, (authors, year))))
        text.append(f" [{by.rank or by.paper.id}]", "dim")
    return text


def _statement(one: Statement) -> Styled:
    sentence = f"“{one.sentence}”" if one.quoted else one.sentence
    return Styled(sentence).append(f" [{one.rank}]", "dim")
