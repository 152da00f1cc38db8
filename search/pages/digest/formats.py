"""The formats of a digest: one record each, from which command, delivery and tests take them.

Importing this module imports no writer, so that it costs nothing to name the formats.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.errors import BadRequest
from kg.text.plain import document_without_controls, json_text, plain_text, without_controls

if TYPE_CHECKING:
    from search.pages.digest.digest import Digest


@dataclass(frozen=True, slots=True)
class DigestFormat:
    """A form in which a digest is written."""

    name: str
    """What the command calls it."""
    write: "Callable[[Digest], str]"
    """Returns the whole file; `render` takes out control characters."""
    suffixes: tuple[str, ...]
    """Ends of the names of files that are written in it."""


def _text(digest: "Digest") -> str:
    from search.pages.digest.text_mail import text_mail

    return text_mail(digest)


def _markdown(digest: "Digest") -> str:
    from search.pages.digest.markdown import markdown

    return markdown(digest)


def _html(digest: "Digest") -> str:
    from search.pages.digest.html_mail import html_mail

    return html_mail(digest)


def _json(digest: "Digest") -> str:
    from search.pages.digest.document import document

    return json_text(document_without_controls(document(digest))) + "\n"


FORMATS: Final[Mapping[str, DigestFormat]] = {
    one.name: one
    for one in (
        DigestFormat("text", _text, (".txt",)),
        DigestFormat("markdown", _markdown, (".md", ".markdown")),
        DigestFormat("html", _html, (".html", ".htm")),
        DigestFormat("json", _json, (".json",)),
    )
}
"""By name, in the order in which they are listed."""

SUFFIXES: Final = tuple(suffix for one in FORMATS.values() for suffix in one.suffixes)
"""Ends of file names that mean a format."""


def of_file(name: str) -> DigestFormat | None:
    """Return the format that the end of a file's name means, or None.

    >>> of_file("News.HTML").name
    'html'
    """
    lower = name.lower()
    return next((one for one in FORMATS.values() if lower.endswith(one.suffixes)), None)


def chosen(name: str | None, file: Path | None) -> DigestFormat:
    """Return the format of a name, or else that of a file, or else text.

    Raises
    ------
    BadRequest
        If there is no such format, or the file's name means none.
    """
    if name is not None:
        if name not in FORMATS:
            raise BadRequest(f"unknown format {name!r}", f"use {', '.join(FORMATS)}")
        return FORMATS[name]
    if file is None:
        return FORMATS["text"]
    if (found := of_file(file.name)) is None:
        raise BadRequest(f"the name {file.name} says no format", f"end it in {', '.join(SUFFIXES)}")
    return found


def render(form: DigestFormat, digest: "Digest") -> str:
    """Return a digest in a form, without control characters."""
    return plain_text(without_controls(form.write(digest)))
