"""Answer a question with papers: understand it, rank papers, assess how well they fit."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from kg.errors import BadRequest
from kg.graph.rows import citations_among
from kg.records import Filters
from search.atlas import Atlas, of_one_state
from search.embedding.bulk import embed_papers
from search.index.base import Vectors, matrix
from search.index.words import fts5
from search.index.words.base import rarity as rarity_of
from search.index.words.query_words import words as words_of
from search.ranking import evidence, fusion, orders
from search.ranking.absence import MIN_PAPERS as MIN_TERM_PAPERS
from search.ranking.absence import absence_terms
from search.ranking.answers import Answer, Hit
from search.ranking.mode import Mode
from search.ranking.passing import PassingPapers, Ranking
from search.ranking.preferences import MIN_PAPERS, preferred_first, preferring
from search.ranking.resolve import ResolvedQuestion, resolve
from search.ranking.selection import checked_filters, clean_text
from search.ranking.strength import ASSESSED_PAPERS, GOOD, AnswerStrength, Strength, assess_answer
from search.understanding.reading import Order

FOLLOWER_WEIGHTS = (1.0, 2.0, 3.0)
"""Weights of meaning, of words and of how often a paper is used, where a question asks for what it
builds on. By words, a name is exact; the embedding model does not know it."""

MIN_USES = 3
"""A paper that is used less often than this is not ranked by it."""


class _Rankings(NamedTuple):
    """What was found for one question: keys, with scores or alone, best first."""

    dense: list[tuple[int, float]]
    """By meaning; the scores are cosines."""
    words: list[tuple[int, float]] = []  # noqa: RUF012  (never changed)
    """By words; the scores are BM25."""
    named: Sequence[int] = ()
    """Papers whose title, or name before a colon, is the question."""
    first: Sequence[int] = ()
    """Papers that are answers whatever they score."""
    of_kind: Sequence[int] = ()
    """Papers near in meaning of the kind that the question names."""


@of_one_state
def ask(
    atlas: Atlas,
    question: str,
    k: int = 10,
    filters: Filters | None = None,
    mode: Mode = Mode.HYBRID,
    literal: bool = False,
    without: Collection[str] = (),
) -> Answer:
    """Answer a question with papers.

    Parameters
    ----------
    question : str
        Natural language or words.
    k : int
        How many papers; as many come back where as many pass the filters.
    filters : Filters, optional
        Which papers may be answers, applied before ranking.
    mode : Mode
        By meaning, by words, or both.
    literal : bool
        Whether the question is nothing but words to compare papers with.
    without : collection of str
        Readings that do not hold, each as ``filter:value``: ``since:2023``.

    Raises
    ------
    BadRequest
        If the question is empty or too long, or `k` or the years make no sense.
    NotFound
        If there is no such topic.
    """
    started = time.perf_counter()
    question, mode = clean_text(question), Mode(mode)
    if not question:
        raise BadRequest("the question is empty", "ask something, such as 'model merging'")
    filters = checked_filters(atlas, k, filters)
    found = resolve(atlas, question, filters, literal, frozenset(without))
    terms = absence_terms(
        question, lambda one: fts5.papers_with(atlas.catalogue, one, MIN_TERM_PAPERS)
    )
    searched = " ".join([found.text, *terms])
    vector = _vector(atlas, found, searched, mode)
    rarity = rarity_of(atlas.words, words_of(found.text))
    # The assessment must not depend on how many papers somebody wants to see.
    best = _find(atlas, found, searched, vector, max(k, ASSESSED_PAPERS), mode, rarity)
    judgement = _assess(atlas, found, best[:ASSESSED_PAPERS], rarity)
    if len(best) > k:  # A paper of the answer cites other papers of the answer.
        best = tuple(replace(hit, cites=tuple(n for n in hit.cites if n <= k)) for hit in best[:k])
    notes = found.notes
    note = None if vector is None else atlas.index_note
    if not note and found.text and mode is not Mode.DENSE:
        note = atlas.words_note
    if note:
        notes = (*notes, note)
    return Answer(
        question,
        (time.perf_counter() - started) * 1000,
        best,
        found.text,
        judgement,
        found.filters,
        found.understood,
        notes,
        found.entities,
        found.set_aside,
    )


def _vector(atlas: Atlas, found: ResolvedQuestion, searched: str, mode: Mode) -> Vectors | None:
    """Embed a question's text, and add the vectors of the papers that it names."""
    if mode is Mode.KEYWORD or not found.text:
        return None
    parts = [] if found.alone else [atlas.embedder.encode_query(searched)]
    parts += [_vector_of(atlas, key) for key in found.named]
    if len(parts) == 1:
        return parts[0]
    whole: Vectors = np.sum(parts, axis=0)
    whole /= max(float(np.linalg.norm(whole)), 1e-12)
    return whole


