"""What a line of a reading list says in words: title, authors, venue and year.

People write ``Title. Author et al. CVPR 2019``, ``(ICML'23) Title``, ``Title, Authors, Venue, 2021``
and much else. The functions here are pure and know no markup.
"""

import re
from dataclasses import dataclass, replace

from ingest.sources.citation_words import (
    ABBREVIATIONS,
    CONFERENCES,
    FIRM_WORDS,
    JOURNAL_WORDS,
    MONTHS,
    NOT_NAMES,
    PARTICLES,
    PREPRINT_EXTRAS,
    PREPRINTS,
    VENUE_EXTRAS,
)
from kg.identifiers import arxiv_id, cited_arxiv_id

# Nobody's title, authors and venue are longer; only hostile input is.
MAX_TEXT = 8_000

_MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?,?"
_YEAR = r"(?:19[6-9]\d|20[0-4]\d)"
_YEAR_IN = re.compile(rf"(?<![\d.:/\w]){_YEAR}(?![\d\w])")
_SHORT_YEAR = re.compile(r"(?<=[A-Za-z&) \-])['’`‘]\s?(\d\d)(?!\d)")
_STUCK_YEAR = re.compile(rf"^([A-Za-z][A-Za-z&\-]*?)[-_:']?({_YEAR}|\d\d)$")
_DAY = r"\d{1,2}(?:st|nd|rd|th)?,?"
_DATE = re.compile(
    rf"(?:(?:{_DAY}\s*)?{_MONTH}\s*(?:{_DAY}\s+)?)?"
    rf"({_YEAR})(?:\s*年)?(?:\s*[./\-]?\s*\d{{1,2}}\s*月?){{0,2}}(?:\s*日)?(?:[\s,]*{_MONTH})?",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^\s*(?:[\[(（]\s*\d{1,4}\s*[\])）][.:]?|#?\d{1,4}\s*[.):：、）](?!\d)|№\s*\d+)\s*"
)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\u2300-\u23ff\ufe0f\u200d\u20e3]"
    r"|:(?:[a-z][a-z0-9_+\-]*|\+1):"
)
_STAR = re.compile(
    "[⭐🌟★☆✭✨🔥👍🏆💫❤👑]"
    r"|:(?:star2?|sparkles|fire|thumbsup|\+1|heart|trophy|crown|dizzy):"
)
_FIRST_GROUP = re.compile(
    r"^\s*(?:\[([^\[\]]{1,60})\]|\(([^()]{1,60})\)|【([^】]{1,60})】|（([^）]{1,60})）)"
)
_LAST_GROUP = re.compile(r"\s*(?:\[([^\[\]]*)\]|\(([^()]*)\)|【([^】]*)】|（([^）]*)）)\s*[.,;:]*$")
_QUOTED = re.compile(r"[\"“”«「『]([^\"“”«»「」『』]{8,}?)[\"“”»」』]")
_STOP = re.compile(r"([.?!。？！][\"”]?)(\s*)(?=(\S+)\s*(\S*)|$)")
_ET_AL = re.compile(r",?\s*\b(?:et[\s.]*al|el\s+al|et\s+l)\b\.?,?", re.IGNORECASE)
_ASIDE = re.compile(r"\s+(?:-{1,3}|[–—|/·])\s+|\s*(?:--|——|—)\s*|\s*\|\s*")
# What news and remarks say and titles do not: "we release", "our paper", "please".
_PROSE = re.compile(
    r"\b(?:(?:we|i)(?:'ve|'re|'ll|\s+(?:have|will|would|release[ds]?|propose|present|provide|introduce"
    r"|add(?:ed)?|update[ds]?|thank|strongly|welcome|also|recommend|flagged|create[ds]?|want|hope"
    r"|collect(?:ed)?|organi[sz]ed?|list|summari[sz]ed?|encourage|maintain|now|further|aim|follow))"
    r"|our\s+(?:\w+\s+)?(?:papers?|surveys?|works?|code|repo\w*|team|lists?|tutorials?|website|page|book)"
    r"|please|check out|welcome|feel free|accepted (?:by|at|to)|pull requests?|contributions?"
    r"|this (?:repo|repository|list|page|collection))\b",
    re.IGNORECASE,
)
# "Name - does this and that": the dash begins a description.
_REMARK = re.compile(r"\s+(?:-{1,2}|[–—])\s+(?=[a-z][\w'’\-]*\s)")
_PREFIX_GROUP = re.compile(r"^\([^()]*\)\s*(?=\w)|^[^()]{0,30}\)\s*\.?\s*(?=\w)|\s#[A-Za-z].*$")
_NO_VENUE = re.compile(r"[\"“”●{}<>=]|--|\bet\s+al\b|(?<!\w)[A-Z]\.\s", re.IGNORECASE)
_MONTH_TAIL = re.compile(rf"\s*[-–—,]\s*{_MONTH}\s*(?:{_YEAR}|['’]?\d\d)$", re.IGNORECASE)
_YEAR_PART = re.compile(
    rf"[\-–—(\[,]?\s*(?:{_MONTH}\s*)?(?<!\d){_YEAR}(?:[./\-]\d{{1,2}})*(?!\d)[)\]]?", re.IGNORECASE
)
_GENERIC = frozenset(
    "conference journal workshop proceedings symposium track findings press".split()
)
# Acronyms that are also words or names count in capitals alone.
_AMBIGUOUS = frozenset(
    "alt ase ccs cell chi dac date fse log mass media micro mm nature nn pods pr sc science sec tip "
    "tog www key fg clear mlr kbs colt iva pldi stoc slt tit ram".split()
)
_EDGE = " \t\r\n\u00a0\u3000,;:|-–—~·•*_`\\/"


