"""The labelled papers that placement is trained on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.placement.classifier import TrainingSet, Vectors
from ingest.placement.negatives.papers import Negatives, bundled
from kg.ids.titles import normalised_title
from kg.ids.topic_ids import innermost
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.vectors import text_hash
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers

OUTSIDE: Final = ""
"""The class of papers that are under no topic."""

DECISION_WEIGHT: Final = 5.0
"""How many papers a person's decision counts for: the lists have no examples of its kind."""

COARSE_WEIGHT: Final = 0.2
"""How many papers one counts for that a list places under a topic with others below it."""

READ: Final = "reading"
"""Source of placements that readers found (`ingest.placement.readings`)."""

REFINED: Final = "refinement"
"""Source of placements that refine those of lists (`ingest.placement.refine`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Descriptions:
    """The terms and definitions of topics: examples where a topic has few papers."""

    texts: tuple[str, ...]
    """Terms, and names with definitions."""
    topics: tuple[str, ...]
    """The topic of each."""
    vectors: Vectors
    """(n, dim) unit rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Labelled papers: their topics are known, or that they have none."""

    titles: tuple[str, ...]
    """Titles."""
    topics: tuple[frozenset[str], ...]
    """Ids of the topics of each; empty for a paper that is outside."""
    exact: tuple[frozenset[str], ...]
    """Those of its topics that are known to be the innermost. A list's topic that has others below
    it is not: the list may only not go deeper."""
    of_titles: Vectors
    """(n, dim) unit rows: vectors of the titles alone, or the best there is."""
    of_papers: Vectors
    """(n, dim) unit rows: vectors of titles and abstracts, or the best there is."""
    abstracts: float
    """Share of the placed papers whose vectors are of title and abstract."""
    decided: NDArray[np.bool_]
    """(n,) whether a person decided."""
    descriptions: Descriptions
    """What the taxonomy says of its topics."""

    def __len__(self) -> int:
        return len(self.titles)

    def __getitem__(self, rows: NDArray[np.generic]) -> "Examples":
        chosen = np.arange(len(self))[rows]
        return Examples(
            tuple(self.titles[row] for row in chosen),
            tuple(self.topics[row] for row in chosen),
            tuple(self.exact[row] for row in chosen),
            self.of_titles[chosen],
            self.of_papers[chosen],
            self.abstracts,
            self.decided[chosen],
            self.descriptions,
        )


def gather_examples(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    embedder: Embedder,
    rejected: Sequence[tuple[str, str | None]] = (),
    negatives: Negatives | None = None,
) -> Examples:
    """Return the labelled papers of an atlas; the parameters are those of `Placer.train`."""
    negatives = bundled() if negatives is None else negatives
    rejected_titles = {normalised_title(title) for title, _ in rejected}
    labels = {
        key: labels_of(placed, taxonomy)
        for key, placed in catalogue.placements.get(catalogue.papers.keys()).items()
    }
    stored = {
        key: vector
        for key, vector in catalogue.vectors.all(embedder.model)
        if key in labels and labels[key][0]
    }
    for key, paper in zip(list(stored), catalogue.papers.get(list(stored)), strict=True):
        if normalised_title(paper.title) in rejected_titles:
            del stored[key]
    papers = catalogue.papers.get(list(stored))
    people = {
        key
        for key, placed in catalogue.placements.get(list(stored)).items()
        if any(p.placed_by == PlacedBy.PERSON for p in placed)
    }
    hashes = catalogue.vectors.text_hashes(embedder.model)
    # By the hash: the snapshot's vectors are of abstracts that it does not carry.
    whole = [row for row, key in enumerate(stored) if hashes[key] != text_hash(papers[row].title)]
    placed = np.frombuffer(b"".join(stored.values()), "<f4").reshape(-1, embedder.dim).copy()

    known = rejected_titles | {normalised_title(paper.title) for paper in papers}
    known |= {paper.arxiv_id for paper in papers if paper.arxiv_id}
    far = [
        row
        for row, (paper_id, title) in enumerate(zip(negatives.ids, negatives.titles, strict=True))
        if known.isdisjoint((paper_id, normalised_title(title)))
    ]
    titles = [negatives.titles[row] for row in far]
    titles += [title for title, _ in rejected]
    if negatives.model == embedder.model:
        of_titles = [negatives.of_titles[far], _embed(embedder, [(t, None) for t, _ in rejected])]
        of_papers = [negatives.of_papers[far], _embed(embedder, rejected)]
        abstracts = len(whole) / max(len(papers), 1)
    else:
        # Their abstracts are not known: with those of the placed papers, the model would learn to
        # distinguish vectors of abstracts from vectors of titles.
        placed[whole] = _embed(embedder, [(papers[row].title, None) for row in whole])
        of_titles = of_papers = [_embed(embedder, [(title, None) for title in titles])]
        abstracts = 0.0
    none = [frozenset[str]()] * len(titles)
    topics = [labels[key][0] for key in stored]
    return Examples(
        titles=(*(paper.title for paper in papers), *titles),
        topics=(*topics, *none),
        exact=(*(labels[key][1] for key in stored), *none),
        of_titles=np.concatenate([placed, *of_titles]),
        of_papers=np.concatenate([placed, *of_papers]),
        abstracts=abstracts,
        decided=np.array(
            [*(key in people for key in stored), *[False] * len(far), *[True] * len(rejected)]
        ),
        descriptions=describe(taxonomy, embedder, set().union(*topics)),
    )


def labels_of(
    placed: Sequence[Placement], taxonomy: Taxonomy
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the topics of a paper to learn from, and those of them that are the innermost.

    A reading counts in place of what lists say; what the model placed by itself is not learnt from.
    """
    known = [one for one in placed if one.topic in taxonomy]
    read = {one.topic for one in known if one.source == READ}
    told = read | {one.topic for one in known if one.placed_by is PlacedBy.PERSON}
    others = {one.topic for one in known if one.placed_by is PlacedBy.LIST or one.source == REFINED}
    topics = told if read else told | others
    inner = set(innermost(topics))
    return frozenset(topics), frozenset(
        topic for topic in inner if topic in told or not taxonomy[topic].children
    )


