"""A paper from the fields of an arXiv record, the same whichever way the record came."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import orjson

from ingest.sources.arxiv import dump
from kg.entities import Paper
from kg.errors import BadSource

_NAME: Final = "arXiv"


def paper(
    fields: Mapping[str, object], version: int | None = None, withdrawn: bool = False
) -> Paper:
    """Return the paper of a record.

    The metadata snapshot, the API and OAI-PMH give the same facts with other line breaks and
    accents. All pass the reader of snapshots, so that a paper's text, and with it its vector,
    does not change with the way on which it came.

    Parameters
    ----------
    fields : mapping of str to object
        Named as in arXiv's metadata snapshot; see `ingest.sources.arxiv.dump`.
    version : int, optional
        Number of this version.
    withdrawn : bool
        True where the source says so by other means than words.

    Raises
    ------
    ValueError
        If there is no id or no title, or a field is not what it should be.

    Examples
    --------
    >>> found = paper({"id": "2001.00001v2", "title": "On  Ants", "comments": "withdrawn"}, 2)
    >>> found.id, found.title, found.version, found.withdrawn
    ('2001.00001', 'On Ants', 2, True)
    """
    try:
        found = dump.parse_line(orjson.dumps(dict(fields)), _NAME, 1)
    except BadSource as error:
        raise ValueError(error.message.removeprefix(f"{_NAME}:1: ")) from error
    return replace(found, version=version, withdrawn=withdrawn or found.withdrawn)


def version_of(identifier: str) -> int | None:
    """Return the version that an id or a link ends with.

    Examples
    --------
    >>> version_of("http://arxiv.org/abs/hep-th/9901001v12")
    12
    """
    match = re.search(r"\dv(\d{1,4})$", identifier.strip())
    return int(match[1]) if match else None
