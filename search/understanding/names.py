"""Names of methods, benchmarks and models in a question.

Names count as in running text (`kg.entities.gazetteer`). One that is a name in its own capitals
only is believed by what the atlas says of the word: "rome" in a question without capitals, or
"GRACE" beside words that no paper on it has.
"""

import re
from collections.abc import Collection, Iterator, Sequence, Set
from typing import TYPE_CHECKING, Final, NamedTuple

from kg.entities.entity import Name, Recognised
from kg.entities.names import WORD, folded_name
from kg.store.catalogue import Catalogue
from kg.store.entities import MIN_USUAL_PAPERS, USUAL
from kg.text.stop_words import STOP_WORDS
from search.index.words.fts5 import any_of
from search.understanding.known import Known
from search.understanding.words import Words

if TYPE_CHECKING:
    from kg.entities.gazetteer import Match

MAX_NAME_WORDS: Final = 6
"""Longer names are not looked for."""

KNOWN_PAPERS: Final = 10
"""From so many papers on, one in lower case may be read."""

NAME_SHARE: Final = 0.6
"""Of the papers with a word, the share on what it names from which it mostly is the name."""

CERTAIN_SHARE: Final = 0.9
"""The same for a name of many papers in its capitals, whatever else the question has."""

_WITHIN = re.compile(r"[\s\-‐‑–/_'’+&]*")
_DENIED = re.compile(r"(?<!\w)non[-‐‑ ]$", re.IGNORECASE)
_DASHES: Final = frozenset("-‐‑")
_NO_BEGINNING: Final = frozenset(
    "a an and are as at by can could did does for from has have how i if into is it its me my of"
    " or such than that the their them then there these they this those to vs versus was we were"
    " what when where which who whose why will with would you your".split()
)
_LONG_NAME: Final = 8
"""So long a name in one word is no ordinary word."""
_WORD_CHARS: Final = 5
"""A shorter name in lower case, as "lora", hardly is an ordinary word where the list lets it be."""
SMALL: Final = STOP_WORDS | frozenset(
    "against also among at based better between both but compare compared comparison difference"
    " differences do does during good how like most new newest not only or other over recent since"
    " than through too under until up using versus very via vs within without".split()
)
"""Words that are no part of a subject."""

_REQUESTS: Final = frozenset(
    "about after are articles before by can could differ do does explain find from how is paper"
    " papers please recent show since surveys until what when which who why work works".split()
)
_ASKED_FOR: Final = frozenset(
    "algorithm algorithms approach approaches article articles arxiv benchmark benchmarks citations"
    " cited code dataset datasets library library's method methods models novel open overview"
    " papers please recent review reviews source study studies survey surveys technique techniques"
    " work works".split()
)
"""Words that say nothing of a subject, but are in papers on any."""
_TITLED_WORDS: Final = 4
_TITLED_SHARE: Final = 0.8


class Gram(NamedTuple):
    """Some words of a question that stand together."""

    start: int
    """Index of the first word of `Words.all` of which it has a part."""
    end: int
    folded: str
    whole: bool
    """Whether it begins with a word, not behind a hyphen within one."""
    parts: int


class Mention(NamedTuple):
    """A name of entities in a question."""

    start: int
    end: int
    keys: tuple[int, ...]
    """Those that have the name, the usual one first."""
    ids: tuple[str, ...]
    text: str
    """The name as written."""
    sure: bool
    """False where the words may as well be ordinary ones."""
    usual: bool
    """Whether the first of several owners is what the name usually means."""


def grams(words: Words, _: Known) -> tuple[Gram, ...]:
    """Return the runs of up to `MAX_NAME_WORDS` words that may be a name.

    No punctuation parts them, and they neither begin nor end as no name does.
    """
    text = words.question
    tokens = [(*token.span(), folded_name(token[0])) for token in WORD.finditer(text)]
    places = _places(words, [start for start, _, _ in tokens])
    # Behind a hyphen, a small word is a part of the word.
    joined = [text[start - 1 : start] in _DASHES for start, _, _ in tokens]
    found = []
    for first, (start, end, folded) in enumerate(tokens):
        if (at := places[first]) is None or folded in _NO_BEGINNING:
            continue
        whole = not joined[first]
        if folded not in SMALL:
            found.append(Gram(at, at + 1, folded, whole, 1))
        for last in range(first + 1, min(first + MAX_NAME_WORDS, len(tokens))):
            start, behind, own = tokens[last]
            place = places[last]
            if place is None or not (
                (start == end + 1 and text[end] in " -") or _WITHIN.fullmatch(text, end, start)
            ):
                break
            end, folded = behind, folded + own
            if own not in SMALL or joined[last]:
                found.append(Gram(at, place + 1, folded, whole, last - first + 1))
    return tuple(found)


def _places(words: Words, starts: Sequence[int]) -> list[int | None]:
    """Return the word in which each place of the question is."""
    found: list[int | None] = []
    at = 0
    for start in starts:
        while at < len(words.all) and words.all[at].end <= start:
            at += 1
        within = at < len(words.all) and words.all[at].start <= start
        found.append(at if within else None)
    return found


def is_titled(words: Words, _: Known) -> bool:
    """Return whether a question is written like the title of a paper."""
    if not _REQUESTS.isdisjoint(words.folded):
        return False
    if any(w.ends_part and words.question[w.end - 1] == ":" for w in words.all[:-3]):
        return True
    content = [w.text for w in words.all if w.folded not in SMALL and w.text.isalpha()]
    titled = sum(text.istitle() for text in content)
    plain = sum(text.islower() for text in content)
    return titled >= _TITLED_WORDS and titled >= _TITLED_SHARE * (titled + plain)


