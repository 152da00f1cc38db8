"""Links of a list's entry beside that to the paper: code, models, data, pages, videos, slides."""

import re
from collections.abc import Sequence

from ingest.links.kinds import BORROWED, as_link, is_code_host, is_framework, label_kind
from ingest.sources.lists.links import Inline, Role, is_paper_url
from kg.links import Link, LinkKind, names_paper

# "Code:" or "Project page:" before an address.
_KEY = re.compile(r"([^\W\d_][\w\s\-]{1,30})[:：]\s*[\[(]?\s*$")
_BRACKETS = re.compile(r"^[\s\]\})】）]*[(\[（]\s*([^()\[\]（）]{1,40})[)\]）]")
_WHOSE = re.compile(
    r"\b((?:un|non-?)?official|third[- ]party|re-?implement\w*)\b[\w\s\-]{0,30}[\[(:：\s]*$", re.I
)
_OVERVIEW = re.compile(r"survey|review|overview|tutorial|roadmap|perspective|challenges", re.I)
_ATTACHED = re.compile(r"\.(?:zip|tgz|gz|tar|7z)$", re.IGNORECASE)


def entry_links(
    title: str, own: str | None, anchor: Inline | None, rest: Sequence[Inline]
) -> tuple[Link, ...]:
    """Return the links of an entry, each once, in its order.

    Left out are links to the paper, to what its work builds on, and to frameworks.

    Parameters
    ----------
    own : str or None
        Link to the paper itself.
    anchor : Inline or None
        The title's link.
    rest : sequence of Inline
        What surrounds the title.
    """
    made: list[Link | None] = []
    if anchor is not None and anchor.url != own and not is_paper_url(anchor.url or ""):
        made.append(as_link(anchor.url or ""))
    for index, segment in enumerate(rest):
        before = _text(rest, index - 1)
        if BORROWED.search(before):
            continue
        if segment.repository:
            made.append(as_link(segment.repository))
        if segment.url and segment.url != own:
            made.append(_link(segment, before, _text(rest, index + 1), title))
    found: dict[tuple[LinkKind, str], Link] = {}
    for link in made:
        if link and not _of_others(link, title):
            at = (link.kind, link.url.lower())
            if at not in found or (found[at].official is None and link.official is not None):
                found[at] = link
    return tuple(found.values())


def _text(segments: Sequence[Inline], index: int) -> str:
    """Return the text of a segment; none of a link or a break."""
    if not 0 <= index < len(segments) or segments[index].is_link:
        return ""
    return segments[index].text


def _link(segment: Inline, before: str, after: str, title: str) -> Link | None:
    url = segment.url or ""
    if "//" not in url and not url.startswith("git@"):
        return None
    role, label = segment.role, segment.label
    labels = [label if role is not Role.TITLE else "", segment.header]
    key = _KEY.search(before)
    labels.append(key[1] if key else "")
    label = next((one for one in labels if label_kind(one)), "")
    if role is Role.TITLE and not label and not names_paper(url, title):
        return None
    whose, behind = _WHOSE.search(before), _BRACKETS.search(after)
    about = [segment.label if role is not Role.TITLE else ""]
    about += [found[1] for found in (whose, behind) if found]
    link = as_link(url, label, " ".join(about))
    if link and is_paper_url(url):
        # A publisher's host has slides, videos and archives beside papers.
        beside = link.kind in (LinkKind.SLIDES, LinkKind.VIDEO) or _ATTACHED.search(url)
        return link if beside and label else None
    return link


def _of_others(link: Link, title: str) -> bool:
    """Return whether a link is a framework's, or a reading list's that no overview comes with."""
    if names_paper(link.url, title):
        return False
    reading_list = link.kind is LinkKind.PROJECT and is_code_host(link.url)
    return is_framework(link.url) or (reading_list and not _OVERVIEW.search(title))
