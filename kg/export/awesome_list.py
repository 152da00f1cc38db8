"""Papers as an awesome list: Markdown with a heading for each topic."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from kg.export.excerpt import Excerpt
from kg.export.text import one_line
from kg.ids.arxiv_id import arxiv_link
from kg.ids.doi import doi_link
from kg.ids.topic_ids import innermost
from kg.records import Paper

MAX_NAMED_AUTHORS = 3
"""Of more authors, an entry names the first and "et al."."""

# Characters that are markup within a line of Markdown.
_MARKUP = re.compile(r"([\\`*_\[\]<>|~])|&(?=#?\w+;)")
_WITHOUT_TOPIC = "Other papers"


def awesome_list(excerpt: Excerpt, title: str = "Learn From Model") -> str:
    """Return the papers as a Markdown list under the headings of their topics.

    A paper stands under each of its topics, except those above another of them.
    Entries are sorted newest first; a topic without papers has no heading.

    Parameters
    ----------
    excerpt : Excerpt
        Of an excerpt by topic, only that topic and those below it get headings, and papers of
        other topics alone are left out.
    title : str
        Heading of the whole.
    """
    taxonomy, topic = excerpt.taxonomy, excerpt.topic
    under = _under(excerpt)
    wanted = taxonomy.descendants(topic) if topic else tuple(taxonomy)
    lines = [f"# {escaped(title)}", ""]
    for one in wanted:
        if not any(under.get(below.id) for below in taxonomy.descendants(one.id)):
            continue
        depth = min(len(taxonomy.ancestors(one.id)) + 2, 6)
        lines += [f"{'#' * depth} {escaped(one.name)}", "", escaped(one.definition), ""]
        lines += _entries(under.get(one.id, ()), excerpt)
    if not topic and under.get(""):
        lines += [f"## {_WITHOUT_TOPIC}", "", *_entries(under[""], excerpt)]
    return "\n".join(lines).rstrip("\n") + "\n"


def entry(paper: Paper, code: str | None = None) -> str:
    """Return one entry without its bullet: ``[Title](link) - Authors. *Venue Year* [[code](..)]``.

    Parameters
    ----------
    code : str, optional
        The link to its code.

    Examples
    --------
    >>> entry(Paper("2203.05482", "Model soups", ("Mitchell Wortsman",), arxiv_id="2203.05482",
    ...     venue="ICML", year=2022))
    '[Model soups](https://arxiv.org/abs/2203.05482) - Mitchell Wortsman. *ICML 2022*'
    """
    title = escaped(paper.title) or "Untitled"
    found = link(paper)
    parts = [f"[{title}]({found})" if found else f"**{title}**"]
    if names := authors(paper.authors):
        parts.append("- " + escaped(names) + ("" if names.endswith(".") else "."))
    year = f"{paper.year:04}" if paper.year is not None else ""
    if venue := escaped(paper.venue or ""):
        # Venue and year together, so that `lfm read` recognises an unknown venue.
        dated = f"*{venue} {year}".rstrip() + "*"
        parts.append(dated if parts[1:] else f"- {dated}")
    elif year:
        parts.append(f"({year})")
    if code:
        parts.append(f"[[code]({safe_address(code)})]")
    return " ".join(parts)


def link(paper: Paper) -> str:
    """Return the best URL of a paper, safe in a Markdown link; empty where it has none."""
    address = paper.url or ""
    if not address and paper.arxiv_id:
        address = arxiv_link(paper.arxiv_id)
    if not address and paper.doi:
        address = doi_link(paper.doi)
    return safe_address(address)


def safe_address(address: str) -> str:
    """Return a URL without the characters that would end a Markdown link.

    >>> safe_address("https://example.org/a (b)")
    'https://example.org/a%20%28b%29'
    """
    return re.sub(r"[\s()<>\\\x00-\x1f|]", lambda found: quote(found[0]), address.strip())


def authors(names: Sequence[str]) -> str:
    """Return authors as an entry names them: all, or the first and "et al."."""
    known = [named for name in names if (named := one_line(name))]
    if len(known) > MAX_NAMED_AUTHORS:
        return f"{known[0]} et al."
    return ", ".join(known)


def escaped(text: str) -> str:
    """Return a text on one line, with Markdown escaped."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def _under(excerpt: Excerpt) -> dict[str, list[Paper]]:
    """Return papers by topic, newest first; those without a known topic under ``""``."""
    found: dict[str, list[Paper]] = {}
    by_age = sorted(excerpt.papers, key=lambda one: (str(one.appeared or ""), one.id))
    for paper in reversed(by_age):
        topics = [topic for topic in excerpt.topics(paper.id) if topic in excerpt.taxonomy]
        for topic in innermost(topics) or [""]:
            found.setdefault(topic, []).append(paper)
    return found


def _entries(papers: Sequence[Paper], excerpt: Excerpt) -> list[str]:
    lines = [f"- {entry(paper, excerpt.known(paper.id).code)}" for paper in papers]
    return [*lines, ""] if lines else []
