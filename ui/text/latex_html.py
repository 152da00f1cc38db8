"""Text with LaTeX as HTML: styled words, formulas as MathML, everything else escaped."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from kg.text.latex.parser import Formula, Hyperlink, Part, Styled, parse
from ui.text.formulas import formula

MAX_FORMULAS: Final = 300
"""Formulas of one text; further ones are shown as their source."""

_ELEMENTS = {
    name: Markup("<{0}>{{}}</{0}>").format(name) for name in ("em", "strong", "code", "sup", "sub")
}


class LatexText:
    """A parsed text.

    Parameters
    ----------
    links : bool
        True to make links of web addresses; HTML allows none within a link.
    """

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
