"""The topics of the literature: a tree whose ids are paths, read from ``taxonomy.yaml``."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache as once
from functools import cached_property
from pathlib import Path
from typing import Final

from kg.errors import NotFound
from kg.ids import topic_ids
from kg.records import PlacedBy, Placement
from kg.taxonomy.cache import cached_topics, read_topics
from kg.taxonomy.topic import Topic, heading_key

MIN_SIMILARITY: Final = 0.6
"""Least similarity, 0 to 1, of a name to a label that is suggested for it."""

MAX_COMPARED_CHARS: Final = 300
"""Characters of a name, at its end, that are compared with labels."""

_PARENTHESES = re.compile(r"\([^()]*\)|（[^（）]*）")


class Taxonomy:
    """The tree of topics.

    Parameters
    ----------
    topics : iterable of Topic
        In an order in which each topic comes after its parent; `children` is filled in here.

    Examples
    --------
    >>> taxonomy = Taxonomy.load()
    >>> [area.name for area in taxonomy.roots]
    ['Model Tuning', 'Model Distillation', 'Model Reuse', 'Meta Learning', 'Model Editing']
    >>> taxonomy.match_headings(["Model Tuning", "Weight Enginerring", "Fine Tuning"])
    'model-tuning/weight-engineering/fine-tuning'
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        below: dict[str | None, list[Topic]] = {None: []}
        for topic in topics:
            below[topic.parent].append(topic)
            below[topic.id] = []

        def walk(parent: str | None) -> Iterator[Topic]:
            for topic in below[parent]:
                yield replace(topic, children=tuple(child.id for child in below[topic.id]))
                yield from walk(topic.id)

        self._topics = {topic.id: topic for topic in walk(None)}

    @cached_property
    def _by_label(self) -> dict[tuple[str, str], str]:
        """The topics by their labels: one means one topic everywhere ("") or within an area."""
        found: dict[tuple[str, str], str] = {}
        for topic in self:
            for area, label in topic.labels():
                found.setdefault((area, heading_key(label)), topic.id)
        return found

    @classmethod
    def load(cls, path: Path | None = None, cache: Path | None = None) -> "Taxonomy":
        """Read a taxonomy file, by default that of the package, which is read once.

        A user's own file may extend that: see ``docs/taxonomy.md``.

        Parameters
        ----------
        cache : Path, optional
            Folder in which what was read is kept for other processes: see `kg.taxonomy.cache`.

        Raises
        ------
        BadTaxonomy
            If the file cannot be read or breaks a rule; carries the line.
        """
        if cache is not None:
            return cls(cached_topics(path, cache))
        return _built_in() if path is None else cls(read_topics(path))

    def __getitem__(self, topic: str) -> Topic:
        if topic not in self._topics:
            raise NotFound("topic", topic, self._nearest(topic))
        return self._topics[topic]

    def __contains__(self, topic: object) -> bool:
        return topic in self._topics

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._topics.values())

    def __len__(self) -> int:
        return len(self._topics)

    @property
    def digest(self) -> str:
        """Hash of all topics; independent of how the file is written."""
        import hashlib  # Loads OpenSSL, which no question needs.

        return hashlib.sha256(repr(list(self)).encode()).hexdigest()[:16]

    def known_topic(self, topic: str) -> str | None:
        """Return the innermost topic on the path of `topic` that this taxonomy has, if any.

        Placements by an earlier taxonomy may be under topics that this one does not have.

        Examples
        --------
        >>> Taxonomy.load().known_topic("model-editing/of-my-own/deep")
        'model-editing'
        """
        if topic in self._topics:
            return topic
        return next((one for one in reversed(topic_ids.path(topic)) if one in self._topics), None)

    def known_placements(self, placements: Iterable[Placement]) -> tuple[Placement, ...]:
        """Return placements with the `known_topic` of each, without those that have none."""
        found = [
            one if one.topic == at else replace(one, topic=at)
            for one in placements
            if (at := self.known_topic(one.topic))
        ]
        return tuple(dict.fromkeys(found))

    def topic_ids(self, placements: Iterable[Placement]) -> tuple[str, ...]:
        """Return the topics of `known_placements`, each once, the likeliest first.

        First come those that have none below them, then those that more sources name, with more
        confidence.

        Examples
        --------
        >>> listed = Placement("model-reuse/model-fusion", PlacedBy.LIST, "a list")
        >>> leaf = "model-reuse/model-fusion/task-arithmetic"
        >>> finer = Placement(leaf, PlacedBy.MODEL, "a model", 0.8)
        >>> Taxonomy.load().topic_ids([listed, finer])[0] == leaf
        True
        """
        said: dict[str, dict[tuple[PlacedBy, str], float]] = {}
        for one in self.known_placements(placements):
            source = (one.placed_by, one.source)
            of_topic = said.setdefault(one.topic, {})
            of_topic[source] = max(one.confidence, of_topic.get(source, 0.0))
        inner = set(topic_ids.innermost(said))

        def rank(topic: str) -> tuple[bool, bool, float]:
            return topic not in inner, bool(self[topic].children), -sum(said[topic].values())

        return tuple(sorted(said, key=rank))

    @property
    def roots(self) -> tuple[Topic, ...]:
        """The areas, in the file's order."""
        return tuple(topic for topic in self if topic.parent is None)

    def ancestors(self, topic: str) -> tuple[Topic, ...]:
        """Return the topics above `topic`, outermost first."""
        parent = self[topic].parent
        return () if parent is None else (*self.ancestors(parent), self[parent])

    def descendants(self, topic: str) -> tuple[Topic, ...]:
        """Return `topic` itself and all below it, in tree order."""
        above = self[topic].id
        return tuple(other for other in self if topic_ids.is_under(other.id, above))

    def path_names(self, topic: str) -> tuple[str, ...]:
        """Return the names from the area down to `topic`."""
        return (*(above.name for above in self.ancestors(topic)), self[topic].name)

    def find(self, text: str) -> Topic:
        """Find a topic by its id, name or alias.

        Case and punctuation make no difference; a name of both an area and a topic deeper down
        means the area.

        Raises
        ------
        NotFound
            If there is none, or several in different areas; carries the nearest ids.

        Examples
        --------
        >>> Taxonomy.load().find("lora").id
        'model-tuning/weight-engineering/low-rank-adaptation'
        """
        exact = text.strip().strip("/").casefold()
        if exact in self._topics:
            return self._topics[exact]
        key = heading_key(text)
        if ("", key) in self._by_label:
            return self._topics[self._by_label["", key]]
        local = [
            self._by_label[area.id, key] for area in self.roots if (area.id, key) in self._by_label
        ]
        if len(local) == 1:
            return self._topics[local[0]]
        raise NotFound("topic", text, local or self._nearest(text))

    def match_headings(self, headings: Sequence[str]) -> str | None:
        """Return the id of the topic that a paper under these headings belongs to, or None.

        The innermost heading that names a topic decides. The headings around it tell apart
        what one word alone does not: below "Model Editing", "Meta Learning" is a way to edit.

        Parameters
        ----------
        headings : sequence of str
            Outermost first; markup, emoji, numbering and case make no difference.

        Examples
        --------
        >>> taxonomy = Taxonomy.load()
        >>> taxonomy.match_headings(["Papers", "Meta Learning"])
        'meta-learning'
        >>> taxonomy.match_headings(["Model Editing", "Parameter Based", "Meta Learning"])
        'model-editing/parameter-based/meta-learning'
        >>> taxonomy.match_headings(["Star History"]) is None
        True
        """
        found: str | None = None
        for heading in headings:
            area = self._topics[found].area if found else ""
            for label in (heading, _PARENTHESES.sub(" ", heading)):
                key = heading_key(label)
                if match := self._by_label.get((area, key)) or self._by_label.get(("", key)):
                    found = match
                    break
        return found

    def _nearest(self, text: str) -> list[str]:
        """Return at most three ids of topics with a label similar to `text`, best first."""
        from difflib import SequenceMatcher  # Only errors suggest names.

        key = heading_key(topic_ids.last_part(text[-MAX_COMPARED_CHARS:]))

        def similarity(topic: Topic) -> float:
            labels = {topic_ids.last_part(topic.id), *(label for _, label in topic.labels())}
            return max(SequenceMatcher(None, key, heading_key(label)).ratio() for label in labels)

        ranked = sorted(
            ((similarity(topic), topic.id) for topic in self), key=lambda pair: -pair[0]
        )
        return [topic for score, topic in ranked[:3] if score >= MIN_SIMILARITY]


@once
def _built_in() -> Taxonomy:
    return Taxonomy(read_topics(None))