def _find(
    atlas: Atlas,
    found: ResolvedQuestion,
    searched: str,
    vector: Vectors | None,
    k: int,
    mode: Mode,
    rarity: Mapping[str, float],
) -> tuple[Hit, ...]:
    depth = max(fusion.DEPTH, k)
    text, filters = found.text, found.filters
    passing = PassingPapers(atlas, filters)
    # FTS5 asks SQL.
    selecting = vector is not None or atlas.words.kind != "fts5"

    def by_words(most: int, among: Filters) -> Ranking:
        allowed = passing.selection(among) if selecting else None
        return atlas.words.search(searched, most, among, allowed=allowed, rarity=rarity)

    dense = [] if vector is None else _nearest(atlas, vector, depth, passing)
    words: Ranking = []
    named: Sequence[int] = []
    if text and mode is not Mode.DENSE and not (found.alone and dense):
        words = passing.first(by_words, depth)
        if not found.order:
            # In an order that is asked for, a name is as relevant as what is about it.
            named = passing.named(lambda among: atlas.words.named(text, among))
    near = [key for key, _ in dense[: fusion.DEPTH]]
    of_kind = fts5.of_kind(atlas.catalogue, text, near) if words else []
    if mode is Mode.HYBRID and found.alone:
        mode = Mode.DENSE
    rankings = _Rankings(dense, words, named, _first(atlas, found, dense, words, k), of_kind)
    scored = _scored(rankings, mode)
    ranked = preferring(atlas, scored, found.preferred, fusion.DEPTH)
    leading = list(rankings.first)
    if text and found.order:
        leading = _in_asked_order(atlas, found, found.order, leading, ranked, k)
    keys = list(dict.fromkeys([*found.exact, *leading, *map(itemgetter(0), ranked)]))[:k]
    return _build_hits(atlas, text, rankings, keys, dict(scored), mode, rarity)


def _first(
    atlas: Atlas,
    found: ResolvedQuestion,
    dense: Sequence[tuple[int, float]],
    words: Sequence[tuple[int, float]],
    k: int,
) -> list[int]:
    """Return the papers that are answers whatever they score."""
    if not found.text and found.understood:
        return orders.all_in_order(
            atlas, found.filters, found.preferred, found.order or Order.NEWEST, k
        )
    if found.followers:
        followers = _in_order(found.followers, dense, words)
        return [*found.first, *preferred_first(atlas, followers, found.preferred)]
    return list(found.first)


def _in_asked_order(
    atlas: Atlas,
    found: ResolvedQuestion,
    order: Order,
    first: Sequence[int],
    ranked: Sequence[tuple[int, float]],
    k: int,
) -> list[int]:
    """Return what is relevant to a question in the order that it asks for."""
    preferred = found.preferred
    if found.entities and order is Order.OLDEST:
        # What introduced it stays before what had its name for something else.
        start = len(found.first)
        return [*first[:start], *orders.in_order(atlas, first[start:], order, preferred)]
    if found.entities or (first and not found.named):
        return orders.in_order(atlas, first, order, preferred)
    if found.subject:
        about = orders.all_in_order(atlas, found.subject, preferred, order, k)
        if len(about) >= MIN_PAPERS:
            return about
    relevant = orders.relevant(ranked, fusion.DEPTH)
    return [*first, *orders.in_order(atlas, relevant, order)]


def _in_order(
    followers: Mapping[int, int],
    dense: Sequence[tuple[int, float]],
    words: Sequence[tuple[int, float]],
) -> list[int]:
    """Return papers that build on what is asked for, the most relevant and the most used first."""
    used = [key for key, uses in followers.items() if uses >= MIN_USES]
    used.sort(key=lambda key: -followers[key])
    # No deeper where more are asked for, so that the first stay the same.
    best = ([key for key, _ in one[: fusion.DEPTH]] for one in (dense, words))
    rankings = (*best, used)
    ranked = [key for key, _ in fusion.fuse(rankings, FOLLOWER_WEIGHTS) if key in followers]
    return list(dict.fromkeys([*ranked, *followers]))


def _assess(
    atlas: Atlas, found: ResolvedQuestion, best: Sequence[Hit], rarity: Mapping[str, float]
) -> AnswerStrength:
    certain = found.first or found.followers or (found.subject and found.order)
    if best and (certain or not found.text):
        return GOOD
    if not found.text:
        return AnswerStrength(Strength.NONE, ())
    cosines = [hit.cosine for hit in best if hit.cosine is not None]
    embedder = atlas.embedder if cosines else None
    keys, narrowed = [hit.key for hit in best], any(one.hard for one in found.understood)
    assessed = assess_answer(atlas.catalogue, embedder, cosines, rarity, keys, narrowed)
    if assessed != GOOD and found.subject and atlas.passing_of(keys, found.subject):
        return GOOD  # All that it asks for is on record of a paper found.
    return assessed


