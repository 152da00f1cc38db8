"""What a question excludes: "not for vision", "other than ROME", "except surveys"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from kg.cards.card import Kind, Modality
from kg.records import Filters, Term
from kg.text.stop_words import STOP_WORDS
from search.understanding import names, things, triggers
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
_LONGEST: Final = 3
"""Words of the longest of these."""

_BUT: Final = r"(?:(?:but|and|just|though|however) )*"
_WHICH: Final = r"(?:that |which )?"
_FRAMES: Final = (
    rf"{_BUT}(?:{_WHICH}(?:are |is |were )?not(?= (?:for|on|about|in|with|using|based|applied"
    r"|related|limited|dealing|involving|concerning) )"
    rf"|{_WHICH}(?:(?:do|does|did) not|don't|doesn't|didn't) (?:use|using|need|rely on|involve"
    r"|require|cover|concern|build on|employ)"
    rf"|{_WHICH}(?:other than|except|excepting|excluding|excludes?|apart from|aside from|besides"
    r"|leaving out|leave out|omitting|omit|ignoring|ignore|skipping|skip|outside|anything but"
    r"|everything but|all but|ausser|sauf|excepte|excepto|salvo|minus))"
    r"|(?:but|and|though|however) not|(?:that|which) (?:are|is) not|(?<=, )not"
    r"|(?:but |and |(?<=, ))no(?: more)?"
)
"""Pattern of what stands before the things that are excluded."""
_WITHOUT: Final = r"without|ohne|sans|sin|senza"

_BEFORE: Final = frozenset(
    "the any all those papers work methods on about for in to with using use only of from based"
    " applied related limited dealing involving concerning".split()
)
"""Words that may stand between."""
_TOKEN: Final = re.compile(r"([^ ,]+)(,?)")
_LAST: Final = re.compile(r" ([a-z][a-z-]{3,})(?=,|$)")
_NEEDED: Final = frozenset(("need", "require"))
_EXCLUDING: Final = frozenset(("except", "exclude", "excluding"))


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield what a question excludes; papers of which nobody knows that are no less answers."""
    if triggers.EXCLUSIONS.isdisjoint(words.folded) or known.once(names.is_titled, words):
        return
    line = known.once(things.line, words)
    for pattern, entities_only in ((_FRAMES, False), (_WITHOUT, True)):
        for match in line.matches(pattern):
            # What a method does not need is said of the method: `needs`.
            needed = match[0].split()[-1] in _NEEDED
            found, end = _things(line, match.end(), entities_only or needed)
            start, _ = line.words(match)
            if not found and match[0].split()[-1] in _EXCLUDING:
                yield from _of_word(line, start, match.end())
            if found:
                yield Span(
                    *(start, end, tuple(Stated("not", one.value, True) for one in found)),
                    filters={"excluded": tuple(one.filters for one in found)},
                    notes=tuple(note for one in found for note in one.notes),
                )


def _of_word(line: Line, start: int, place: int) -> Iterator[Span]:
    """Yield the exclusion of the one word that ends a part of the question."""
    word = _LAST.match(line.text, place)
    if word and not STOP_WORDS & {word[1]}:
        stated = (Stated("not", word[1], True),)
        terms = (Term(word[1], excluded=True),)
        yield Span(start, line.ends[word.end(1)], stated, filters={"terms": terms})


class _Excluded(NamedTuple):
    """One thing that a question excludes."""

    filter: str
    """Field of `Filters`."""
    value: str
    notes: tuple[str, ...] = ()

    @property
    def filters(self) -> Filters:
        """What papers pass that are excluded."""
        field: dict[str, Any] = {self.filter: self.value}
        return Filters(withdrawn=True, **field)


def _things(line: Line, place: int, entities_only: bool) -> tuple[list[_Excluded], int]:
    """Return the things that are named from a place of the line on, and the word behind them."""
    tokens = list(_TOKEN.finditer(line.text, place))
    found: list[_Excluded] = []
    end = at = 0
    joined = False
    while at < len(tokens):
        while at < len(tokens) and tokens[at][1] in _BEFORE and not tokens[at][2]:
            at += 1
        one, length = _excluded(line, tokens[at:], entities_only)
        # Behind a comma alone, another thing may begin another part.
        if one is None or (found and not joined and one.filter != found[-1].filter):
            break
        found.append(one)
        at += length
        end = line.ends[tokens[at - 1].end(1)]
        joined = at < len(tokens) and tokens[at][1] in ("and", "or", "nor")
        if not joined and not tokens[at - 1][2]:
            break
        at += joined
    return found, end


def _excluded(
    line: Line, tokens: Sequence[re.Match[str]], entities_only: bool
) -> tuple[_Excluded | None, int]:
    """Return what some words exclude with their beginning, and how many words say so."""
    if tokens and tokens[0][1].startswith("#"):
        (thing,) = line.named(tokens[0][1])
        if not thing.sure or (entities_only and thing.key is None):
            return None, 0
        name = "topic" if thing.key is None else "about"
        return _Excluded(name, thing.id, thing.notes), 1
    for length in range(min(_LONGEST, len(tokens)), 0, -1):
        if entities_only or any(token[2] for token in tokens[: length - 1]):
            continue
        text = " ".join(token[1] for token in tokens[:length])
        if text in _MODALITIES:
            return _Excluded("modality", str(_MODALITIES[text])), length
        if text in _KINDS:
            return _Excluded("kind", str(_KINDS[text])), length
    return None, 0
