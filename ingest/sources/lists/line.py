"""Title, authors, venue and year in a line of a reading list.

People write ``Title. Author et al. CVPR 2019``, ``(ICML'23) Title``,
``Title, Authors, Venue, 2021`` and much else. The functions here are pure and know no markup.
"""

import re
from dataclasses import replace

from ingest.sources.lists.line_text import (
    EDGE,
    MAX_TEXT_CHARS,
    NUMBER,
    YEAR,
    clean_title,
    sentences,
    without_emoji,
    words,
)
from ingest.sources.lists.names import ET_AL, authors_of, is_authors, is_name, split_et_al
from ingest.sources.lists.quotes import hide_quoted, quotations, show_quoted
from ingest.sources.lists.venues import (
    PaperDetails,
    is_plain_venue,
    leads_as_venue,
    other_venue,
    venue_of,
    year_of,
)
from ingest.sources.lists.vocabulary import CONFERENCES, PREPRINTS
from kg.ids.arxiv_id import cited_arxiv_id

_FIRST_GROUP = re.compile(
    r"^\s*(?:\[([^\[\]]{1,60})\]|\(([^()]{1,60})\)|【([^】]{1,60})】|（([^）]{1,60})）)"
)
_LAST_GROUP = re.compile(r"\s*(?:\[([^\[\]]*)\]|\(([^()]*)\)|【([^】]*)】|（([^）]*)）)\s*[.,;:]*$")
_HEAD = re.compile(r"([^:：|]{2,40}?)(?:\s*[:：|]\s*|\s+[-–—]+\s+|,\s+)(.*)$", re.DOTALL)
_ASIDE = re.compile(r"\s+(?:-{1,3}|[–—|/·])\s+|\s+(?:--|——|—)|(?:--|——|—)\s+|——|—|\s*\|\s*")
# An affiliation, in brackets behind a title.
_INSTITUTION = re.compile(
    r"\b(?:universit\w*|institut\w*|academy|laborator\w*|labs?|college|research)\b", re.IGNORECASE
)
_PART = re.compile(r"Part\s+(?:[IVX]+|\d+|One|Two|Three)\b", re.IGNORECASE)
# "Name - does this and that": the dash begins a description. Titles write theirs "--".
_REMARK = re.compile(r"\s+[-–]\s+(?=[a-z][\w'’\-]*\s)")


def read_details(text: str) -> PaperDetails:
    """Return authors, venue and year of a text without a title."""
    text = " ".join(without_emoji(text[:MAX_TEXT_CHARS]).split()).strip(EDGE)
    whole = venue_of(text)
    if whole:
        return whole
    if is_authors(text):
        return PaperDetails(authors=authors_of(text), year=year_of(text))
    found = PaperDetails()
    for sentence in sentences(text):
        if found.authors and not found.venue and (venue := other_venue(sentence.strip(EDGE + "."))):
            found = found.filled_from(venue)
        for chunk in _chunks(sentence):
            found = found.filled_from(chunk)
    return found


def _chunks(sentence: str) -> list[PaperDetails]:
    found: list[PaperDetails] = []
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
            found.append(PaperDetails(authors=authors_of(piece)))
        else:
            left, taken = _pop_commas(piece)
            found += taken
            if taken and is_authors(left):
                found.append(PaperDetails(authors=authors_of(left)))
            elif ET_AL.search(piece):
                names, _, after = split_et_al(piece)
                if is_authors(names):
                    found.append(PaperDetails(authors=authors_of(names)))
                if venue := venue_of(after) or other_venue(after):
                    found.append(venue)
    return found


