"""Where in a list item the title begins and ends, among numbers, venues, labels and remarks."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.sources.lists.line import is_detail_text
from ingest.sources.lists.line_text import MAX_TEXT_CHARS, NUMBER, is_prose, sentences, words
from ingest.sources.lists.links import Inline, Role, is_paper_url
from ingest.sources.lists.names import ET_AL, is_authors, lists_people
from ingest.sources.lists.quotes import has_open_quotation, quotations
from ingest.sources.lists.venues import is_date, is_firm_venue, leads_as_venue
from kg.ids.arxiv_id import parse_arxiv_id

# The key of a line such as "Authors: ...".
KEY = re.compile(
    r"^\s*(?:paper|title|author(?:s|\(s\))?|pdf|links?|code|venue|conference|journal|year|date|published"
    r"|data ?sets?|arxiv|project|project page|website|abstract|tl;?dr|keywords?|tags?|summary"
    r"|affiliations?|institutions?|publication|publisher|source|doi|github|url|slides|video"
    r"|论文|标题|作者|代码|摘要|链接)\s*(?:link)?\s*[:：]\s*",
    re.IGNORECASE,
)
_DASH = re.compile(r"^\s*(?:[-–—]+\s|[–—])")
_COLON = re.compile(r"\s*[:：]")
# A quoted title that is wrapped has no more characters.
MAX_QUOTED_CHARS = 1_000
# Keys that are written in capitals, and titles' only keys; "CODE: ..." names a method.
_CAPITAL_KEYS = frozenset("PDF DOI URL TLDR TL;DR PAPER TITLE".split())


class Title(NamedTuple):
    """The text of a title, and between which segments of its item it stands."""

    text: str
    start: int
    end: int
    set_off: bool
    """Whether type sets it off from the text around it."""


def without_key(text: str) -> str:
    """Return `text` without a key such as ``Title:``."""
    match = KEY.match(text)
    if not match:
        return text
    key = match[0].strip(" :：")
    return text if key.isupper() and key not in _CAPITAL_KEYS else text[match.end() :]


def _is_label(segment: Inline) -> bool:
    return segment.is_link and segment.role is not Role.TITLE


def _is_lead_in(segments: Sequence[Inline], index: int) -> bool:
    """Whether a segment stands before titles: a number, an icon, a date, a venue, a label."""
    segment = segments[index]
    if segment.is_break or _is_label(segment):
        return True
    if segment.is_link:
        return False
    text = without_key(segment.text)
    if words(text) == 0:
        return True
    text = text.strip(" :-–|,.*_")
    following = segments[index + 1].text if index + 1 < len(segments) else ""
    if segment.bold and (_COLON.match(following) or segment.text.rstrip().endswith((":", "："))):
        return leads_as_venue(text) or is_date(text)
    return is_firm_venue(text) or is_date(text)


def find_lead(segments: Sequence[Inline]) -> int | None:
    """Index of the segment with which the title, or what introduces it, begins."""
    return next((i for i in range(len(segments)) if not _is_lead_in(segments, i)), None)


def past_introduction(segments: Sequence[Inline], lead: int) -> int:
    """Index of the bold title after ``Method name:``, its authors or a mark, else `lead`."""
    text = ""
    for index in range(lead, len(segments)):
        segment = segments[index]
        ended = segment.is_link or segment.badge or (segment.is_break and not segment.soft)
        if ended or len(text) > MAX_TEXT_CHARS:
            break
        if segment.bold and not segment.is_break:
            return index if _leads_up(text.strip()) else lead
        text += segment.text or " "
    return lead


def _leads_up(text: str) -> bool:
    """Whether text before a bold title only leads up to it."""
    text = NUMBER.sub("", text)
    if text.endswith((":", "：")):
        return words(text) <= 6
    before = text.rstrip('"“ ')
    if before != text or re.search(rf"{ET_AL.pattern}$", before, re.IGNORECASE):
        return True
    who, *more = sentences(before) or [""]
    return lists_people(who) and all(map(is_detail_text, more))


def find_anchors(segments: Sequence[Inline], lead: int) -> list[int]:
    """Indices of the links that may be titles of papers."""
    found: list[int] = []
    seen: set[str] = set()
    for index, segment in enumerate(segments):
        url = segment.url or ""
        if not segment.is_link or segment.role is not Role.TITLE or (url and url in seen):
            continue
        named = words(segment.text) >= 3 or parse_arxiv_id(url)
        if index == lead or (is_paper_url(url) and named):
            found.append(index)
            seen.add(url)
    return found


def leads_to(segments: Sequence[Inline], lead: int, anchor: int) -> bool:
    """Whether the text at `lead` only introduces the linked title at `anchor`."""
    before = segments[lead:anchor]
    text = "".join(" " if s.is_break else s.text for s in before if not s.is_link)
    if any(_is_label(s) and s.role is Role.PAPER for s in before):
        return False
    labelled = any(_is_label(s) and s.role is Role.PAPER for s in segments[anchor:])
    if is_prose(text):
        return words(segments[anchor].text) >= 3
    if is_authors(text.strip(' .,:-–|"“')):
        return True
    introduces = bool(re.search(r"[:：\"“'(\[|]\s*$|[-–—]\s*$", text))
    if introduces and words(text) <= 6:
        return True
    if segments[lead].bold and words(text) > 0:
        return not labelled
    return not labelled and words(segments[anchor].text) >= 3 and not segments[anchor].bracketed


def is_emphasised(segments: Sequence[Inline], lead: int) -> bool:
    """Whether the title is set off from what follows it by bold or italic type."""
    first = segments[lead]
    if first.bold or not first.italic or words(first.text) < 3 or is_detail_text(first.text):
        return first.bold
    after = segments[lead + 1 :]
    return (
        not after
        or after[0].is_break
        or after[0].is_link
        or bool(re.match(r"\s*[^\w\s]", after[0].text))
    )


def bold_title(segments: list[Inline], lead: int) -> Title:
    """Title that begins with the bold text at `lead`."""
    end = lead + 1
    while end < len(segments) and _goes_on_in_bold(segments, end):
        end += 1
    said_in_bold = "".join(s.text or " " for s in segments[lead:end])
    if _is_labelled(segments, lead, end):
        said_in_bold = _DASH.sub("", "".join(s.text or " " for s in segments[lead + 1 : end]))
    title = " ".join(said_in_bold.split())
    alone = Title(title, lead, end, set_off=True)
    rest, rest_end = gather(segments, end)
    running = Title(rest, lead, rest_end, set_off=False)
    colon = title.endswith((":", "：")) or _COLON.match(rest)
    said = rest.lstrip(" :：-–—")
    quoted = next(iter(quotations(said)), (1, 0))
    if quoted[0] == 0 and words(title) <= 5 and words(said[: quoted[1]]) >= 2:
        return running  # **Name**: "Name-7B: Weighing All Soups"
    if not words(rest) or _DASH.match(rest) or is_prose(rest):
        return alone
    if is_detail_text(rest, plainly=bool(colon)):
        return alone
    if colon and words(title) <= 5 and 2 <= words(rest) <= 35 and is_title_like(rest):
        name = title.rstrip(":： ")
        if re.match(rf"{re.escape(name)}[\w.\-]*\s*[:：]", said, re.IGNORECASE):
            return running  # **Name**: Name-7B: Weighing All Soups
        return running._replace(text=f"{name}: {said}")
    bracketed = re.fullmatch(r"\W*[\[(【].*[\])】]\W*", title)
    if (bracketed or words(title) <= 3) and not colon and 3 <= words(rest) <= 25:
        return running if is_title_like(rest) else alone
    return alone


def _is_labelled(segments: Sequence[Inline], lead: int, end: int) -> bool:
    """Whether a bold title begins with a remark in italics: ***Top-2 gate* - Weighing Soups**."""
    return (
        end > lead + 1
        and segments[lead].italic
        and not segments[lead + 1].italic
        and bool(_DASH.match(segments[lead + 1].text))
    )


def _goes_on_in_bold(segments: Sequence[Inline], index: int) -> bool:
    segment = segments[index]
    if segment.is_link:
        return False
    if not segment.is_break:
        return segment.bold or not segment.text.strip()
    if not segment.soft or index + 1 == len(segments):
        return False
    following = segments[index + 1]
    wrapped = following.bold and not following.is_link and following.text[:1].islower()
    return segment.bold or wrapped


def is_title_like(text: str) -> bool:
    """Return whether `text` begins as titles do and is no description."""
    stated = [sentence for sentence in sentences(text) if not sentence.endswith(("?", "!"))]
    first = re.search(r"[^\W\d_]\S*", text)
    if first is None or len(stated) > 2:
        return False
    # "aiXcoder", "i-SRT:" and "word2vec" are names, "a spoon that ..." describes.
    named = re.search(r".[A-Z\d]|:$", first[0])
    return not first[0][0].islower() or bool(named)


def plain_title(segments: list[Inline], lead: int) -> Title:
    """Title in running text at `lead`."""
    text, end = gather(segments, lead)
    text = text.strip()
    remark = _REMARK.search(text)
    if remark and words(tail := text[remark.end() :]) >= 12 and "." in tail:
        text = text[: remark.start()]
    return Title(text, lead, end, set_off=False)


# Long prose behind a title: "Title  Long prose", "Title This paper presents ...", "Title
# Introduces a ...".
_REMARK = re.compile(
    r"(?<=\S)(?:\s{2,}(?=[A-Z])|\s+"
    r"(?=(?:This (?:paper|work|study|report)|Introduces|Presents|Proposes)\s+[a-z]))"
)


def gather(segments: list[Inline], start: int) -> tuple[str, int]:
    """Text from `start` to the next label or line, over lines that were only wrapped."""
    text = ""
    index = start
    labelled = any(_is_label(s) for s in segments[:start])
    while index < len(segments) and len(text) <= MAX_TEXT_CHARS:
        segment = segments[index]
        if segment.is_break:
            after = (segments[i] for i in range(index + 1, len(segments)))
            following = next((s for s in after if not s.is_break), None)
            if not segment.soft or following is None or not _continues(text, following, labelled):
                break
            text += " "
        elif segment.is_link and (segment.role is not Role.TITLE or segment.bracketed):
            break
        elif segment.badge and not segment.is_link:
            if text.strip():
                break
        elif (
            segment.italic and not segment.is_link and _ended(text) and is_detail_text(segment.text)
        ):
            break
        else:
            text += segment.text
        index += 1
    return text[:MAX_TEXT_CHARS].rstrip().rstrip("[(【"), index


def _ended(text: str) -> bool:
    """Whether a title may end here; words in italics also stand within titles."""
    return text.rstrip().endswith(tuple('.,:;?!)"”-–—|。，')) or "\n" in text[-3:]


def _continues(text: str, following: Inline, labelled: bool) -> bool:
    """Whether a line's end within a title was only wrapped."""
    if len(text) < MAX_QUOTED_CHARS and not following.is_link and has_open_quotation(text):
        return True
    if following.is_link or following.italic or following.bold or not text.strip():
        return not text.strip()
    if following.text.lstrip()[:1].islower():
        return True
    return (
        not labelled
        and not text.rstrip().endswith((".", "?", "!", ","))
        and not is_detail_text(following.text)
    )
