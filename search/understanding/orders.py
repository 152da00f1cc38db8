"""Orders that a question asks for: newest, oldest, most cited first."""

from collections.abc import Iterator
from typing import Final

from search.understanding.known import Known
from search.understanding.phrases import Phrase, in_title, line_of, matches
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
_SORTED: Final = r"(?:(?:sort|order|rank)(?:ed)?(?: \w+)? by|in order of) (?:the )?"

_HARD: Final = (
    Phrase("order", "newest", r"(?:newest|latest|most recent)(?: papers| work| research)? first"),
    Phrase(
        "order", "newest", rf"{_SORTED}(?:date|year|recency)|(?:in )?reverse chronological order"
    ),
    Phrase("order", "oldest", r"(?:oldest|earliest)(?: papers| work)? first"),
    Phrase("order", "oldest", r"in chronological order"),
    Phrase(
        "order",
        "cited",
        rf"(?:the )?(?:most|highest|top|best)[- ]cited(?: {_PAPERS})?(?: first)?|(?:with the )?most"
        r" citations|by (?:number of citations|citation counts?)|by citations$"
        rf"|{_SORTED}(?:number of )?citations?(?: counts?)?|meistzitierten?|(?:les )?plus cites"
        r"|mas citados|mais citados|piu citati|引用最多的?",
    ),
)
_SOFT: Final = (
    Phrase(
        "order",
        "oldest",
        rf"(?:(?:the|very) )*first {_PAPERS}(?: (?:ever|published))?"
        rf" (?:to(?: {_PROPOSED})?|on|about|that|which|for|in|of|using|{_PROPOSED})",
    ),
    Phrase("order", "oldest", rf"(?:(?:the|very) )*(?P<run>first) {_KINDS} (?:to|on|about|for|of)"),
    Phrase(
        "order",
        "oldest",
        rf"(?:(?:who|what|which \w+) )?(?:(?:is|was|were|are) )?(?:the )?first to {_PROPOSED}",
    ),
    Phrase("order", "oldest", rf"who (?:\w+ )?first {_PROPOSED}"),
    Phrase("order", "oldest", r"(?:first|originally) (?:proposed|introduced|described|published)"),
    Phrase("order", "oldest", r"who (?:came up with|invented|coined|pioneered|originated)"),
    Phrase("order", "oldest", r"(?:the )?original (?:papers?|work|article)(?: (?:on|about))?"),
    Phrase("order", "cited", r"highly[- ]cited|widely[- ]cited|高引用的?|高被引的?"),
    Phrase("order", "cited", rf"(?:landmark|classic|foundational|must-read|important) {_PAPERS}"),
    Phrase("order", "newest", r"in (?:the )?(?:recent|last few|past few) (?:years|months|weeks)"),
    Phrase(
        "order",
        "newest",
        rf"new (?:papers|{_PAPERS}|{_KINDS}) (?:on|about|in|for|from)|what(?: is)? new|anything new"
        r"|lately|recently",
    ),
    Phrase(
        "order",
        "newest",
        r"aktuelle[nrs]?|neuere[nrs]?|kurzlich|recentes|recents|recentes?|recemment|recientes?"
        r"|recientemente|recentemente|recenti|最近的?|近期的?",
    ),
)
_ATTRIBUTES: Final = (
    (Phrase("order", "newest", rf"(?:newest|latest|most recent)(?: {_PAPERS})?"), True),
    (Phrase("order", "oldest", rf"(?:oldest|earliest|altesten?|fruhesten?)(?: {_PAPERS})?"), True),
    (Phrase("order", "newest", r"(?:derni(?:er|ere)s|ultimos) (?:\w+s)"), True),
    (Phrase("order", "newest", r"neuesten?|最新的?"), True),
    (Phrase("order", "newest", rf"recent(?: {_PAPERS})?"), False),
    (
        Phrase("order", "cited", rf"(?:most )?(?:influential|impactful|seminal)(?: {_PAPERS})?"),
        False,
    ),
    (Phrase("order", "cited", rf"most (?:important|popular)(?: {_PAPERS})?"), False),
)
"""Words that are said of papers, or of something within a method, and whether they are hard."""

_TRIGGERS: Final = (
    *("newest", "latest", "recent", "oldest", "earliest", "first", "cited", "citation", "sort"),
    *("order", "rank", "who ", "origin", "influential", "impactful", "seminal", "most", "classic"),
    *("landmark", "foundational", "must-read", "important", "new", "lately", "altest", "fruhest"),
    *("zitiert", "cites", "citad", "citati", "aktuell", "neue", "kurzlich", "recemment", "recient"),
    *("last few", "past few", "引", "近", "新"),
)
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
    line = line_of(words)
    if not any(part in line for part in _TRIGGERS):
        return
    for phrases, hard in ((_HARD, True), (_SOFT, False)):
        for start, end, phrase in matches(words, phrases):
            if not in_title(words, end):
                yield _asked(start, end, phrase, hard)
    for one, hard in _ATTRIBUTES:
        for start, end, phrase in matches(words, (one,)):
            if not in_title(words, end) and _is_of_papers(words, start, end):
                yield _asked(start, end, phrase, hard)


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
