"""Parse a question: the words to compare papers with, and the conditions that it states.

`-word` leaves papers out, `"a phrase"` keeps words together, `title:word` and the like look in one
field, and an arXiv id or DOI names a paper. What only looks like this stays what it is: a hyphen
within a word, a quotation mark that is not closed, the colon of a title.
"""

import re
from collections.abc import Iterator

from kg.errors import BadRequest
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.records import Field, Term
from kg.text.partial_date import PartialDate
from kg.values import dataclass

FIELDS = {
    "title": Field.TITLE,
    "ti": Field.TITLE,
    "author": Field.AUTHOR,
    "au": Field.AUTHOR,
    "abstract": Field.ABSTRACT,
    "abs": Field.ABSTRACT,
    "category": Field.CATEGORY,
    "cat": Field.CATEGORY,
    "year": Field.YEAR,
}
"""Names of fields in questions, as arXiv and most catalogues have them."""

MAX_WORDS = 40
"""In a longer question, a text, hyphens and quotation marks are no operators."""

# At the beginning of a word: a minus, a field, and a phrase in quotation marks or a word.
_TOKEN = re.compile(
    r"""
    (?<!\S)(?P<minus>-)?(?:(?P<field>[A-Za-z]+):)?
    (?: (?: "(?P<straight>[^"]*)" | “(?P<curly>[^“”]*)” | „(?P<low>[^„“”]*)[“”] )(?![^\W_])
      | (?P<word>\S+) )
    """,
    re.VERBOSE,
)
_YEARS = re.compile(r"(\d{4}(?:-\d\d){0,2})(?:(?:\.\.|(?<=\d{4})-(?=\d{4}))(\d{4}(?:-\d\d){0,2}))?")
_FORMULA = re.compile(r"-\w+\s+\w{1,2}\(")
"""A minus within mathematics: ``-log p(x)``."""
_UNKNOWN_FIELD = re.compile(r"([a-z]{2,15}):[^\W_]")
_WRAPPING = "()[]{}<>,;\"'“”‘’"


@dataclass(frozen=True, slots=True)
class Understood:
    """A condition that a part of a question states."""

    words: str
    """The part as written."""
    filter: str
    """What it states: ``phrase``, ``title``, ``abstract``, or one of ``author since until kind data
    access training modality category venue topic about code order compare like not typo``:
    `docs/questions.md`."""
    value: str
    """The words, author, category, date, or id of a paper or entity."""
    hard: bool
    """True where no other papers are answers; else these come first."""

    @property
    def name(self) -> str:
        """By which a question can be asked without it."""
        return f"{self.filter}:{self.value}"


@dataclass(frozen=True, slots=True)
class Question:
    """A parsed question."""

    text: str
    """What remains to compare papers with; the words of phrases and titles are part of it."""
    terms: tuple[Term, ...] = ()
    """What papers must have, or must not have."""
    papers: tuple[tuple[str, str], ...] = ()
    """Papers that it names: the part as written, and the arXiv id or DOI in it."""
    understood: tuple[Understood, ...] = ()
    notes: tuple[str, ...] = ()
    """Messages about what looks like an operator and is none, a line each."""


def understand(question: str) -> Question:
    """Parse a question.

    Returns
    -------
    Question
        Its `text` is the question itself where nothing else is in it.

    Examples
    --------
    >>> found = understand('low-rank tuning -vision ti:"model soups" 2203.05482v2')
    >>> found.text, found.papers
    ('low-rank tuning model soups', (('2203.05482v2', '2203.05482'),))
    >>> [one.name for one in found.understood]
    ['not:vision', 'title:“model soups”']
    """
    if len(question.split()) > MAX_WORDS:
        return Question(question)
    kept: list[str] = []
    terms: list[Term] = []
    papers: dict[str, str] = {}
    understood: list[Understood] = []
    notes: dict[str, None] = {}
    for match in _TOKEN.finditer(question):
        whole = match[0]
        if found := _identifier(whole):
            papers.setdefault(found, whole.strip(_WRAPPING))
            continue
        try:
            term = _term(match)
        except BadRequest as error:
            notes[str(error)] = None
            term = None
        if term is None:
            kept.append(whole)
            continue
        terms.append(term)
        understood.extend(_understood(whole, term))
        if not term.excluded and term.field in (Field.ANY, Field.TITLE, Field.ABSTRACT):
            kept.append(term.words)
    notes |= dict.fromkeys(_unknown_operators(kept))
    return Question(
        " ".join(kept) if terms or papers else question,
        tuple(terms),
        tuple((written, found) for found, written in papers.items()),
        tuple(understood),
        tuple(notes),
    )