def describe(taxonomy: Taxonomy, embedder: Embedder, topics: Collection[str]) -> Descriptions:
    """Return the terms and definitions of those of `topics` that have no others below them."""
    pairs = [
        (text, topic.id)
        for topic in taxonomy
        if topic.id in topics and not topic.children
        for text in (*topic.terms, f"{topic.name}. {topic.definition}")
    ]
    texts = tuple(text for text, _ in pairs)
    vectors = _embed(embedder, [(text, None) for text in texts])
    return Descriptions(texts, tuple(topic for _, topic in pairs), vectors)


def _embed(embedder: Embedder, papers: Sequence[tuple[str, str | None]]) -> Vectors:
    rows = [(0, title, abstract) for title, abstract in papers]
    found = [vectors for _, vectors in embed_papers(embedder, rows)]
    return np.concatenate(found) if found else np.empty((0, embedder.dim), np.float32)


def training_set(
    examples: Examples, classes: Sequence[Collection[str]], topics: bool = False
) -> TrainingSet:
    """Return a row for each class of a paper; for one outside two, with either vector.

    New papers come with abstracts, and papers of lists often without: each paper outside counts
    as both, in the shares of the placed ones, lest having an abstract become a feature.

    Parameters
    ----------
    classes : sequence of collection of str
        The classes of each paper.
    topics : bool
        The classes are topics: those that may not be the innermost count less, and there is a row
        for each description of a topic.
    """
    rows, names, weights, whole = [], [], [], []
    outside = np.array([set(found) == {OUTSIDE} for found in classes])
    others = int((outside & ~examples.decided).sum())
    inside = sum(map(bool, classes)) - int(outside.sum())
    for row, found in enumerate(classes):
        weight = DECISION_WEIGHT if examples.decided[row] else 1.0
        if outside[row] and not examples.decided[row]:
            weight = inside / others
        parts = (1 - examples.abstracts, examples.abstracts) if outside[row] else (1.0, 0.0)
        for name in sorted(found):
            for form, part in enumerate(parts):
                if part:
                    rows.append(row)
                    names.append(name)
                    share = COARSE_WEIGHT if topics and name not in examples.exact[row] else 1.0
                    weights.append(weight * share * part / len(found))
                    whole.append(bool(form))
    at = np.array(rows)
    vectors = np.where(np.array(whole)[:, None], examples.of_papers[at], examples.of_titles[at])
    titles = [examples.titles[row] for row in rows]
    told, known = examples.descriptions, set(names)
    extra = [row for row, topic in enumerate(told.topics) if topics and topic in known]
    return TrainingSet(
        np.concatenate([vectors, told.vectors[extra]]),
        np.array([*titles, *(told.texts[row] for row in extra)], object),
        np.array([*names, *(told.topics[row] for row in extra)], object),
        np.array([*weights, *[1.0] * len(extra)]),
        np.array([*rows, *range(len(examples), len(examples) + len(extra))]),
    )
