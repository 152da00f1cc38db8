"""The papers that one list item, table row or paragraph names.

A *unit* is what stands together in a list: an item, a table row, a paragraph with the lines that
belong to it. Most units name one paper; some name none (news, tools, contents), some several.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum

from ingest.sources.lists.entry_links import entry_links
from ingest.sources.lists.line import is_detail_text, read_citation, read_details
from ingest.sources.lists.line_text import NUMBER, clean_title, has_star, is_prose, sentences, words
from ingest.sources.lists.links import Inline, Role, is_aside_url, is_code_url, is_paper_url
from ingest.sources.lists.quotes import quotations
from ingest.sources.lists.titles import (
    KEY,
    Title,
    bold_title,
    find_anchors,
    find_lead,
    gather,
    is_emphasised,
    is_title_like,
    leads_to,
    past_introduction,
    plain_title,
    without_key,
)
from ingest.sources.lists.venues import PaperDetails, venue_of
from kg.ids.arxiv_id import cited_arxiv_id, parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.records import ListEntry
from kg.text.latex.plain import decoded, decoded_name

MAX_DETAIL_WORDS = 400  # around one title
# "Ada Lovelace Alan Turing --ICML 2017": names that lack their comma.
_BARE_AUTHORS = re.compile(
    r"(?:[A-Z][\w.'’\-]+\s+){2,7}(?:--|[-–—]|,)\s*[A-Z][A-Za-z]{2,}\s*(?:\d{4}|['’]\d\d)"
)
# Words of a title that is linked or signed, with no venue or id beside it.
MIN_UNCITED_WORDS = 4


class UnitKind(Enum):
    """Where a unit stands, which decides how much evidence of a paper it needs."""

    ITEM = "item"
    ROW = "row"
    NAMED_ROW = "row of a table with a title column"
    PARAGRAPH = "paragraph"
    HEADING = "heading"


def read_unit(
    unit: Sequence[Inline], kind: UnitKind, known: PaperDetails | None = None
) -> list[ListEntry]:
    """Return the papers that a unit names, in its order.

    Parameters
    ----------
    unit : sequence of Inline
        Text, links and breaks, in reading order.
    known : PaperDetails, optional
        What a table's other columns say.
    """
    papers = _split(_trim(unit), kind)
    return [entry for part in papers for entry in _read_part(part, kind, known or PaperDetails())]


def _split(segments: list[Inline], kind: UnitKind) -> list[list[Inline]]:
    """Split a unit at lines that begin the next paper, where one has its link already."""
    parts: list[list[Inline]] = [[]]
    linked = titled = False
    for line in _lines(segments):
        first, *others = _at_quotations(line)
        if linked and titled and _begins(first, parts[-1], kind):
            parts.append([])
            linked = titled = False
        parts[-1] += first
        parts += others
        last = others[-1] if others else first
        links = any(s.is_link and s.role in {Role.PAPER, Role.TITLE} for s in last)
        linked = (linked and not others) or links
        titled = (titled and not others) or any(words(s.text) >= 3 for s in last)
    return parts


def _at_quotations(line: Sequence[Inline]) -> list[list[Inline]]:
    """Split a line at each quoted title that stands between the links to two papers."""
    links = [i for i, s in enumerate(line) if s.is_link and s.role is Role.PAPER]
    parts: list[list[Inline]] = [[]]
    for index, segment in enumerate(line):
        between = links and links[0] < index < links[-1] and not segment.is_link
        start, end = next(iter(quotations(segment.text)), (0, 0)) if between else (0, 0)
        if words(segment.text[start:end]) >= 3 and not words(segment.text[:start]):
            parts[-1].append(replace(segment, text=segment.text[:start]))
            parts.append([])
            segment = replace(segment, text=segment.text[start:])
        parts[-1].append(segment)
    return parts


def _lines(segments: Sequence[Inline]) -> list[list[Inline]]:
    lines: list[list[Inline]] = [[]]
    for segment in segments:
        lines[-1].append(segment)
        if segment.is_break and not (segment.soft and segment.bold):
            lines.append([])
    return lines


def _begins(line: Sequence[Inline], part: Sequence[Inline], kind: UnitKind) -> bool:
    """Whether a line begins another paper and does not go on with the one before."""
    said = [s for s in line if not s.is_break and (s.is_link or words(s.text))]
    if not said or kind not in {UnitKind.PARAGRAPH, UnitKind.ITEM}:
        return False
    first = said[0]
    if first.bold and not first.is_link:
        return (
            words(first.text) >= 3 and not KEY.match(first.text) and not is_detail_text(first.text)
        )
    if kind is UnitKind.ITEM:
        return False
    if first.is_link:
        titled = first.role is Role.TITLE and words(first.text) >= 3
        before = next((s for s in part if s.is_link or words(s.text)), Inline())
        return titled or (first.bracketed and before.bracketed and len(said) > 1)
    papers = any(s.is_link and s.role is Role.PAPER for s in said[1:])
    text = first.text
    return papers and words(text) >= 3 and not is_detail_text(text) and not KEY.match(text)


def _read_part(segments: list[Inline], kind: UnitKind, known: PaperDetails) -> list[ListEntry]:
    lead = find_lead(segments)
    if lead is None:
        return []
    lead = past_introduction(segments, lead)
    anchors = find_anchors(segments, lead)
    if segments[lead].is_link or (anchors and leads_to(segments, lead, anchors[0])):
        return _linked(segments, lead, anchors, kind, known)
    title = (bold_title if is_emphasised(segments, lead) else plain_title)(segments, lead)
    rest = [*segments[: title.start], Inline(is_break=True), *segments[title.end :]]
    later = [index for index in anchors if index >= title.end]
    entry = _entry(title, None, rest, kind, known, segments[lead].line)
    if entry is None or not entry.url:
        found = _linked(segments, lead, anchors, kind, known) if anchors else []
        if found or entry is None:
            return found
    return [entry, *_also(segments, later, kind, entry)]


def _also(
    segments: list[Inline], later: list[int], kind: UnitKind, first: ListEntry
) -> list[ListEntry]:
    """Papers whose whole titles are linked in what follows an entry."""
    spans = zip(later, [*later[1:], len(segments)], strict=False)
    found = (
        _entry(
            Title(segments[i].text, i, i + 1, set_off=True),
            segments[i],
            segments[i + 1 : end],
            kind,
            PaperDetails(),
            segments[i].line,
        )
        for i, end in spans
        if words(segments[i].text) >= 3 and is_paper_url(segments[i].url or "")
    )
    known = {first.url, first.arxiv_id} - {None}
    return [e for e in found if e and not known & {e.url, e.arxiv_id}]


def _trim(unit: Sequence[Inline]) -> list[Inline]:
    return [s for s in unit if s.is_break or s.is_link or s.text or s.badge]


def _linked(
    segments: list[Inline], lead: int, anchors: list[int], kind: UnitKind, known: PaperDetails
) -> list[ListEntry]:
    """Entries whose titles are links."""
    first = anchors[0] if anchors else lead
    kept = [first, *(i for i in anchors[1:] if _separate(segments, first, i))]
    entries: dict[tuple[str, str | None], ListEntry] = {}
    for number, index in enumerate(kept):
        end = kept[number + 1] if number + 1 < len(kept) else len(segments)
        before = segments[:index] if number == 0 else []
        title = _named_and_titled(segments, index, end)
        rest = [*before, Inline(is_break=True), *segments[title.end : end]]
        entry = _entry(title, segments[index], rest, kind, known, segments[index].line)
        if entry:
            entries.setdefault((entry.title, entry.arxiv_id), entry)
    return list(entries.values())


def _named_and_titled(segments: list[Inline], index: int, end: int) -> Title:
    """Read ``[SoupNet](..): Weighing all soups`` as one title."""
    name = segments[index].text
    if words(name) <= 2 and index + 1 < end and re.match(r"\s*[:：]", segments[index + 1].text):
        text, after = gather(segments, index + 1)
        title = text.strip(" :：")
        if 3 <= words(title) <= 25 and is_title_like(title) and not is_prose(title):
            return Title(f"{name.strip()}: {title}", index, min(after, end), set_off=False)
    return Title(name, index, index + 1, set_off=True)


def _separate(segments: list[Inline], first: int, index: int) -> bool:
    """Whether a second linked title is a paper of its own and not more of the first."""
    one, other = segments[first], segments[index]
    own = parse_arxiv_id(one.url or "")
    same_id = own and own == parse_arxiv_id(other.url or "")
    return not same_id and one.text.casefold() != other.text.casefold()


def _entry(
    named: Title,
    anchor: Inline | None,
    rest: Sequence[Inline],
    kind: UnitKind,
    known: PaperDetails,
    line: int,
) -> ListEntry | None:
    """Return the entry of a title, its link and what surrounds it, or None where it is no paper."""
    title = named.text
    stated = read_citation(without_key(title), set_off=named.set_off)
    if words(stated.title) == 0:
        stated = replace(stated, title=clean_title(title))
    details = _details(rest)
    found = known.filled_from(stated).filled_from(details)
    links = [s for s in (anchor, *rest) if s and s.is_link]
    url = _paper_url(anchor, links)
    plain = title + " " + " ".join(s.text for s in rest if not s.is_link)
    papers = [s.url for s in links if s.url and (s is anchor or s.role is Role.PAPER)]
    identifier = _first(parse_arxiv_id, [url or "", *papers]) or cited_arxiv_id(plain)
    if not _qualifies(stated.title, title, url, anchor, identifier, found, kind, rest):
        return None
    return ListEntry(
        title=decoded(stated.title),
        url=url,
        arxiv_id=identifier,
        doi=_first(parse_doi, papers),
        year=found.year,
        venue=found.venue,
        authors=tuple(map(decoded_name, found.authors)),
        starred=has_star(title) or any(has_star(s.text) for s in rest[:12] if not s.badge),
        links=entry_links(stated.title, url, anchor, rest),
        line=line,
    )


def _first(read: Callable[[str], str | None], texts: Sequence[str]) -> str | None:
    return next((found for text in texts if text and (found := read(text))), None)


def _paper_url(anchor: Inline | None, links: Sequence[Inline]) -> str | None:
    """The link to the paper: a paper's address before a label, a label before a linked title."""
    candidates: list[tuple[int, str]] = []
    for segment in links:
        url = segment.url or ""
        if not url or url.startswith("#"):
            continue
        paper = is_paper_url(url)
        if segment is anchor and (paper or not is_code_url(url)):
            candidates.append((0 if paper else 3 if is_aside_url(url) else 2, url))
        elif segment is not anchor and segment.role is Role.PAPER:
            candidates.append((0 if paper else 1, url))
    return min(candidates, key=lambda pair: pair[0])[1] if candidates else None


