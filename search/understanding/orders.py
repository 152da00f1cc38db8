"""Orders that a question asks for: newest, oldest, most cited first."""

from collections.abc import Iterator
from typing import Final

from search.understanding.known import Known
from search.understanding.phrases import Phrase, in_title, matches
from search.understanding.reading import Order, Span, Stated
from search.understanding.words import Words

_PAPERS: Final = (
    r"(?:papers?|works?|research|publications?|articles?|preprints?|studies|literature|advances?"
    r"|developments?|progress|results|findings|methods|approaches|techniques"
    r"|arbeiten|artikel|articulos|artigos|travaux|articoli)"
)
_KINDS: Final = r"(?:surveys?|overviews?|tutorials?|reviews?|benchmarks?|data ?sets?|librar\w+)"
_PROPOSED: Final = (
    r"(?:propos|introduc|present|describ|us|invent|develop|show|suggest|stud(?:y|i)|appl(?:y|i)"
    r"|coin|demonstrat|formulat|discover|publish|investigat|pioneer|explor|defin|appear)"
    r"(?:es?|ed|d|ing)?"
)
_ROMANCE_LAST: Final = (
    r"(?:derniers|dernieres|ultimos) (?:articles|travaux|publications|articulos|trabajos|artigos"
    r"|trabalhos)"
)
_SORTED: Final = r"(?:(?:sort|order|rank)(?:ed)?(?: \w+)? by|in order of) (?:the )?"

_NEW: Final = ("newest", "latest", "recent")
_OLD: Final = ("oldest", "earliest")

_HARD: Final = (
    Phrase("order", "newest", _NEW, r"(?:newest|latest|most recent)(?: papers| work)? first"),
    Phrase("order", "newest", (" by ", "order of"), rf"{_SORTED}(?:date|year|recency)"),
    Phrase("order", "newest", ("chronological",), r"(?:in )?reverse chronological order"),
    Phrase("order", "oldest", _OLD, r"(?:oldest|earliest)(?: papers| work)? first"),
    Phrase("order", "oldest", ("chronological",), r"in chronological order"),
    Phrase(
        "order",
        "cited",
        ("cited",),
        rf"(?:the )?(?:most|highest|top|best)[- ]cited(?: {_PAPERS})?(?: first)?",
    ),
    Phrase(
        "order",
        "cited",
        ("citation",),
        r"(?:with the )?most citations|by (?:number of citations|citation counts?)|by citations$"
        rf"|{_SORTED}(?:number of )?citations?(?: counts?)?",
    ),
    Phrase(
        "order",
        "cited",
        ("zitiert", "cites", "citados", "citati", "引用"),
        r"meistzitierten?|(?:les )?plus cites|m[ai]s citados|piu citati|引用最多的?",
    ),
)
_SOFT: Final = (
    Phrase(
        "order",
        "oldest",
        ("first",),
        rf"(?:(?:the|very) )*first {_PAPERS}(?: (?:ever|published))?"
        rf" (?:to(?: {_PROPOSED})?|on|about|that|which|for|in|of|using|{_PROPOSED})",
    ),
    Phrase(
        "order",
        "oldest",
        ("first",),
        rf"(?:(?:the|very) )*(?P<run>first) {_KINDS} (?:to|on|about|for|of)",
    ),
    Phrase(
        "order",
        "oldest",
        ("first to ",),
        rf"(?:(?:who|what|which \w+) )?(?:(?:is|was|were|are) )?(?:the )?first to {_PROPOSED}",
    ),
    Phrase("order", "oldest", ("first",), rf"who (?:\w+ )?first {_PROPOSED}"),
    Phrase(
        "order",
        "oldest",
        ("first", "originally"),
        r"(?:first|originally) (?:proposed|introduced|described|published)",
    ),
    Phrase(
        "order", "oldest", ("who ",), r"who (?:came up with|invented|coined|pioneered|originated)"
    ),
    Phrase(
        "order",
        "oldest",
        ("original",),
        r"(?:the )?original (?:papers?|work|article)(?: (?:on|about))?",
    ),
    Phrase(
        "order",
        "cited",
        ("ly cited", "ly-cited", "高"),
        r"(?:high|wide)ly[- ]cited|高(?:引用|被引)的?",
    ),
    Phrase(
        "order",
        "cited",
        ("landmark", "classic", "foundational", "must-read", "important"),
        rf"(?:landmark|classic|foundational|must-read|important) {_PAPERS}",
    ),
    Phrase(
        "order",
        "newest",
        ("recent years", "recent months", "few "),
        r"in (?:the )?(?:recent|last few|past few) (?:years|months|weeks)",
    ),
    Phrase("order", "newest", ("new ",), rf"new (?:{_PAPERS}|{_KINDS}) (?:on|about|in|for|from)"),
    Phrase(
        "order",
        "newest",
        (" new", "lately", "recently", "these days"),
        r"what(?: is)? new|anything new|lately|recently|these days",
    ),
    Phrase(
        "order",
        "newest",
        ("aktuell", "neuere", "kurzlich", "recen", "recem", "recien", "近"),
        r"aktuelle[nrs]?|neuere[nrs]?|kurzlich|recents|recentes?|recemment|recientes?"
        r"|recientemente|recentemente|recenti|最近的?|近期的?",
    ),
)
_ATTRIBUTES: Final = (
    (Phrase("order", "newest", _NEW, rf"(?:newest|latest|most recent)(?: {_PAPERS})?"), True),
    (Phrase("order", "newest", ("recent",), rf"recent(?: {_PAPERS})?"), False),
    (Phrase("order", "newest", ("neueste", "最新"), r"neuesten?|最新的?"), True),
    (Phrase("order", "newest", ("erniers", "ernieres", "ultimos"), _ROMANCE_LAST), True),
    (Phrase("order", "oldest", _OLD, rf"(?:oldest|earliest)(?: {_PAPERS})?"), True),
    (Phrase("order", "oldest", ("altest", "fruhest"), r"altesten?|fruhesten?"), True),
    (
        Phrase(
            "order",
            "cited",
            ("influential", "impactful", "seminal"),
            rf"(?:most )?(?:influential|impactful|seminal)(?: {_PAPERS})?",
        ),
        False,
    ),
    (
        Phrase(
            "order",
            "cited",
            ("most important", "most popular"),
            rf"most (?:important|popular)(?: {_PAPERS})?",
        ),
        False,
    ),
)
"""Words that are said of papers, or of something within a method, and whether they are hard."""

