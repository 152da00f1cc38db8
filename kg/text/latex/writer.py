r"""Plain text as LaTeX: special characters are escaped, mathematics is written between dollars.

The reverse of `kg.text.latex.plain`. Texts come from outside, so that only mathematics of which
every command is known is written as commands: ``$\input{file}$`` is escaped.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from kg.text.latex.parser import is_formula, signs

# By name, since BibTeX counts a brace even after a backslash.
ESCAPES: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        **{character: f"\\{character}" for character in "&%#_$"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
"""Character -> how a text is to write it, for `str.translate`."""
FORMULA: Final = re.compile(r"(\$[^$]+\$)")
"""What may be a formula within a text; a group, so that `re.split` keeps it."""
# Two in a row become a dash, which is right between page numbers alone.
HYPHENS: Final = re.compile(r"-(?=-)(?!(?<=\d-)-\d)")
"""A hyphen that LaTeX would join with the next one."""
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_ESCAPABLE: Final = frozenset(",;:!{}|%&_# ")
_KNOWN_COMMANDS: Final = frozenset(
    "frac dfrac tfrac sqrt binom stackrel overset underset overline underline overbrace"
    " underbrace hat widehat tilde widetilde bar vec dot ddot check breve acute grave left"
    " right middle big Big bigg Bigg bigl bigr Bigl Bigr limits nolimits quad qquad"
    " displaystyle textstyle mathbb mathbf mathcal mathfrak mathit mathrm mathscr mathsf"
    " mathtt boldsymbol bm text textbf textit textrm textsc textsf texttt mbox operatorname"
    " log ln exp min max sup inf lim sin cos tan arg det dim ker deg gcd Pr bmod pmod mod not"
    " mid prime circ ast star ldots cdots vdots ddots dots ne gets land lor neg iff degree".split()
)
"""Commands of mathematics beside those of signs."""

# Characters that text fonts lack: superscripts, subscripts, Greek, single signs.
_RUN = re.compile(
    "(?P<super>[\xb2\xb3\xb9\u1d2c-\u1d61\u1d78\u1d9b-\u1dbf\u2070-\u207f\u2c7d]+)"
    "|(?P<sub>[\u1d62-\u1d6a\u2080-\u209c\u2c7c]+)"
    "|(?P<greek>[\u0370-\u03ff]+)"
    "|(?P<sign>[^\x00-\xff])"
)
_ALPHABETS: Final = {"DOUBLE-STRUCK": "mathbb", "SCRIPT": "mathcal", "BLACK-LETTER": "mathfrak"}


def latex_text(text: str) -> str:
    r"""Return a plain text as LaTeX; letters of any script stay as they are (UTF-8).

    Examples
    --------
    >>> latex_text("Sabiá & μKE: M³IT of 100%")
    'Sabiá \\& $\\mu$KE: M$^{3}$IT of 100\\%'
    >>> latex_text(r"a $\sqrt{n}$ and $\input{x}$")
    'a $\\sqrt{n}$ and \\$\\textbackslash{}input\\textbraceleft{}x\\textbraceright{}\\$'
    """
    return "".join(_written(text))


def _written(text: str) -> Iterator[str]:
    parts = FORMULA.split(text)
    for number, part in enumerate(parts):
        following = parts[number + 1][:1] if number + 1 < len(parts) else ""
        if number % 2 and is_formula(part[1:-1], following) and is_known(part[1:-1]):
            yield part
        else:
            yield _words(part)


def is_known(formula: str) -> bool:
    r"""Return whether a formula has known commands only, and does not end its own delimiters.

    Examples
    --------
    >>> [is_known(one) for one in (r"\frac{a}{b}", r"\write18{x}", "x^^41", "a % b", "}{")]
    [True, False, False, False, False]
    """
    bare = _COMMAND.sub(" ", formula)
    depth = 0
    for place, c in enumerate(bare):
        depth += (c == "{") - (c == "}")
        escaped = place > 0 and bare[place - 1] == "\\"
        if depth < 0 or (c in "%#&" and not escaped):
            return False
        if c == "\\" and bare[place + 1 : place + 2] not in _ESCAPABLE:
            return False
    if depth or "^^" in bare or not formula.isprintable():
        return False
    return all(name in _KNOWN_COMMANDS or name in signs() for name in _COMMAND.findall(formula))


def _words(text: str) -> str:
    pieces, shown = [], 0
    for found in _RUN.finditer(text):
        formula = _mathematics(found, text)
        if formula is not None:
            pieces += [text[shown : found.start()].translate(ESCAPES), f"${formula}$"]
            shown = found.end()
    return HYPHENS.sub("-{}", "".join([*pieces, text[shown:].translate(ESCAPES)]))


def _mathematics(found: re.Match[str], text: str) -> str | None:
    """Return a run of characters as mathematics, or None where it is part of a word."""
    run, kind = found[0], found.lastgroup
    if kind in ("super", "sub"):
        base = unicodedata.normalize("NFKC", run).replace("\N{MINUS SIGN}", "-")
        inner = "".join(c if c.isascii() else _commands().get(c, "") for c in base)
        return f"{'^' if kind == 'super' else '_'}{{{inner}}}" if inner else None
    if kind == "sign":
        return _sign(run)
    # One letter is a sign; several are a word, unless they stand within a Latin one.
    beside = text[max(found.start() - 1, 0) : found.start()] + text[found.end() : found.end() + 1]
    if len(run) > 1 and not any(c.isascii() and c.isalpha() for c in beside):
        return None
    commands = [_commands().get(c, "") for c in run]
    return " ".join(commands) if all(commands) else None


def _sign(sign: str) -> str | None:
    if unicodedata.category(sign) == "Sm":
        return _commands().get(sign)
    base = unicodedata.normalize("NFKC", sign)
    alphabet = re.search("|".join(_ALPHABETS), unicodedata.name(sign, ""))
    if alphabet and len(base) == 1 and base.isascii() and base.isalpha():
        return f"\\{_ALPHABETS[alphabet[0]]}{{{base}}}"
    return None


@cache
def _commands() -> dict[str, str]:
    """Return the shortest command of each sign."""
    found: dict[str, str] = {}
    for name, sign in sorted(signs().items(), key=lambda one: (len(one[0]), one[0])):
        if len(sign) == 1 and not sign.isascii():
            found.setdefault(sign, f"\\{name}")
    return found
