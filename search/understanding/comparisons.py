"""What a question compares: "LoRA vs prefix tuning", "how does ROME differ from MEMIT"."""

from collections.abc import Iterator
from typing import Final

from search.understanding import things, triggers
from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.things import LIST, Line, Thing
from search.understanding.words import Words

_AND: Final = r",? (?:and|with|to|or|vs|versus|against|und|et|y|e)"
_MORE: Final = rf"{LIST}(?:(?:,|{_AND}) {LIST})*{_AND} {LIST}"
_ASK: Final = r"(?:(?:what's|what|is|are|the|main|key|a|any|does|do|how|anything|something|that) )*"

_STATED: Final = (
    rf"{LIST}(?:,? (?:vs|v\.s|versus) {LIST})+",
    rf"{_ASK}(?:differences?|trade-?offs?|comparisons?|similarities|choice|unterschiede?|vergleich"
    rf"|diff[eé]rences?|diferencias?) (?:between|of|among|zwischen|von|entre) {_MORE}",
    rf"{_ASK}(?:compar(?:e|es|ed|ing)|contrast(?:s|ing)?|choos(?:e|ing) between"
    rf"|decid(?:e|ing) between) {_MORE}",
    rf"{_ASK}{LIST} (?:is |are )?(?:compared?|compares|in comparison)"
    rf" (?:with|to|against) {LIST}(?:{_AND} {LIST})*",
    rf"{_ASK}{LIST} (?:differs?|different|differ) from {LIST}",
    rf"{_ASK}{LIST},? (?:and|und|et) {LIST} (?:compared?|differ|side by side)",
    rf"(?:is|are) {LIST}(?: \w+)? (?:better|worse|[a-z]+er|(?:more|less) [a-z-]+) than {LIST}",
    rf"(?:advantages?|benefits?) of {LIST} over {LIST}",
)
"""Patterns of what compares things whatever they are."""

_OR: Final = rf"{LIST}(?:, {LIST})*,? (?:or|oder|ou|o) {LIST}"
_NO_CHOICE: Final = frozenset(
    "about by for from in into like not of on to use uses using via with without".split()
)
"""Behind these, "A or B" are two things that will do."""


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield each thing that a question compares, and the words that say so, which leave it."""
    if triggers.COMPARISONS.isdisjoint(words.folded) or len(known.once(things.things, words)) < 2:
        return
    line = known.once(things.line, words)
    for start, end, compared in _compared(line):
        inside = {at for one in compared for at in range(one.start, one.end)}
        for one in compared:
            stated = (Stated("compare", one.id, False),)
            yield Span(
                *(one.start, one.end, stated),
                filters=one.filters,
                stays=True,
                notes=one.notes,
            )
        yield from _frame(start, end, inside)
        return


def _compared(line: Line) -> Iterator[tuple[int, int, list[Thing]]]:
    """Yield first word, word behind, and the things of each comparison."""
    for pattern in _STATED:
        for match in line.matches(pattern):
            found = line.named(match[0])
            if len({one.id for one in found}) > 1:
                yield *line.words(match), found
    for match in line.matches(_OR):
        start, end = line.words(match)
        found = line.named(match[0])
        before = line.text[: match.start()].split()[-1:]
        if (
            len({one.id for one in found}) > 1
            and all(one.sure for one in found)
            and _NO_CHOICE.isdisjoint(before)
        ):
            yield start, end, found


def _frame(start: int, end: int, inside: set[int]) -> Iterator[Span]:
    """Yield the runs of words that only say what is done with those inside."""
    for at in range(start, end):
        if at not in inside:
            yield Span(at, at + 1, (), sure=0.9)