def _identifier(token: str) -> str | None:
    """Return the arXiv id or DOI that a word is or links to."""
    bare = token.strip(_WRAPPING)
    # A DOI may end with a bracket, and knows itself which of them are its own.
    return parse_arxiv_id(bare.rstrip(".:!?")) or parse_doi(token.lstrip(_WRAPPING))


def _term(match: re.Match[str]) -> Term | None:
    """Return the condition that a word or phrase states, or None where it states none.

    Raises
    ------
    BadRequest
        If it looks like one, and is not.
    """
    excluded = match["minus"] is not None
    field = FIELDS.get((match["field"] or "").lower(), Field.ANY)
    if match["field"] and field is Field.ANY:
        return None
    phrase = next((one for one in match.group("straight", "curly", "low") if one is not None), None)
    words = match["word"].strip(_WRAPPING).rstrip(".!?") if phrase is None else phrase.strip()
    if field is Field.YEAR:
        return Term(_years(words), field, excluded=excluded)
    if not any(c.isalnum() for c in words):
        return None
    # -1, --flag and -log p(x) are no conditions.
    leaves_out = excluded and not words.startswith("-") and any(c.isalpha() for c in words)
    if leaves_out and _FORMULA.match(match.string, match.start()):
        return None
    if field is Field.ANY and phrase is None and not leaves_out:
        return None
    return Term(words, field, exact=phrase is not None, excluded=excluded)


def _years(text: str) -> str:
    match = _YEARS.fullmatch(text)
    if not match:
        raise BadRequest(
            f"year:{text[:40]} was taken for words",
            "write year:2024, year:2024-05 or year:2022-2024",
        )
    ends = [PartialDate.parse(part) for part in match.groups() if part]
    return "..".join(dict.fromkeys(map(str, ends)))


def _understood(written: str, term: Term) -> Iterator[Understood]:
    quoted = f"“{term.words}”" if term.exact else term.words
    if term.excluded:
        prefix = "" if term.field is Field.ANY else f"{term.field}:"
        yield Understood(written, "not", prefix + quoted, True)
    elif term.field is Field.YEAR:
        first, _, last = term.words.partition("..")
        yield Understood(written, "since", first, True)
        yield Understood(written, "until", last or first, True)
    elif term.field is Field.ANY:
        yield Understood(written, "phrase", term.words, True)
    else:
        yield Understood(written, str(term.field), quoted, True)


def _unknown_operators(words: list[str]) -> Iterator[str]:
    """Yield a line for each kind of what looks like an operator and is none."""
    known = ", ".join(f"{name}:" for name in FIELDS)
    for number, word in enumerate(words, 1):
        field = _UNKNOWN_FIELD.match(word)
        if field and field[1] not in FIELDS:
            yield f"{field[1]}: is no field here, and was taken for a word: known are {known}"
        if word[:-1].lower() in FIELDS and word.endswith(":") and number < len(words):
            together = word.lower() + words[number]
            yield f"{word} was taken for a word: write {together}, without a space"
        if re.fullmatch(r"[^\W_]{2,}\*", word):
            yield "* was left out: words are found in all their forms"
    inner = words[1:-1] + (words[:1] if words[:1] == ["NOT"] else [])
    if {"AND", "OR", "NOT"} & set(inner) and any(word.islower() for word in words):
        yield (
            "AND, OR and NOT were taken for words: put - before a word to leave it out,"
            " and quotation marks around words that belong together"
        )