@dataclass(frozen=True, slots=True)
class Citation:
    """What a piece of text says of one paper."""

    title: str = ""
    """Title, clean; empty where the text has none."""
    authors: tuple[str, ...] = ()
    """Authors in the text's order."""
    venue: str | None = None
    """Venue as the text writes it, without the year."""
    year: int | None = None
    """Year that the text states."""

    def filled_from(self, other: "Citation") -> "Citation":
        """Return this with its gaps filled from `other`."""
        return replace(
            self,
            authors=self.authors or other.authors,
            venue=self.venue or other.venue,
            year=self.year or other.year,
        )


def words(text: str) -> int:
    """Return how many words `text` has; two ideographs count as one."""
    text = without_emoji(text)
    ideographs = len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]", text))
    return len(re.findall(r"[^\W\d_][\w'’\-]*", text, re.ASCII)) + (ideographs + 1) // 2


def has_star(text: str) -> bool:
    """Return whether `text` carries a mark such as ⭐ or ``:star:``."""
    return bool(_STAR.search(text))


def is_firm_venue(text: str) -> bool:
    """Return whether `text` is a date, or a venue too plainly to be a title."""
    venue = venue_of(text)
    return venue is not None and (venue.year is not None or words(text) <= 4)


def is_prose(text: str) -> bool:
    """Return whether `text` speaks to its reader, as news do and titles do not."""
    return bool(_PROSE.search(text))


def without_emoji(text: str) -> str:
    """Return `text` without emoji and ``:shortcodes:``."""
    return _EMOJI.sub(" ", text)


