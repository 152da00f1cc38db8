"""A reading list: its papers as they are now, and what has come or changed since a time."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from kg.ids.topic_ids import is_under
from kg.records import Paper
from kg.store.details import NO_DETAILS, Details
from kg.store.journal import Change, ChangeKind
from kg.taxonomy.taxonomy import Taxonomy
from search.atlas import Atlas
from search.index.base import Vectors, matrix
from search.pages.related import MAX_PAPERS, Related, related

MAX_NEW_PAPERS = 5_000
"""Newest papers that are compared with a list."""

REPORTED_KINDS = frozenset(ChangeKind).difference(
    (ChangeKind.ADDED, ChangeKind.UNLISTED, ChangeKind.RELISTED)
)
"""Changes of a list's own papers that are news: not that they came, nor who lists them."""


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """One paper of a reading list."""

    name: str
    """The id under which it was kept."""
    key: int
    """The paper's key."""
    paper: Paper
    topics: tuple[str, ...]
    """Ids of its topics, the surest first."""
    details: Details = NO_DETAILS
    """Its card, links and reports."""

    @property
    def moved(self) -> bool:
        """Whether it has another id now: it turned out to be the same as another paper."""
        return self.name != self.paper.id


@dataclass(frozen=True, slots=True)
class ReadingList:
    """A reading list, looked up."""

    items: tuple[ListedPaper, ...]
    """In the list's order; each paper once."""
    same: Mapping[str, str]
    """Ids that were kept beside another of the same paper, with the id of that paper."""
    lost: tuple[str, ...]
    """Ids that no paper of the atlas has or had."""

    @property
    def ids(self) -> list[str]:
        """The ids that the papers have now."""
        return [item.paper.id for item in self.items]


@dataclass(frozen=True, slots=True)
class Belonging:
    """A paper that belongs with a list."""

    related: Related
    topics: tuple[str, ...]
    """Ids of its topics, the surest first."""


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper that is new in the atlas."""

    item: ListedPaper
    entered: datetime
    """When it came, UTC."""
    nearest: Paper | None
    """The paper of the list to which it is nearest in meaning; None where that is not known."""
    cosine: float | None
    """How near."""


@dataclass(frozen=True, slots=True)
class News:
    """What has come and changed since a time."""

    changes: tuple[tuple[Change, ListedPaper], ...]
    """What became of the list's own papers, the newest first."""
    fresh: tuple[NewPaper, ...]
    """Papers that came, without the list's own and withdrawn ones: the nearest to it first."""


def look_up(atlas: Atlas, names: Sequence[str]) -> ReadingList:
    """Return the papers that some ids mean now, and which ids are unknown or duplicates.

    Parameters
    ----------
    names : sequence of str
        Ids as they were kept, in order.
    """
    catalogue = atlas.catalogue
    with catalogue.reading():
        keys = catalogue.identifiers.keys(names)
        first: dict[int, str] = {}
        for name in names:
            if name in keys:
                first.setdefault(keys[name], name)
        items = tuple(_items(atlas, first))
    ids = {item.key: item.paper.id for item in items}
    return ReadingList(
        items,
        same={n: ids[keys[n]] for n in names if n in keys and first[keys[n]] != n},
        lost=tuple(dict.fromkeys(name for name in names if name not in keys)),
    )


def listed(atlas: Atlas, names: Iterable[str]) -> list[ListedPaper]:
    """Return papers by their ids, links or titles, each once.

    Raises
    ------
    NotFound
        If there is no such paper.
    """
    with atlas.catalogue.reading():
        return _items(atlas, {atlas.catalogue.identifiers.key(name): name for name in names})


def _items(atlas: Atlas, names: Mapping[int, str]) -> list[ListedPaper]:
    """Return the papers of some keys, each with the name under which it is known."""
    keys = list(names)
    papers, details = atlas.catalogue.papers.get(keys), atlas.catalogue.details.get(keys)
    return list(map(ListedPaper, names.values(), keys, papers, atlas.topics_of(keys), details))


