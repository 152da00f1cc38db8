r"""Text as LaTeX that compiles with any engine and no package, whatever it contains.

`kg.text.latex.writer` keeps letters of every script and commands of packages that papers load. A
fragment for a document that nobody has seen can rely on neither: pdfLaTeX stops at a letter for
which its fonts have no command, and at a formula with a script too many.
"""

import re
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from kg.text.latex.parser import is_formula
from kg.text.latex.writer import ESCAPES, FORMULA, HYPHENS, latex_text

_SIGNS: Final = frozenset(
    "Delta Gamma Lambda Omega Phi Pi Psi Sigma Theta Upsilon Xi alpha beta chi delta epsilon eta"
    " gamma iota kappa lambda mu nu omega phi pi psi rho sigma tau theta upsilon varepsilon varphi"
    " varpi varrho varsigma vartheta xi zeta aleph amalg angle approx ast asymp backslash bigcap"
    " bigcup bigoplus bigotimes bigvee bigwedge bullet cap cdot cdots circ cong coprod cup dag"
    " dagger ddots diamond div doteq dots downarrow ell emptyset equiv exists forall ge geq gets gg"
    " hbar iff in infty int land langle lceil ldots le leftarrow leftrightarrow leq lfloor ll lnot"
    " longrightarrow lor mapsto mid mp nabla ne neg neq ni notin odot oint ominus oplus oslash"
    " otimes parallel partial perp pm prec preceq prime prod propto quad qquad rangle rceil rfloor"
    " rightarrow setminus sim simeq sqcap sqcup star subset subseteq succ succeq sum supset"
    " supseteq times to top triangle uparrow uplus vdash vdots vee vert wedge wp wr arccos arcsin"
    " arctan arg cos cosh deg det dim exp gcd inf ker lim ln log max min sin sinh sup tan tanh"
    " Leftarrow Leftrightarrow Rightarrow Longrightarrow Uparrow Downarrow Vert Pr".split()
)
"""Commands of mathematics without an argument that LaTeX itself has."""

_ACCENTS: Final = frozenset(
    "acute bar breve check dot ddot grave hat mathbf mathcal mathit mathrm mathsf mathtt overline"
    " sqrt tilde underline vec widehat widetilde".split()
)
"""Commands with one formula as their argument that LaTeX itself has."""

_DEFINITIONS: Final = MappingProxyType(
    {
        "bm": r"[1]{\mathbf{#1}}",
        "boldsymbol": r"[1]{\mathbf{#1}}",
        "mathbb": r"[1]{\mathbf{#1}}",
        "mathfrak": r"[1]{\mathrm{#1}}",
        "mathscr": r"[1]{\mathcal{#1}}",
        "operatorname": r"[1]{\mathrm{#1}}",
        "dfrac": r"[2]{\frac{#1}{#2}}",
        "tfrac": r"[2]{\frac{#1}{#2}}",
        # Engines with Unicode fonts have this primitive.
        "atlasletter": r"[2]{\ifdefined\Umathchar#1\else#2\fi}",
    }
)
"""Commands of packages, and our own -> their definition where there is none."""

_TWO_ARGUMENTS: Final = frozenset({"frac", "dfrac", "tfrac"})
_ONE_ARGUMENT: Final = _ACCENTS | _DEFINITIONS.keys() - {*_TWO_ARGUMENTS, "atlasletter"}

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_ESCAPED: Final = frozenset(r"\, \; \: \! \{ \} \| \% \& \_ \#".split())
_PLAIN = re.compile(r"[A-Za-z0-9 ,.;:!?()\[\]<>=+*/|@\"-]")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_WRITTEN_FORMULA = re.compile(r"\$[^$]+\$")

