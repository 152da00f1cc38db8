"""Refining what lists place coarsely: under which leaf a paper of a list belongs.

Lists place many papers under an area or a branch, or under the first leaf of their heading. Where
the title, the card and the vector of a paper agree with a leaf (its terms, its definition and the
papers that stand there), the paper is placed there too, by the model, beside what the list says.
What readers found (`ingest.placement.readings`) is learnt from and placed first.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.merge.merger import paper_id
from ingest.placement.classifier import Classifier
from ingest.placement.examples import READ, REFINED, Examples, describe, training_set
from ingest.placement.placer import MIN_TOPIC_SHARE, TOPIC_WEIGHTS, most_specific
from ingest.placement.readings import read_readings
from kg.cards.card import Card
from kg.ids import topic_ids
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.base import Embedder
from search.index.base import matrix

FOLDS: Final = 3
"""Parts into which the papers that nobody read are dealt: each is judged by what was learnt from
the others, since a list's label would only be repeated."""

MIN_SHARE: Final = 0.2
"""Share of an area's probability from which on a paper is placed below where a list has it."""

MIN_ELSEWHERE_SHARE: Final = 0.7
"""Share of an area's probability from which on a paper is placed beside where a list has it, and
not below."""

READING_CONFIDENCE: Final = (0.95, 0.9, 0.85, 0.8, 0.75)
"""Confidence of the first topic that a reader found, of the second, and so on."""


def refine(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    embedder: Embedder,
    cards: Mapping[int, Card],
    readings: Mapping[str, Sequence[str]] | None = None,
) -> int:
    """Place the papers of lists under leaves as well, and return how many are.

    Earlier refinements are replaced, and so is what the model placed of papers that were read.

    Parameters
    ----------
    catalogue : Catalogue
        With the papers' vectors.
    embedder : Embedder
        Its model's vectors are used.
    cards : mapping of int to Card
        What is known of papers by their keys; their fields count as words.
    readings : mapping of str to topics, optional
        Topics that readers found, by the ids of papers; by default those of the package.
    """
    readings = read_readings(taxonomy) if readings is None else readings
    read = {
        key: [topic for topic in readings[name] if topic in taxonomy]
        for name, key in _keys(catalogue, readings).items()
    }
    before = catalogue.placements.get(catalogue.papers.keys())
    told = {key: _told(placed, taxonomy) for key, placed in before.items()}
    listed = {key: topics for key, topics in told.items() if topics or read.get(key)}
    stored = dict(catalogue.vectors.all(embedder.model))
    keys = [key for key in listed if key in stored]
    papers = catalogue.papers.get(keys)
    texts = [
        " ".join([paper.title, *_words_of(cards.get(key))])
        for key, paper in zip(keys, papers, strict=True)
    ]
    labels = [
        frozenset(read[key])
        if read.get(key)
        else frozenset(topic for topic in listed[key] if not taxonomy[topic].children)
        for key in keys
    ]
    vectors = matrix([stored[key] for key in keys], embedder.dim)
    examples = Examples(
        titles=tuple(texts),
        topics=tuple(labels),
        exact=tuple(labels),
        of_titles=vectors,
        of_papers=vectors,
        abstracts=0.0,
        decided=np.zeros(len(keys), bool),
        descriptions=describe(taxonomy, embedder, set[str]().union(*labels)),
    )
    parts = np.array(
        [
            None if read.get(key) else _part(paper.id)
            for key, paper in zip(keys, papers, strict=True)
        ]
    )
    found = {key: _reading(read[key]) for key in keys if read.get(key)}
    for row, shares in _shares(examples, parts, taxonomy).items():
        if placements := _finer(listed[keys[row]], shares, taxonomy):
            found[keys[row]] = placements
    with catalogue.writing():
        for key, paper in zip(keys, papers, strict=True):
            if key in found or any(one.source in (READ, REFINED) for one in before[key]):
                catalogue.placements.remove(paper.id, PlacedBy.MODEL)
                catalogue.placements.add(paper.id, found.get(key, ()))
    return len(found)