def topic_counts(items: Sequence[ListedPaper]) -> list[tuple[str, int]]:
    """Return the topics of some papers with how many are under each, the most first."""
    count = Counter(topic for item in items for topic in item.topics)
    return sorted(count.items(), key=lambda one: (-one[1], one[0]))


def under(items: Sequence[ListedPaper], topic: str, taxonomy: Taxonomy) -> list[ListedPaper]:
    """Return the papers that are under a topic or its subtopics.

    Raises
    ------
    NotFound
        If there is no such topic.
    """
    wanted = taxonomy[topic].id
    return [item for item in items if any(is_under(one, wanted) for one in item.topics)]


def belonging(atlas: Atlas, reading: ReadingList, k: int) -> tuple[Belonging, ...]:
    """Return the papers that belong with a list and are not on it, best first.

    Of a list of more than `search.pages.related.MAX_PAPERS` papers, its first ones count.
    """
    if not reading.items:
        return ()
    atlas.update_similar_edges()
    with atlas.catalogue.reading():
        found = related(atlas.catalogue, reading.ids[:MAX_PAPERS], k).related
        keys = atlas.catalogue.identifiers.keys([one.paper.id for one in found])
        topics = dict(zip(keys, atlas.topics_of(list(keys.values())), strict=True))
    own = set(reading.ids)
    return tuple(
        Belonging(one, topics.get(one.paper.id, ())) for one in found if one.paper.id not in own
    )


def news(atlas: Atlas, reading: ReadingList, since: datetime) -> News:
    """Return what has come and changed since a time, as it bears on a list.

    Parameters
    ----------
    since : datetime
        UTC.
    """
    catalogue = atlas.catalogue
    with catalogue.reading():
        changes = catalogue.journal.changes(since)
        keys = catalogue.identifiers.keys(list({change.paper for change in changes}))
        own = {item.key: item for item in reading.items}
        reported = tuple(
            (change, own[keys[change.paper]])
            for change in changes
            if change.kind in REPORTED_KINDS and keys.get(change.paper) in own
        )
        entered: dict[int, datetime] = {}
        for change in changes:
            key = keys.get(change.paper)
            if change.kind is ChangeKind.ADDED and key is not None and key not in own:
                entered.setdefault(key, change.at)
        names = dict.fromkeys(list(entered)[:MAX_NEW_PAPERS], "")
        items = [item for item in _items(atlas, names) if not item.paper.withdrawn]
        near = _nearest(atlas, [item.key for item in items], list(own))
    fresh = [NewPaper(item, entered[item.key], *_near(own, near.get(item.key))) for item in items]
    # Papers of which nothing is known to be near come last, the newest first.
    fresh.sort(key=lambda one: (one.cosine is None, -(one.cosine or 0.0)))
    return News(reported, tuple(fresh))


def _near(
    own: Mapping[int, ListedPaper], near: tuple[int, float] | None
) -> tuple[Paper | None, float | None]:
    return (own[near[0]].paper, near[1]) if near else (None, None)


def _nearest(atlas: Atlas, keys: Sequence[int], own: Sequence[int]) -> dict[int, tuple[int, float]]:
    """Return, for each of some papers, the one of a list that is nearest, with its cosine."""
    new_keys, new = _vectors(atlas, keys)
    own_keys, old = _vectors(atlas, own)
    if not new_keys or not own_keys:
        return {}
    cosines = new @ old.T
    best = np.argmax(cosines, axis=1)
    return {
        key: (own_keys[at], float(row[at]))
        for key, at, row in zip(new_keys, best.tolist(), cosines, strict=True)
    }


def _vectors(atlas: Atlas, keys: Sequence[int]) -> tuple[list[int], Vectors]:
    """Return the keys of which there are vectors, and these."""
    model, dim = atlas.embedder.model, atlas.embedder.dim
    stored = atlas.catalogue.vectors.get(model, keys)
    there = [key for key in keys if key in stored]
    return there, matrix([stored[key] for key in there], dim)