def _pop_commas(text: str) -> tuple[str, list[PaperDetails]]:
    """Take venue, year and then authors off the end of a comma-separated text."""
    parts = re.split(r",(?!(?<=\d,)\d{3}(?!\d))\s*(?![^(\[]*[)\]])", text)
    taken: list[PaperDetails] = []
    while len(parts) > 1 and (venue := venue_of(parts[-1])):
        taken.append(venue)
        parts.pop()
    dangling = len(parts) > 1 and not parts[-1].strip()
    if dangling:
        parts.pop()
    names: list[str] = []
    while len(parts) > 1 and is_name(parts[-1], within_list=True) and len(parts[-1].split()) < 5:
        names.insert(0, parts.pop())
    # Without a venue behind them, only what are plainly names of people are taken for such.
    full = all(2 <= len(name.split()) <= 4 for name in names)
    plain = full and (len(names) > 1 or dangling) and words(parts[0]) >= 3
    if not taken and not (names and plain):
        return text, []
    if names and is_authors(", ".join(names)):
        taken.append(PaperDetails(authors=authors_of(", ".join(names))))
    else:
        parts += names
    return ", ".join(parts), taken


def read_citation(text: str, set_off: bool = False) -> PaperDetails:
    """Return title, authors, venue and year of a citation.

    Parameters
    ----------
    text : str
        The citation, without markup.
    set_off : bool
        Whether its type sets the title off, as a link's or bold text is: then all of it is the
        title but what is plainly none. In running text a title may end at a full stop or dash.

    Examples
    --------
    >>> read_citation("Fitnets: hints for thin deep nets. Romero, Adriana et al. ICLR 2015")
    PaperDetails(title='Fitnets: hints for thin deep nets', authors=('Adriana Romero',), \
venue='ICLR', year=2015)
    >>> read_citation("[ICML'23] A title of some length").title
    'A title of some length'
    >>> read_citation("Is it a spoon? A Cutlery Study. It shows ...", set_off=True).title
    'Is it a spoon? A Cutlery Study. It shows ...'
    """
    text = hide_quoted(without_emoji(text[:MAX_TEXT_CHARS]))
    text, found = _pop_front(text, PaperDetails(), set_off)
    if quoted := _quoted_title(text, set_off):
        title, before, after = (show_quoted(part) for part in quoted)
        found = found.filled_from(read_details(after)).filled_from(read_details(before))
        return replace(found, title=clean_title(title))
    found = _from_sentences(text, found, set_off)
    return replace(
        found,
        title=clean_title(show_quoted(found.title)),
        authors=tuple(map(show_quoted, found.authors)),
        venue=found.venue and show_quoted(found.venue),
    )


def _quoted_title(text: str, set_off: bool) -> tuple[str, str, str] | None:
    """Title in quotation marks with what stands before and after it, where one is all the title."""
    for start, end in quotations(show_quoted(text)):
        title, before, after = text[start + 1 : end - 1], text[:start], text[end:]
        ended = bool(re.search(r"(?<!\.)[.,。，]$", show_quoted(title)))
        if _introduces(before, title, set_off) and (ended or _goes_no_further(after, set_off)):
            return title, before, after
    return None


def _introduces(before: str, title: str, set_off: bool) -> bool:
    """Whether the text before a quotation only leads up to it."""
    bare = before.rstrip()
    if words(before) == 0:
        return words(title) >= 2
    if is_authors(before) or re.search(r"\bet\s+al[.,]*$", bare, re.IGNORECASE):
        return True
    if set_off or words(title) < 2:
        return False
    if bare.endswith((":", "：")):
        return words(before) <= 3
    return bare.endswith((".", ",", "。", "，")) and words(title) >= 3


def _goes_no_further(after: str, set_off: bool) -> bool:
    """Whether a title ends with its quotation: ``"Soup": Weighing It`` goes on, ``"Soup", ICML``
    does not.
    """
    mark, rest = after.lstrip()[:1], after.strip(EDGE + ".?!？！")
    if not rest or rest[0] in "([{（【":
        return True
    first = re.split(r"[,;(\[]|\s[-–—]+\s", sentences(rest)[0])[0]
    if mark in ":：?!？！":
        return is_detail_text(sentences(rest)[0], plainly=True)
    if _is_all_detail(rest) or _is_all_detail(first) or ET_AL.search(first):
        return True
    return not set_off and (mark in {".", ",", "|"} or bool(re.match(r"\s*[-–]\s+[a-z]", after)))


