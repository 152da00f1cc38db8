"""Papers as BibTeX, for LaTeX and reference managers.

===================================== =============================================
BibTeX                                Paper
===================================== =============================================
entry                                 ``inproceedings`` with a venue, else ``misc``
``title, author, year``               `title`, `authors`, `year`
``booktitle``                         `venue`
``howpublished``                      `journal_ref`
``eprint, archiveprefix``             `arxiv_id` and ``arXiv``
``primaryclass, categories``          the first of `categories`, and all of them
``doi, url, version``                 `doi`, `url`, `version`
``date, updated``                     `published`, `updated`
``note``                              `comment`
``pubstate``                          ``withdrawn`` where it was
``keywords``                          ids of its topics
``annote``                            the summary of its card
``code``                              the link to its code
``abstract``                          `abstract`, as one paragraph
===================================== =============================================

Characters that are LaTeX commands are escaped, letters of any script stay as they are (UTF-8), and
mathematics of which every command is known stands between dollars (`kg.text.latex.writer`).
"""

import re
import string
from collections import Counter
from urllib.parse import quote

from kg.export.excerpt import Excerpt
from kg.export.text import one_line
from kg.ids.titles import normalised_title
from kg.records import Paper
from kg.store.details import Details
from kg.text.latex.plain import decoded
from kg.text.latex.writer import latex_text

_NOT_IN_URLS = '{}\\"'


def bibtex(excerpt: Excerpt) -> str:
    """Return the papers as a BibTeX file.

    Keys are surname, year and the first word of the title with more than three letters, or that
    word and the year where no author is known, with a number where two would be the same.
    """
    used: Counter[str] = Counter()
    return "\n".join(
        _entry(paper, _key(paper, used), excerpt.topics(paper.id), excerpt.known(paper.id))
        for paper in excerpt.papers
    )


def _key(paper: Paper, used: Counter[str]) -> str:
    surname = normalised_title(paper.authors[0]).split()[-1:] if paper.authors else []
    words = normalised_title(paper.title).split()
    long_words = [word for word in words if len(word) > 3] or words or ["paper"]
    # Without an author the title comes first.
    year = str(paper.year or "")
    parts = [*surname, year, long_words[0]] if surname else [long_words[0], year]
    # Old BibTeX takes ASCII keys only; a name in another script leaves year and word.
    key = "".join(c for c in "".join(parts) if c in string.ascii_lowercase + string.digits)
    key = key or "paper"
    used[key] += 1
    return key if used[key] == 1 else f"{key}-{used[key]}"


def _entry(paper: Paper, key: str, topics: tuple[str, ...], details: Details) -> str:
    fields = {
        "title": "{" + _text(paper.title) + "}",
        "author": " and ".join(_author(name) for name in paper.authors if name.strip()),
        "year": str(paper.year or ""),
        "booktitle": _text(paper.venue or ""),
        "doi": _url(paper.doi or ""),
        "eprint": _url(paper.arxiv_id or ""),
        "archiveprefix": "arXiv" if paper.arxiv_id else "",
        "primaryclass": _url("".join(paper.categories[:1])) if paper.arxiv_id else "",
        "categories": ", ".join(map(_text, paper.categories)),
        "url": _url(paper.url or ""),
        "date": paper.published.isoformat() if paper.published else "",
        "updated": paper.updated.isoformat() if paper.updated else "",
        "version": str(paper.version or ""),
        "howpublished": _text(paper.journal_ref or ""),
        "note": _prose(paper.comment or ""),
        "pubstate": "withdrawn" if paper.withdrawn else "",
        "keywords": ", ".join(topics),
        "annote": _prose(details.summary or ""),
        "code": _url(details.code or ""),
        "abstract": _prose(paper.abstract or ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    kind = "inproceedings" if paper.venue else "misc"
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _text(text: str) -> str:
    return latex_text(one_line(text))


def _prose(text: str) -> str:
    # Abstracts and comments are stored with their LaTeX; here they are plain words.
    return _text(decoded(one_line(text)))


def _url(text: str) -> str:
    # Programs read links and identifiers verbatim; only what would end the field is encoded.
    return "".join(quote(c) if c in _NOT_IN_URLS or c.isspace() else c for c in text)


def _author(name: str) -> str:
    # Braces keep BibTeX from reading an "and", a comma or "others" in a group's name.
    text = _text(name)
    return f"{{{text}}}" if re.search(r"\band\b|\bothers\b|,", text, re.IGNORECASE) else text
