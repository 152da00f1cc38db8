"""Titles and abstracts as HTML: LaTeX becomes words and formulas, everything else is escaped."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from kg.text.latex.parser import Formula, Hyperlink, Part, Styled, parse
from ui.text.formulas import formula

MAX_TEXT_CHARS: Final = 20_000
"""Longer texts are escaped only; abstracts have 6,000 characters at most."""

MAX_FORMULAS: Final = 300
"""Formulas of one text; further ones are shown as their source."""

_LATEX = re.compile(r"[\\$~]|--|``")
_ADDRESS = re.compile("https?://")
_ELEMENTS = {
    name: Markup("<{0}>{{}}</{0}>").format(name) for name in ("em", "strong", "code", "sup", "sub")
}


def with_mathematics(text: str | None, links: bool = False) -> Markup:
    r"""Return untrusted text as HTML: formulas as MathML, other LaTeX as plain words.

    Parameters
    ----------
    text : str or None
        A title, an abstract, or a sentence of one.
    links : bool
        True to make links of web addresses; HTML allows none within a link.

    Examples
    --------
    >>> with_mathematics(r"G\"odel \& <b>")
    Markup('Gödel &amp; &lt;b&gt;')
    >>> with_mathematics("$x$ for $5")
    Markup('<math><mrow><mi>x</mi></mrow></math> for $5')
    """
    text = text or ""
    plain = not _LATEX.search(text) and not (links and _ADDRESS.search(text))
    if plain or len(text) > MAX_TEXT_CHARS:
        return escape(text)
    return _read(text, links)


@lru_cache(maxsize=1024)
def _read(text: str, links: bool) -> Markup:
    return LatexText(text, links).markup()


class LatexText:
    """A parsed text; see `with_mathematics`."""

    def __init__(self, text: str, links: bool = False) -> None:
        self._parts = parse(text)
        self._links = links
        self._formulas = 0

    def markup(self) -> Markup:
        """Return the text as HTML; unknown LaTeX is shown escaped."""
        self._formulas = 0
        return self._joined(self._parts)

    def _joined(self, parts: Iterable[Part]) -> Markup:
        return Markup("").join(map(self._part, parts))

    def _part(self, part: Part) -> Markup:
        match part:
            case str():
                return escape(part)
            case Styled(element, parts):
                return Markup(_ELEMENTS[element]).format(self._joined(parts))
            case Hyperlink(address, parts):
                return self._link(address, self._joined(parts))
            case Formula():
                return self._formula(part)

    def _link(self, address: str, words: Markup) -> Markup:
        if not self._links or not _is_web_address(address):
            return words
        return Markup('<a href="{}" rel="noopener nofollow">{}</a>').format(address, words)

    def _formula(self, found: Formula) -> Markup:
        self._formulas += 1
        if not found.source or self._formulas > MAX_FORMULAS:
            made = Markup("<code>{}</code>").format(found.source)
        else:
            made = formula(found.source, found.display)
        # Keep a formula on one line with the punctuation around it: browsers may break before it.
        alone = made.startswith("<math>") and made.count("<math>") == 1
        if alone and found.before + found.after:
            whole = Markup('<span class="whole">{}{}{}</span>')
            return whole.format(found.before, made, found.after)
        return escape(found.before) + made + escape(found.after)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
