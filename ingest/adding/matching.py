"""Which papers of the atlas a bibliography means: by arXiv id, by DOI, by title.

Identifiers join, titles check them, as in `ingest.merge.merge`; what is only near is suggested, and
nothing is taken for another by guess.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ingest.merge.merge import is_telling, same_title, strangers
from ingest.sources.bibliography.reference import BibliographyEntry
from kg.entities import Filters, Paper
from kg.graph.rows import paper_rows
from kg.ids.titles import normalised_title
from kg.store.catalogue import Catalogue
from search.index.words import fts5

NEAR = 80.0
"""Least similarity (0 to 100) of a title that is suggested."""

SUGGESTED_FOR = 300
"""Entries for which near titles are looked up; of more that are unknown, hardly any is near."""

SUGGESTIONS = 3
"""Papers that are suggested for an entry."""

_LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Match:
    """What one entry of a bibliography means."""

    reference: BibliographyEntry
    paper: Paper | None
    """The paper that it is, or None where that is not sure."""
    suggestions: tuple[Paper, ...] = ()
    """Papers that it may be, the likeliest first, where it is not sure."""


def matches(catalogue: Catalogue, references: Sequence[BibliographyEntry]) -> tuple[Match, ...]:
    """Return what each entry means, in their order.

    Parameters
    ----------
    catalogue : Catalogue
    references : sequence of BibliographyEntry
    """
    with catalogue.reading():
        return tuple(_matches(catalogue, references))


def _matches(catalogue: Catalogue, references: Sequence[BibliographyEntry]) -> Iterator[Match]:
    unknown = 0
    for reference in references:
        paper, doubtful = _by_names(catalogue, reference)
        if paper is not None or doubtful:
            yield Match(reference, paper, tuple(doubtful))
            continue
        unknown += 1
        near = _near(catalogue, reference) if unknown <= SUGGESTED_FOR else ()
        yield Match(reference, None, tuple(near))


def _by_names(
    catalogue: Catalogue, reference: BibliographyEntry
) -> tuple[Paper | None, list[Paper]]:
    """Return the paper of an entry's identifiers or title, or those of which that is doubtful."""
    entry, doubtful = reference.entry, []
    for scheme, value in (("arxiv", entry.arxiv_id), ("doi", entry.doi)):
        found = catalogue.identifiers.find(scheme, value) if value else None
        if found:
            paper = catalogue.papers.get([catalogue.identifiers.key(found)])[0]
            titles = [paper.title, *catalogue.identifiers.titles(found)]
            if not entry.title or any(same_title(title, entry.title) for title in titles):
                return paper, []
            doubtful.append(paper)
    name = normalised_title(entry.title)
    found = catalogue.identifiers.find("title", name) if name else None
    if found:
        paper = catalogue.papers.get([catalogue.identifiers.key(found)])[0]
        # Another arXiv id makes it another paper of the same title, unless the id was a slip.
        other = bool(entry.arxiv_id and paper.arxiv_id and entry.arxiv_id != paper.arxiv_id)
        if other or doubtful or (strangers(paper.authors, entry.authors) and not is_telling(name)):
            doubtful.insert(0, paper)
        else:
            return paper, []
    return None, list({paper.id: paper for paper in doubtful}.values())


def _near(catalogue: Catalogue, reference: BibliographyEntry) -> list[Paper]:
    """Return the papers whose titles are near to an entry's, or stand in it, the nearest first."""
    name = normalised_title(reference.entry.title)
    # By how its words begin: one title says "models" where another says "model".
    words = [word.removesuffix("s") or word for word in fts5.words(reference.entry.title)]
    if not name or not words:
        return []
    expression = " OR ".join(f'"{word}"*' for word in words)
    some = Filters(withdrawn=True)
    found = catalogue.words.match(f"title : ({expression})", _LOOKED_AT, some, fts5.WEIGHTS)
    scores = {
        row[0]: _nearness(name, row[2], reference.running)
        for row in paper_rows(catalogue.database, [key for key, _ in found])
    }
    # Whoever writes "LoRA" may mean the paper of that name.
    scores |= dict.fromkeys(fts5.named(catalogue, reference.entry.title, some), 100.0)
    near = sorted((key for key in scores if scores[key] >= NEAR), key=lambda key: -scores[key])
    return catalogue.papers.get(near[:SUGGESTIONS])


def _nearness(name: str, other: str, running: bool) -> float:
    """Return how near a normalised title is to a paper's, 0 to 100."""
    title = normalised_title(other)
    # A whole reference holds the title.
    if running and is_telling(title) and f" {title} " in f" {name} ":
        return 100.0
    return max(fuzz.ratio(name, title), fuzz.token_sort_ratio(name, title))
