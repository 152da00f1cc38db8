"""Titles and abstracts as HTML: LaTeX becomes words and formulas, everything else is escaped."""

from functools import lru_cache
from re import compile as pattern
from typing import Final

from markupsafe import Markup, escape

from ui.text.latex_html import LatexText

MAX_TEXT_CHARS: Final = 20_000
"""Longer texts are escaped only; abstracts have 6,000 characters at most."""

_LATEX = pattern(r"[\\$~]|--|``")
_ADDRESS = pattern("https?://")


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
