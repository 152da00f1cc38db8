"""Recognise and read lists of people, such as "Lovelace, Ada and Turing, Alan"."""

import re

from ingest.sources.lists.line_text import EDGE, MAX_TEXT_CHARS, is_prose, without_emoji
from ingest.sources.lists.vocabulary import CONFERENCES, NAMES_TOO, NOT_NAMES, PARTICLES, PREPRINTS

# A full stop after an initial belongs to the name.
_INITIAL = re.compile(r"\b[A-Z]\.$|\bJr\.$")
_BETWEEN_NAMES = re.compile(r",|;|&|·|、|，|\band\b")
_VENUES = CONFERENCES | PREPRINTS
ET_AL = re.compile(r",?\s*\b(?:et[\s.]*al|el\s+al|et\s+l)\b\.?,?", re.IGNORECASE)


def is_authors(text: str) -> bool:
    """Return whether `text` is a list of people's names and nothing else.

    Examples
    --------
    >>> is_authors("Li, Yuncheng et al.")
    True
    >>> is_authors("Model Merging, Ensembling and Cooperation")
    False
    """
    text = _tidy_names(text[:MAX_TEXT_CHARS])
    if not text or is_prose(text):
        return False
    had_et_al = bool(ET_AL.search(text))
    parts = [part for part in _BETWEEN_NAMES.split(ET_AL.sub(",", text)) if part.strip()]
    # A list may hold some names that are words too, and a long one what does not look like a name.
    sure = [part for part in parts if is_name(part)]
    odd = [part for part in parts if not is_name(part, within_list=bool(sure) or had_et_al)]
    if not parts or len(odd) * 5 > len(parts) or any(map(_is_no_name, odd)):
        return False
    return had_et_al or len(parts) > 1 or len(parts[0].split()) in (2, 3)


def lists_people(text: str) -> bool:
    """Return whether most of `text`, where authors are likely, is a list of names."""
    parts = [part for part in _BETWEEN_NAMES.split(text) if part.strip()]
    return is_authors(text) or (len(parts) > 2 and sum(map(is_name, parts)) * 3 > len(parts) * 2)


def _is_no_name(text: str) -> bool:
    return (
        len(text.split()) > 4
        or not re.fullmatch(r"[^\W\d_][\w\s.'’`´\-]*", text.strip())
        or "--" in text
        or (text.isupper() and text.strip().casefold() in CONFERENCES)
    )


def is_name(text: str, within_list: bool = False) -> bool:
    """Return whether `text` looks like the name of one person.

    Parameters
    ----------
    within_list : bool
        Whether it stands among names, where An and Can are some too.
    """
    text = text.strip(" .*†‡§¶^#\"'1234567890")
    if text.casefold() in {"", "others", "et al", "jr", "*", "co-authors"}:
        return True
    tokens = text.split()
    if len(tokens) > 6:
        return False
    # No first name is a bare "A": "A Quantitative Study".
    if len(tokens) > 2 and tokens[0] == "A":
        return False
    capitals = 0
    for token in tokens:
        lower = token.casefold().strip(".,*")
        if lower in PARTICLES:
            capitals += token[0].isupper()
            continue
        if (
            (lower in NOT_NAMES and not (within_list and lower in NAMES_TOO and len(tokens) < 4))
            or any(c.isdigit() for c in token.strip("0123456789"))
            or lower in CONFERENCES
            or not re.match(r"^[^\W\d_][\w.'’`´\-‐]*[*†‡§]*$", token)
        ):
            return False
        if not (token[0].isupper() or ord(token[0]) > 0x2E7F):
            return False
        capitals += 1
    return capitals > 0


def _tidy_names(text: str) -> str:
    text = " ".join(without_emoji(text).split()).strip(EDGE + '()[]"“”')
    text = re.sub(r"^(?:authors?|by|作者)\s*[:：]?\s+", "", text, flags=re.IGNORECASE)
    # Affiliation marks: 1, 1*, (Google), ^2.
    text = re.sub(r"\s*\((?!\w+\))[^()]*\)|\s*\([A-Z][\w. ]*\)", "", text)
    text = re.sub(r"[\^]?[\d¹²³⁴⁵⁶⁷⁸⁹⁰]+(?=\s*(?:,|;|&|$|\band\b))", "", text)
    return text.strip() if _INITIAL.search(text) else text.strip(" .")


def authors_of(text: str) -> tuple[str, ...]:
    """Return the names in a list of authors, first names first, without "et al.".

    Examples
    --------
    >>> authors_of("Kim, Yoon & Rush, Alexander M.")
    ('Yoon Kim', 'Alexander M. Rush')
    >>> authors_of("Kim, Yoon, Rush, Alexander M., and Lovelace, Ada")
    ('Yoon Kim', 'Alexander M. Rush', 'Ada Lovelace')
    >>> authors_of("*Ada Lovelace, Alan Turing and others*.")
    ('Ada Lovelace', 'Alan Turing')
    >>> authors_of("Ada Lovelace, Na, NeurIPS")
    ('Ada Lovelace', 'Na')
    """
    text = ET_AL.sub("", _tidy_names(text[:MAX_TEXT_CHARS]))
    names: list[str] = []
    for group in re.split(r";|&|、|，|·|,?\s*\band\b", text):
        parts = [part.strip() for part in group.split(",") if part.strip()]
        short = [all(t.casefold() in PARTICLES for t in part.split()[:-1]) for part in parts]
        if len(parts) == 2 and (
            short[0] or (len(parts[0].split()) == 2 and short[1] and len(parts[1]) <= 2)
        ):
            parts = [f"{parts[1]} {parts[0]}"]
        elif len(parts) > 2 and all(short[::2]) and len(parts) % 2 == 0:
            parts = [f"{first} {last}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
        elif (
            len(parts) > 2
            and short[0]
            and (short[1] or _INITIAL.search(parts[1]))
            and not any(short[2:])
        ):
            parts = [f"{parts[1]} {parts[0]}", *parts[2:]]
        names += parts
    cleaned = (" ".join(name.strip(" *†‡§¶^\"'").split()) for name in names)
    names = [name if _INITIAL.search(name) else name.strip(".") for name in cleaned]
    return tuple(name for name in names if name and not _is_nobody(name))


def _is_nobody(name: str) -> bool:
    """Return whether a part of a list of names is a word for more of them, or a venue."""
    known = name.casefold()
    # Na and Alt are names, NA and ALT are venues.
    return known in {"others", "co-authors"} or (known in _VENUES and not name.istitle())


def split_et_al(text: str) -> tuple[str, str, str]:
    """Split at the first "et al.": what ends with it, itself, and what follows."""
    match = ET_AL.search(text)
    if not match:
        return text, "", ""
    after = re.sub(r"^\s*[.(]*\s*(?:\([^)]*\)|[A-Z]\w*\))?", "", text[match.end() :])
    return text[: match.end()], match[0], after.strip(EDGE)
