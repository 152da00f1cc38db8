"""Text as authors write it for arXiv: words with a little LaTeX and formulas in between.

`parse` splits it into parts, which `kg.text.latex.plain` writes as plain text and the page as HTML.
Commands that occur in titles and abstracts are known; all others stay as they are written.
pylatexenc knows the commands of signs.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from kg.text.latex.letters import ACCENT, LETTERS, accented

MAX_FORMULA_CHARS: Final = 1_000
"""Longest formula, in characters; of real abstracts, one in 3,500 has 600."""
MAX_DEPTH: Final = 8
"""Levels of commands within commands; what is deeper stays as it is written."""

STYLED: Final = {
    **dict.fromkeys(("emph", "textit", "textsl", "underline", "uline"), "em"),
    **{"textbf": "strong", "texttt": "code", "textsuperscript": "sup", "textsubscript": "sub"},
    # In braces with what they change.
    **{"bf": "strong", "bfseries": "strong", "it": "em", "itshape": "em", "em": "em", "sl": "em"},
    **{"tt": "code", "ttfamily": "code"},
}
"""HTML element of each command that changes how its argument looks."""
_UNSTYLED = frozenset(
    "text textsc textsf textrm textmd textup textnormal mbox hbox fbox uppercase lowercase"
    " sc sf rm small large normalsize footnotesize mathrm".split()
)
_SWITCHES = frozenset(
    "bf bfseries it itshape em sl tt ttfamily sc sf rm small large normalsize footnotesize".split()
)
_REFERENCES = frozenset("cite citep citet citealp ref cref eqref autoref".split())
_IGNORED = frozenset("noindent centering newline par xspace protect".split())
NAMED: Final = {
    **{"LaTeX": "LaTeX", "TeX": "TeX", "deg": "°", "S": "§", "copyright": "©", "pounds": "£"},
    **{"textasciicircum": "^", "textless": "<", "textgreater": ">"},
    **{"textbraceleft": "{", "textbraceright": "}"},
    **{"ne": "≠", "gets": "←", "land": "∧", "lor": "∨", "neg": "¬", "iff": "⇔", "degree": "°"},
    # Not LaTeX's own, but every second style file's.
    **{"eg": "e.g.", "ie": "i.e.", "etc": "etc.", "etal": "et al."},
}
"""Text of commands that pylatexenc does not know, or knows differently."""
_ESCAPED = {**{c: c for c in "%&#_{}$"}, " ": " ", ",": "\N{THIN SPACE}", "-": "", "/": ""}
_ESCAPED |= {"\\": " ", "\n": " ", ";": " ", ":": " ", "!": "", "@": ""}

# An address comes first: it may hold what means something elsewhere.
_TOKEN = re.compile(
    r"(?P<link>\bhttps?://[^\s<>\"{}|\\^`$]+)"
    r"|(?P<before>[(\[“‘\"]?)(?P<formula>\$\$?|\\[(\[])"
    rf"|\\(?P<accent>{ACCENT})"
    r"(?P<on>\{\\?[^\W\d_]\}|\{\}|\\[ij](?![a-zA-Z])|[^\W\d_])"
    r"|\\(?P<command>[a-zA-Z]+)\*?"
    r"|\\(?P<escaped>[^a-zA-Z])"
    r"|(?P<group>\{(?=\\))"
    r"|(?P<space>(?:(?<=[^\W\d_]{2})|(?<=[.,)\]}]))~(?=[\w\\$({\[]))"
    r"|(?P<dash>(?<=\w)---?(?=\w)|(?<=\s)---?(?=\s)|(?<=\w)---?(?=\s)|(?<=\s)---(?=\w))"
    r"|``(?P<quoted>(?:[^`']|'(?!')){1,300}?)(?:''|[\"”]|’’)"
)
_GROUPED_TOKEN = re.compile(
    _TOKEN.pattern.replace(r"(?P<group>\{(?=\\))", r"(?P<group>\{)|(?P<stray>\})").replace(
        r"(?:(?<=[^\W\d_]{2})|(?<=[.,)\]}]))~(?=[\w\\$({\[])", "~"
    )
)
_CLOSING = {"$": re.compile(r"(?<!\\)\$"), "$$": re.compile(r"\$\$")}
_CLOSING |= {r"\(": re.compile(r"\\\)"), r"\[": re.compile(r"\\\]")}
_PUNCTUATION = re.compile(r"[-,.;:!?)\]”’\"]{1,4}")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_TEX = re.compile(r"\\[a-zA-Z]|[_^{}=<>]")
# Authors set words in a formula to have them in italics.
_TEXT_COMMAND = re.compile(r"\s*\\(?:text[a-z]*|emph|underline|href|url)\s*\{")
_MATH = re.compile(r"\\[a-zA-Z]|[\^_=<>]")
_WORDS = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")
# Some archives write LaTeX as Markdown would have it: \\(n\\) and \textit\{word\}.
_MARKDOWN = re.compile(r"\\\\\(|\\[a-zA-Z]+\\\{|\\\{\\[a-zA-Z]")
_UNESCAPED = re.compile(r"\\(?=\\[()\[\]]|[{}])")
# No umlaut, which stands on a letter, but the end of a quotation.
_ESCAPED_QUOTE = re.compile(r"\\\"(?![\w{\\])")


@dataclass(frozen=True, slots=True)
class Styled:
    """Text in another style."""

    element: str
    """HTML element of the style: ``em``, ``strong``, ``code``, ``sup`` or ``sub``."""
    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """Mathematics."""

    source: str
    """LaTeX, without its delimiters."""
    display: bool = False
    """True for a formula on a line of its own."""
    before: str = ""
    """Opening bracket or quotation mark, from which no line break may part it."""
    after: str = ""
    """Punctuation, likewise."""


@dataclass(frozen=True, slots=True)
class Hyperlink:
    """Text that links to a web address."""

    address: str
    parts: tuple["Part", ...]


Part: TypeAlias = str | Styled | Formula | Hyperlink
_Result: TypeAlias = tuple[Sequence[Part] | None, int]
"""Parts that a token stands for, None to leave it as it is written; and where to read on."""


def parse(text: str, grouped: bool = False, dashes: bool = True) -> tuple[Part, ...]:
    r"""Split a text into parts: plain and styled text, formulas and links.

    Parameters
    ----------
    grouped : bool
        True where every brace groups and every tilde is a space, as in BibTeX; elsewhere people
        also mean the characters themselves.
    dashes : bool
        True to turn two or three hyphens into a dash.

    Examples
    --------
    >>> parse(r"a \emph{proof} \& so")
    ('a ', Styled(element='em', parts=('proof',)), ' ', '&', ' so')
    """
    return _LatexParser(text, grouped, dashes).parts()


class _LatexParser:
    def __init__(self, text: str, grouped: bool, dashes: bool) -> None:
        self._token, self._dashes = _GROUPED_TOKEN if grouped else _TOKEN, dashes
        if _MARKDOWN.search(text):
            text = _UNESCAPED.sub("", text)
        self._text = text.replace(r"\"", '"') if _ESCAPED_QUOTE.search(text) else text
        self._ends = _closing_braces(self._text)

    def parts(self) -> tuple[Part, ...]:
        return self._between(0, len(self._text), 0)

    def _between(self, start: int, end: int, depth: int) -> tuple[Part, ...]:
        if depth > MAX_DEPTH:
            return (self._text[start:end],)
        return tuple(part for part in self._pieces(start, end, depth) if part)

    def _pieces(self, start: int, end: int, depth: int) -> Iterator[Part]:
        """Yield the parts of a range of the text in order; some may be empty."""
        yielded = at = start
        while found := self._token.search(self._text, at, end):
            parts, at = self._read(found, end, depth)
            if parts is None:
                continue
            yield self._text[yielded : found.start()]
            yield from parts
            yielded = at
        yield self._text[yielded:end]

    def _read(self, found: re.Match[str], end: int, depth: int) -> _Result:
        kind, after = found.lastgroup, found.end()
        match kind:
            case "formula":
                return self._formula(found["before"], found["formula"], after, end, depth)
            case "link":
                return self._link(found[0], found.start())
            case "on":
                return self._accent(found["accent"].strip(), found["on"].strip("{}"), after)
            case "command":
                return self._command(found["command"], after, end, depth)
            case "escaped":
                character = _ESCAPED.get(found["escaped"])
                return (None if character is None else (character,)), after
            case "group":
                return self._group(found.start(), end, depth)
            case "stray":
                return (), after
            case "space":
                return ("\N{NO-BREAK SPACE}",), after
            case "dash":
                dash = "—" if len(found[0]) == 3 else "–"
                return (dash,) if self._dashes else None, after
            case _:
                return ("“", *self._between(*found.span("quoted"), depth + 1), "”"), after

    def _accent(self, accent: str, on: str, after: int) -> _Result:
        letter = LETTERS.get(on[1:], on[1:]) if on.startswith("\\") else on
        composed = accented(accent, letter) if letter else None
        return (None if composed is None else (composed,)), after

    def _formula(self, before: str, opening: str, start: int, end: int, depth: int) -> _Result:
        closing = _CLOSING[opening].search(
            self._text, start, min(end, start + MAX_FORMULA_CHARS + 2)
        )
        if closing is None:
            return None, start
        source = self._text[start : closing.start()]
        following = self._text[closing.end() : closing.end() + 1]
        if opening == "$" and not is_formula(source, following):
            return None, start
        if (
            _TEXT_COMMAND.match(source)
            and source.endswith("}")
            and not _MATH.search(_TEXT_COMMAND.sub("", source))
        ):
            inner = self._between(start, closing.start(), depth + 1)
            return (before, *inner), closing.end()
        after = _PUNCTUATION.match(self._text, closing.end(), end)
        punctuation = after[0] if after else ""
        formula = Formula(source.strip(), opening in ("$$", r"\["), before, punctuation)
        return (formula,), closing.end() + len(punctuation)

    def _link(self, address: str, start: int) -> _Result:
        address = address.rstrip(".,;:!?'*")
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(".,;:!?'*")
        return (Hyperlink(address, (address,)),), start + len(address)

    def _command(self, name: str, start: int, end: int, depth: int) -> _Result:
        argument = self._argument(start, end)
        if argument is None:
            return self._sign(name, start, end)
        first, last = argument
        words, after = self._text[first:last], last + 1
        if name in STYLED and name not in _SWITCHES:
            return (Styled(STYLED[name], self._between(first, last, depth + 1)),), after
        if name in _UNSTYLED and name not in _SWITCHES:
            return self._between(first, last, depth + 1), after
        if name in ("url", "path"):
            address = re.sub(r"\\([%&#_~])", r"\1", words)
            return (Hyperlink(address, (address,)),), after
        if name in _REFERENCES:
            return (f"[{words}]",), after
        if name in ("label", "color"):
            return (), after
        if name == "footnote":
            return (" (", *self._between(first, last, depth + 1), ")"), after
        if name in ("href", "textcolor", "colorbox") and (second := self._argument(after, end)):
            inner = self._between(*second, depth + 1)
            return ((Hyperlink(words, inner),) if name == "href" else inner), second[1] + 1
        if name == "ensuremath" or name.startswith("math"):
            return (Formula(words if name == "ensuremath" else f"\\{name}{{{words}}}"),), after
        return self._sign(name, start, end)

    def _sign(self, name: str, start: int, end: int) -> _Result:
        sign = "" if name in _IGNORED else NAMED.get(name) or signs().get(name)
        if sign is None:
            return None, start
        # A command ends with the space after it, or with {}.
        if self._text.startswith("{}", start, end):
            return (sign,), start + 2
        if sign.endswith(".") and self._text.startswith(".", start, end):
            return (sign,), start + 1
        # Within a word a command ends with a space: Stra\ss e.
        within = unicodedata.name(sign, "").startswith("LATIN") if len(sign) == 1 else False
        return (sign,), start + (within and self._text.startswith(" ", start, end))

    def _group(self, opening: int, end: int, depth: int) -> _Result:
        """Read a group such as {\\bf word} or {\\'e}."""
        last = self._ends.get(opening)
        if last is None or last >= end:
            return (() if self._token is _GROUPED_TOKEN else None), opening + 1
        switch = re.compile(r"\\([a-zA-Z]+)\s*").match(self._text, opening + 1, last)
        if switch and switch[1] in _SWITCHES:
            inner = self._between(switch.end(), last, depth + 1)
            styled = STYLED.get(switch[1])
            return ((Styled(styled, inner),) if styled else inner), last + 1
        return self._between(opening + 1, last, depth + 1), last + 1

    def _argument(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the range of the text within the braces that open at `start`, if any do."""
        last = self._ends.get(start)
        return (start + 1, last) if last is not None and last < end else None


def _closing_braces(text: str) -> dict[int, int]:
    """Return the position of the closing brace of each opening one that is closed."""
    opened: list[int] = []
    ends = {}
    for found in _BRACES.finditer(text):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            ends[opened.pop()] = found.start()
    return ends


def is_formula(source: str, following: str) -> bool:
    """Return whether the text between two dollars is a formula, and not prose between two prices.

    >>> [is_formula(*one) for one in (("x^2", ","), ("5 and ", "1"), ("5 per month, not ", "9"))]
    [True, False, False]
    """
    if not source.strip() or "\n\n" in source:
        return False
    bare = re.sub(r"\\[a-zA-Z]+\s*\{[^{}]*\}", r"\\x", source)
    if _WORDS.search(bare) and (source[0].isdigit() or not _TEX.search(source)):
        return False
    loose = source[0].isspace() or source[-1].isspace() or following.isdigit()
    return not loose or bool(_TEX.search(source))


@cache
def signs() -> dict[str, str]:
    """Return the sign of each command without an argument, or its own name where it is shown so.

    >>> signs()["alpha"], signs()["ss"], signs().get("ourmethod")
    ('α', 'ß', None)
    """
    from pylatexenc.latex2text import get_default_latex_context_db

    known = get_default_latex_context_db().iter_macro_specs()
    return {
        one.macroname: sign
        for one in known
        if isinstance(sign := one.simplify_repl, str) and (len(sign) == 1 or sign == one.macroname)
    }
