"""What `lfm ask` and `lfm similar` print for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg.records import Paper
from kg.store.details import Details
from search.ranking.answers import Answer, Hit
from search.ranking.strength import NEAREST, Strength
from ui.cli.styled import Printer, Styled
from ui.cli.summary_render import summary as print_summary
from ui.cli.wording import names
from ui.text import reading_words
from ui.text.card_words import PREDICTED, CardLabel, labels
from ui.text.quantities import counted

if TYPE_CHECKING:  # A question is rendered without loading what only other commands need.
    from search.ranking.summary import Summary

MAX_NEAREST = 3
"""Papers that are shown of an answer without evidence."""


def answer(found: Answer, summary: "Summary | None" = None) -> None:
    """Print an answer, what its papers say first; of one without evidence, the nearest papers in a
    line each.
    """
    out = Printer()
    judgement = found.judgement
    if found.understood:
        told = Styled(f"Understood: {reading_words.line(found.understood)}", "cyan")
        out.print(told.append(f" ({reading_words.LITERALLY})", "dim"))
    if found.hits or found.notes:
        for line in filter(None, (str(judgement), *found.notes)):
            out.print(Styled(line, "yellow"))
    if judgement.strength is Strength.NONE:
        if found.hits:
            out.print(Styled(NEAREST, "dim"))
        for one in found.hits[:MAX_NEAREST]:
            paper = one.paper
            out.print(Styled(f"  {paper.year or '    '}  {paper.id}  ").append(_title(paper)))
    else:
        if summary is not None and len(found.hits) > 1:
            print_summary(summary, out)
        similar(found.hits, out)
    if not found.hits and not found.notes:
        out.print("No paper of the atlas passes these filters.")
    if judgement.strength is not Strength.NONE:
        compared = " ".join(found.compared) or "-q QUESTION"
        side_by_side = f"; `lfm compare {compared}` shows them side by side"
        took = f"{counted(len(found.hits), 'paper')} in {found.took_ms:.0f} ms"
        out.print(Styled(took + (side_by_side if len(found.hits) > 1 else ""), "dim"))


def similar(found: Sequence[Hit], out: Printer | None = None) -> None:
    """Print papers, the nearest first, with what they are near by."""
    out = out or Printer()
    for one in found:
        out.print(_hit(one), label=Styled(f"{one.rank:>2}.", "dim"))
    cards = [one.details.card for one in found]
    if any(card and card.confidence for card in cards):
        out.print(Styled(PREDICTED, "dim"))


def _hit(one: Hit) -> Styled:
    paper = one.paper
    facts = [names(paper.authors), str(paper.year or ""), paper.venue or "", paper.id]
    lines = [_title(paper), Styled(" · ".join(filter(None, facts)), "cyan")]
    if one.details.summary:
        lines.append(Styled(one.details.summary))
    if marks := _marks(one.details):
        lines.append(Styled(" · ".join(marks), "magenta"))
    if one.topics:
        lines.append(Styled(", ".join(one.topics), "green"))
    if one.evidence:
        lines.append(Styled(f"“{one.evidence}”", "italic"))
    ranks = [("name", one.named), ("meaning", one.dense), ("words", one.keyword)]
    named = ", ".join(f"{name} #{rank}" for name, rank in ranks if rank)
    cited = f" · cites {', '.join(f'{rank}.' for rank in one.cites)}" if one.cites else ""
    # What is here by itself, such as the papers of an author, has no score.
    scored = one.dense is not None or one.keyword is not None
    found = f"{named} · score {one.score:.3f}" if scored else "asked for"
    lines.append(Styled(found + cited, "dim"))
    text = lines[0]
    for line in lines[1:]:
        text.append("\n").append(line)
    return text


def _title(paper: Paper) -> Styled:
    made = Styled(paper.title, "bold")
    return made.append(" (withdrawn)", "bold red") if paper.withdrawn else made


def _marks(details: Details) -> list[str]:
    """Return what a paper is and needs, its code and its citations, each in a few words."""
    marks = [label_words(label) for label in labels(details.card)]
    if details.code:
        marks.append(f"code {details.code}")
    if details.citations is not None:
        marks.append(f"cited {details.citations:,} times")
    return marks


def label_words(label: CardLabel) -> str:
    """Return a label of a card, marked where it is predicted."""
    return label.words if label.confidence is None else f"{label.words}?"
