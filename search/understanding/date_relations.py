"""What the words around a date say of it: since, after, before, until, in, between."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from search.understanding.periods import Period
from search.understanding.words import Words


class Relation(Enum):
    """How papers are to a date."""

    SINCE = auto()
    AFTER = auto()
    BEFORE = auto()
    UNTIL = auto()
    IN = auto()
    BETWEEN = auto()


def _phrases(relation: Relation, *phrases: str) -> dict[tuple[str, ...], Relation]:
    return {tuple(phrase.split()): relation for phrase in phrases}


_BEFORE_DATE: Final = {
    **_phrases(
        *(Relation.SINCE, "since", "from", "as of", "starting", "starting in", "starting from"),
        *("beginning in", "beginning with", "at the earliest in", "at the earliest"),
        *("in or after", "on or after", "from or after", "after or in", "since or in"),
        *(
            "seit",
            "ab",
            "depuis",
            "a partir de",
            "desde",
            "dal",
            "a partire dal",
            "fruhestens",
            "从",
            "自",
        ),
    ),
    **_phrases(
        *(
            Relation.AFTER,
            "after",
            "later than",
            "newer than",
            "more recent than",
            "younger than",
            "post",
        ),
        *("nach", "apres", "despues de", "depois de", "apos", "dopo", "dopo il"),
    ),
    **_phrases(
        *(
            Relation.BEFORE,
            "before",
            "prior to",
            "earlier than",
            "older than",
            "pre",
            "vor",
            "avant",
        ),
        *("up to but not including", "until but not including", "up to but excluding"),
        *("antes de", "prima del"),
    ),
    **_phrases(
        *(Relation.UNTIL, "until", "till", "up to", "up until", "through", "thru", "by"),
        *(
            "up to and including",
            "until and including",
            "up until and including",
            "till and including",
        ),
        *("through and including", "at the latest in", "at the latest", "in or before"),
        *("on or before", "before or in", "up to and incl", "up to and through", "up through"),
        *("bis", "bis einschliesslich", "bis und mit", "bis zu", "spatestens", "spatestens bis"),
        *("jusqu'en", "jusqu'a", "au plus tard en", "hasta", "ate", "fino", "fino al", "截至"),
    ),
    **_phrases(
        *(Relation.IN, "in", "of", "during", "within", "for", "over", "im", "in den", "aus"),
        *("wahrend", "en", "em", "nel", "del", "de", "du", "dans", "在"),
    ),
    **_phrases(Relation.BETWEEN, "between", "zwischen", "entre", "tra", "fra"),
    **_phrases(Relation.BETWEEN, "in between", "tra il", "fra il"),
}
_BEHIND_DATE: Final = {
    **_phrases(
        *(Relation.SINCE, "onwards", "onward", "on", "forward", "or later", "and later"),
        *("or newer", "and newer", "or after", "and after", "and onwards", "and onward", "and on"),
        *("or more recent", "and beyond", "to date", "to present", "to now", "to today"),
        *("until now", "until today", "till now", "- present", "- now", "oder spater"),
        *("und spater", "ou plus tard", "o posterior", "o despues", "ou posterior", "o piu tardi"),
        *(
            "at the earliest",
            "or thereafter",
            "and thereafter",
            "以后",
            "之后",
            "以来",
            "至今",
            "起",
        ),
    ),
    **_phrases(
        *(Relation.UNTIL, "or earlier", "and earlier", "or before", "and before", "or older"),
        *("and older", "at the latest", "oder fruher", "ou avant", "o antes", "ou antes"),
    ),
    **_phrases(Relation.BEFORE, "以前", "之前"),
}
_LONGEST_BEFORE: Final = max(map(len, _BEFORE_DATE))
_LONGEST_BEHIND: Final = max(map(len, _BEHIND_DATE))
_CHINESE: Final = {
    **dict.fromkeys(
        "以后 之后 后 及以后 及之后 以来 以降 至今 起 开始 后发表".split(), Relation.SINCE
    ),
    **dict.fromkeys("以前 之前 前".split(), Relation.BEFORE),
    **dict.fromkeys("及以前 及之前 为止 止 まで".split(), Relation.UNTIL),
    **dict.fromkeys(("年", "间", "期间", "中", "内", "发表", ""), Relation.IN),
}
SIGNS: Final[Mapping[str, Relation | None]] = {
    "": None,
    **dict.fromkeys(("+", "-", "–", "—"), Relation.SINCE),
    **{
        f"{word}{end}": relation
        for word, relation in _CHINESE.items()
        for end in ("", "的", "の")
        if word + end
    },
}
"""What is written behind a date without a space -> what it says."""
_COMPARED: Final = {
    ">=": Relation.SINCE,
    "≥": Relation.SINCE,
    ">": Relation.AFTER,
    "<=": Relation.UNTIL,
    "≤": Relation.UNTIL,
    "<": Relation.BEFORE,
}
FILLERS: Final = frozenset(
    "the year early late mid spring summer autumn fall winter il el le jahr annee ano anno".split()
)
_PARTS_OF_YEAR: Final = frozenset("end beginning start middle".split())
_APPEARED: Final = frozenset(
    "published publication publications appeared appearing released written dated posted submitted"
    " erschienen publies publiees publicados".split()
)
_DENIED: Final = {Relation.BEFORE: Relation.SINCE, Relation.AFTER: Relation.UNTIL}
"""What a relation says behind a denial."""
_DENYING: Final = frozenset(
    "no not nothing none never without exclude excludes excluding except ignore ignoring omit"
    " omitting skip skipping drop don't doesn't isn't aren't nicht nichts keine rien nada niente"
    " ningun ninguno pas".split()
)
_COPULA: Final = frozenset("that which are is were was but".split())
_DENIED_OF: Final = frozenset(
    "that which is was are were be being anything everything any all from of the paper papers work"
    " works publications articles studies want need include show give list find return me us have"
    " see results much care about interested in arbeiten artikel".split()
)
"""Words that may stand between a denial and what it denies."""


def words_before(words: Words, at: int) -> tuple[int, Relation | None]:
    """Return where the words before a date begin that belong to it, and what they say."""
    start = at
    while start and words.folded[start - 1] in FILLERS and not words.all[start - 1].ends_part:
        start -= 1
    part = words.folded[start - 2] if start > 1 and words.folded[start - 1] == "of" else ""
    if part in _PARTS_OF_YEAR:
        start -= 2
        start -= bool(start and words.folded[start - 1] == "the")
    for length in range(min(_LONGEST_BEFORE, start), 0, -1):
        relation = _BEFORE_DATE.get(words.folded[start - length : start])
        if relation and not any(w.ends_part for w in words.all[start - length : start]):
            start -= length
            break
    else:
        of_year = not {"year", "early", "late", "mid"}.isdisjoint(words.folded[start:at])
        start = start if of_year else at
        dated = start and words.folded[start - 1] in _APPEARED
        return (start - 1, Relation.IN) if dated else (start, None)
    if part == "end" and relation is Relation.BEFORE:
        relation = Relation.UNTIL
    elif part in ("beginning", "start") and relation is Relation.AFTER:
        relation = Relation.SINCE
    while start and words.folded[start - 1] in _APPEARED and not words.all[start - 1].ends_part:
        start -= 1
    return _denied(words, start, relation)


def _denied(words: Words, start: int, relation: Relation) -> tuple[int, Relation]:
    """Return what is said of a date where it is denied: nothing older than, no papers before."""
    if relation not in _DENIED:
        return start, relation
    first = start
    while (
        first
        and words.folded[first - 1] in _DENIED_OF | _APPEARED
        and not words.all[first - 1].ends_part
    ):
        first -= 1
    if not first or words.all[first - 1].ends_part or words.folded[first - 1] not in _DENYING:
        return start, relation
    first -= 1
    if (
        first
        and words.folded[first] == "not"
        and words.folded[first - 1] in ("do", "does", "should")
    ):
        first -= 1
    while first and words.folded[first - 1] in _APPEARED | _COPULA:
        if words.all[first - 1].ends_part:
            break
        first -= 1
    return first, _DENIED[relation]


def words_behind(words: Words, period: Period) -> tuple[int, Relation | None]:
    """Return where the words behind a date end that belong to it, and what they say."""
    end = period.end
    said = SIGNS[period.sign]
    if said and (said is not Relation.IN or words.all[end - 1].ends_part):
        return end, said
    if words.all[end - 1].ends_part:
        return end, None
    for length in range(min(_LONGEST_BEHIND, len(words.folded) - end), 0, -1):
        relation = _BEHIND_DATE.get(words.folded[end : end + length])
        if relation is None:
            continue
        # "From 2020 on", but not "from 2020 on distillation".
        last = end + length == len(words.folded) or words.all[end + length - 1].ends_part
        if last or words.folded[end + length - 1] != "on":
            return end + length, relation
    return end + (words.folded[end : end + 1] in (("inclusive",), ("included",))), said


def sign_before(words: Words, at: int) -> tuple[int, Relation | None]:
    """Return where a sign before a date stands, and what it says: >= 2023."""
    # Of a sign alone, an edge may remain as a word.
    start = at - 1 if at and words.folded[at - 1] in ("=", "≥", "≤") else at
    behind = words.all[start - 1].end if start else 0
    sign = words.question[behind : words.all[at].end].lstrip()
    return start, next((told for text, told in _COMPARED.items() if sign.startswith(text)), None)