def clean_title(text: str) -> str:
    """Return `text` without numbering, emoji, quotes and what else surrounds a title.

    Examples
    --------
    >>> clean_title('3) ⭐ "Attention Is All You Need".')
    'Attention Is All You Need'
    """
    text = " ".join(without_emoji(text[:MAX_TEXT]).replace("**", " ").split())
    before = None
    while before != text:
        before = text
        text = _NUMBER.sub("", text).strip(_EDGE)
        for opening, closing in (
            '""',
            "“”",
            "''",
            "‘’",
            "``",
            "[]",
            "【】",
            "「」",
            "『』",
            "《》",
            "()",
        ):
            inner = text[1:-1]
            if text[:1] == opening and text[-1:] == closing and opening not in inner:
                text = inner if closing not in inner else text
        if text.endswith((".", "。", '."', ".”")) and not text.endswith(("..", "etc.", "et al.")):
            text = text.rstrip('."”。')
        text = re.sub(r"^[\"“”](?=[^\"“”]*$)|(?<=^)[\])）】.,;:]+|[\[(（【]+$", "", text)
        if text.count('"') + text.count("“") + text.count("”") == 1:
            text = text.strip('"“”')
        text = _unbalanced(text)
    return text


def _unbalanced(text: str) -> str:
    for opening, closing in ("[]", "()"):
        if text.endswith(closing) and text.count(closing) > text.count(opening):
            text = text[:-1]
        if text.startswith(opening) and text.count(opening) > text.count(closing):
            text = text[1:]
    return text


def year_of(text: str) -> int | None:
    """Return the year that `text` states, or None; numbers within ids and links are no years."""
    if match := _YEAR_IN.search(text) or re.search(rf"(?<![\d.]){_YEAR}(?=[./\-]\d|年)", text):
        return int(match[0])
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
    return bool(_DATE.fullmatch(text.strip(_EDGE + ".()[]")))


def venue_of(text: str) -> Citation | None:
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
    text = " ".join(without_emoji(text).split()).strip(_EDGE + ".()[]【】（）")
    text = _PREFIX_GROUP.sub("", text)
    if not text or len(text) > 120 or _NO_VENUE.search(text):
        return None
    if is_date(text):
        return Citation(year=year_of(text))
    year = year_of(text)
    if tail := _MONTH_TAIL.search(text):
        text = text[: tail.start()]
        year = year_of(text) or year or year_of(tail[0]) or _century(tail[0][-2:])
    bare = _without_year(text)
    tokens = [token.strip(".,;:()[]'’\"/*").casefold() for token in bare.split()]
    tokens = [token for token in tokens if token and token not in "-–—&@|"]
    if not tokens:
        return Citation(year=year) if year else None
    if arxiv_id(bare) or cited_arxiv_id(bare):
        return Citation(year=year)
    if any(token in PREPRINTS for token in tokens) and all(
        token in PREPRINTS or token in PREPRINT_EXTRAS or token in MONTHS for token in tokens
    ):
        return Citation(year=year)
    if not _names_venue(bare, tokens, year):
        return None
    return Citation(venue=bare.strip(_EDGE + "()[]").rstrip("."), year=year)


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
    return " ".join(text.split()).strip(_EDGE)


def _names_venue(bare: str, tokens: list[str], year: int | None) -> bool:
    if is_prose(bare) or len(tokens) > 12 or len(sentences(bare)) > 1:
        return False
    known = [part for part in re.split(r"[\s\-/&:@(),.]+|'", bare) if _is_acronym(part)]
    known += [token for token in bare.split() if _is_acronym(token.strip("(),.;:"))]
    rest = [t for t in tokens if t not in CONFERENCES and t not in VENUE_EXTRAS and not t.isdigit()]
    if known and len(rest) <= (3 if year else 2) and words(" ".join(rest)) <= 6:
        return True
    if year and re.fullmatch(r"(?=(?:[^A-Z]*[A-Z]){3})[A-Z][A-Za-z&\-]{2,11}", bare):
        return True  # an acronym that is not in the table, with a year
    journal = [token for token in tokens if token in JOURNAL_WORDS]
    if not journal or bare.endswith("?") or set(tokens) <= _GENERIC:
        return False
    proper = [word for word in bare.split() if word[:1].isupper()]
    firm = FIRM_WORDS & set(tokens)
    return bool(firm) and (len(proper) >= len(tokens) / 2 or "ieee" in tokens or len(tokens) <= 2)


