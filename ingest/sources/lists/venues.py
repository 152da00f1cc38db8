"""Recognise and read venues and years, such as "NeurIPS'23 Spotlight"."""

import re
from dataclasses import dataclass, replace

from ingest.sources.lists.line_text import EDGE, YEAR, is_prose, sentences, without_emoji, words
from ingest.sources.lists.vocabulary import (
    CONFERENCES,
    FIRM_WORDS,
    JOURNAL_WORDS,
    MONTHS,
    PREPRINT_EXTRAS,
    PREPRINTS,
    VENUE_EXTRAS,
)
from kg.ids.arxiv_id import cited_arxiv_id, parse_arxiv_id

_MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?,?"
# Citations tell papers of one author and year apart by a letter: 2023b.
_YEAR_IN = re.compile(rf"(?<![\d.:/\w])({YEAR})[a-h]?(?![\d\w])")
_SHORT_YEAR = re.compile(r"(?<=[A-Za-z&) \-])['’`‘]\s?(\d\d)(?!\d)")
_STUCK_YEAR = re.compile(rf"^([A-Za-z][A-Za-z&\-]*?)[-_:']?({YEAR}|\d\d)$")
_DAY = r"\d{1,2}(?:st|nd|rd|th)?,?"
_DATE = re.compile(
    rf"(?:(?:{_DAY}\s*)?{_MONTH}\s*(?:{_DAY}\s+)?)?"
    rf"({YEAR})[a-h]?(?:\s*年)?(?:\s*[./\-]?\s*\d{{1,2}}\s*月?){{0,2}}(?:\s*日)?(?:[\s,]*{_MONTH})?",
    re.IGNORECASE,
)
_PREFIX_GROUP = re.compile(r"^\([^()]*\)\s*(?=\w)|^[^()]{0,30}\)\s*\.?\s*(?=\w)|\s#[A-Za-z].*$")
_LEADING = re.compile(
    r"^(?:(?:to )?appear(?:s|ed)? (?:in|at)|(?:accepted|published|presented) (?:by|in|at|to)"
    r"|in|at)\s+"
    r"(?:(?:the )?proc(?:eedings|\.)? of (?:the )?)?",
    re.IGNORECASE,
)
_NO_VENUE = re.compile(
    r"[\"“”●{}<>=]|--|\bet\s+al\b|[\]】]\s*[^\W\d]|(?<!\w)[A-Z]\.\s", re.IGNORECASE
)
_MONTH_TAIL = re.compile(rf"\s*[-–—,]\s*{_MONTH}\s*(?:{YEAR}|['’]?\d\d)$", re.IGNORECASE)
_YEAR_PART = re.compile(
    rf"[\-–—(\[,]?\s*(?:{_MONTH}\s*)?(?<!\d){YEAR}(?:[./\-]\d{{1,2}})*(?!\d)[)\]]?", re.IGNORECASE
)
_GENERIC = frozenset(
    "conference journal workshop proceedings symposium track findings press".split()
)
_VENUE_WORDS = CONFERENCES | VENUE_EXTRAS | PREPRINTS | PREPRINT_EXTRAS | frozenset(MONTHS)
_FILLERS = frozenset("a and at by in of on the to".split())
# Acronyms that are also words or names count in capitals alone.
_AMBIGUOUS = frozenset(
    "alt ase ccs cell chi dac date fse log mass media micro mm nature nn pods pr sc "
    "science sec tip tog www key fg clear mlr kbs colt iva pldi stoc slt tit ram asru xai "
    "chil".split()
)


@dataclass(frozen=True, slots=True)
class PaperDetails:
    """Title, authors, venue and year of a paper, as far as a text states them."""

    title: str = ""
    """Title, clean; empty where the text has none."""
    authors: tuple[str, ...] = ()
    """Authors in the text's order."""
    venue: str | None = None
    """Venue as the text writes it, without the year."""
    year: int | None = None
    """Year that the text states."""

    def filled_from(self, other: "PaperDetails") -> "PaperDetails":
        """Return this with its gaps filled from `other`."""
        return replace(
            self,
            authors=self.authors or other.authors,
            venue=self.venue or other.venue,
            year=self.year or other.year,
        )


