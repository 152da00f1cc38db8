"""Venues in questions: "ICLR 2024", "at neurips", "NeurIPS'23", "CVPR papers", "EMNLP Findings".

An acronym that is a word of its own counts in its own spelling or in capitals; in lower case, and
where it means other things as well, what stands around it has to say that it is a venue.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kg.ids.titles import normalised_title
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from kg.text.stop_words import STOP_WORDS
from kg.text.venues import ACRONYMS, full_names, with_acronyms
from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

_KINDS: Final = {"findings": "Findings", "workshop": "Workshop", "workshops": "Workshop"}
_NO_VENUES: Final = frozenset({*_KINDS, "pmlr"})
AMBIGUOUS: Final = frozenset(
    "acl chi colt colm coling conll corl iros kdd lrec midl pami recsys semeval sigkdd tmm uai"
    " usenix wmt www".split()
)
"""Acronyms that mean other things as well, such as benchmarks."""
_TASKS: Final = frozenset({"conll", "semeval", "wmt"})
"""Those whose years are benchmarks' names as well: "WMT 2014"."""

_SHAPE = re.compile(
    r"(?P<name>[A-Za-z-]{3,}?)(?:[-_]?(?P<year>(?:19|20)\d\d)|[-_]?['’]?(?P<short>[012]\d))?"
)
_YEAR = re.compile(r"(?P<year>(?:19|20)\d\d)|['’](?P<short>[012]\d)")
_PAPERS: Final = frozenset(
    "accepted article articles paper papers proceedings publications".split()
)
_TITLES: Final = frozenset("acm annual ieee ieee/cvf international proceedings".split())
_AT: Final = frozenset("@ accepted appeared at bei from in presented published".split())
_RANGE: Final = frozenset(
    "- – and before bis et or onward onwards since through to until und".split()
)
_NOT: Final = frozenset("after before except excluding not since than until without".split())


_EVENTS: Final = frozenset("challenge challenges competition competitions contest".split())
_EVENT_WORDS: Final = 3
"""So many words behind a venue, one may say that an event is meant."""

APPEARING_EARLIER: Final = frozenset({"AAAI", "ACL", "CVPR", "ICLR"})
"""Of these, more than a third of the papers appear in the year before: `docs/questions.md`."""


