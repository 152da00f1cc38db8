"""Titles and abstracts as they are meant: LaTeX becomes words and formulas, all else is escaped."""

from functools import lru_cache
from re import compile as pattern
from typing import Final

from markupsafe import Markup, escape

from ui.text.latex_html import LatexText

LONGEST: Final = 20_000
"""Characters of the longest text in which LaTeX is looked for; abstracts have 6,000 at most."""

_LATEX = pattern(r"[\\$~]|--|``")
_ADDRESS = pattern("https?://")


def with_mathematics(text: str | None, links: bool = False) -> Markup:
    r"""Return text from outside as HTML: formulas as MathML, what LaTeX says of words as said.

    Parameters
    ----------
    text : str or None
        A title, an abstract, a sentence of one.
    links : bool
        True to make links of web addresses; within a link there can be none.

    Examples
    --------
    >>> with_mathematics(r"G\"odel \& <b>")
    Markup('Gödel &amp; &lt;b&gt;')
    >>> with_mathematics("$x$ for $5")
    Markup('<math><mrow><mi>x</mi></mrow></math> for $5')
    """
    text = text or ""
    plain = not _LATEX.search(text) and not (links and _ADDRESS.search(text))
    if plain or len(text) > LONGEST:
        return escape(text)
    return _read(text, links)


@lru_cache(maxsize=1024)
def _read(text: str, links: bool) -> Markup:
    return LatexText(text, links).markup()
