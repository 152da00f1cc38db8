"""Papers as RIS, which EndNote, Zotero, Mendeley and RefWorks read.

============ =================================================
RIS          Paper
============ =================================================
``TY``       ``CPAPER`` with a venue, ``JOUR`` with a journal
             reference alone, else ``GEN``
``ID``       `id`
``TI``       `title`
``AU``       `authors`, one a line, family name first
``PY, DA``   `year`, `published` (``YYYY/MM/DD/``)
``T2``       `venue`
``JF``       `journal_ref`
``AB``       `abstract`, with its line breaks
``DO, UR``   `doi`, `url`
``DB, AN``   ``arXiv`` and ``arXiv:`` with `arxiv_id`
``ET``       `version`
``N1``       `comment`
``LK``       the link to its code
``RN``       the summary of its card
``KW``       ids of its topics, one a line
``U1``       `categories`, one a line, primary first
``U2``       `updated`
``U3``       names of the lists that name it, one a line
``U4``       ``withdrawn`` where it was
============ =================================================
"""

from collections.abc import Iterator

from kg.export import names
from kg.export.excerpt import Excerpt
from kg.export.text import one_line
from kg.records import Paper


def ris(excerpt: Excerpt) -> str:
    """Return the papers as a RIS file.

    A value stands on one line; an abstract of several lines has each on a line of its own, the
    later ones indented, without its blank lines.
    """
    records = (
        "".join(f"{tag}  - {value}\n" for tag, value in _lines(paper, excerpt) if value)
        for paper in excerpt.papers
    )
    return "\n".join(record + "ER  - \n" for record in records)


def _lines(paper: Paper, excerpt: Excerpt) -> Iterator[tuple[str, str]]:
    yield "TY", "CPAPER" if paper.venue else "JOUR" if paper.journal_ref else "GEN"
    yield "ID", one_line(paper.id)
    yield "TI", one_line(paper.title)
    for name in paper.authors:
        yield "AU", names.split(name).sorted
    yield "PY", f"{paper.year:04}" if paper.year is not None else ""
    yield "DA", paper.published.isoformat().replace("-", "/") + "/" if paper.published else ""
    yield "T2", one_line(paper.venue)
    yield "JF", one_line(paper.journal_ref)
    yield "AB", _paragraphs(paper.abstract or "")
    yield "DO", paper.doi or ""
    yield "UR", one_line(paper.url)
    if paper.arxiv_id:
        yield "DB", "arXiv"
        yield "AN", f"arXiv:{paper.arxiv_id}"
    yield "ET", str(paper.version or "")
    yield "N1", one_line(paper.comment)
    details = excerpt.known(paper.id)
    yield "LK", details.code or ""
    yield "RN", one_line(details.summary)
    for topic in excerpt.topics(paper.id):
        yield "KW", topic
    for category in paper.categories:
        yield "U1", one_line(category)
    yield "U2", paper.updated.isoformat() if paper.updated else ""
    for name in excerpt.lists.get(paper.id, ()):
        yield "U3", one_line(name)
    yield "U4", "withdrawn" if paper.withdrawn else ""


def _paragraphs(text: str) -> str:
    # The indent keeps a line such as "ER  - " of the abstract from being read as a tag.
    lines = (one_line(line) for line in text.splitlines())
    return "\n      ".join(line for line in lines if line)
