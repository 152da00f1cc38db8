"""What a question excludes: "not for vision", "other than ROME", "except surveys"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kg.cards.card import Kind, Modality
from kg.records import Filters, Term
from search.understanding import names, things
from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.things import Line
from search.understanding.words import Words

_MODALITIES: Final[Mapping[str, Modality]] = {
    word: modality
    for modality, words in {
        Modality.VISION: "vision,computer vision,images,image,videos,video,visual models",
        Modality.TEXT: "text,language,nlp,language models,llms,large language models",
        Modality.SPEECH: "speech,audio",
        Modality.MULTIMODAL: "multimodal,multimodal models,vision-language models",
        Modality.GRAPH: "graphs,graph,gnns,graph neural networks",
        Modality.RL: "rl,reinforcement learning",
        Modality.CODE: "code,code generation",
        Modality.ROBOTICS: "robotics,robots",
    }.items()
    for word in words.split(",")
}
_KINDS: Final[Mapping[str, Kind]] = {
    word: kind
    for kind, words in {
        Kind.SURVEY: "surveys,survey,survey papers,reviews,review papers,overviews,review articles",
        Kind.BENCHMARK: "benchmarks,benchmark papers,datasets,data sets",
        Kind.SYSTEM: "libraries,toolkits,systems",
        Kind.THEORY: "theory,theory papers,theoretical papers",
        Kind.ANALYSIS: "analyses,analysis papers,empirical studies",
        Kind.POSITION: "position papers",
    }.items()
    for word in words.split(",")
}
_PLAIN: Final = "|".join(sorted((*_MODALITIES, *_KINDS), key=len, reverse=True))
_BEFORE: Final = (
    r"(?:(?:the|any|all|those|papers|work|on|about|for|in|to|with|using|only|of|based on|applied to"
    r"|related to|limited to|dealing with|involving|concerning) )*"
)
_LIST: Final = (
    rf"(?P<things>{_BEFORE}(?:#\d+|{_PLAIN})"
    rf"(?:(?:,| and| or|, and|, or| nor) {_BEFORE}(?:#\d+|{_PLAIN}))*)"
)
_BUT: Final = r"(?:(?:but|and|just|though|however) )*"
_WHICH: Final = r"(?:(?:that|which) )"

_FRAMES: Final = (
    rf"{_BUT}{_WHICH}?(?:are |is |were )?not (?=for|on|about|in|with|using|based|applied|related"
    r"|limited|dealing|involving|concerning)",
    rf"(?:(?:but|and|just|though|however) )+not |{_WHICH}(?:are|is) not |(?<=, )not ",
    rf"{_BUT}{_WHICH}?(?:(?:do|does|did) not|don't|doesn't|didn't) (?:use|using|need|rely on"
    r"|involve|require|cover|concern|build on|employ) ",
    rf"{_BUT}{_WHICH}?(?:other than|except|except for|excepting|excluding|exclude|excludes"
    r"|apart from|aside from|besides|leaving out|leave out|omitting|omit|ignoring|ignore|skipping"
    r"|skip|outside|outside of|anything but|everything but|all but|ausser|sauf|excepte|excepto"
    r"|salvo|minus) ",
    r"(?:but |and |(?<=, ))no (?:more )?",
)
"""Patterns of what stands before the things that are excluded."""

_WITHOUT: Final = r"(?:without|ohne|sans|sin|senza) (?:(?:using|any|the|use|of) )*(?P<things>#\d+)"
_OTHER_WORDS: Final = r"(?:but )?(?:excluding|exclude|except for|except) (?P<other>[a-z-]+s)(?=,|$)"
_ITEM: Final = re.compile(rf"#\d+|\b(?:{_PLAIN})\b")
_TRIGGERS: Final = frozenset(
    "all-but anything apart aside ausser besides but didn't doesn't don't everything except excepte"
    " excepting excepto exclude excludes excluding ignore ignoring leave leaving minus no not ohne"
    " omit omitting other outside salvo sans sauf senza sin skip skipping without".split()
)


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield what a question excludes; papers of which nobody knows that are no less answers."""
    if _TRIGGERS.isdisjoint(words.folded) or known.once(names.is_titled, words):
        return
    line = known.once(things.line, words)
    for frame in _FRAMES:
        for match in line.matches(f"(?:{frame}){_LIST}"):
            yield from _span(line, match, topics=True)
    for match in line.matches(_WITHOUT):
        yield from _span(line, match, topics=False)
    for match in line.matches(_OTHER_WORDS):
        if match["other"] not in _KINDS and match["other"] not in _MODALITIES:
            excluded = (Term(match["other"], excluded=True),)
            stated = (Stated("not", match["other"], True),)
            yield Span(*line.words(match), stated, filters={"terms": excluded})


def _span(line: Line, match: re.Match[str], topics: bool) -> Iterator[Span]:
    """Yield the exclusion of all things of a match, or nothing where one is not known."""
    found = [_excluded(line, item) for item in _ITEM.findall(match["things"])]
    stated: list[Stated] = []
    filters: list[Filters] = []
    notes: list[str] = []
    for one in found:
        if one is None or (one.filter == "topic" and not topics):
            return
        stated.append(Stated("not", one.value, True))
        field: dict[str, Any] = {one.filter: one.value}
        filters.append(Filters(withdrawn=True, **field))
        notes += one.notes
    yield Span(
        *line.words(match), tuple(stated), filters={"excluded": tuple(filters)}, notes=tuple(notes)
    )


@dataclass(frozen=True, slots=True)
class _Excluded:
    """One thing that a question excludes, as a field of `Filters` and its value."""

    filter: str
    value: str
    notes: tuple[str, ...] = ()


def _excluded(line: Line, item: str) -> _Excluded | None:
    if item in _MODALITIES:
        return _Excluded("modality", str(_MODALITIES[item]))
    if item in _KINDS:
        return _Excluded("kind", str(_KINDS[item]))
    (thing,) = line.named(item)
    if not thing.sure:
        return None
    return _Excluded("topic" if thing.key is None else "about", thing.id, thing.notes)