def _pop_front(text: str, found: PaperDetails, set_off: bool) -> tuple[str, PaperDetails]:
    """Take numbers, dates and venues off the beginning."""
    before = None
    while before != text:
        before = text
        text = NUMBER.sub("", text).lstrip(EDGE + ".")
        if group := _FIRST_GROUP.match(text):
            inner = next(g for g in group.groups() if g is not None)
            venue = venue_of(inner)
            rest = text[group.end() :]
            # In "(Spoon 2)Weighing Soups" the name is only put before the title.
            glued = len(inner) > 1 and re.match(r"[A-Z][a-z]", rest)
            label = (glued or not set_off) and words(inner) <= 2 and words(rest) >= 3
            if venue or (label and not rest.startswith("-")):
                found = found.filled_from(venue or PaperDetails())
                text = rest
            continue
        head = _HEAD.match(text)
        if head and words(head[2]) >= 2 and leads_as_venue(head[1]):
            venue = venue_of(head[1])
            if venue and (venue.year or not set_off):
                found = found.filled_from(venue)
                text = head[2]
    return text, found


def _from_sentences(text: str, found: PaperDetails, set_off: bool) -> PaperDetails:
    """Return details whose title is not clean yet."""
    text = " ".join(text.split())
    remark = None if set_off else _REMARK.search(text)
    if remark and words(text[remark.end() :]) >= 4 and words(text[: remark.start()]):
        text = text[: remark.start()]
    parts = sentences(text)
    behind = PaperDetails()
    # From the end: venues, years, ids and people.
    signed = len(parts) > 2 and ET_AL.search(parts[-2]) and _is_all_detail(parts[-2])
    if signed and (venue := other_venue(parts[-1].strip(EDGE + "."))):
        behind = behind.filled_from(venue)
        parts.pop()
    while len(parts) > 1:
        # After a question a title goes on as well as after a colon.
        asked = parts[-2].endswith(("?", "!", "？", "！"))
        if not _is_all_detail(parts[-1]):
            break
        if (set_off or asked) and not _is_plainly_detail(parts[-1], behind):
            break
        behind = behind.filled_from(read_details(parts[-1]))
        parts.pop()
    if len(parts) > 1 and is_authors(parts[0]) and words(" ".join(parts[1:])) >= 3:
        found = found.filled_from(read_details(parts[0]))
        parts = parts[1:]
        while len(parts) > 1 and (venue := venue_of(parts[0])):
            found = found.filled_from(venue)
            parts.pop(0)
    title = parts[0] if parts else ""
    for index, part in enumerate(parts[1:], 1):
        # "Is it enough? A study" is one title, "A study. It shows that ..." is not.
        asked = parts[index - 1].endswith(("?", "!", "？", "！"))
        if not (set_off or asked or _PART.match(part)) and words(title) >= 2:
            break
        title = f"{title} {part}"
    title, behind = _pop_back(title, behind)
    title, found = _pop_first_authors(title, found)
    return replace(found.filled_from(behind), title=title)


def _is_plainly_detail(text: str, found: PaperDetails) -> bool:
    """Whether text that may be all detail is so beyond doubt, where a title may go on too.

    Two capital words are a name or a subtitle: a list of full names, initials, "et al." or a
    venue and year in what was `found` behind them decide.
    """
    bare = text.strip(EDGE + ".")
    if venue := venue_of(bare):
        return venue.year is not None or is_plain_venue(bare)
    if _is_noise(bare) or ET_AL.search(bare) or re.search(r"(?<!\w)[A-Z]\.", bare):
        return True
    if (found.venue or found.year) and not found.authors:
        return True
    names = [name.split() for name in re.split(r",|;|&|\band\b", bare) if name.strip()]
    return "," in bare and len(names) > 1 and all(len(name) > 1 for name in names)