# What the fonts of LaTeX write without a package, beside ASCII: tried with pdfLaTeX.
_LETTERS: Final = frozenset("ßæÆœŒåÅøØłŁı–—‘’“”…•†‡§¶©®™°±×÷·£€¡¿\N{NO-BREAK SPACE}")
_MARKS: Final = frozenset(
    "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327"
)
_MAX_LATIN: Final = "\u017f"
_SIGNS_OF_OT1: Final = str.maketrans(
    {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
)
_QUOTES: Final = str.maketrans(dict.fromkeys("«»„", '"') | dict.fromkeys("‹›‚", "'"))


def portable_text(text: str) -> str:
    r"""Return a plain text as LaTeX that needs what `definitions` returns, and nothing else.

    Examples
    --------
    >>> portable_text("Müller & μKE: 50% of $\\frac{a}{b}$")
    'Müller \\& $\\mu$KE: 50\\% of $\\frac{a}{b}$'
    >>> portable_text("not $a^b^c$")
    'not \\$a\\textasciicircum{}b\\textasciicircum{}c\\$'
    >>> portable_text("李")
    '\\atlasletter{李}{?}'
    """
    text = unicodedata.normalize("NFC", text)
    pieces = []
    parts = FORMULA.split(text)
    for number, part in enumerate(parts):
        following = parts[number + 1][:1] if number + 1 < len(parts) else ""
        if number % 2 and is_formula(part[1:-1], following) and is_portable(part[1:-1]):
            pieces.append(part)
        else:
            words = " ".join(part.split()) if part.strip() else " " * bool(part)
            pieces.append(_spaced(part, HYPHENS.sub("-{}", "".join(map(_letter, words)))))
    return "".join(pieces)


def definitions(latex: str) -> list[str]:
    r"""Return the definitions that a text of `portable_text` needs, a line each.

    Examples
    --------
    >>> definitions("over $\\mathbb{R}$")
    ['\\providecommand{\\mathbb}[1]{\\mathbf{#1}}']
    """
    used = dict.fromkeys(_COMMAND.findall(latex))
    return [f"\\providecommand{{\\{n}}}{_DEFINITIONS[n]}" for n in used if n in _DEFINITIONS]


def is_portable(formula: str) -> bool:
    r"""Return whether a formula compiles without a package: each command has its arguments.

    Examples
    --------
    >>> [is_portable(one) for one in (r"\alpha_{i}^2", r"\hat{w}", "x^2^3", r"\left(x", r"\sqrt")]
    [True, True, False, False, False]
    """
    tokens = _TOKEN.findall(formula)
    try:
        return _is_sequence(iter(tokens), closing=None)
    except (StopIteration, RecursionError):
        return False


def _is_sequence(tokens: Iterator[str], closing: str | None) -> bool:
    """Consume tokens up to the closing one; say whether they are a formula."""
    scripts: set[str] = set()
    for token in tokens:
        if token == closing:
            return True
        if token in "^_'":
            kind = "^" if token == "'" else token
            if kind in scripts:
                return False
            scripts.add(kind)
            if token != "'" and not _is_argument(tokens):
                return False
        elif token.isspace():
            pass
        else:
            scripts = set()
            if not _is_atom(token, tokens):
                return False
    return closing is None


def _is_atom(token: str, tokens: Iterator[str]) -> bool:
    if token == "{":
        return _is_sequence(tokens, closing="}")
    name = token.removeprefix("\\")
    if len(name) < len(token) and name.isalpha():
        if name in _TWO_ARGUMENTS:
            return _is_group(tokens) and _is_group(tokens)
        return name in _SIGNS or (name in _ONE_ARGUMENT and _is_group(tokens))
    return token in _ESCAPED or bool(_PLAIN.fullmatch(token))


def _is_group(tokens: Iterator[str]) -> bool:
    token = next(token for token in tokens if not token.isspace())
    return token == "{" and _is_sequence(tokens, closing="}")


def _is_argument(tokens: Iterator[str]) -> bool:
    token = next(token for token in tokens if not token.isspace())
    if token == "{":
        return _is_sequence(tokens, closing="}")
    name = token.removeprefix("\\")
    return name in _SIGNS if name != token else bool(_PLAIN.fullmatch(token))


def _spaced(original: str, written: str) -> str:
    """Keep the space between a formula and the words beside it."""
    if not original.strip():
        return written
    before = " " if original[0].isspace() else ""
    return f"{before}{written}{' ' if original[-1].isspace() else ''}"


def _letter(letter: str) -> str:
    if letter.isascii():
        if not letter.isprintable():
            return ""
        return letter.translate(ESCAPES).translate(_SIGNS_OF_OT1)
    if letter in _LETTERS or _is_latin(letter):
        return letter
    known = latex_text(letter)
    if _WRITTEN_FORMULA.fullmatch(known) and is_portable(known[1:-1]):
        return known
    base = unicodedata.normalize("NFKD", letter.translate(_QUOTES))
    near = base.encode("ascii", "ignore").decode().translate(ESCAPES)
    unseen = unicodedata.category(letter) in ("Mn", "Me", "Cf", "Cc", "Cn", "Co", "Cs")
    return f"\\atlasletter{{{letter}}}{{{near or ('' if unseen else '?')}}}"


def _is_latin(letter: str) -> bool:
    """Return whether a letter is one of ASCII with an accent that all fonts have."""
    parts = unicodedata.normalize("NFD", letter)
    return letter <= _MAX_LATIN and len(parts) == 2 and parts[0].isascii() and parts[1] in _MARKS
