"""Doors out of the atlas: papers in the forms that other programs read."""

import re
import string
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from kg.entities import Paper
from kg.errors import AtlasError
from kg.identifiers import normalised_title
from kg.whole_file import replace_file

# What has a meaning in LaTeX; letters of any script stay as they are (UTF-8). BibTeX counts a
# brace even after a backslash, hence the names.
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\lbrace{}",
        "}": r"\rbrace{}",
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "_": r"\_",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_NOT_IN_ADDRESSES = '{}\\"'
_MATH = re.compile(r"(\$[^$]+\$)")


def bibtex(papers: Iterable[Paper]) -> str:
    """Return the papers as a BibTeX file.

    Papers on arXiv get `eprint`, `archiveprefix` and `primaryclass`; those with a venue are
    ``inproceedings``, others ``misc``. Keys are surname, year and the title's first telling word,
    with a number where two would be the same.

    Parameters
    ----------
    papers : iterable of Paper

    Returns
    -------
    str
        Ends with a newline unless there is no paper.
    """
    used: dict[str, int] = {}
    return "\n".join(_entry(paper, _key(paper, used)) for paper in papers)


def _key(paper: Paper, used: dict[str, int]) -> str:
    surname = normalised_title(paper.authors[0]).split()[-1:] if paper.authors else []
    words = normalised_title(paper.title).split()
    telling = [word for word in words if len(word) > 3] or words or ["paper"]
    parts = [*(surname or ["anonymous"]), str(paper.year or ""), telling[0]]
    # Keys are ASCII for the sake of old BibTeX; a name in another script leaves year and word.
    key = "".join(c for c in "".join(parts) if c in string.ascii_lowercase + string.digits)
    key = key or "paper"
    count = used[key] = used.get(key, 0) + 1
    if count == 1:
        return key
    return f"{key}-{count}"


def _entry(paper: Paper, key: str) -> str:
    fields = {
        "title": "{" + _text(paper.title) + "}",
        "author": " and ".join(_author(name) for name in paper.authors if name.strip()),
        "year": str(paper.year or ""),
        "booktitle": _text(paper.venue or ""),
        "doi": _address(paper.doi or ""),
        "eprint": _address(paper.arxiv_id or ""),
        "archiveprefix": "arXiv" if paper.arxiv_id else "",
        "primaryclass": _address("".join(paper.categories[:1])) if paper.arxiv_id else "",
        "url": _address(paper.url or ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    kind = "inproceedings" if paper.venue else "misc"
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _text(text: str) -> str:
    parts = _MATH.split(" ".join(text.split()))
    return "".join(
        part if number % 2 and _balanced(part) else part.translate(_LATEX)
        for number, part in enumerate(parts)
    )


def _balanced(text: str) -> bool:
    depth = 0
    for c in text:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return False
    return depth == 0


def _address(text: str) -> str:
    # Programs take links and identifiers as they are; only what would end the field may not be.
    return "".join(quote(c) if c in _NOT_IN_ADDRESSES or c.isspace() else c for c in text)


def _author(name: str) -> str:
    # Braces keep an "and" within a group's name from splitting it, and "others" from being many.
    text = _text(name)
    return f"{{{text}}}" if re.search(r"\band\b|\bothers\b|,", text, re.IGNORECASE) else text


FORMATS: Mapping[str, Callable[[Iterable[Paper]], str]] = {"bibtex": bibtex}
"""Format name -> writer."""


def write(path: Path, text: str) -> None:
    """Write `text` to `path` whole or not at all.

    A device or pipe is written to as it is; of a link, the file it leads to is replaced.

    Raises
    ------
    AtlasError
        If the file cannot be written.
    """
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        replace_file(path, text.encode(), mode=0o644)
    except OSError as error:
        raise AtlasError(
            f"cannot write {path}: {error.strerror}", "choose a folder that exists and has space"
        ) from error
