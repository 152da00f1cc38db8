"""Where in a list item the title begins and ends, among numbers, venues, labels and remarks."""

import re
from collections.abc import Sequence

from ingest.sources.citation import is_detail_text
from ingest.sources.citation_names import is_authors
from ingest.sources.citation_text import MAX_TEXT, is_prose, sentences, words
from ingest.sources.citation_venues import is_date, is_firm_venue
from ingest.sources.list_links import Role, Segment, is_paper_url
from kg.identifiers import arxiv_id

# The key of a line such as "Authors: ...".
KEY = re.compile(
    r"^\s*(?:paper|title|author(?:s|\(s\))?|pdf|links?|code|venue|conference|journal|year|date|published"
    r"|arxiv|project|project page|website|abstract|tl;?dr|keywords?|tags?|summary|affiliations?"
    r"|institutions?|publication|publisher|source|doi|github|url|slides|video"
    r"|论文|标题|作者|代码|摘要|链接)\s*(?:link)?\s*[:：]\s*",
    re.IGNORECASE,
)
_DASH = re.compile(r"^\s*(?:[-–—]+\s|[–—])")


def _is_label(segment: Segment) -> bool:
    return segment.is_link and segment.role is not Role.TITLE


def _is_lead_in(segment: Segment) -> bool:
    """Whether a segment stands before titles: a number, an icon, a date, a venue, a label."""
    if segment.is_break or _is_label(segment):
        return True
    if segment.is_link:
        return False
    text = KEY.sub("", segment.text)
    if words(text) == 0:
        return True
    return is_firm_venue(text.strip(" :-–|,.*_")) or is_date(text)


def find_lead(segments: Sequence[Segment]) -> int | None:
    """Index of the segment with which the title, or what introduces it, begins."""
    return next((i for i, segment in enumerate(segments) if not _is_lead_in(segment)), None)


def past_introduction(segments: Sequence[Segment], lead: int) -> int:
    """Index of the bold title after ``Method name:``, else `lead`."""
    text = segments[lead].text.strip()
    if segments[lead].is_link or segments[lead].bold or lead + 1 == len(segments):
        return lead
    following = segments[lead + 1]
    if text.endswith((":", "：")) and words(text) <= 6 and following.bold and not following.is_link:
        return lead + 1
    return lead


def find_anchors(segments: Sequence[Segment], lead: int) -> list[int]:
    """Indices of the links that may be titles of papers."""
    found: list[int] = []
    seen: set[str] = set()
    for index, segment in enumerate(segments):
        url = segment.url or ""
        if not segment.is_link or segment.role is not Role.TITLE or (url and url in seen):
            continue
        named = words(segment.text) >= 3 or arxiv_id(url)
        if index == lead or (is_paper_url(url) and named):
            found.append(index)
            seen.add(url)
    return found


def leads_to(segments: Sequence[Segment], lead: int, anchor: int) -> bool:
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


def is_emphasised(segments: Sequence[Segment], lead: int) -> bool:
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


def bold_title(segments: list[Segment], lead: int) -> tuple[str, int, int]:
    """Title that begins with the bold text at `lead`, and where it starts and ends."""
    end = lead + 1
    while end < len(segments) and (
        (segments[end].bold and not segments[end].is_link)
        or (
            not segments[end].is_link
            and not segments[end].is_break
            and not segments[end].text.strip()
        )
        or (
            segments[end].soft
            and end + 1 < len(segments)
            and segments[end + 1].bold
            and not segments[end + 1].is_link
            and not segments[end].bold
            and segments[end + 1].text[:1].islower()
        )
    ):
        end += 1
    title = " ".join("".join(s.text or " " for s in segments[lead:end]).split())
    rest, rest_end = gather(segments, end)
    short = words(title) <= 3
    if rest.strip() and not _DASH.match(rest) and not is_detail_text(rest) and not is_prose(rest):
        colon = title.endswith((":", "：")) or rest.lstrip().startswith((":", "："))
        if colon and words(title) <= 5 and 2 <= words(rest) <= 25 and is_title_like(rest):
            joined = f"{title.rstrip(':： ')}: {rest.strip(' :：')}"
            return joined, lead, rest_end
        bracketed = re.fullmatch(r"\W*[\[(【].*[\])】]\W*", title)
        if (bracketed or short) and not colon and 3 <= words(rest) <= 25 and is_title_like(rest):
            return rest, lead, rest_end
    return title, lead, end


def is_title_like(text: str) -> bool:
    """Return whether `text` begins as titles do and is no description."""
    first = re.search(r"[^\W\d_]", text)
    return (
        bool(first and (first[0].isupper() or not first[0].islower())) and len(sentences(text)) <= 2
    )


def plain_title(segments: list[Segment], lead: int) -> tuple[str, int, int]:
    """Title in running text at `lead`, and where its text starts and ends."""
    text, end = gather(segments, lead)
    return _before_remarks(text), lead, end


def _before_remarks(text: str) -> str:
    """Text before two spaces, where what follows them is long prose and no more title."""
    head, gap, tail = (
        re.split(r"(\s{2,}(?=[A-Z]))", text.strip(), maxsplit=1)
        if re.search(r"\S\s{2,}(?=[A-Z])", text.strip())
        else (text, "", "")
    )
    return head if gap and words(tail) >= 12 and len(sentences(tail)) >= 1 and "." in tail else text


def gather(segments: list[Segment], start: int) -> tuple[str, int]:
    """Text from `start` to the next label or line, over lines that were only wrapped."""
    text = ""
    index = start
    labelled = any(_is_label(s) for s in segments[:start])
    while index < len(segments):
        segment = segments[index]
        if segment.is_break:
            following = next((s for s in segments[index + 1 :] if not s.is_break), None)
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
    return text[:MAX_TEXT].rstrip().rstrip("[(【"), index


def _ended(text: str) -> bool:
    """Whether a title may end here; words in italics also stand within titles."""
    return text.rstrip().endswith(tuple('.,:;?!)"”-–—|。，')) or "\n" in text[-3:]


def _continues(text: str, following: Segment, labelled: bool) -> bool:
    """Whether a line's end within a title was only wrapped."""
    if following.is_link or following.italic or following.bold or not text.strip():
        return not text.strip()
    if following.text.lstrip()[:1].islower():
        return True
    return (
        not labelled
        and not text.rstrip().endswith((".", "?", "!", ","))
        and not is_detail_text(following.text)
    )