def is_firm_venue(text: str) -> bool:
    """Return whether `text` is a date, or a venue too plainly to be a title."""
    venue = venue_of(text)
    return venue is not None and (venue.year is not None or words(text) <= 4)


def is_plain_venue(text: str) -> bool:
    """Return whether `text` is a venue or date without a word that a title could have."""
    venue = venue_of(text)
    if venue is None or not venue.venue:
        return venue is not None
    tokens = {token.casefold() for token in re.split(r"[^\w&]+", venue.venue) if token}
    return bool(tokens & {"ieee", "acm", "transactions", "journal", "proceedings"}) or all(
        token in _VENUE_WORDS | JOURNAL_WORDS or token.isdigit() for token in tokens
    )


def leads_as_venue(text: str) -> bool:
    """Return whether `text` before a colon or dash is a venue: ``CLEAR: ...`` names a method.

    Without a year, an acronym that is also a word or a name counts as the latter.
    """
    venue = venue_of(text)
    if venue is None or not is_plain_venue(text):
        return False
    return venue.year is not None or not _AMBIGUOUS & set(text.casefold().split())


def year_of(text: str) -> int | None:
    """Return the year that `text` states, or None; numbers within ids and links are no years."""
    if match := _YEAR_IN.search(text) or re.search(rf"(?<![\d.])({YEAR})(?=[./\-]\d|年)", text):
        return int(match[1])
    if match := _SHORT_YEAR.search(text):
        return _century(match[1])
    for token in re.split(r"[\s,()\[\]]+", text):
        stuck = _STUCK_YEAR.match(token)
        if stuck and stuck[1].casefold() in CONFERENCES | PREPRINTS:
            return int(stuck[2]) if len(stuck[2]) == 4 else _century(stuck[2])
    match = re.search(r"([A-Za-z&\-]+)[\s\-]+(\d\d)(?![\d.,]\d|\d)", text)
    if match and match[1].casefold() in CONFERENCES:
        return _century(match[2])
    return None


def _century(digits: str) -> int:
    return 1900 + int(digits) if int(digits) > 60 else 2000 + int(digits)


def is_date(text: str) -> bool:
    """Return whether `text` is a date or year and nothing else."""
    return bool(_DATE.fullmatch(text.strip(EDGE + ".()[]")))


def venue_of(text: str) -> PaperDetails | None:
    """Return venue and year if `text` is a venue and nothing else, else None.

    A preprint server is no venue: the answer then has the year alone.

    Examples
    --------
    >>> venue_of("NeurIPS'23 Spotlight").venue, venue_of("NeurIPS'23 Spotlight").year
    ('NeurIPS Spotlight', 2023)
    >>> venue_of("arXiv 2022").venue is None
    True
    >>> venue_of("Attention is all you need") is None
    True
    """
    text = " ".join(without_emoji(text).split()).strip(EDGE + ".()[]【】（）")
    text = _PREFIX_GROUP.sub("", text)
    text = _LEADING.sub("", re.sub(r"\s*\([^()]*$", "", text))
    if not text or len(text) > 120 or _NO_VENUE.search(text):
        return None
    if is_date(text):
        return PaperDetails(year=year_of(text))
    year = year_of(text)
    if tail := _MONTH_TAIL.search(text):
        text = text[: tail.start()]
        year = year_of(text) or year or year_of(tail[0]) or _century(tail[0][-2:])
    bare = _without_year(text)
    tokens = [token.strip(".,;:()[]'’\"/*").casefold() for token in bare.split()]
    tokens = [token for token in tokens if token and token not in "-–—&@|"]
    if not tokens:
        return PaperDetails(year=year) if year else None
    if parse_arxiv_id(bare) or cited_arxiv_id(bare):
        return PaperDetails(year=year)
    if any(token in PREPRINTS for token in tokens) and all(
        token in PREPRINTS or token in PREPRINT_EXTRAS or token in MONTHS for token in tokens
    ):
        return PaperDetails(year=year)
    if not _names_venue(bare, tokens, year):
        return None
    return PaperDetails(venue=bare.strip(EDGE + "()[]").rstrip("."), year=year)