def _read_text(text: str) -> PaperDetails:
    """Return the details in running text around a title."""
    found = read_details(KEY.sub("", text.strip(" []()|,")))
    numbered = NUMBER.match(text)
    return found.filled_from(_read_text(text[numbered.end() :])) if numbered else found


def _details(rest: Sequence[Inline]) -> PaperDetails:
    """Return authors, venue and year from what surrounds a title."""
    found = PaperDetails()
    text = ""
    budget = MAX_DETAIL_WORDS
    labels = PaperDetails()
    for segment in [*rest, Inline(is_break=True)]:
        if segment.is_break or segment.is_link or segment.badge:
            if text.strip() and budget > 0:
                budget -= words(text)
                found = found.filled_from(_read_text(text))
            text = ""
            said = segment.label.removeprefix("Conference ").removeprefix("Venue ")
            if said and (venue := venue_of(said)):
                labels = labels.filled_from(venue)
        elif segment.italic and not text.strip():
            found = found.filled_from(read_details(segment.text))
        elif segment.italic:
            found = found.filled_from(_read_text(text))
            found = found.filled_from(read_details(segment.text))
            text = ""
        else:
            text += segment.text
    return found.filled_from(labels)


def _qualifies(
    title: str,
    raw: str,
    url: str | None,
    anchor: Inline | None,
    identifier: str | None,
    found: PaperDetails,
    kind: UnitKind,
    rest: Sequence[Inline],
) -> bool:
    """Return whether there is evidence of a paper: a title, and a link to one or a citation."""
    if not title or not re.search(r"[^\W\d_]", title):
        return False
    cited = bool(found.venue or identifier or (found.authors and found.year))
    if anchor is None and is_prose(raw):
        return False
    # Who wrote a paper stands on a line of its own, and names none.
    alone = not (url or identifier) and len(sentences(raw)) == 1
    if alone and is_detail_text(raw, plainly=True):
        return False
    if url and (identifier or is_paper_url(url)):
        if kind is UnitKind.PARAGRAPH and anchor is None:
            return words(raw) <= 40 and len(sentences(raw)) <= 5
        return True
    if anchor is not None and (is_code_url(anchor.url or "") or is_aside_url(anchor.url or "")):
        return bool(url and url != anchor.url) or (
            cited and words(title) >= 4 and kind is not UnitKind.PARAGRAPH
        )
    if url and anchor is not None:
        if kind in {UnitKind.PARAGRAPH, UnitKind.HEADING}:
            return cited
        return cited or words(title) >= MIN_UNCITED_WORDS
    if url:
        if kind is UnitKind.PARAGRAPH:
            brief = words(raw) <= 40 and len(sentences(raw)) <= 3
            return brief and (cited or any(s.bracketed for s in rest))
        called_paper = any(
            s.url == url and re.search(r"paper|pdf|preprint|论文", s.label, re.IGNORECASE)
            for s in rest
        )
        return cited or called_paper or words(title) >= 3
    if kind is UnitKind.NAMED_ROW:
        return words(title) >= 3
    dated = cited and words(title) >= 2 and bool(found.year or identifier)
    signed = bool(found.authors) and words(title) >= MIN_UNCITED_WORDS
    return (kind is UnitKind.ITEM and (dated or signed)) or (
        kind is UnitKind.PARAGRAPH and dated and signed
    )


