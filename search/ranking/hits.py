"""From the rankings of one question to the papers of its answer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kg.graph.rows import citations_among
from search.atlas import Atlas
from search.ranking import evidence, fusion
from search.ranking.answers import Hit, Mode


class Rankings(NamedTuple):
    """What was found for one question: keys, with scores or alone, best first."""

    dense: list[tuple[int, float]]
    """By meaning; the scores are cosines."""
    words: list[tuple[int, float]] = []  # noqa: RUF012  (never changed)
    """By words; the scores are BM25."""
    named: Sequence[int] = ()
    """Papers whose title, or name before a colon, is the question."""
    first: Sequence[int] = ()
    """Papers that are answers whatever they score."""


def hits(
    atlas: Atlas,
    question: str,
    found: Rankings,
    mode: Mode,
    k: int,
    rarity: Mapping[str, float] | None = None,
) -> tuple[Hit, ...]:
    """Return the best papers of some rankings, with all that an answer says of them.

    Parameters
    ----------
    question : str
        What evidence is looked for.
    mode : Mode
        Which of the rankings decides; hybrid fuses them.
    k : int
        The most papers.
    rarity : mapping of str to float, optional
        The question's words and how rare each is, where that was read already.
    """
    catalogue = atlas.catalogue
    # A paper may have become part of another since it was ranked.
    best = _ranked(found, mode)[:k]
    there = catalogue.papers.existing([key for key, _ in best])
    best = [(key, score) for key, score in best if key in there]
    keys = [key for key, _ in best]
    papers = catalogue.papers.get(keys)
    topics = atlas.topics_of(keys)
    abstracts = {
        key: paper.abstract for key, paper in zip(keys, papers, strict=True) if paper.abstract
    }
    sentences = evidence.best_sentences(catalogue, question, abstracts, rarity)
    ranks = _ranks(keys)
    dense, words = (_ranks(key for key, _ in one) for one in (found.dense, found.words))
    named = _ranks(dict.fromkeys((*found.first, *found.named)))
    cosines = dict(found.dense)
    cites: dict[int, list[int]] = {}
    for citing, cited in citations_among(catalogue.database, keys):
        cites.setdefault(citing, []).append(ranks[cited])
    return tuple(
        Hit(
            rank=ranks[key],
            key=key,
            paper=paper,
            topics=placed,
            score=score,
            evidence=sentences.get(key),
            dense=dense.get(key),
            keyword=words.get(key),
            cites=tuple(sorted(cites.get(key, ()))),
            cosine=cosines.get(key),
            named=named.get(key),
        )
        for (key, score), paper, placed in zip(best, papers, topics, strict=True)
    )


def _ranked(found: Rankings, mode: Mode) -> list[tuple[int, float]]:
    if mode is Mode.HYBRID:
        dense, words = ([key for key, _ in one] for one in (found.dense, found.words))
        ranked = fusion.hybrid(dense, words, found.named)
    else:
        ranked = found.dense or found.words
    if not found.first:
        return ranked
    scores = {} if mode is Mode.HYBRID else dict(ranked)
    first = dict.fromkeys(found.first)
    return [
        *((key, scores.get(key, 1.0)) for key in first),
        *(one for one in ranked if one[0] not in first),
    ]


def _ranks(keys: Iterable[int]) -> dict[int, int]:
    return {key: rank for rank, key in enumerate(keys, 1)}
