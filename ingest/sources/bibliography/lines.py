"""A plain list of papers: ids, links, DOIs, titles or whole references, one in a line."""

import re
from dataclasses import replace

from ingest.sources.bibliography.reference import (
    MAX_FIELD_CHARS,
    BibEntry,
    Bibliography,
    arxiv_id_in,
)
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi

_BULLET = re.compile(r"\s*(?:[-*+•·‣–]|\[?\d{1,4}[.)\]])\s+")
_HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)
_MARKED = re.compile(r"\[((?:\\.|[^\[\]\\])+)\]\([^()\s]+\)|\*\*((?:\\.|[^*\\])+)\*\*")
"""A title that Markdown marks: as a link, or in bold."""


def are_identifiers(text: str) -> bool:
    """Return whether each line that says something has an arXiv id or a DOI.

    >>> are_identifiers("2203.05482\\n\\nhttps://doi.org/10.1000/x"), are_identifiers("Prose.")
    (True, False)
    """
    lines = [line[:MAX_FIELD_CHARS] for line in text.splitlines() if line and not line.isspace()]
    return bool(lines) and all(arxiv_id_in(line) or parse_doi(line) for line in lines)


def count(text: str) -> int:
    """Return how many lines say something, without parsing it."""
    return sum(1 for line in text.splitlines() if line and not line.isspace())


def parse(text: str) -> Bibliography:
    """Parse a list of one paper a line; bullets, numbers and empty lines are skipped.

    Examples
    --------
    >>> found = parse("- https://arxiv.org/abs/2203.05482v2\\n\\n2. Model soups")
    >>> [(one.entry.arxiv_id, one.entry.title) for one in found.references]
    [('2203.05482', ''), (None, 'Model soups')]
    """
    references = []
    # In a Markdown list, what is not an item is a heading or says something of those below.
    items_only = bool(_HEADING.search(text))
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        item = line[:MAX_FIELD_CHARS]
        bullet = _BULLET.match(item)
        name = item[bullet.end() if bullet else 0 :].strip()
        if (items_only and not bullet) or not any(c.isalnum() for c in name):
            continue
        # A few ids may stand in one line, with commas or spaces between them.
        ids = [parse_arxiv_id(word) for word in re.split(r"[\s,;]+", name)]
        if len(ids) > 1 and all(ids):
            references += [BibEntry.of(one, "", places=[one], line=number) for one in ids if one]
        else:
            references.append(_reference(name, number))
    return Bibliography("list of papers", tuple(references))


def _reference(name: str, line: int) -> BibEntry:
    arxiv_id = arxiv_id_in(name)
    doi = None if arxiv_id else parse_doi(name)
    if arxiv_id or doi:
        # What stands around an id is no title to check it by.
        made = BibEntry.of(name, "", places=[arxiv_id or ""], dois=[doi or ""], line=line)
    elif marked := _MARKED.match(name):
        title = re.sub(r"\\(.)", r"\1", marked[1] or marked[2])
        return BibEntry.of(name, title, line=line)
    else:
        made = BibEntry.of(name, name.strip("\"'“”„«».,; "), line=line)
    return replace(made, running=True)