def _is_acronym(word: str) -> bool:
    folded = word.casefold()
    if folded not in CONFERENCES:
        return False
    if folded in {"nature", "science", "cell"}:
        return True
    return word.isupper() if folded in _AMBIGUOUS else True


def is_authors(text: str) -> bool:
    """Return whether `text` is a list of people's names and nothing else.

    Examples
    --------
    >>> is_authors("Li, Yuncheng et al.")
    True
    >>> is_authors("Model Merging, Ensembling and Cooperation")
    False
    """
    text = _tidy_names(text[:MAX_TEXT])
    if not text or is_prose(text):
        return False
    had_et_al = bool(_ET_AL.search(text))
    parts = [
        part for part in re.split(r",|;|&|·|、|，|\band\b", _ET_AL.sub(",", text)) if part.strip()
    ]
    odd = [part for part in parts if not _is_name(part)]
    # A long list may hold a name that does not look like one.
    if not parts or len(odd) * 5 > len(parts) or any(map(_is_no_name, odd)):
        return False
    return had_et_al or len(parts) > 1 or len(parts[0].split()) in (2, 3)


def _is_no_name(text: str) -> bool:
    return (
        len(text.split()) > 4
        or not re.fullmatch(r"[^\W\d_][\w\s.'’`´\-]*", text.strip())
        or "--" in text
    )


def _is_name(text: str) -> bool:
    text = text.strip(" .*†‡§¶^#\"'1234567890")
    if text.casefold() in {"", "others", "et al", "jr", "*", "co-authors"}:
        return True
    tokens = text.split()
    if len(tokens) > 6:
        return False
    capitals = 0
    for token in tokens:
        lower = token.casefold().strip(".,*")
        if lower in PARTICLES:
            continue
        if (
            lower in NOT_NAMES
            or any(c.isdigit() for c in token.strip("0123456789"))
            or lower in CONFERENCES
            or not re.match(r"^[^\W\d_][\w.'’`´\-‐]*[*†‡§]*$", token)
        ):
            return False
        if not (token[0].isupper() or ord(token[0]) > 0x2E7F):
            return False
        capitals += 1
    return capitals > 0


def _tidy_names(text: str) -> str:
    text = " ".join(without_emoji(text).split()).strip(_EDGE + '()[]"“”')
    text = re.sub(r"^(?:authors?|by|作者)\s*[:：]?\s+", "", text, flags=re.IGNORECASE)
    # Affiliation marks: 1, 1*, (Google), ^2.
    text = re.sub(r"\s*\((?!\w+\))[^()]*\)|\s*\([A-Z][\w. ]*\)", "", text)
    text = re.sub(r"[\^]?[\d¹²³⁴⁵⁶⁷⁸⁹⁰]+(?=\s*(?:,|;|&|$|\band\b))", "", text)
    return text.strip(" .")


