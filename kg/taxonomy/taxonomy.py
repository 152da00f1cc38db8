"""The topics of the literature: a tree whose ids are paths, read from ``taxonomy.yaml``."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from kg.errors import BadTaxonomy, NotFound
from kg.files.yaml_file import YamlFile
from kg.ids import topic_ids
from kg.records import PlacedBy, Placement

BUILT_IN: Final = Path(str(resources.files("kg.taxonomy") / "taxonomy.yaml"))
"""The taxonomy that comes with the package."""

MIN_SIMILARITY: Final = 0.6
"""Least similarity, 0 to 1, of a name to a label that is suggested for it."""

MAX_COMPARED_CHARS: Final = 300
"""Characters of a name, at its end, that are compared with labels."""

ORIGINS: Final = ("survey", "atlas", "own")
"""Origins of topics: the survey and its list, this atlas, or the user's own file."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*")
_FIELDS = ("name", "definition", "origin", "terms", "aliases", "local_aliases")
_EXTENDS = "write `extends: built-in`, or a plain list of topics to replace it"
_TAG = re.compile(r"<[^<>]*>")
_SHORTCODE = re.compile(r":[a-z0-9_+-]+:", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_PARENTHESES = re.compile(r"\([^()]*\)|（[^（）]*）")
# "Awesome X Papers" is about X, and "Locate and Edit" is "Locate & Edit".
_FILLER = {"a", "an", "and", "awesome", "for", "list", "of", "on", "paper", "papers", "the"}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the tree."""

    id: str
    """Path of hyphenated words, such as ``model-editing/memory-based``."""
    name: str
    """Name to show."""
    parent: str | None
    """Id of the topic above, or None for an area."""
    origin: str
    """One of `ORIGINS`."""
    definition: str
    """One sentence on what belongs here."""
    terms: tuple[str, ...] = ()
    """Phrases to search for."""
    aliases: tuple[str, ...] = ()
    """Headings that mean it in any list and under any heading."""
    local_aliases: tuple[str, ...] = ()
    """Headings that mean it only inside its own area, such as ``Surveys``."""
    children: tuple[str, ...] = ()
    """Ids of the topics right below, in the file's order."""

    @property
    def area(self) -> str:
        """Id of the outermost topic above it, or its own."""
        return topic_ids.area(self.id)


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
        # A label means one topic everywhere ("") or one topic within an area.
        self._labels: dict[tuple[str, str], str] = {}
        for topic in self._topics.values():
            for area, label in _labels(topic):
                self._labels.setdefault((area, heading_key(label)), topic.id)

    @classmethod
    def load(cls, path: Path | None = None) -> "Taxonomy":
        """Read a taxonomy file, by default that of the package, which is read once.

        A user's own file may extend that: see ``docs/taxonomy.md``.

        Raises
        ------
        BadTaxonomy
            If the file cannot be read or breaks a rule; carries the line.
        """
        return _built_in() if path is None else cls(_read(path))

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
        return hashlib.sha256(repr(list(self)).encode()).hexdigest()[:16]

    def known_topic(self, topic: str) -> str | None:
        """Return the innermost topic on the path of `topic` that this taxonomy has, if any.

        Placements by an earlier taxonomy may be under topics that this one does not have.

        Examples
        --------
        >>> Taxonomy.load().known_topic("model-editing/of-my-own/deep")
        'model-editing'
        """
        return next((one for one in reversed(topic_ids.path(topic)) if one in self._topics), None)

    def known_placements(self, placements: Iterable[Placement]) -> tuple[Placement, ...]:
        """Return placements with the `known_topic` of each, without those that have none."""
        pairs = ((one, self.known_topic(one.topic)) for one in placements)
        return tuple(
            dict.fromkeys(
                one if one.topic == at else replace(one, topic=at) for one, at in pairs if at
            )
        )

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
        if ("", key) in self._labels:
            return self._topics[self._labels["", key]]
        local = [
            self._labels[area.id, key] for area in self.roots if (area.id, key) in self._labels
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
                if match := self._labels.get((area, key)) or self._labels.get(("", key)):
                    found = match
                    break
        return found

    def _nearest(self, text: str) -> list[str]:
        """Return at most three ids of topics with a label similar to `text`, best first."""
        key = heading_key(topic_ids.last_part(text[-MAX_COMPARED_CHARS:]))

        def similarity(topic: Topic) -> float:
            labels = {topic_ids.last_part(topic.id), *(label for _, label in _labels(topic))}
            return max(SequenceMatcher(None, key, heading_key(label)).ratio() for label in labels)

        ranked = sorted(
            ((similarity(topic), topic.id) for topic in self), key=lambda pair: -pair[0]
        )
        return [topic for score, topic in ranked[:3] if score >= MIN_SIMILARITY]


@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """Return the form in which headings are compared.

    Its words in lower case, without markup, emoji, punctuation, leading numbers and filler; empty
    where nothing is left.

    Examples
    --------
    >>> heading_key("## 1.2 :star: Locate & Edit [Papers](#locate)")
    'locate edit'
    """
    plain = _LINK.sub(r" \1 ", _SHORTCODE.sub(" ", _TAG.sub(" ", html.unescape(text))))
    # Twice, because folding case can take a character out of its normal form.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    spaced = "".join(letter if letter.isalnum() else " " for letter in folded)
    words = [word for word in spaced.split() if word not in _FILLER]
    while words and words[0].isdigit():
        del words[0]
    return " ".join(words)


@cache
def _built_in() -> Taxonomy:
    return Taxonomy(_read(BUILT_IN))


def _labels(topic: Topic) -> Iterator[tuple[str, str]]:
    """Yield the labels of a topic, each with the area in which it holds, "" for all."""
    for label in (topic.name, *topic.aliases):
        yield "", label
        yield topic.area, label
    for label in topic.local_aliases:
        yield topic.area, label


def _read(path: Path) -> list[Topic]:
    """Read and check the topics of a file, in its order."""
    file = YamlFile(path, BadTaxonomy)
    topics: dict[str, Topic] = {}
    own: dict[str, yaml.Node] = {}
    listed = file.root
    if isinstance(file.root, yaml.MappingNode):
        fields = file.fields(file.root, "the taxonomy", ("extends", "topics"), ())
        if file.text(fields["extends"], "extends") != "built-in":
            file.refuse(fields["extends"], "only the built-in taxonomy can be extended", _EXTENDS)
        listed = fields["topics"]
        topics = {topic.id: topic for topic in _built_in()}
    known = set(topics)
    for node in file.items(listed, "the taxonomy"):
        topic = _topic(file, node, known)
        if topic.id in own:
            file.refuse(node, f"topic {topic.id!r} comes twice", "remove one of the two")
        if topic.parent is not None and topic.parent not in topics:
            mend = f"add {topic.parent!r} first"
            file.refuse(node, f"topic {topic.id!r} has no topic above it", mend)
        own[topic.id] = node
        topics[topic.id] = topic
    if not topics:
        file.refuse(listed, "the taxonomy has no topic")
    _check_labels(file, topics, own)
    return list(topics.values())


def _check_labels(file: YamlFile, topics: dict[str, Topic], own: dict[str, yaml.Node]) -> None:
    """Refuse a label that is empty, or that two topics have in one area."""
    labels: dict[tuple[str, str], str] = {}
    # The file's own topics last: theirs are the lines that can be named.
    for topic in sorted(topics.values(), key=lambda topic: topic.id in own):
        for area, label in _labels(topic):
            key = heading_key(label)
            if not key:
                message = f"{topic.id!r} has the label {label!r}, which says nothing"
                file.refuse(own[topic.id], message)
            if labels.setdefault((area, key), topic.id) != topic.id:
                mend = "keep it for one of them, or make it a local alias"
                message = f"{labels[area, key]!r} has the label {label!r} too"
                file.refuse(own[topic.id], message, mend)


def _topic(file: YamlFile, node: yaml.Node, known: Collection[str]) -> Topic:
    """Read one topic; a built-in one keeps the fields that are left out."""
    named = file.fields(node, "a topic", ("id",), _FIELDS)
    topic = file.text(named["id"], "id")
    if not _ID.fullmatch(topic):
        mend = "write lower-case words joined by hyphens, and slashes between levels"
        file.refuse(named["id"], f"{topic!r} is not an id", mend)
    required = ("id",) if topic in known else ("id", "name", "definition")
    fields = file.fields(node, "a topic", required, _FIELDS)
    given: dict[str, Any] = {
        key: file.text(fields[key], key)
        for key in ("name", "definition", "origin")
        if key in fields
    }
    for key in ("terms", "aliases", "local_aliases"):
        if key in fields:
            items = file.items(fields[key], key)
            given[key] = tuple(file.text(item, f"each of {key}") for item in items)
    if given.get("origin", "own") not in ORIGINS:
        message, mend = f"origin {given['origin']!r} is unknown", f"use {' or '.join(ORIGINS)}"
        file.refuse(fields["origin"], message, mend)
    if topic in known:
        return replace(_built_in()[topic], children=(), **given)
    return Topic(topic, parent=topic_ids.parent(topic), **{"origin": "own", **given})