def _keys(catalogue: Catalogue, names: Collection[str]) -> dict[str, int]:
    """Return the keys of papers by their names, also by the ids that their titles give them."""
    everything = catalogue.papers.keys()
    by_title = {
        paper_id(None, None, paper.title): key
        for key, paper in zip(everything, catalogue.papers.get(everything), strict=True)
    }
    found = {name: by_title[name] for name in names if name in by_title}
    return found | catalogue.identifiers.keys(sorted(names))


def _told(placed: Sequence[Placement], taxonomy: Taxonomy) -> set[str]:
    """Return the topics under which lists or persons have a paper."""
    return {
        one.topic for one in placed if one.placed_by is not PlacedBy.MODEL and one.topic in taxonomy
    }


def _words_of(card: Card | None) -> list[str]:
    """Return the fields of a card as words: what it needs tells more than its sentence does."""
    if card is None:
        return []
    values = [(name, getattr(card, name)) for name in ("kind", "data", "access", "training")]
    values += [("modality", one) for one in card.modality]
    return [f"{name}{value}".replace("-", "") for name, value in values if value]


def _part(paper: str) -> int:
    return int(hashlib.sha256(paper.encode()).hexdigest(), 16) % FOLDS


def _reading(topics: Sequence[str]) -> list[Placement]:
    return [
        Placement(topic, PlacedBy.MODEL, READ, sure)
        for topic, sure in zip(topics, READING_CONFIDENCE, strict=False)
    ]


def _shares(
    examples: Examples, parts: NDArray[np.object_], taxonomy: Taxonomy
) -> dict[int, dict[str, float]]:
    """Return, for each paper in a part, the share of each topic in its area's probability."""
    shares: dict[int, dict[str, float]] = {
        row: {} for row in range(len(parts)) if parts[row] is not None
    }
    for part in range(FOLDS):
        rows = np.flatnonzero(parts == part)
        if not len(rows):
            continue
        learnt = examples[parts != part]
        titles = np.array([examples.titles[row] for row in rows], object)
        for area in taxonomy.roots:
            within = [
                {t for t in topics if topic_ids.is_under(t, area.id)} for topics in learnt.exact
            ]
            if not any(within):
                continue
            model = Classifier(training_set(learnt, within, topics=True), TOPIC_WEIGHTS)
            table = model.probabilities(examples.of_papers[rows], titles)
            for place, row in enumerate(rows.tolist()):
                for topic, share in zip(model.classes, table[place], strict=True):
                    for above in topic_ids.path(topic):
                        shares[row][above] = shares[row].get(above, 0.0) + float(share)
    return shares


def _finer(
    listed: Collection[str], shares: Mapping[str, float], taxonomy: Taxonomy
) -> list[Placement]:
    """Return where a paper that nobody read is placed besides where lists have it."""
    found: dict[str, float] = {}
    for area in taxonomy.roots:
        own = [topic for topic in listed if topic_ids.is_under(topic, area.id)]
        if not own:
            continue
        for one in topic_ids.innermost(own):
            whole = shares.get(one, 0.0)
            topic = most_specific(taxonomy, one, shares, whole * MIN_TOPIC_SHARE)
            if topic != one and shares[topic] >= MIN_SHARE:
                found[topic] = shares[topic]
        topic = most_specific(taxonomy, area.id, shares, MIN_ELSEWHERE_SHARE)
        if not any(topic_ids.is_under(one, topic) for one in own):
            found[topic] = shares[topic]
        leaves = [one for one in topic_ids.innermost(own) if not taxonomy[one].children]
        if len(leaves) > 1:
            likeliest = max(leaves, key=lambda leaf: shares.get(leaf, 0.0))
            if shares.get(likeliest, 0.0) >= MIN_SHARE:
                found[likeliest] = shares[likeliest]
    return [
        Placement(topic, PlacedBy.MODEL, REFINED, round(share, 4)) for topic, share in found.items()
    ]