def authors_of(text: str) -> tuple[str, ...]:
    """Return the names in a list of authors, first names first, without "et al.".

    Examples
    --------
    >>> authors_of("Kim, Yoon & Rush, Alexander M.")
    ('Yoon Kim', 'Alexander M. Rush')
    >>> authors_of("*Ada Lovelace, Alan Turing and others*.")
    ('Ada Lovelace', 'Alan Turing')
    """
    text = _ET_AL.sub("", _tidy_names(text[:MAX_TEXT]))
    names: list[str] = []
    for group in re.split(r";|&|、|，|·|,?\s*\band\b", text):
        parts = [part.strip() for part in group.split(",") if part.strip()]
        short = [_is_surname(part) for part in parts]
        if len(parts) == 2 and (
            short[0] or (len(parts[0].split()) == 2 and short[1] and len(parts[1]) <= 2)
        ):
            parts = [f"{parts[1]} {parts[0]}"]
        elif len(parts) > 2 and all(short) and len(parts) % 2 == 0:
            parts = [f"{first} {last}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
        elif len(parts) > 2 and short[0] and short[1] and not any(short[2:]):
            parts = [f"{parts[1]} {parts[0]}", *parts[2:]]
        names += parts
    cleaned = (" ".join(name.strip(" .*†‡§¶^\"'").split()) for name in names)
    return tuple(n for n in cleaned if n and n.casefold() not in {"others", "co-authors"})


def _is_surname(text: str) -> bool:
    *before, _ = text.split()
    return all(token.casefold() in PARTICLES for token in before)


def read_details(text: str) -> Citation:
    """Return what `text`, which has no title in it, says of authors, venue and year."""
    text = " ".join(without_emoji(text[:MAX_TEXT]).split()).strip(_EDGE)
    whole = venue_of(text)
    if whole:
        return whole
    if is_authors(text):
        return Citation(authors=authors_of(text))
    found = Citation()
    for sentence in sentences(text):
        if (
            found.authors
            and not found.venue
            and (venue := _other_venue(sentence.strip(_EDGE + ".")))
        ):
            found = found.filled_from(venue)
        for chunk in _chunks(sentence):
            found = found.filled_from(chunk)
    return found


def _chunks(sentence: str) -> list[Citation]:
    found: list[Citation] = []
    while match := _LAST_GROUP.search(sentence):
        inner = next((group for group in match.groups() if group is not None), "")
        if venue := venue_of(inner):
            found.append(venue)
        sentence = sentence[: match.start()]
    for piece in _ASIDE.split(sentence):
        venue = venue_of(piece)
        if venue:
            found.append(venue)
        elif is_authors(piece):
            found.append(Citation(authors=authors_of(piece)))
        else:
            left, taken = _pop_commas(piece)
            found += taken
            if taken and is_authors(left):
                found.append(Citation(authors=authors_of(left)))
            elif _ET_AL.search(piece):
                names, _, after = _split_et_al(piece)
                if is_authors(names):
                    found.append(Citation(authors=authors_of(names)))
                if venue := venue_of(after) or _other_venue(after):
                    found.append(venue)
    return found


def _other_venue(text: str) -> Citation | None:
    """Read ``Neurocomputing 2020``, where only a venue can stand."""
    match = re.fullmatch(rf"([A-Z][\w&\-]*(?:\s[\w&\-]+){{0,4}}),?\s+({_YEAR})", text)
    return Citation(venue=match[1], year=int(match[2])) if match else None


def _split_et_al(text: str) -> tuple[str, str, str]:
    match = _ET_AL.search(text)
    if not match:
        return text, "", ""
    after = re.sub(r"^\s*[.(]*\s*(?:\([^)]*\)|[A-Z]\w*\))?", "", text[match.end() :])
    return text[: match.end()], match[0], after.strip(_EDGE)


def sentences(text: str) -> list[str]:
    """Split `text` at full stops, question and exclamation marks that end a sentence."""
    found: list[str] = []
    start = 0
    for match in _STOP.finditer(text):
        if _ends_sentence(text[start : match.start()], match):
            found.append(text[start : match.end(1)].strip())
            start = match.end(1)
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence.strip(".")]


def _ends_sentence(before: str, match: "re.Match[str]") -> bool:
    mark, gap, following, after = match.groups(default="")
    if not following or mark[0] in "。？！":
        return True
    # A venue or an arXiv id begins anew whatever stands before it: "Stanley H. ECCV 2020".
    name = re.match(r"[\"“(\[]*([A-Za-z&]+)", following)
    folded = name[1].casefold() if name else ""
    if folded == "arxiv" or (
        folded in CONFERENCES and re.search(rf"{_YEAR}|['’]\d\d", following + " " + after)
    ):
        return True
    if following.startswith("("):
        return mark[0] != "." or before[-1:].islower() or bool(gap)
    if not gap:
        return False
    last = re.search(r"(\S*)$", before)
    word = (last[1] if last else "").strip("(\"'“").casefold()
    if word == "al":
        return True
    if mark[0] == "." and ((len(word) == 1 and word.isalpha()) or word in ABBREVIATIONS):
        return False
    first = following.lstrip('"“([')[:1]
    return not first.islower() and (first.isalnum() or following[:1] in '"“([')