@of_one_state
def similar(
    atlas: Atlas,
    name: str | None = None,
    text: str | None = None,
    k: int = 10,
    filters: Filters | None = None,
) -> tuple[Hit, ...]:
    """Return the papers nearest to a paper, or to a pasted abstract.

    Parameters
    ----------
    name : str, optional
        A paper's id, link or title.
    text : str, optional
        Any text, where there is no `name`.
    filters : Filters, optional
        Which papers may be answers.

    Raises
    ------
    NotFound
        If there is no such paper or topic.
    BadRequest
        If the text is empty or too long, or `k` or the years make no sense.
    """
    filters = checked_filters(atlas, k, filters)
    if name is None:
        text = clean_text(text or "")
        if not text:
            raise BadRequest("the text is empty", "paste an abstract")
        near = _nearest(atlas, atlas.embedder.encode_query(text), k, PassingPapers(atlas, filters))
        return _neighbours(atlas, text, near)
    key = atlas.catalogue.identifiers.key(name)
    paper = atlas.catalogue.papers.get([key])[0]
    near = _nearest(atlas, _vector_of(atlas, key), k + 1, PassingPapers(atlas, filters))
    others = [hit for hit in near if hit[0] != key]
    return _neighbours(atlas, paper.title, others[:k])


def _neighbours(atlas: Atlas, text: str, near: list[tuple[int, float]]) -> tuple[Hit, ...]:
    keys = [key for key, _ in near]
    return _build_hits(atlas, text, _Rankings(near), keys, dict(near), Mode.DENSE)


def _nearest(atlas: Atlas, vector: Vectors, k: int, passing: PassingPapers) -> Ranking:
    """Return keys and cosines of the `k` papers nearest to a vector that pass, best first."""

    def nearest(most: int, among: Filters) -> Ranking:
        keys, scores = atlas.index.search(vector, most, passing.selection(among))
        return list(zip(keys.tolist(), scores.tolist(), strict=True))

    return passing.first(nearest, k)


def _vector_of(atlas: Atlas, key: int) -> Vectors:
    """Return the vector of a paper, computed where the catalogue has none."""
    stored = atlas.catalogue.vectors.get(atlas.embedder.model, [key]).get(key)
    if stored is not None:
        (vector,) = matrix([stored], atlas.embedder.dim)
        return np.asarray(vector)
    (paper,) = atlas.catalogue.papers.get([key])
    ((_, (computed,)),) = embed_papers(atlas.embedder, [(key, paper.title, paper.abstract)])
    return np.asarray(computed)


def _build_hits(
    atlas: Atlas,
    question: str,
    found: _Rankings,
    best: Sequence[int],
    scores: Mapping[int, float],
    mode: Mode,
    rarity: Mapping[str, float] | None = None,
) -> tuple[Hit, ...]:
    """Return papers with all that an answer says of them.

    Parameters
    ----------
    best : sequence of int
        The papers, best first.
    scores : mapping of int to float
        As they were ranked; those that come first whatever they score may lack one.
    """
    catalogue = atlas.catalogue
    # An index on a server may have a paper that has become part of another since.
    there = catalogue.papers.found(best)
    keys = [key for key in best if key in there]
    papers = [there[key] for key in keys]
    topics, details = atlas.topics_of(keys), catalogue.details.get(keys)
    abstracts = {
        key: paper.abstract for key, paper in zip(keys, papers, strict=True) if paper.abstract
    }
    if rarity is None and abstracts:
        rarity = rarity_of(atlas.words, words_of(question))
    sentences = evidence.best_sentences(catalogue, question, abstracts, rarity or {})
    ranks = _ranks(keys)
    dense, words = (_ranks(map(itemgetter(0), one)) for one in (found.dense, found.words))
    named = _ranks(dict.fromkeys((*found.first, *found.named)))
    cosines = dict(found.dense)
    certain = set(found.first) if mode is Mode.HYBRID else ()
    cites: dict[int, list[int]] = {}
    for citing, cited in citations_among(catalogue.database, keys):
        cites.setdefault(citing, []).append(ranks[cited])
    return tuple(
        Hit(
            rank=ranks[key],
            key=key,
            paper=paper,
            topics=placed,
            score=1.0 if key in certain else max(scores.get(key, 1.0), 0.0),
            evidence=sentences.get(key),
            dense=dense.get(key),
            keyword=words.get(key),
            cites=tuple(sorted(cites.get(key, ()))),
            cosine=cosines.get(key),
            named=named.get(key),
            details=known,
        )
        for key, paper, placed, known in zip(keys, papers, topics, details, strict=True)
    )


def _scored(found: _Rankings, mode: Mode) -> list[tuple[int, float]]:
    """Return the papers that were found with their scores, best first."""
    if mode is Mode.KEYWORD:
        scores = dict(found.words)
        return [(key, scores.pop(key, 0.0)) for key in found.named] + list(scores.items())
    if mode is Mode.DENSE:
        return found.dense or found.words
    return fusion.hybrid(found.dense, found.words, found.named, found.of_kind)


def _ranks(keys: Iterable[int]) -> dict[int, int]:
    return dict(zip(keys, count(1), strict=False))
