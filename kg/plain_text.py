"""Text that every program takes for text."""


def plain_text(text: str) -> str:
    """Return a text in which each half of a surrogate pair, no text for anyone, is a question mark.

    Such halves come from terminals that are not UTF-8, and from JSON.

    >>> plain_text("model \\ud800 soups")
    'model ? soups'
    """
    return text.encode(errors="replace").decode()
