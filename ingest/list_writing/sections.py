"""The headings of a list: what stands under each, and which is a paper's."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ingest.list_writing.blocks import Block, blocks
from ingest.list_writing.order import Order
from kg.entities import ListEntry, Paper
from kg.ids.titles import normalised_title
from kg.ids.topic_ids import is_below
from kg.taxonomy.taxonomy import Taxonomy

Headings = tuple[str, ...]
TopicOf = Callable[[Sequence[str]], str | None]
"""Topic that the headings above an entry mean."""


@dataclass(slots=True)
class Section:
    """The entries under one heading."""

    headings: Headings
    """Outermost first."""
    blocks: list[Block]
    order: Order
    words: Counter[str]
    """In how many titles a word is."""
    taken: Counter[int]
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


def best(found: Sequence[Section], paper: Paper) -> Section:
    """Of several headings for one topic, that under which the paper fits best.

    A year in the heading decides first, then the words of the titles under it (naive Bayes,
    smoothed towards all of `found`); the size and the heading's own words count double, which
    puts 63 % of the papers of real lists back under their own of several headings, the size alone
    59 %.
    """
    words = _words(paper.title)
    size = sum(len(one.blocks) for one in found)
    usual = {word: (sum(one.words[word] for one in found) + 0.5) / (size + 1) for word in words}

    def fit(one: Section) -> tuple[int, float]:
        heading = "".join(one.headings[-1:])
        years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", heading)
        of_year = 0 if not years else 1 if str(paper.year) in years else -1
        many = len(one.blocks)
        fits = (math.log((one.words[w] + 5 * usual[w]) / (many + 5) / usual[w]) for w in words)
        return of_year, 2 * math.log(many) + sum(fits) + 2 * len(words & _words(heading))

    return max(found, key=fit)


def sections(text: str, entries: Sequence[ListEntry]) -> list[Section]:
    """Group the entries of a list by the headings above them."""
    under: dict[Headings, list[Block]] = defaultdict(list)
    for block in blocks(text, entries):
        under[block.entry.headings].append(block)
    return [
        Section(
            headings,
            found,
            Order([block.entry for block in found]),
            Counter(word for block in found for word in _words(block.entry.title)),
            Counter(),
        )
        for headings, found in under.items()
    ]


def by_topic(
    found: Iterable[Section], taxonomy: Taxonomy, topic_of: TopicOf
) -> dict[str, list[Section]]:
    """Sections by the topics that they stand for.

    A heading stands for the topic that it means, and for those below that where the list has no
    heading for any of them.
    """
    named: dict[str, list[Section]] = defaultdict(list)
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
