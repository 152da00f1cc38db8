"""A plain list of papers: ids, links, DOIs, titles or whole references, one in a line."""

import re
from dataclasses import replace

from ingest.sources.reference import Reference, References
from kg import identifiers

_BULLET = re.compile(r"\s*(?:[-*+•·‣–]|\[?\d{1,4}[.)\]])\s+")
_LONGEST = 2_000


def parse(text: str) -> References:
    """Return what each line names; bullets, numbers and empty lines are passed over.

    Examples
    --------
    >>> found = parse("- https://arxiv.org/abs/2203.05482v2\\n\\n2. Model soups")
    >>> [(one.entry.arxiv_id, one.entry.title) for one in found.references]
    [('2203.05482', ''), (None, 'Model soups')]
    """
    references = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        name = _BULLET.sub("", line[:_LONGEST], count=1).strip()
        if not any(character.isalnum() for character in name):
            continue
        # A few ids may stand in one line, with commas or spaces between them.
        ids = [identifiers.arxiv_id(word) for word in re.split(r"[\s,;]+", name)]
        if len(ids) > 1 and all(ids):
            references += [Reference.of(one, "", arxiv_id=one, line=number) for one in ids if one]
            continue
        arxiv_id = identifiers.arxiv_id(name) or identifiers.cited_arxiv_id(name)
        doi = None if arxiv_id else identifiers.doi(name)
        # What stands around an id is no title to check it by.
        title = "" if arxiv_id or doi else name.strip("\"'“”„«».,; ")
        made = Reference.of(name, title, arxiv_id=arxiv_id, doi=doi, line=number)
        references.append(replace(made, running=True))
    return References("list of papers", tuple(references))
