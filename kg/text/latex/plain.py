r"""LaTeX as plain text: the words as LaTeX sets them, and simple mathematics in Unicode.

Titles, names and venues are stored in this form; each reader decodes what it reads, once:
``Sabi\'a`` is Sabiá, ``M$^3$IT`` is M³IT, ``$\mu$KE`` is μKE. What Unicode cannot write (a
fraction, a sum with its limits) stays a formula between dollars, which the page draws.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from kg.text.latex.letters import letters
from kg.text.latex.parser import MAX_DEPTH, NAMED, Formula, Hyperlink, Part, Styled, parse, signs

_LATEX = re.compile(r"[\\$~]|``")
_GROUPED = re.compile(r"[\\$~{}]|--|``")
MAX_TEXT_CHARS: Final = 20_000
"""Longest text that is decoded, in characters; longer ones stay as they are."""

_SCRIPT_RANGES = ((0xB2, 0xB4), (0xB9, 0xBA), (0x1D2C, 0x1DC0), (0x2070, 0x209D), (0x2C7C, 0x2C7E))


def _script(kind: str) -> dict[str, str]:
    """Return the superscript or subscript of each character that has one in Unicode."""
    found: dict[str, str] = {}
    for start, end in _SCRIPT_RANGES:
        for c in map(chr, range(start, end)):
            what, _, code = unicodedata.decomposition(c).partition(" ")
            if what == kind:
                found.setdefault(chr(int(code, 16)), c)
    return found


SUPERSCRIPTS: Final = _script("<super>")
"""Superscript of each character that has one."""
SUBSCRIPTS: Final = _script("<sub>")
"""Subscript of each character that has one."""
for _raised in (SUPERSCRIPTS, SUBSCRIPTS):
    _raised["-"] = _raised["\N{MINUS SIGN}"]
_ALREADY_RAISED = frozenset("°′*†‡")

ALPHABETS: Final = {
    **{"mathbb": "double-struck", "mathcal": "script", "mathscr": "script"},
    "mathfrak": "fraktur",
}
"""Unicode's name of the alphabet of each command that has one."""
_OLDER_NAMES = {"fraktur": "BLACK-LETTER"}
_UPRIGHT: Final = frozenset(
    "mathbf mathrm mathit mathsf mathtt mathnormal boldsymbol bm bf rm it text textbf textit textrm"
    " textsf texttt textsc textnormal textup emph mbox hbox operatorname ensuremath".split()
)
_SPACES: Final = {",": "", ";": " ", ":": " ", "!": "", " ": " ", "quad": " ", "qquad": " "}
_IGNORED: Final = frozenset("left right big Big bigg Bigg displaystyle textstyle limits".split())
_FUNCTIONS: Final = frozenset(
    "log ln exp min max sup inf lim sin cos tan arg argmin argmax det dim ker deg gcd Pr".split()
)
_MATH_SIGNS: Final = {
    "circ": "°",
    "ast": "*",
    "prime": "′",
    "degree": "°",
    "lbrace": "{",
    "rbrace": "}",
}
_TO_SPACES = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{THIN SPACE}": " "})
_MATH_TOKEN = re.compile(r"\\([a-zA-Z]+)\s*|\\(.)|([{}^_])|(\s+)|([^\\&#%])", re.DOTALL)


class _NotInUnicode(Exception):
    """Unicode cannot write this formula."""


def decoded(text: str, grouped: bool = False) -> str:
    r"""Decode the LaTeX in a text, as far as plain text can show it.

    Commands that are not known stay as they are written.

    Parameters
    ----------
    grouped : bool
        True for text of BibTeX, where braces only group and keep capitals, and two hyphens are a
        dash; elsewhere both stand for themselves.

    Examples
    --------
    >>> decoded(r"Sabi\'a: \textit{Task} Arithmetic -- $\mu$KE, M$^{3}$IT and \(h^3\)")
    'Sabiá: Task Arithmetic -- μKE, M³IT and h³'
    >>> decoded(r"M{\(^{\mbox{3}}\)}IT: {A} {\textquotedblleft}Why{\textquotedblright}", True)
    'M³IT: A “Why”'
    >>> decoded(r"Bounds of $\frac{1}{n}$ for $5")
    'Bounds of $\\frac{1}{n}$ for $5'
    """
    if len(text) > MAX_TEXT_CHARS or not (_GROUPED if grouped else _LATEX).search(text):
        return text
    return "".join(_plain(parse(letters(text), grouped, dashes=grouped))).translate(_TO_SPACES)


def decoded_name(name: str) -> str:
    r"""Decode a person's name; two hyphens stay, as French double names have them.

    Examples
    --------
    >>> decoded_name(r"{\'E}lise  M{\"u}ller--Roy")
    'Élise Müller--Roy'
    """
    if _GROUPED.search(name):
        name = "--".join(decoded(part, grouped=True) for part in name.split("--"))
    return " ".join(name.split())