def _without_year(text: str) -> str:
    tokens = []
    for token in text.split():
        stuck = _STUCK_YEAR.match(token.strip("(),.;:"))
        if stuck and stuck[1].casefold() in CONFERENCES | PREPRINTS:
            token = stuck[1]
        tokens.append(token)
    text = _SHORT_YEAR.sub("", " ".join(tokens))
    text = _YEAR_PART.sub(" ", text)
    text = re.sub(
        r"(?i)\b([a-z&]{2,})[\s\-]+\d\d$",
        lambda m: m[1] if m[1].casefold() in CONFERENCES else m[0],
        text,
    )
    text = re.sub(rf"\s+[-–—]?\s*{_MONTH}$", "", text, flags=re.IGNORECASE)
    return " ".join(text.split()).strip(EDGE)


def _names_venue(bare: str, tokens: list[str], year: int | None) -> bool:
    if is_prose(bare) or ":" in bare or len(tokens) > 12 or len(sentences(bare)) > 1:
        return False
    journals = ("nature", "science", "cell")
    if tokens[0] in journals:
        return len(tokens) <= 4 and (bare[:1].isupper() or len(tokens) == 1)
    known = [part for part in re.split(r"[\s\-/&:@(),.]+|'", bare) if _is_acronym(part)]
    known += [token for token in bare.split() if _is_acronym(token.strip("(),.;:"))]
    head = {token.casefold() for token in re.split(r"\W+", bare.partition(",")[0])}
    if not head & (_VENUE_WORDS | JOURNAL_WORDS) - _FILLERS:
        known = []  # "A Survey, ICML"
    rest = [token for token in tokens if not _belongs_to_venue(token)]
    # Most words of a venue are known, all but one or two of a short one.
    said = [token for token in tokens if token not in _FILLERS]
    few = len(rest) <= 1 or (len(rest) <= 3 and 2 * len(rest) < len(said))
    if known and few and words(" ".join(rest)) <= 6:
        return True
    if year and re.fullmatch(r"(?=(?:[^A-Z]*[A-Z]){3})[A-Z][A-Za-z&\-]{2,11}", bare):
        return True  # an acronym that is not in the table, with a year
    journal = [token for token in tokens if token in JOURNAL_WORDS]
    if not journal or bare.endswith("?") or set(tokens) <= _GENERIC:
        return False
    proper = [word for word in bare.split() if word[:1].isupper()]
    firm = FIRM_WORDS & set(tokens)
    return bool(firm) and (len(proper) >= len(tokens) / 2 or "ieee" in tokens or len(tokens) <= 2)


def _belongs_to_venue(token: str) -> bool:
    parts = [part for part in re.split(r"[\-/&@]", token) if part]
    return token in _VENUE_WORDS or all(
        part in _VENUE_WORDS or re.fullmatch(r"\d+(?:st|nd|rd|th)?", part) for part in parts
    )


def _is_acronym(word: str) -> bool:
    folded = word.casefold()
    return folded in CONFERENCES and (folded not in _AMBIGUOUS or word.isupper())


def other_venue(text: str) -> PaperDetails | None:
    """Read ``Neurocomputing 2020``, where only a venue can stand."""
    match = re.fullmatch(rf"([A-Z][\w&\-]*(?:\s[\w&\-]+){{0,4}}),?\s+({YEAR})", text)
    return PaperDetails(venue=match[1], year=int(match[2])) if match else None