@dataclass(frozen=True, slots=True)
class _Venue:
    start: int
    end: int
    name: str
    """In its usual spelling."""
    year: int | None = None


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield the venues that a question names, with the year that belongs to each; all are hard.

    Of a venue that the atlas knows no paper of, a line says so, and nothing is left out.
    """
    found = list(_venues(words))
    found += list(_by_name(words, known.atlas.catalogue, found))
    found.sort(key=lambda one: one.start)
    while found:
        group = [found.pop(0)]
        while found and _joined(words, group[-1], found[0]):
            group.append(found.pop(0))
        yield _span(known.atlas.catalogue, group)


def _span(catalogue: Catalogue, group: list[_Venue]) -> Span:
    """Return the span of one venue, or of several any of which will do."""
    there = [one for one in group if _has_papers(catalogue, one.name)]
    year = group[-1].year
    stated = [Stated("venue", one.name, True) for one in there]
    filters: dict[str, object] = {}
    if there:
        filters["venue"] = " or ".join(one.name for one in there)
    if year:
        stated += [Stated(name, str(year), True) for name in ("since", "until")]
        filters |= {"since": PartialDate(year), "until": PartialDate(year)}
    notes = [
        f"{year} is the year in which papers appeared: many of {one.name} {year} did in {year - 1}"
        for one in there
        if year and one.name in APPEARING_EARLIER
    ]
    notes += [f"No paper of the atlas is known to be of {o.name}" for o in group if o not in there]
    return Span(
        group[0].start, group[-1].end, tuple(stated), filters=filters, sure=0.97, notes=tuple(notes)
    )


def _has_papers(catalogue: Catalogue, name: str) -> bool:
    known = catalogue.cache.get("words of venues", lambda: _words_of_venues(catalogue))
    words = f" {normalised_title(name)} "
    return any(words in one for one in known)


def _words_of_venues(catalogue: Catalogue) -> frozenset[str]:
    venues = catalogue.cache.get("venues", catalogue.papers.venues)
    return frozenset(f" {normalised_title(with_acronyms(one))} " for one in venues.values())


def _joined(words: Words, one: _Venue, other: _Venue) -> bool:
    """Return whether either of two venues will do: "ICLR or ICML", "ICLR, ICML 2024"."""
    between = words.folded[one.end : other.start]
    return one.year is None and (between in {("or",), ("and",), ("&",), ("/",)} or not between)


def _venues(words: Words) -> Iterator[_Venue]:
    """Yield the venues whose acronyms stand in a question."""
    for at, word in enumerate(words.all):
        shape = _SHAPE.fullmatch(word.text)
        name = ACRONYMS.get(shape["name"].lower()) if shape else None
        if shape is None or name is None or shape["name"].lower() in _NO_VENUES:
            continue
        year = _full_year(shape)
        start, end, kind = _with_kind(words, at, at + 1)
        if year is None:
            year, end = _year_behind(words, end)
        if not kind:
            start, end, kind = _with_kind(words, at, end)
        start = _begin(words, start)
        if _is_venue(words, at, start, end, shape["name"], year is not None):
            yield _Venue(start, end, f"{name} {kind}" if kind else name, year)


def _full_year(match: re.Match[str]) -> int | None:
    if match["year"]:
        return int(match["year"])
    return 2000 + int(match["short"]) if match["short"] else None


def _year_behind(words: Words, end: int) -> tuple[int | None, int]:
    """Return the year that follows a venue, and where it ends; no year that begins a period."""
    behind = words.folded[end + 1] if end + 1 < len(words.all) else ""
    if end == len(words.all) or words.all[end - 1].ends_part:
        return None, end
    written = words.question[words.all[end].start : words.all[end].end]
    match = _YEAR.fullmatch(written.strip("().,;:?!")) or _YEAR.fullmatch(words.all[end].text)
    if match is None or (behind in _RANGE and not words.all[end].ends_part):
        return None, end
    return _full_year(match), end + 1


def _with_kind(words: Words, at: int, end: int) -> tuple[int, int, str]:
    """Return where a venue begins and ends with "Findings" or "workshop", and that word."""
    behind = words.folded[end] if end < len(words.all) else ""
    if not words.all[end - 1].ends_part and (kind := _KINDS.get(behind)):
        return at, end + 1, kind
    before = words.folded[max(at - 3, 0) : at]
    for length in (2, 3):
        if before[-length:] in {("findings", "of"), ("findings", "of", "the")}:
            return at - length, end, _KINDS["findings"]
    return at, end, ""


def _begin(words: Words, start: int) -> int:
    """Return where a venue begins with the words before it: "published at the"."""
    while start and words.folded[start - 1] in _TITLES and not words.all[start - 1].ends_part:
        start -= 1
    if start and words.folded[start - 1] == "the":
        start -= 1 if start > 1 and words.folded[start - 2] in _AT else 0
    while start and words.folded[start - 1] in _AT and not words.all[start - 1].ends_part:
        start -= 1
    return start


def _is_venue(words: Words, at: int, start: int, end: int, written: str, dated: bool) -> bool:
    """Return whether an acronym means the venue where it stands."""
    if start and words.folded[start - 1] in _NOT:
        return False
    if _is_event(words, end):
        return False
    name = written.lower()
    at_it = start < at and words.folded[start] != "from"
    papers = end < len(words.all) and words.folded[end] in _PAPERS
    if name in _TASKS:
        return at_it
    spelled = written == ACRONYMS[name] or written.isupper() or written == written.capitalize()
    if written.islower():
        return dated if name in AMBIGUOUS else (at_it or dated)
    if name not in AMBIGUOUS:
        return spelled or at_it or dated
    alone = (at == 0 or words.all[at - 1].ends_part) and (
        end == len(words.all) or words.all[end - 1].ends_part
    )
    at_sure = at_it and words.folded[at - 1] not in {"in", "the"}
    return dated or papers or at_sure or (alone and len(words.all) > 1)


def _is_event(words: Words, end: int) -> bool:
    """Return whether a venue is part of the name of an event: "NeurIPS 2024 LLM Competition"."""
    for at in range(end, min(end + _EVENT_WORDS, len(words.all))):
        if words.all[at - 1].ends_part or words.folded[at] in STOP_WORDS | _PAPERS:
            return False
        if words.folded[at] in _EVENTS:
            return True
    return words.folded[end : end + 1] == ("task",)


def _by_name(words: Words, catalogue: Catalogue, found: list[_Venue]) -> Iterator[_Venue]:
    """Yield the venues that stand with their full names, or behind "published in"."""
    taken = {at for one in found for at in range(one.start, one.end)}
    if {"association", "conference", "information", "journal", "transactions"} & set(words.folded):
        for begin, finish, name in full_names(words.question):
            run = [at for at, one in enumerate(words.all) if begin < one.end and one.start < finish]
            if run and taken.isdisjoint(run):
                year, end = _year_behind(words, run[-1] + 1)
                yield _Venue(_begin(words, run[0]), end, name, year)
                return
    for at in range(1, len(words.all) - 1):
        if words.folded[at] != "in" or words.folded[at - 1] not in {"appeared", "published"}:
            continue
        known = catalogue.cache.get("venues", catalogue.papers.venues)
        for length in range(min(8, len(words.all) - at - 1), 0, -1):
            venue = known.get(normalised_title(words.written(at + 1, at + 1 + length)))
            if venue and taken.isdisjoint(range(at, at + 1 + length)):
                year, end = _year_behind(words, at + 1 + length)
                yield _Venue(at - 1, end, venue, year)
                return
