"""Quotations in a line of a reading list, nested ones included."""

OPENING = "«「『„"
CLOSING = "»」』"
# Marks that open where text follows and none precedes them, whichever way they are bent.
EITHER = '"“”'
# Marks at which a citation is split, and stand-ins for them of one character each.
_MARKS = ".,:;?!-–—|/·()[]。，？！：；"
_HIDE = {ord(mark): 0xE000 + index for index, mark in enumerate(_MARKS)}
_SHOW = {0xE000 + index: mark for index, mark in enumerate(_MARKS)}


def quotations(text: str) -> list[tuple[int, int]]:
    """Return where the outermost quotations of `text` start and end, their marks included.

    Examples
    --------
    >>> quotations('"Lost in the "Middle"" and "Found"')
    [(0, 22), (27, 34)]
    """
    return _scan(text)[0]


def has_open_quotation(text: str) -> bool:
    """Return whether `text` opens a quotation that it does not close."""
    return _scan(text)[1]


def _scan(text: str) -> tuple[list[tuple[int, int]], bool]:
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for index, mark in enumerate(text):
        if mark in OPENING or (mark in EITHER and _opens(text, index)):
            opened.append(index)
        elif opened and (mark in CLOSING or mark in EITHER):
            start = opened.pop()
            if not opened:
                found.append((start, index + 1))
    return found, bool(opened)


def _opens(text: str, index: int) -> bool:
    """Whether a mark that may open or close opens."""
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    if not after or after.isspace() or after in ".,;:?!)]}”":
        return False
    return not before or not (before.isalnum() or before in ".?!)]}”…")


def hide_quoted(text: str) -> str:
    """Return `text` with the marks within its quotations hidden, so that nothing splits there."""
    pieces: list[str] = []
    position = 0
    for start, end in quotations(text):
        pieces += [text[position:start], text[start:end].translate(_HIDE)]
        position = end
    return "".join([*pieces, text[position:]])


def show_quoted(text: str) -> str:
    """Undo `hide_quoted`."""
    return text.translate(_SHOW)
