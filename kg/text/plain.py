"""Plain text that any terminal, browser, JSON or XML reader can take."""

import json
import re
from typing import Any, Final
from urllib.parse import urlsplit

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters (C0, DEL, C1), bidirectional overrides and isolates, tags, and noncharacters.
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)


NOT_IN_XML: Final = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Pattern of a character that no XML document may hold, escaped or not, compiled where it is used
(https://www.w3.org/TR/xml/#charsets)."""


def plain_text(text: str) -> str:
    """Replace each unpaired surrogate, which no encoding can write, by a question mark.

    They come from terminals that are not UTF-8, and from JSON.

    >>> plain_text("model \\ud800 soups")
    'model ? soups'
    """
    return text if text.isascii() else text.encode(errors="replace").decode()


def without_controls(text: str) -> str:
    r"""Remove control characters; turn line ends into line feeds.

    Examples
    --------
    >>> without_controls("model\x1b[31m \u202esoups\x00\r\nand more")
    'model[31m soups\nand more'
    """
    if text.isprintable() and text.isascii():
        return text
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def document_without_controls(document: Any) -> Any:
    r"""Apply `without_controls` to each text of a JSON document.

    Examples
    --------
    >>> document_without_controls({"titles": ["model\u202e soups"], "year": 2022})
    {'titles': ['model soups'], 'year': 2022}
    """
    if isinstance(document, str):
        return without_controls(document)
    if isinstance(document, dict):
        return {
            document_without_controls(name): document_without_controls(value)
            for name, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [document_without_controls(value) for value in document]
    return document


def json_text(document: object, ascii_only: bool = False) -> str:
    r"""Return a document as JSON for a terminal: control characters are escaped.

    With `ascii_only`, so is all that is not ASCII.

    Examples
    --------
    >>> print(json_text("\u202eé"))
    "\u202eé"
    """
    text = json.dumps(document, ensure_ascii=ascii_only, indent=2)
    return _CONTROLS.sub(lambda found: json.dumps(found[0])[1:-1], text)


def web_address(url: str | None) -> str | None:
    """Return a web address, or None where a link is none: a script, a file, data.

    >>> web_address("https://arxiv.org/abs/2203.05482")
    'https://arxiv.org/abs/2203.05482'
    >>> web_address("javascript:alert(1)")
    """
    if not url:
        return None
    try:
        return url if urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None