def mentions(words: Words, known: Known) -> tuple[Mention, ...]:
    """Return the names of entities in a question, from left to right."""
    catalogue = known.atlas.catalogue
    asked = {text for gram in known.once(grams, words) for text in _spelt(gram)}
    rows = catalogue.entities.named_rows(asked)
    rows = [row for row in rows if row[2].recognised is not Recognised.ASKED]
    if not rows or known.once(is_titled, words):
        return ()
    from kg.entities.gazetteer import Gazetteer  # Few questions have a name.

    one_case = words.question.islower() or words.question.isupper()
    exact = {(key, folded_name(n.text)) for key, _, n in rows if n.recognised is Recognised.EXACT}
    names = [(key, Name(n.text) if one_case else n) for key, _, n in rows]
    matches = list(Gazetteer(names).matches(words.question))
    counts = _papers(catalogue, matches, exact, words.question)
    ids = {key: ident for key, ident, _ in rows}
    starts = _places(words, [match.start for match in matches])
    ends = _places(words, [match.end - 1 for match in matches])
    places = list(zip(starts, ends, strict=True))
    judge = _Judge(catalogue, words, places, known.stated, exact, counts, one_case)
    return tuple(_mentions(words, matches, judge, ids))


def _spelt(gram: Gram) -> Iterator[str]:
    yield gram.folded
    if gram.folded[-1] == "s":
        yield gram.folded[:-1]
    elif gram.parts > 1:
        yield f"{gram.folded}s"
    if "isation" in gram.folded:
        yield gram.folded.replace("isation", "ization")


def _papers(
    catalogue: Catalogue,
    matches: "Sequence[Match]",
    exact: Collection[tuple[int, str]],
    text: str,
) -> dict[int, int]:
    """Return how many papers relate to the entities of which this matters."""
    matter = {
        key
        for match in matches
        for key in match.entities
        if len(match.entities) > 1 or _is_exact(exact, key, text[match.start : match.end])
    }
    return catalogue.relations.paper_counts(sorted(matter)) if matter else {}


def _is_exact(exact: Collection[tuple[int, str]], key: int, text: str) -> bool:
    return (key, folded_name(text)) in exact


class _Judge(NamedTuple):
    """Tells names from ordinary words."""

    catalogue: Catalogue
    words: Words
    places: Sequence[tuple[int | None, int | None]]
    """First and last word of each match."""
    stated: Set[int]
    """Places of words that are no part of the subject."""
    exact: Collection[tuple[int, str]]
    counts: dict[int, int]
    one_case: bool

    def sure(self, match: "Match", first: bool) -> bool:
        """Return whether a name is meant, not the ordinary word that it may be."""
        text = self.words.question[match.start : match.end]
        if not text.isalpha():
            return True
        key = max(match.entities, key=lambda one: self.counts.get(one, 0))
        if not all(_is_exact(self.exact, key, text) for key in match.entities):
            return not text.islower() or len(text) < _WORD_CHARS or self._fits(key)
        papers = self.counts.get(key, 0)
        if self.one_case or (first and text.istitle()):
            if len(text) >= _LONG_NAME:
                return True
            known = papers >= KNOWN_PAPERS and self._has_share(text, papers, NAME_SHARE)
            return known and self._fits(key)
        least = CERTAIN_SHARE if papers >= KNOWN_PAPERS else NAME_SHARE
        return self._has_share(text, papers, least) or self._fits(key)

    def _has_share(self, text: str, papers: int, least: float) -> bool:
        """Return whether the papers on what a word names are that share of those that have it."""
        most = int(papers / least) + 1
        return self.catalogue.words.document_frequency(f'"{text}"', most) * least <= papers

    def _fits(self, key: int) -> bool:
        """Return whether a paper on an entity has another word of the question."""
        within = self.stated | {
            at
            for start, end in self.places
            if start is not None and end is not None
            for at in range(start, end + 1)
        }
        expression = any_of(subject_words(self.words, within))
        return not expression or self.catalogue.words.any_about(expression, key)


def subject_words(words: Words, within: Collection[int]) -> list[str]:
    """Return the words of a question that say what it is on, those at some places aside."""
    return [
        word.folded
        for at, word in enumerate(words.all)
        if at not in within
        and word.folded not in SMALL
        and word.folded not in _ASKED_FOR
        and any(letter.isalpha() for letter in word.text)
    ]


def _mentions(
    words: Words, matches: "Sequence[Match]", judge: _Judge, ids: dict[int, str]
) -> Iterator[Mention]:
    for match, (start, end) in zip(matches, judge.places, strict=True):
        if start is None or end is None or _DENIED.search(words.question[: match.start]):
            continue
        keys = sorted(match.entities, key=lambda key: -judge.counts.get(key, 0))
        most, *others = (judge.counts.get(key, 0) for key in keys)
        yield Mention(
            start,
            end + 1,
            tuple(keys),
            tuple(ids[key] for key in keys),
            words.question[match.start : match.end],
            judge.sure(match, start == 0),
            not others or most >= max(MIN_USUAL_PAPERS, USUAL * max(others)),
        )


def note(one: Mention) -> Iterator[str]:
    """Yield a line on a name that may mean others as well."""
    if not one.usual:
        others = " or ".join(one.ids[1:])
        yield f"{one.text} was read as {one.ids[0]}; it may also mean {others}"
