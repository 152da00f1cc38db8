"""Matching the entries of a bibliography to papers of the atlas: by arXiv id, DOI or title.

Titles check identifiers, as in `ingest.merge.merger`; papers of similar titles are suggested.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ingest.merge.same_paper import disjoint_authors, same_title
from ingest.sources.bibliography.reference import BibEntry
from kg.graph.rows import paper_rows
from kg.ids.titles import is_distinctive, normalised_title
from kg.records import Filters, Paper
from kg.store.catalogue import Catalogue
from search.index.words.fts5 import WEIGHTS, Fts5Words
from search.index.words.query_words import words as words_of

MIN_SUGGESTED_SIMILARITY = 80.0
"""Least similarity (0 to 100) of a title that is suggested."""

MAX_LOOKUPS = 300
"""Unmatched entries for which similar titles are looked up."""

MAX_SUGGESTIONS = 3
"""Papers that are suggested for an entry."""

_MAX_COMPARED = 40
"""Search results whose titles are compared with an entry's."""


@dataclass(frozen=True, slots=True)
class Match:
    """The paper of one entry of a bibliography."""

    reference: BibEntry
    paper: Paper | None
    """The paper, or None where it is unknown or doubtful."""
    suggestions: tuple[Paper, ...] = ()
    """Papers that it may be, the likeliest first."""


def matches(catalogue: Catalogue, references: Sequence[BibEntry]) -> tuple[Match, ...]:
    """Return the match of each entry, in their order."""
    found, unknown = [], 0
    with catalogue.reading():
        for reference in references:
            paper, suggested = _by_names(catalogue, reference)
            if paper is None and not suggested:
                unknown += 1
                if unknown <= MAX_LOOKUPS:
                    suggested = _suggestions(catalogue, reference)
            found.append(Match(reference, paper, tuple(suggested)))
    return tuple(found)


def _by_names(catalogue: Catalogue, reference: BibEntry) -> tuple[Paper | None, list[Paper]]:
    """Return the paper of an entry's identifiers or title, or else the doubtful ones."""
    entry, doubtful = reference.entry, []
    for scheme, value in (("arxiv", entry.arxiv_id), ("doi", entry.doi)):
        if value and (paper := catalogue.papers.by(scheme, value)):
            titles = [paper.title, *catalogue.identifiers.titles(paper.id)]
            if not entry.title or any(same_title(title, entry.title) for title in titles):
                return paper, []
            doubtful.append(paper)
    name = normalised_title(entry.title)
    if name and (paper := catalogue.papers.by("title", name)):
        # With another arXiv id it is another paper of the same title, or the id is a mistake.
        other = bool(entry.arxiv_id and paper.arxiv_id and entry.arxiv_id != paper.arxiv_id)
        doubt = disjoint_authors(paper.authors, entry.authors) and not is_distinctive(name)
        if not (other or doubtful or doubt):
            return paper, []
        doubtful.insert(0, paper)
    return None, list({paper.id: paper for paper in doubtful}.values())


def _suggestions(catalogue: Catalogue, reference: BibEntry) -> list[Paper]:
    """Return the papers of titles that are similar to an entry's or stand in it, best first."""
    name = normalised_title(reference.entry.title)
    # By prefixes: one title has "models" where another has "model".
    words = [word.removesuffix("s") or word for word in words_of(reference.entry.title)]
    if not name or not words:
        return []
    expression = " OR ".join(f'"{word}"*' for word in words)
    some = Filters(withdrawn=True)
    found = catalogue.words.match(f"title : ({expression})", _MAX_COMPARED, some, WEIGHTS)
    scores = {
        row[0]: _similarity(name, row[2], reference.running)
        for row in paper_rows(catalogue.database, [key for key, _ in found])
    }
    # "LoRA" may mean the paper that introduced it.
    scores |= dict.fromkeys(Fts5Words(catalogue).named(reference.entry.title, some), 100.0)
    near = [key for key, score in scores.items() if score >= MIN_SUGGESTED_SIMILARITY]
    return catalogue.papers.get(sorted(near, key=lambda key: -scores[key])[:MAX_SUGGESTIONS])


def _similarity(name: str, other: str, running: bool) -> float:
    """Return how similar a normalised title is to a paper's, 0 to 100."""
    title = normalised_title(other)
    # A whole reference contains the title.
    if running and is_distinctive(title) and f" {title} " in f" {name} ":
        return 100.0
    return max(fuzz.ratio(name, title), fuzz.token_sort_ratio(name, title))
