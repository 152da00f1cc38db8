"""Papers as CSL-JSON, the data of citation processors (Pandoc, Zotero, citeproc).

The fields are those of https://github.com/citation-style-language/schema; what has no field there
stands under ``custom``, as that schema has it.

=================== ================================================
CSL                 Paper
=================== ================================================
``type``            ``paper-conference`` with a venue,
                    ``article-journal`` with a journal reference
                    alone, else ``article`` (a preprint)
``id, title``       `id`, `title`
``author``          `authors`: ``family``, ``given`` and ``suffix``,
                    or ``literal`` where it cannot be split
``issued``          `published`, else `year`
``container-title`` `venue`
``abstract``        `abstract`
``DOI, URL``        `doi`, `url`
``archive``         ``arXiv``, with `arxiv_id` as
                    ``archive_location``
``version, note``   `version`, `comment`
``status``          ``withdrawn`` where it was
``categories``      `categories`
``keyword``         ids of its topics, joined by ``", "``
``annote``          the summary of its card
``custom``          ``journal_ref``, ``updated``, ``lists``, and
                    ``code``, the link to its code
=================== ================================================
"""

import json

from kg.export import names
from kg.export.excerpt import Excerpt
from kg.records import Paper


def csl_json(excerpt: Excerpt) -> str:
    """Return the papers as a CSL-JSON document, one array of items."""
    items = [_item(paper, excerpt) for paper in excerpt.papers]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _item(paper: Paper, excerpt: Excerpt) -> dict[str, object]:
    journal = "article-journal" if paper.journal_ref else "article"
    details = excerpt.known(paper.id)
    custom = {
        "journal_ref": paper.journal_ref,
        "updated": paper.updated and paper.updated.isoformat(),
        "lists": list(excerpt.lists.get(paper.id, ())),
        "code": details.code,
    }
    fields: dict[str, object] = {
        "id": paper.id,
        "type": "paper-conference" if paper.venue else journal,
        "title": paper.title,
        "author": [_author(name) for name in paper.authors if name.strip()],
        "issued": _issued(paper),
        "container-title": paper.venue,
        "abstract": paper.abstract,
        "DOI": paper.doi,
        "URL": paper.url,
        "archive": "arXiv" if paper.arxiv_id else None,
        "archive_location": paper.arxiv_id,
        "version": str(paper.version or ""),
        "note": paper.comment,
        "status": "withdrawn" if paper.withdrawn else None,
        "categories": list(paper.categories),
        "annote": details.summary,
        "keyword": ", ".join(excerpt.topics(paper.id)),
        "custom": {name: value for name, value in custom.items() if value},
    }
    return {name: value for name, value in fields.items() if value}


def _author(name: str) -> dict[str, str]:
    return {part: value for part, value in names.split(name)._asdict().items() if value}


def _issued(paper: Paper) -> dict[str, list[list[int]]] | None:
    if paper.published:
        day = paper.published
        return {"date-parts": [[day.year, day.month, day.day]]}
    return {"date-parts": [[paper.year]]} if paper.year is not None else None