def _pop_commas(text: str) -> tuple[str, list[Citation]]:
    """Take venue, year and then authors off the end of a comma-separated text."""
    parts = re.split(r",\s*(?![^(\[]*[)\]])", text)
    taken: list[Citation] = []
    while len(parts) > 1 and (venue := venue_of(parts[-1])):
        taken.append(venue)
        parts.pop()
    if not taken:
        return text, []
    names: list[str] = []
    while len(parts) > 1 and _is_name(parts[-1]) and len(parts[-1].split()) < 5:
        names.insert(0, parts.pop())
    if names and is_authors(", ".join(names)):
        taken.append(Citation(authors=authors_of(", ".join(names))))
    else:
        parts += names
    return ", ".join(parts), taken


def read_citation(text: str) -> Citation:
    """Return title, authors, venue and year of a citation in running text.

    Examples
    --------
    >>> read_citation("Fitnets: hints for thin deep nets. Romero, Adriana et al. ICLR 2015")
    Citation(title='Fitnets: hints for thin deep nets', authors=('Adriana Romero',), \
venue='ICLR', year=2015)
    >>> read_citation("[ICML'23] A title of some length").title
    'A title of some length'
    """
    text, found = _pop_front(without_emoji(text[:MAX_TEXT]), Citation())
    quoted = _QUOTED.search(text)
    if quoted and words(quoted[1]) >= 3 and _introduces(text[: quoted.start()]):
        rest = read_details(text[quoted.end() :])
        before = read_details(text[: quoted.start()])
        return replace(found.filled_from(rest).filled_from(before), title=clean_title(quoted[1]))
    return _from_sentences(text, found)


def _introduces(text: str) -> bool:
    """Return whether `text`, before a quotation, only leads up to it."""
    return words(text) == 0 or text.rstrip().endswith((":", "：")) or is_authors(text)


def _pop_front(text: str, found: Citation) -> tuple[str, Citation]:
    """Take numbers, dates and venues off the beginning."""
    before = None
    while before != text:
        before = text
        text = _NUMBER.sub("", text).lstrip(_EDGE + ".")
        if group := _FIRST_GROUP.match(text):
            inner = next(g for g in group.groups() if g is not None)
            venue = venue_of(inner)
            rest = text[group.end() :]
            if venue or (words(inner) <= 2 and words(rest) >= 3 and not rest.startswith("-")):
                found = found.filled_from(venue or Citation())
                text = rest
            continue
        head, mark, rest = _head(text)
        if mark and words(rest) >= 2 and (venue := venue_of(head)):
            found = found.filled_from(venue)
            text = rest
    return text, found


def _head(text: str) -> tuple[str, str, str]:
    match = re.match(r"^([^:：|]{2,40}?)(\s*[:：|]\s*|\s+[-–—]+\s+|,\s+)(.*)$", text, re.DOTALL)
    return (match[1], match[2], match[3]) if match else (text, "", "")


