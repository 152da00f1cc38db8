"""What a question asks for beside its subject: every recogniser is asked, and the best kept.

Rules and names from the atlas; nothing here reaches the network or loads a model. Nothing is
remembered from one question to the next.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import replace
from typing import Final

from kg.text.stop_words import STOP_WORDS
from kg.text.venues import ACRONYMS
from search.atlas import Atlas
from search.understanding import (
    code,
    methods,
    modalities,
    needs,
    orders,
    people,
    spelling,
    titles,
    topics,
    triggers,
)
from search.understanding.known import Known
from search.understanding.reading import Reading, Span, chosen, overlapping
from search.understanding.words import MAX_CHARS, MAX_WORDS, Words

Recogniser = Callable[[Words, Known], Iterable[Span]]
"""Finds what words of a question state; one module each."""


def _dates(words: Words, known: Known) -> Iterable[Span]:
    if any(c.isdigit() for c in words.question) or _may_state(words, triggers.DATES):
        from search.understanding import dates

        yield from dates.spans(words, known)


def _venues(words: Words, known: Known) -> Iterable[Span]:
    names = {word.rstrip("0123456789").rstrip("-_'") for word in words.folded}
    if not ACRONYMS.keys().isdisjoint(names) or _may_state(words, triggers.VENUES):
        from search.understanding import venues

        yield from venues.spans(words, known)


def _kinds(words: Words, known: Known) -> Iterable[Span]:
    if _may_state(words, triggers.KINDS):
        from search.understanding import kinds

        yield from kinds.spans(words, known)


def _categories(words: Words, known: Known) -> Iterable[Span]:
    if any("." in word for word in words.folded):
        from search.understanding import categories

        yield from categories.spans(words, known)


def _comparisons(words: Words, known: Known) -> Iterable[Span]:
    if _may_state(words, triggers.COMPARISONS):
        from search.understanding import comparisons

        yield from comparisons.spans(words, known)


def _likeness(words: Words, known: Known) -> Iterable[Span]:
    if _may_state(words, triggers.LIKENESS) or any(w.endswith("-like") for w in words.folded):
        from search.understanding import likeness

        yield from likeness.spans(words, known)


def _exclusions(words: Words, known: Known) -> Iterable[Span]:
    if _may_state(words, triggers.EXCLUSIONS):
        from search.understanding import exclusions

        yield from exclusions.spans(words, known)


def _may_state(words: Words, needed: Set[str]) -> bool:
    return not needed.isdisjoint(words.folded) or not words.question.isascii()


CONDITIONS: Final[tuple[Recogniser, ...]] = (
    _dates,
    orders.spans,
    people.spans,
    _venues,
    _kinds,
    _categories,
    code.spans,
)
"""Of what is no part of the subject. Those with a function here are imported where needed."""

SUBJECTS: Final[tuple[Recogniser, ...]] = (
    needs.spans,
    modalities.spans,
    methods.spans,
    topics.spans,
    _comparisons,
    _likeness,
    _exclusions,
)
"""Of what may be; they are told which words are not."""


def understand(
    atlas: Atlas, question: str, without: Set[str] = frozenset(), beside: bool = False
) -> Reading:
    """Return what a question states beside its subject.

    A text of more than `MAX_WORDS` words or `MAX_CHARS` characters, and the title of a paper of
    the atlas, state nothing.

    Parameters
    ----------
    without : set of str
        Names of readings that do not hold.
    beside : bool
        Whether the question states more beside these words; else one word is what is asked for.
    """
    words = Words(question)
    is_text = len(question) > MAX_CHARS or not 0 < len(words.all) <= MAX_WORDS
    if is_text or titles.is_title(atlas.catalogue, question):
        return Reading(question)
    known = Known(atlas, atlas.catalogue.database.now().date())
    errors = [
        replace(one, words=words.written(one.start, one.end)) for one in _errors(words, known)
    ]
    mended = [one for one in errors if not any(stated.name in without for stated in one.stated)]
    aside = tuple(one for one in errors if one not in mended)
    least = 1 if beside else 2
    if not mended:
        reading = _read(words, known, without, least)
        return replace(reading, set_aside=(*reading.set_aside, *aside))
    # Every word keeps its place, so that what is read in the mended words is shown as written.
    better = words.replaced({one.start: one.replacement for one in mended})
    reading = _read(better, known, without, least)
    found = (replace(one, words=words.written(one.start, one.end)) for one in reading.spans)
    spans = sorted((*mended, *found), key=lambda one: one.start)
    return replace(reading, spans=tuple(spans), set_aside=(*reading.set_aside, *aside))


def _errors(words: Words, known: Known) -> list[Span]:
    """Return the words with typing errors, those aside that state a condition as they are."""
    found = list(spelling.spans(words, known))
    if not found or len(words.all) < 2:
        return found
    conditions = [span for find in CONDITIONS for span in find(words, known)]
    return [one for one in found if not overlapping(conditions, one.start, one.end)]


def _read(words: Words, known: Known, without: Set[str], least: int) -> Reading:
    """Return what words state, where they are as many as `least`."""
    if len(words.all) < least:
        return Reading(words.question)
    spans = [span for find in CONDITIONS for span in find(words, known)]
    stated = frozenset(at for one in spans for at in range(one.start, one.end))
    known = Known(known.atlas, known.today, stated)
    spans += [span for find in SUBJECTS for span in find(words, known)]
    reading = chosen(words, spans, without)
    if reading.text == words.question:
        return reading
    gone, named = (
        {at for one in reading.spans if one.stays is stays for at in range(one.start, one.end)}
        for stays in (False, True)
    )
    # What is left of "surveys of merging by Tao" begins with "of".
    return replace(reading, text=words.subject(gone, named, STOP_WORDS))
