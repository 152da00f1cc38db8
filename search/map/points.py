"""What a map shows: its papers, and where the names of topics stand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kg.ids.topic_ids import area, depth, path
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.map import projection

_MIN_LABELLED_PAPERS = 5
"""A topic of fewer papers has no label on the map."""

_MAX_SAMPLED_PAPERS = 400
"""Papers of a topic from which its label's place is computed."""

_LABEL_BANDWIDTH = 0.08
"""Bandwidth of the density whose peak is a topic's label; an area's is twice that."""


@dataclass(frozen=True, slots=True)
class TopicLabel:
    """Where a topic's name stands."""

    topic: str
    name: str
    x: float
    y: float
    papers: int
    """Papers on the map that are under it or below."""


@dataclass(frozen=True, slots=True)
class Points:
    """The papers on the map, in order of their keys."""

    keys: list[int]
    x: list[float]
    """-1 to 1, from left to right, to four places."""
    y: list[float]
    """-1 to 1, from top to bottom."""
    years: list[int]
    """0 where it is unknown."""
    topics: list[tuple[str, ...]]
    """Ids of each paper's topics, the surest first."""
    labels: tuple[TopicLabel, ...]
    """Areas first, then the topics with most papers."""
    areas: dict[str, int]
    """Papers by the area of their first topic; those without any under an empty name."""

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last year that is known, if any is."""
        known = [year for year in self.years if year]
        return (min(known), max(known)) if known else None


def read(catalogue: Catalogue, taxonomy: Taxonomy, model: str) -> Points:
    """Return what the map of a model shows."""
    positions = catalogue.positions.all(model)
    keys = [position.key for position in positions]
    placements = catalogue.placements.get(keys)
    years = catalogue.positions.years(model)
    topics = [taxonomy.topic_ids(placements.get(key, ())) for key in keys]
    return Points(
        keys,
        [round(position.x, 4) for position in positions],
        [round(position.y, 4) for position in positions],
        [years.get(key, 0) for key in keys],
        topics,
        _labels(taxonomy, np.array([position[1:3] for position in positions]), topics),
        dict(Counter(area(own[0]) if own else "" for own in topics)),
    )


def _labels(
    taxonomy: Taxonomy, points: projection.Places, topics: Sequence[tuple[str, ...]]
) -> tuple[TopicLabel, ...]:
    members: dict[str, list[int]] = {}
    for row, own in enumerate(topics):
        # An area's name stands among the papers of its colour.
        above = {area(own[0])} if own else set()
        for topic in own:
            above.update(path(topic)[1:])
        for topic in above:
            members.setdefault(topic, []).append(row)
    labels = []
    for topic, rows in members.items():
        if len(rows) >= _MIN_LABELLED_PAPERS:
            count = min(len(rows), _MAX_SAMPLED_PAPERS)
            some = np.linspace(0, len(rows) - 1, count).astype(np.int64)
            width = _LABEL_BANDWIDTH if depth(topic) else 2 * _LABEL_BANDWIDTH
            place = projection.densest_points(points[np.array(rows)[some]][None], width)
            x, y = place[0].tolist()
            name = taxonomy[topic].name
            labels.append(TopicLabel(topic, name, round(x, 4), round(y, 4), len(rows)))
    return tuple(sorted(labels, key=lambda one: (depth(one.topic) > 0, -one.papers, one.topic)))