def _from_sentences(text: str, found: Citation) -> Citation:
    text = " ".join(text.split())
    remark = _REMARK.search(text)
    if remark and words(text[remark.end() :]) >= 4 and words(text[: remark.start()]):
        text = text[: remark.start()]
    parts = sentences(text)
    # From the end: venues, years, ids and people.
    if len(parts) > 2 and _is_all_detail(parts[-2]) and _ET_AL.search(parts[-2]):
        if venue := _other_venue(parts[-1].strip(_EDGE + ".")):
            found = found.filled_from(venue)
            parts.pop()
    while len(parts) > 1:
        detail = read_details(parts[-1])
        if detail == Citation() and not _is_noise(parts[-1]):
            break
        if not _is_all_detail(parts[-1]):
            break
        found = found.filled_from(detail)
        parts.pop()
    if len(parts) > 1 and is_authors(parts[0]) and words(" ".join(parts[1:])) >= 3:
        found = found.filled_from(Citation(authors=authors_of(parts[0])))
        parts = parts[1:]
    title = parts[0] if parts else ""
    for index, part in enumerate(parts[1:], 1):
        # "Is it enough? A study" is one title, "A study. It shows that ..." is not.
        if not parts[index - 1].endswith(("?", "!", "？", "！")) and words(title) >= 2:
            break
        title = f"{title} {part}"
    title, found = _pop_back(title, found)
    return replace(found, title=clean_title(title))


def _is_noise(text: str) -> bool:
    return bool(cited_arxiv_id(text) or re.fullmatch(r"\W*(?:et al)?\W*", text))


def _is_all_detail(text: str) -> bool:
    """Return whether nothing in `text` could be part of a title."""
    bare = text.strip(_EDGE + ".")
    if venue_of(bare) or is_authors(bare) or _is_noise(bare):
        return True
    names, et_al, after = _split_et_al(bare)
    if et_al and is_authors(names):
        return True
    left, taken = _pop_commas(bare)
    if taken and (is_authors(left) or venue_of(left)):
        return True
    pieces = [piece for piece in _ASIDE.split(bare) if piece.strip(_EDGE)]
    return len(pieces) > 1 and all(venue_of(p) or is_authors(p) for p in pieces)


def _pop_back(title: str, found: Citation) -> tuple[str, Citation]:
    """Take groups, asides and comma-separated details off the end of a title."""
    before = None
    while before != title:
        before = title
        title = title.rstrip(_EDGE)
        if group := _LAST_GROUP.search(title):
            inner = next(g for g in group.groups() if g is not None)
            venue = venue_of(inner)
            if venue or not inner.strip() or (is_authors(inner) and "," in inner):
                found = found.filled_from(venue or read_details(inner))
                title = title[: group.start()]
                continue
        asides = list(_ASIDE.finditer(title))
        if asides and words(title[: asides[-1].start()]) >= 2:
            tail = title[asides[-1].end() :]
            if _is_all_detail(tail):
                found = found.filled_from(read_details(tail))
                title = title[: asides[-1].start()]
                continue
        names, et_al, after = _split_et_al(title)
        if et_al and not after:
            left, comma, person = names[: names.rindex(et_al)].rpartition(",")
            if comma and _is_name(person) and words(left) >= 3:
                found = found.filled_from(Citation(authors=authors_of(person)))
                title = left
                continue
        left, taken = _pop_commas(title.rstrip("."))
        if taken and words(left) >= 2:
            for detail in taken:
                found = found.filled_from(detail)
            title = left
            continue
        title, found = _pop_last_venue(title, found)
    return title, found


def _pop_last_venue(title: str, found: Citation) -> tuple[str, Citation]:
    """Take ``CVPR 2019`` or ``ICML'23`` off a title that runs straight into it."""
    match = re.search(
        rf"[\s,]+([A-Za-z&]{{2,}}(?:\s|['’\-])?(?:{_YEAR}|\d\d))(?:\s+(?:oral|spotlight|poster|findings))?[.\s]*$",
        title,
        re.IGNORECASE,
    )
    if match and words(title[: match.start()]) >= 3 and (venue := venue_of(match[0])):
        token = re.match(r"[A-Za-z&]+", match[1])
        if token and token[0].casefold() in CONFERENCES | PREPRINTS:
            return title[: match.start()], found.filled_from(venue)
    return title, found


def is_detail_text(text: str) -> bool:
    """Return whether `text` says who, where or when, and could be no part of a title."""
    return not text.strip(_EDGE + ".") or _is_all_detail(text[:MAX_TEXT])