def _pop_first_authors(title: str, found: PaperDetails) -> tuple[str, PaperDetails]:
    """Take ``A. Lovelace, A. Turing,`` off the front; names without initials may be a title's."""
    parts = title.split(", ")
    count = 0
    while count < len(parts) - 1 and re.match(r"(?:[A-Z]\.[\s\-]?)+\S+$", parts[count].strip()):
        count += 1
    rest = ", ".join(parts[count:])
    if not count or words(rest) < 3:
        return title, found
    authors = authors_of(", ".join(parts[:count]))
    return rest, found.filled_from(PaperDetails(authors=authors))


def _is_noise(text: str) -> bool:
    return bool(cited_arxiv_id(text) or re.fullmatch(r"\W*(?:et al)?\W*", text))


def _is_all_detail(text: str) -> bool:
    """Return whether nothing in `text` could be part of a title."""
    bare = text.strip(EDGE + ".")
    if venue_of(bare) or is_authors(bare) or _is_noise(bare):
        return True
    names, et_al, _ = split_et_al(bare)
    if et_al and is_authors(names):
        return True
    left, taken = _pop_commas(bare)
    if taken and (is_authors(left) or venue_of(left)):
        return True
    pieces = [piece for piece in _ASIDE.split(bare) if piece.strip(EDGE)]
    return len(pieces) > 1 and all(venue_of(p) or is_authors(p) for p in pieces)


def _pop_back(title: str, found: PaperDetails) -> tuple[str, PaperDetails]:
    """Take groups, asides and comma-separated details off the end of a title."""
    before = None
    while before != title:
        before = title
        title = title.rstrip(EDGE)
        if group := _LAST_GROUP.search(title):
            inner = next(g for g in group.groups() if g is not None)
            venue = venue_of(inner)
            whose = (is_authors(inner) and "," in inner) or (
                _INSTITUTION.search(inner) and words(inner) <= 8 and inner[:1].isupper()
            )
            if venue or not inner.strip() or whose:
                found = found.filled_from(venue or read_details(inner))
                title = title[: group.start()]
                continue
        asides = list(_ASIDE.finditer(title))
        if asides and words(title[: asides[-1].start()]) >= 2:
            tail = title[asides[-1].end() :]
            if _is_all_detail(tail) and _is_plainly_detail(tail, found):
                found = found.filled_from(read_details(tail))
                title = title[: asides[-1].start()]
                continue
        names, et_al, after = split_et_al(title)
        if et_al and not after:
            left, comma, person = names[: names.rindex(et_al)].rpartition(",")
            if comma and is_name(person) and words(left) >= 3:
                found = found.filled_from(PaperDetails(authors=authors_of(person)))
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


def _pop_last_venue(title: str, found: PaperDetails) -> tuple[str, PaperDetails]:
    """Take ``CVPR 2019`` or ``ICML'23`` off a title that runs straight into it."""
    match = re.search(
        rf"[\s,]+([A-Za-z&]{{2,}}(?:\s|['’\-])?(?:{YEAR}|\d\d))(?:\s+(?:oral|spotlight|poster|findings))?[.\s]*$",
        title,
        re.IGNORECASE,
    )
    if match and words(title[: match.start()]) >= 3 and (venue := venue_of(match[0])):
        token = re.match(r"[A-Za-z&]+", match[1])
        if token and token[0].casefold() in CONFERENCES | PREPRINTS:
            return title[: match.start()], found.filled_from(venue)
    return title, found


def is_detail_text(text: str, plainly: bool = False) -> bool:
    """Return whether `text` says who, where or when, and could be no part of a title.

    Parameters
    ----------
    plainly : bool
        Whether two capital words, which may be a name, are not enough.
    """
    if not text.strip(EDGE + "."):
        return True
    detail = _is_all_detail(text[:MAX_TEXT_CHARS])
    return detail and (not plainly or _is_plainly_detail(text[:MAX_TEXT_CHARS], PaperDetails()))