_REQUESTS: Final = frozenset(
    "the some any a all what which what's whats are is there show find me give list get need want"
    " see read i we us looking for most more very please of paper papers your our and".split()
)
"""What may stand between the beginning of a question, or of a part, and such a word."""
_WITHIN_METHODS: Final = frozenset(
    "token frame layer checkpoint state observation example sample turn window gradient batch epoch"
    " iterate data past memory memorie history interaction event experience item step class classe"
    " weight parameter neuron feature point node user instance training factor spreader session"
    " context head channel direction dimension".split()
)
"""Nouns, without a plural ending, that such words are said of within a method."""


def spans(words: Words, _: Known) -> Iterator[Span]:
    """Yield the orders that a question asks for."""
    for phrases, hard in ((_HARD, True), (_SOFT, False)):
        for start, end, phrase in matches(words, phrases):
            if not in_title(words, end) and not _is_said_of_others(words, start):
                yield _asked(start, end, phrase, hard)
    for one, hard in _ATTRIBUTES:
        for start, end, phrase in matches(words, (one,)):
            if not in_title(words, end) and _is_of_papers(words, start, end):
                yield _asked(start, end, phrase, hard)


def _is_said_of_others(words: Words, start: int) -> bool:
    """Return whether "recently" is said within a clause, or of what was used before."""
    if words.folded[start] != "recently":
        return False
    before = words.folded[max(0, start - 1) : start]
    return before in (("most",), ("least",)) or "that" in words.folded[:start]


def _asked(start: int, end: int, phrase: Phrase, hard: bool) -> Span:
    stated = (Stated("order", phrase.value, hard),)
    return Span(start, end, stated, order=Order(phrase.value))


def _is_of_papers(words: Words, start: int, end: int) -> bool:
    """Return whether an attribute is of the papers that are asked for."""
    behind = words.folded[end : end + 1]
    if behind and behind[0].removesuffix("s") in _WITHIN_METHODS:
        return False
    if end == len(words.folded) or words.all[end - 1].ends_part:
        return True
    while start and not words.all[start - 1].ends_part:
        if words.folded[start - 1] not in _REQUESTS:
            return False
        start -= 1
    return True
