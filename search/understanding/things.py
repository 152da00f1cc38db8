"""Named things of a question, and the words around them as one line for patterns."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from search.understanding import names, topics
from search.understanding.known import Known
from search.understanding.words import Words

LIST: Final = r"(?:(?:the|a|an|plain|standard|original|vanilla|classic) )*#\d+"
"""Pattern of a named thing, an article before it included."""
_NUMBER: Final = re.compile(r"#(\d+)")
_ABBREVIATED: Final = frozenset(("vs", "v.s", "etc", "e.g", "i.e"))


class Thing(NamedTuple):
    """An entity or a topic that a question names."""

    start: int
    end: int
    id: str
    key: int | None
    """Key of the entity; None for a topic."""
    sure: bool
    notes: tuple[str, ...] = ()

    @property
    def filters(self) -> dict[str, str]:
        """The fields of `kg.records.Filters` that papers on it pass."""
        return {"topic" if self.key is None else "about": self.id}


class Line(NamedTuple):
    """The folded words of a question, with ``#0``, ``#1`` in place of what it names.

    A comma follows what punctuation ends.
    """

    text: str
    things: tuple[Thing, ...]
    starts: dict[int, int]
    """Place in the text at which a word begins -> index of the word."""
    ends: dict[int, int]
    """Place behind a word -> index behind it."""

    def words(self, match: re.Match[str], group: int | str = 0) -> tuple[int, int]:
        """Return the first word of a match and the index behind its last."""
        return self.starts[match.start(group)], self.ends[match.end(group)]

    def matches(self, pattern: str) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern of whole words."""
        return _compiled(pattern).finditer(self.text)

    def named(self, text: str) -> list[Thing]:
        """Return the things that a part of the line names."""
        return [self.things[int(number)] for number in _NUMBER.findall(text)]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?<![^ ])(?:{pattern})(?![^ ,])")


def things(words: Words, known: Known) -> tuple[Thing, ...]:
    """Return the entities and topics that a question names; of those that overlap, the longest."""
    found = [
        Thing(one.start, one.end, one.ids[0], one.keys[0], one.sure, tuple(names.note(one)))
        for one in known.once(names.mentions, words)
    ]
    found += [
        Thing(one.start, one.end, one.topic, None, True) for one in known.once(topics.topics, words)
    ]
    found.sort(key=lambda one: (one.start - one.end, one.key is None))
    held: list[Thing] = []
    for one in found:
        if not any(one.start < other.end and other.start < one.end for other in held):
            held.append(one)
    return tuple(sorted(held, key=lambda one: one.start))


def line(words: Words, known: Known) -> Line:
    """Return the line of a question."""
    found = known.once(things, words)
    inside = {at: number for number, one in enumerate(found) for at in range(one.start, one.end)}
    text = ""
    starts, ends = {}, {}
    for at, word in enumerate(words.all):
        number = inside.get(at)
        if number is None or found[number].start == at:
            text += " " if text else ""
            starts[len(text)] = at
            text += word.folded if number is None else f"#{number}"
        if number is None or found[number].end == at + 1:
            ends[len(text)] = at + 1
            if word.ends_part and word.folded not in _ABBREVIATED:
                text += ","
    return Line(text, found, starts, ends)
