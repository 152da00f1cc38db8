"""What a line of a reading list says in words: title, authors, venue and year.

People write ``Title. Author et al. CVPR 2019``, ``(ICML'23) Title``,
``Title, Authors, Venue, 2021`` and much else. The functions here are pure and know no markup.
"""

import re
from dataclasses import replace

from ingest.sources.citation_names import ET_AL, authors_of, is_authors, is_name, split_et_al
from ingest.sources.citation_text import (
    EDGE,
    MAX_TEXT,
    NUMBER,
    YEAR,
    clean_title,
    sentences,
    without_emoji,
    words,
)
from ingest.sources.citation_venues import Citation, other_venue, venue_of, year_of
from ingest.sources.citation_words import CONFERENCES, PREPRINTS
from kg.identifiers import cited_arxiv_id

_FIRST_GROUP = re.compile(
    r"^\s*(?:\[([^\[\]]{1,60})\]|\(([^()]{1,60})\)|【([^】]{1,60})】|（([^）]{1,60})）)"
)
_LAST_GROUP = re.compile(r"\s*(?:\[([^\[\]]*)\]|\(([^()]*)\)|【([^】]*)】|（([^）]*)）)\s*[.,;:]*$")
_QUOTED = re.compile(r"[\"“”«「『]([^\"“”«»「」『』]{8,}?)[\"“”»」』]")
_ASIDE = re.compile(r"\s+(?:-{1,3}|[–—|/·])\s+|\s*(?:--|——|—)\s*|\s*\|\s*")
# "Name - does this and that": the dash begins a description.
_REMARK = re.compile(r"\s+(?:-{1,2}|[–—])\s+(?=[a-z][\w'’\-]*\s)")


def read_details(text: str) -> Citation:
    """Return what `text`, which has no title in it, says of authors, venue and year."""
    text = " ".join(without_emoji(text[:MAX_TEXT]).split()).strip(EDGE)
    whole = venue_of(text)
    if whole:
        return whole
    if is_authors(text):
        return Citation(authors=authors_of(text), year=year_of(text))
    found = Citation()
    for sentence in sentences(text):
        if found.authors and not found.venue and (venue := other_venue(sentence.strip(EDGE + "."))):
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
            elif ET_AL.search(piece):
                names, _, after = split_et_al(piece)
                if is_authors(names):
                    found.append(Citation(authors=authors_of(names)))
                if venue := venue_of(after) or other_venue(after):
                    found.append(venue)
    return found


def _pop_commas(text: str) -> tuple[str, list[Citation]]:
    """Take venue, year and then authors off the end of a comma-separated text."""
    parts = re.split(r",\s*(?![^(\[]*[)\]])", text)
    taken: list[Citation] = []
    while len(parts) > 1 and (venue := venue_of(parts[-1])):
        taken.append(venue)
        parts.pop()
    dangling = len(parts) > 1 and not parts[-1].strip()
    if dangling:
        parts.pop()
    names: list[str] = []
    while len(parts) > 1 and is_name(parts[-1]) and len(parts[-1].split()) < 5:
        names.insert(0, parts.pop())
    # Without a venue behind them, only what are plainly names of people are taken for such.
    full = all(2 <= len(name.split()) <= 4 for name in names)
    plain = full and (len(names) > 1 or dangling) and words(parts[0]) >= 3
    if not taken and not (names and plain):
        return text, []
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
        text = NUMBER.sub("", text).lstrip(EDGE + ".")
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
    signed = len(parts) > 2 and ET_AL.search(parts[-2]) and _is_all_detail(parts[-2])
    if signed and (venue := other_venue(parts[-1].strip(EDGE + "."))):
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
        found = found.filled_from(read_details(parts[0]))
        parts = parts[1:]
        while len(parts) > 1 and (venue := venue_of(parts[0])):
            found = found.filled_from(venue)
            parts.pop(0)
    title = parts[0] if parts else ""
    for index, part in enumerate(parts[1:], 1):
        # "Is it enough? A study" is one title, "A study. It shows that ..." is not.
        if not parts[index - 1].endswith(("?", "!", "？", "！")) and words(title) >= 2:
            break
        title = f"{title} {part}"
    title, found = _pop_back(title, found)
    title, found = _pop_first_authors(title, found)
    return replace(found, title=clean_title(title))


def _pop_first_authors(title: str, found: Citation) -> tuple[str, Citation]:
    """Take ``A. Lovelace, A. Turing,`` off the front; names without initials may be a title's."""
    parts = title.split(", ")
    count = 0
    while count < len(parts) - 1 and re.match(r"(?:[A-Z]\.[\s\-]?)+\S+$", parts[count].strip()):
        count += 1
    rest = ", ".join(parts[count:])
    if not count or words(rest) < 3:
        return title, found
    authors = authors_of(", ".join(parts[:count]))
    return rest, found.filled_from(Citation(authors=authors))


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


def _pop_back(title: str, found: Citation) -> tuple[str, Citation]:
    """Take groups, asides and comma-separated details off the end of a title."""
    before = None
    while before != title:
        before = title
        title = title.rstrip(EDGE)
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
        names, et_al, after = split_et_al(title)
        if et_al and not after:
            left, comma, person = names[: names.rindex(et_al)].rpartition(",")
            if comma and is_name(person) and words(left) >= 3:
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
        rf"[\s,]+([A-Za-z&]{{2,}}(?:\s|['’\-])?(?:{YEAR}|\d\d))(?:\s+(?:oral|spotlight|poster|findings))?[.\s]*$",
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
    return not text.strip(EDGE + ".") or _is_all_detail(text[:MAX_TEXT])