def _plain(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        match part:
            case str():
                yield part
            case Styled("sup" | "sub" as element, inner):
                words = "".join(_plain(inner))
                yield _scripted(words, SUPERSCRIPTS if element == "sup" else SUBSCRIPTS) or words
            case Styled(_, inner) | Hyperlink(_, inner):
                yield from _plain(inner)
            case Formula(source, _, before, after):
                plain = formula_text(source)
                yield before + (f"${source}$" if plain is None else plain) + after


def formula_text(source: str) -> str | None:
    r"""Return a formula in Unicode, or None where Unicode cannot write it.

    Examples
    --------
    >>> formula_text(r"(\mu, \lambda)"), formula_text(r"\mathcal{L}_1"), formula_text(r"x^{2+n}")
    ('(μ, λ)', 'ℒ₁', 'x²⁺ⁿ')
    >>> formula_text(r"\sqrt{n}") is None
    True
    """
    try:
        found, end = _row(source, 0, 0)
    except _NotInUnicode:
        return None
    plain = " ".join(found.split())
    return plain if end == len(source) and plain else None


def _row(source: str, at: int, depth: int) -> tuple[str, int]:
    """Decode up to a closing brace or the end; return the text and that position."""
    plain = ""
    while at < len(source) and source[at] != "}":
        if source[at] in "^_":
            base = SUPERSCRIPTS if source[at] == "^" else SUBSCRIPTS
            inner, end = _argument(source, at + 1, depth)
            raised = inner if inner in _ALREADY_RAISED else _scripted(inner, base)
            if raised is None:
                raise _NotInUnicode
            plain, at = plain + raised, end
        else:
            one, at = _one(source, at, depth)
            # A space after a sign only where there is one before it.
            plain += one.rstrip() if plain and not plain[-1].isspace() and one.strip() else one
    return plain, at


def _argument(source: str, at: int, depth: int) -> tuple[str, int]:
    while at < len(source) and source[at].isspace():
        at += 1
    if at == len(source):
        raise _NotInUnicode
    inner, at = _one(source, at, depth)
    return inner.strip(), at


def _one(source: str, at: int, depth: int) -> tuple[str, int]:
    """Decode one letter, sign, group, or command with its argument."""
    found = _MATH_TOKEN.match(source, at)
    if found is None or depth > MAX_DEPTH:
        raise _NotInUnicode
    name, escaped, special, space, letter = found.groups()
    after = found.end()
    if letter:
        return {"'": "′", "~": " "}.get(letter, letter), after
    if space:
        return " ", after
    if special == "{":
        inner, end = _row(source, after, depth + 1)
        if end == len(source):
            raise _NotInUnicode
        return inner, end + 1
    if name:
        return _command(source, name, after, depth)
    if escaped and (escaped in _SPACES or escaped in "%&_#$"):
        return _SPACES.get(escaped, escaped), after
    raise _NotInUnicode


def _command(source: str, name: str, after: int, depth: int) -> tuple[str, int]:
    if name in _SPACES or name in _IGNORED:
        return _SPACES.get(name, ""), after
    if name in ALPHABETS or name in _UPRIGHT:
        inner, end = _argument(source, after, depth + 1)
        if name in _UPRIGHT:
            return inner, end
        # One letter is a mathematical sign; several are a word in that style.
        alone = len(inner) == 1 and inner.isupper()
        return (styled_letter(inner, ALPHABETS[name]) if alone else inner), end
    if name in _FUNCTIONS:
        return name + " " * (after < len(source) and source[after].isalnum()), after
    if name in _MATH_SIGNS:
        return _MATH_SIGNS[name], after
    sign = NAMED.get(name) or signs().get(name)
    if sign is None or len(sign) != 1 or unicodedata.combining(sign):
        raise _NotInUnicode
    # The space after a command only ends it, but around a relation it reads better.
    spaced = source[after - 1].isspace() and unicodedata.category(sign) == "Sm"
    return sign + " " * (spaced and sign not in "∇∂∞√∑∏∫"), after


def _scripted(text: str, script: dict[str, str]) -> str | None:
    found = [script.get(c) for c in text if not c.isspace()]
    return "".join(c for c in found if c) if found and all(found) else None


@lru_cache(maxsize=2048)
def styled_letter(letter: str, variant: str) -> str:
    """Return a letter in a mathematical alphabet of Unicode, or itself where there is none.

    Examples
    --------
    >>> styled_letter("R", "double-struck"), styled_letter("α", "bold"), styled_letter("+", "bold")
    ('ℝ', '𝛂', '+')
    """
    name = unicodedata.name(letter, "")
    found = re.fullmatch("(?:(?:LATIN|GREEK) (CAPITAL|SMALL) LETTER|(DIGIT)) (.+)", name)
    if not found or variant in ("normal", "italic"):
        return letter
    letter_name = f"{found[1] or found[2]} {found[3]}"
    style = variant.upper().replace("BOLD-", "BOLD ").replace("-ITALIC", " ITALIC")
    for tried in (f"MATHEMATICAL {style}", _OLDER_NAMES.get(variant, style)):
        try:
            return unicodedata.lookup(f"{tried} {letter_name}")
        except KeyError:
            continue
    return letter