def is_detail(unit: Sequence[Inline]) -> bool:
    """Return whether a paragraph or item is a detail of a paper named above it."""
    segments = _trim(unit)
    links = [s for s in segments if s.is_link]
    if any(
        s.role is Role.TITLE and (is_paper_url(s.url or "") or words(s.text) >= 3) for s in links
    ):
        return False
    text = "".join(" " if s.is_break or s.is_link else s.text for s in segments).strip()
    if KEY.match(text):
        return True
    said = [s for s in segments if not s.is_link and words(s.text)]
    if not said:
        return any(s.is_link or s.badge for s in segments)
    if any(s.bold and not is_detail_text(s.text) for s in said):
        return False
    if quotations(text) and any(s.role is Role.PAPER for s in links):
        return False
    if not links and _BARE_AUTHORS.fullmatch(text):
        return True
    if all(s.italic for s in said) and "," in text and not is_prose(text):
        return True
    whole = "".join("\n" if s.is_break else " " if s.is_link else s.text for s in segments)
    return all(is_detail_text(_bare(line)) for line in whole.split("\n"))


def _bare(line: str) -> str:
    """A line without its brackets and hashtags."""
    line = re.sub(r"\[[\s,/|]*\]|\(\s*\)", " ", line)
    return re.sub(r"\s#[A-Za-z].*$", "", line).strip(" []()|,/·&•*")
