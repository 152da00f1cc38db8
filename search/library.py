"""The library: opens catalogue, index and taxonomy, and answers questions from them."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from kg.entities import Filters, Paper, Placement
from kg.errors import BadRequest
from kg.settings import Settings
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.text.partial_date import check_order
from kg.text.plain import plain_text
from search.answers import Answer, Hit, Mode, PaperPage, Status
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers
from search.embedding.open import is_english, open_embedder
from search.index.base import VectorIndex, Vectors
from search.index.open import chosen_kind, open_index
from search.index.stored import matrix
from search.index.words import fts5
from search.pages import topic as topic_page
from search.pages.topic import TopicPage
from search.ranking import evidence, fusion
from search.ranking.resolve import Asked, asked
from search.ranking.strength import GOOD, READ, Judgement, Strength, judged

if TYPE_CHECKING:
    from kg.store.integrity import Fault
    from kg.taxonomy.taxonomy import Taxonomy

DEPTH = 200
"""How far down each ranking is read before they are fused."""

NAMED = 2.0
"""Weight of being asked for by name: more than of both others."""

MOST = 1_000_000
"""The most papers that one answer may have."""

LONGEST = 10_000
"""Characters of the longest question or pasted text: far more than the model reads of it."""

WEIGHTS = (1.0, 1.0)
"""Weights of the dense and the keyword ranking, chosen on the benchmarks."""


class Library:
    """An open atlas: a context manager, to be closed by who opened it.

    Parameters
    ----------
    settings : Settings
        Where it is; on first use the bundled snapshot is opened there.
    embedder : Embedder, optional
        Used in place of the model that the settings name.
    """

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self.settings = settings
        bundled.unpack(settings.catalogue)
        self.catalogue = Catalogue(settings.catalogue)
        chosen_kind(settings.index, 0)  # A misspelt setting is told before any work is done.
        self._lock = threading.Lock()
        self._embedder = embedder
        self._index: tuple[tuple[str, int], VectorIndex] | None = None

    def close(self) -> None:
        """Close the catalogue's connection of this thread."""
        self.catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def taxonomy(self) -> "Taxonomy":
        """The topics, read when first needed."""
        from kg.taxonomy.taxonomy import Taxonomy

        return Taxonomy.load(self.settings.own_taxonomy)

    # -- model and index -------------------------------------------------------------------

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded when first needed."""
        with self._lock:
            if self._embedder is None:
                self._embedder = open_embedder(self.settings.model, state=self.settings.cache)
            return self._embedder

    @property
    def index(self) -> VectorIndex:
        """The vector index, as fresh as the catalogue."""
        embedder = self.embedder
        with self._lock:
            # A loaded snapshot is another catalogue, perhaps of the same revision.
            state = (self.catalogue.identity, self.catalogue.vectors_revision)
            if self._index is None or self._index[0] != state:
                index = open_index(
                    self.catalogue,
                    embedder.model,
                    embedder.dim,
                    chosen_kind(self.settings.index, self.catalogue.size()),
                    self.settings.cache,
                )
                self._index = (state, index)
            return self._index[1]

    # -- questions -------------------------------------------------------------------------

    def ask(
        self,
        question: str,
        k: int = 10,
        filters: Filters | None = None,
        mode: Mode = Mode.HYBRID,
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

        Returns
        -------
        Answer

        Raises
        ------
        BadRequest
            If the question is empty or too long, or `k` or the years make no sense.
        NotFound
            If there is no such topic.
        """
        started = time.perf_counter()
        question, mode = _clean(question), Mode(mode)
        if not question:
            raise BadRequest("the question is empty", "ask something, such as 'model merging'")
        filters = self._checked(k, filters)
        with self.catalogue.reading():
            found = asked(self.catalogue, question, filters, self._english)
        vector = self._vector(found, mode)
        with self.catalogue.reading():
            # How strong the evidence is must not hang on how many papers somebody wants to see.
            hits = self._answer(found, vector, max(k, READ), mode)
            judgement = self._judged(found, hits)
        return Answer(
            question,
            (time.perf_counter() - started) * 1000,
            tuple(_among(hit, k) for hit in hits[:k]),
            found.text,
            judgement,
            found.filters,
            found.understood,
            found.notes,
        )

    @property
    def _english(self) -> bool:
        """Whether the model knows English only; a model need not be loaded to say so."""
        return is_english(self._embedder.model if self._embedder else self.settings.model)

    def _vector(self, found: Asked, mode: Mode) -> Vectors | None:
        """Embed what a question says, and add what the papers that it names say."""
        if mode is Mode.KEYWORD or not found.text:
            return None
        parts = [] if found.alone else [self.embedder.encode_query(found.text)]
        parts += [self._meaning(key) for key in found.named]
        if len(parts) == 1:
            return parts[0]
        whole: Vectors = np.sum(parts, axis=0)
        whole /= max(float(np.linalg.norm(whole)), 1e-12)
        return whole

    def _meaning(self, key: int) -> Vectors:
        """Return the vector of a paper."""
        stored = self.catalogue.vector(self.embedder.model, key)
        if stored is not None:
            (vector,) = matrix([stored], self.embedder.dim)
            return np.asarray(vector)
        (paper,) = self.catalogue.papers([key])
        ((_, (computed,)),) = embed_papers(self.embedder, [(key, paper.title, paper.abstract)])
        return np.asarray(computed)

    def _judged(self, found: Asked, hits: Sequence[Hit]) -> Judgement:
        if hits and (found.first or not found.text):
            return GOOD
        best = hits[:READ]
        cosines = [hit.cosine for hit in best if hit.cosine is not None]
        if not found.text:
            return Judgement(Strength.NONE, ())
        return judged(
            self.catalogue,
            self.embedder if cosines else None,
            cosines,
            fts5.rarity(self.catalogue, fts5.words(found.text)),
            [self.catalogue.key(hit.paper.id) for hit in best],
        )

    def _answer(self, found: Asked, vector: Vectors | None, k: int, mode: Mode) -> tuple[Hit, ...]:
        depth = max(DEPTH, k)
        text, filters = found.text, found.filters
        first = found.first
        if not text and found.understood:
            first = tuple(self.catalogue.newest(filters, k))
        dense = [] if vector is None else self._near(vector, depth, filters)
        words: list[tuple[int, float]] = []
        named: list[int] = []
        if text and mode is not Mode.DENSE and not (found.alone and dense):
            words = fts5.search(self.catalogue, text, depth, filters)
            named = fts5.named(self.catalogue, text, filters)
            scores = dict(words)
            words = [(key, scores.pop(key, 0.0)) for key in named] + list(scores.items())
        if mode is Mode.HYBRID and found.alone:
            mode = Mode.DENSE
        return self._hits(dense, words, k, mode, text, named, first)

    def similar(
        self,
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
        k : int
            How many.
        filters : Filters, optional
            Which papers may be answers.

        Raises
        ------
        NotFound
            If there is no such paper or topic.
        BadRequest
            If the text is empty or too long, or `k` or the years make no sense.
        """
        filters = self._checked(k, filters)
        if name is None:
            text = _clean(text or "")
            if not text:
                raise BadRequest("the text is empty", "paste an abstract")
            return self._hits(
                self._near(self.embedder.encode_query(text), k, filters), [], k, Mode.DENSE, text
            )
        key = self.catalogue.key(name)
        paper = self.catalogue.papers([key])[0]
        near = [hit for hit in self._near(self._meaning(key), k + 1, filters) if hit[0] != key]
        return self._hits(near, [], k, Mode.DENSE, paper.title)

    def _checked(self, k: int, filters: Filters | None) -> Filters:
        if not 1 <= k <= MOST:
            raise BadRequest(f"cannot return {k} papers", f"ask for 1 or more, {MOST:,} at most")
        filters = filters or Filters()
        if filters.topic is not None:
            filters = replace(filters, topic=self.taxonomy[filters.topic].id)
        check_order(filters.since, filters.until)
        return filters

    def _near(self, vector: Vectors, k: int, filters: Filters) -> list[tuple[int, float]]:
        allowed = self.catalogue.keys(filters)
        chosen = None if allowed is None else np.asarray(allowed, dtype=np.int64)
        keys, scores = self.index.search(vector, k, chosen)
        return list(zip(keys.tolist(), scores.tolist(), strict=True))

    def _hits(
        self,
        dense: list[tuple[int, float]],
        words: list[tuple[int, float]],
        k: int,
        mode: Mode,
        question: str,
        named: Sequence[int] = (),
        first: Sequence[int] = (),
    ) -> tuple[Hit, ...]:
        if mode is Mode.HYBRID:
            ranked = hybrid([key for key, _ in dense], [key for key, _ in words], named)
        else:
            ranked = dense or words
        cosines = dict(dense)
        if first:
            # What is asked for by itself is an answer whatever it scores.
            scores = {} if mode is Mode.HYBRID else dict(ranked)
            before = dict.fromkeys(first)
            ranked = [
                *((key, scores.get(key, 1.0)) for key in before),
                *(one for one in ranked if one[0] not in before),
            ]
        ranked = ranked[:k]
        dense_ranks = {key: rank for rank, (key, _) in enumerate(dense, 1)}
        word_ranks = {key: rank for rank, (key, _) in enumerate(words, 1)}
        named_ranks = {key: rank for rank, key in enumerate(dict.fromkeys((*first, *named)), 1)}
        # A paper may have become part of another since it was ranked.
        there = self.catalogue.existing([key for key, _ in ranked])
        ranked = [(key, score) for key, score in ranked if key in there]
        keys = [key for key, _ in ranked]
        papers = self.catalogue.papers(keys)
        placements = self.catalogue.placements(keys)
        abstracts = {
            key: paper.abstract for key, paper in zip(keys, papers, strict=True) if paper.abstract
        }
        sentences = evidence.best_sentences(self.catalogue, question, abstracts)
        place = {key: rank for rank, key in enumerate(keys, 1)}
        cites: dict[int, list[int]] = {}
        for citing, cited in self.catalogue.among(keys):
            cites.setdefault(citing, []).append(place[cited])
        return tuple(
            Hit(
                rank=rank,
                paper=paper,
                topics=self._topics(placements.get(key, ())),
                score=score,
                evidence=sentences.get(key),
                dense=dense_ranks.get(key),
                keyword=word_ranks.get(key),
                cites=tuple(sorted(cites.get(key, ()))),
                cosine=cosines.get(key),
                named=named_ranks.get(key),
            )
            for rank, ((key, score), paper) in enumerate(zip(ranked, papers, strict=True), 1)
        )

    # -- papers and topics -----------------------------------------------------------------

    def paper(self, name: str, similar: int = 5) -> PaperPage:
        """Return all that is known of a paper.

        Raises
        ------
        NotFound
            If there is no such paper.
        """
        key = self.catalogue.key(name)
        paper = self.catalogue.papers([key])[0]
        return PaperPage(
            paper=paper,
            placements=self.taxonomy.known_placements(
                self.catalogue.placements([key]).get(key, ())
            ),
            lists=tuple(self.catalogue.lists_of(key)),
            references=tuple(self.catalogue.papers(self.catalogue.references(key))),
            citations=tuple(self.catalogue.papers(self.catalogue.cited_by(key))),
            similar=self.similar(paper.id, k=similar),
        )

    def topics(self, topic: str | None = None) -> TopicPage:
        """Return the topic tree with its counts, or all about one topic.

        Parameters
        ----------
        topic : str, optional
            Id of a topic.

        Raises
        ------
        NotFound
            If there is no such topic.
        """
        if topic is None:
            members = topic_page.members(self.catalogue)
            tree = (topic_page.count(self.taxonomy, one.id, members) for one in self.taxonomy.roots)
            return TopicPage(tuple(tree), None)
        model, dim = self.embedder.model, self.embedder.dim
        with self.catalogue.reading():
            return topic_page.page(self.catalogue, self.taxonomy, topic, model, dim)

    def count(self, filters: Filters | None = None, words: str | None = None) -> int:
        """Return how many papers pass the filters and, where words are given, have any of them."""
        filters = self._checked(1, filters)
        if words is not None:
            return len(fts5.search(self.catalogue, _clean(words), MOST, filters))
        keys = self.catalogue.keys(filters)
        return self.catalogue.size() if keys is None else len(keys)

    def select(self, filters: Filters | None = None) -> list[Paper]:
        """Return all papers that pass the filters, in order of their ids."""
        keys = self.catalogue.keys(self._checked(1, filters))
        if keys is None:
            return self.catalogue.papers(self.catalogue.all_keys())
        return sorted(self.catalogue.papers(keys), key=lambda paper: paper.id)

    def _topics(self, placements: Sequence[Placement]) -> tuple[str, ...]:
        return self.taxonomy.topic_ids(placements)

    def status(self) -> Status:
        """Return the state of the atlas, after reading the whole catalogue for damage."""
        # PyTorch takes a second to import, and nothing else here needs it.
        from search.embedding.devices import best_device, device_name

        self.catalogue.check()
        embedder = self.embedder
        fetches = self.catalogue.last_fetches()
        return Status(
            home=str(self.settings.home),
            counts=self.catalogue.counts(),
            model=embedder.model,
            dim=embedder.dim,
            device=embedder.device,
            bulk_device=device_name(best_device()),
            index=f"{chosen_kind(self.settings.index, self.catalogue.size())},"
            f" {len(self.index):,} vectors",
            revision=self.catalogue.revision,
            last_refresh=fetches[0][1] if fetches else None,
            stale=sum(1 for _ in self.catalogue.without_vector(embedder.model)),
        )

    def faults(self) -> "list[Fault]":
        """Return all that is wrong with the catalogue, after reading the whole of it."""
        from kg.store.copy import WholeCatalogue

        with WholeCatalogue(self.settings.catalogue) as whole:
            return list(whole.faults())


def _among(hit: Hit, k: int) -> Hit:
    """Return a paper of an answer as one of the best `k`: it tells which of those it cites."""
    return replace(hit, cites=tuple(rank for rank in hit.cites if rank <= k))


def hybrid(
    dense: Sequence[int], words: Sequence[int], named: Sequence[int] = ()
) -> list[tuple[int, float]]:
    """Fuse the ranking by meaning, the ranking by words and the papers asked for by name.

    Returns
    -------
    list of (int, float)
        Keys and scores, best first; see `search.ranking.fusion.fuse`.
    """
    if not named:
        return fusion.fuse([dense, words], WEIGHTS)
    return fusion.fuse([dense, words, named], (*WEIGHTS, NAMED))


def _clean(text: str) -> str:
    text = plain_text(text).strip()
    if len(text) > LONGEST:
        raise BadRequest(
            f"the text has {len(text):,} characters", f"use {LONGEST:,} at most, the first ones"
        )
    return text
