"""The sections of a list: the entries under each heading, and the section of a new paper."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ingest.list_writing.blocks import EntryBlock, blocks
from ingest.list_writing.order import EntryOrder
from kg.ids.titles import normalised_title
from kg.ids.topic_ids import is_below
from kg.records import ListEntry, Paper
from kg.taxonomy.taxonomy import Taxonomy

Headings = tuple[str, ...]
TopicOf = Callable[[Sequence[str]], str | None]
"""Returns the topic that the headings above an entry mean."""


@dataclass(slots=True)
class ListSection:
    """The entries under one heading."""

    headings: Headings
    """Outermost first."""
    blocks: list[EntryBlock]
    order: EntryOrder
    words: Counter[str]
    """In how many titles each word occurs."""
    inserted: Counter[int]
    """New entries so far, by the number of old ones before them."""

    @property
    def is_table(self) -> bool:
        """Whether most entries are rows of a Markdown table."""
        return Counter(block.is_row for block in self.blocks).most_common(1)[0][0]

    @property
    def gap(self) -> int:
        """Blank lines between two entries."""
        gaps = Counter(block.after for block in self.blocks if block.after >= 0)
        return gaps.most_common(1)[0][0] if gaps and not self.is_table else 0


def best_section(found: Sequence[ListSection], paper: Paper) -> ListSection:
    """Return the section, of several for one topic, in which a paper fits best.

    A year in the heading decides first, then the words of the titles under it (naive Bayes,
    smoothed towards all of `found`); the size and the words of the heading count double. This puts
    63 % of the papers of real lists back into their own of several sections, the size alone 59 %.
    """
    words = _words(paper.title)
    size = sum(len(one.blocks) for one in found)
    usual = {word: (sum(one.words[word] for one in found) + 0.5) / (size + 1) for word in words}

    def fit(one: ListSection) -> tuple[int, float]:
        heading = "".join(one.headings[-1:])
        years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", heading)
        of_year = 0 if not years else 1 if str(paper.year) in years else -1
        many = len(one.blocks)
        fits = (math.log((one.words[w] + 5 * usual[w]) / (many + 5) / usual[w]) for w in words)
        return of_year, 2 * math.log(many) + sum(fits) + 2 * len(words & _words(heading))

    return max(found, key=fit)


def sections(text: str, entries: Sequence[ListEntry]) -> list[ListSection]:
    """Group the entries of a list by the headings above them."""
    under: dict[Headings, list[EntryBlock]] = defaultdict(list)
    for block in blocks(text, entries):
        under[block.entry.headings].append(block)
    return [
        ListSection(
            headings,
            found,
            EntryOrder([block.entry for block in found]),
            Counter(word for block in found for word in _words(block.entry.title)),
            Counter(),
        )
        for headings, found in under.items()
    ]


def by_topic(
    found: Iterable[ListSection], taxonomy: Taxonomy, topic_of: TopicOf
) -> dict[str, list[ListSection]]:
    """Return the sections of each topic.

    A section is for the topic that its heading means, and for the topics below it if the list has
    no heading for any of them.
    """
    named: dict[str, list[ListSection]] = defaultdict(list)
    for section in found:
        if topic := topic_of(section.headings):
            named[topic].append(section)
    whole = dict(named)
    for one in taxonomy:
        above = [other.id for other in taxonomy.ancestors(one.id) if other.id in named]
        if one.id in named or not above:
            continue
        if not any(is_below(other, above[-1]) for other in named):
            whole[one.id] = named[above[-1]]
    return whole


def _words(text: str) -> set[str]:
    return {word for word in normalised_title(text).split() if len(word) > 2}
