"""Text as authors write it for arXiv: words with a little LaTeX and formulas in between.

What LaTeX commands mean is known for those that occur in titles and abstracts; all else stays as
it is written. Accents and signs are pylatexenc's to know.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from ui.formulas import LONGEST, formula

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text

MOST_FORMULAS: Final = 300
"""Further formulas of one text are shown as their source."""
DEEPEST: Final = 8
"""How deep commands may stand in each other."""

STYLED: Final = {
    **dict.fromkeys(("emph", "textit", "textsl", "underline", "uline"), "em"),
    **{"textbf": "strong", "texttt": "code", "textsuperscript": "sup", "textsubscript": "sub"},
    # In braces with what they change.
    **{"bf": "strong", "bfseries": "strong", "it": "em", "itshape": "em", "em": "em", "sl": "em"},
    **{"tt": "code", "ttfamily": "code"},
}
"""Commands, and the element that shows what they say."""
_ELEMENTS = {
    name: Markup("<{0}>{{}}</{0}>").format(name) for name in ("em", "strong", "code", "sup", "sub")
}
_AS_IT_IS = frozenset(
    "text textsc textsf textrm textmd textup textnormal mbox hbox fbox uppercase lowercase"
    " sc sf rm small large normalsize footnotesize mathrm".split()
)
_SWITCHES = frozenset(
    "bf bfseries it itshape em sl tt ttfamily sc sf rm small large normalsize footnotesize".split()
)
_CITES = frozenset("cite citep citet citealp ref cref eqref autoref".split())
_LEFT_OUT = frozenset("noindent centering newline par xspace protect".split())
_NAMED = {
    **{"LaTeX": "LaTeX", "TeX": "TeX", "deg": "°", "S": "§", "copyright": "©", "pounds": "£"},
    **{"textless": "<", "textgreater": ">"},
    # Not LaTeX's own, but every second style file's.
    **{"eg": "e.g.", "ie": "i.e.", "etc": "etc.", "etal": "et al."},
}
_ESCAPED = {**{c: c for c in "%&#_{}$"}, " ": " ", ",": "\N{THIN SPACE}", "-": "", "/": ""}
_ESCAPED |= {"\\": " ", "\n": " ", ";": " ", ":": " ", "!": "", "@": ""}

# An address comes first: it may hold what means something elsewhere.
_TOKEN = re.compile(
    r"(?P<link>\bhttps?://[^\s<>\"{}|\\^`$]+)"
    r"|(?P<before>[(\[“‘\"]?)(?P<formula>\$\$?|\\[(\[])"
    r"|\\(?P<accent>['`^\"~=.]|[Hbcdkruv](?![a-zA-Z])\s*)"
    r"(?P<on>\{\\?[^\W\d_]\}|\{\}|\\[ij](?![a-zA-Z])|[^\W\d_])"
    r"|\\(?P<command>[a-zA-Z]+)\*?"
    r"|\\(?P<escaped>[^a-zA-Z])"
    r"|(?P<group>\{(?=\\))"
    r"|(?P<space>(?:(?<=[^\W\d_]{2})|(?<=[.,)\]}]))~(?=[\w\\$({\[]))"
    r"|(?P<dash>(?<=\w)---?(?=\w)|(?<=\s)---?(?=\s)|(?<=\w)---?(?=\s)|(?<=\s)---(?=\w))"
    r"|``(?P<quoted>(?:[^`']|'(?!')){1,300}?)(?:''|[\"”]|’’)"
)
_CLOSES = {"$": re.compile(r"(?<!\\)\$"), "$$": re.compile(r"\$\$")}
_CLOSES |= {r"\(": re.compile(r"\\\)"), r"\[": re.compile(r"\\\]")}
_SIGNS = re.compile(r"[-,.;:!?)\]”’\"]{1,4}")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_TEX = re.compile(r"\\[a-zA-Z]|[_^{}=<>]")
# Authors set words in a formula to have them in italics.
_TEXT = re.compile(r"\s*\\(?:text[a-z]*|emph|underline|href|url)\s*\{")
_MATH = re.compile(r"\\[a-zA-Z]|[\^_=<>]")
_WORDS = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")
# Some archives write LaTeX as Markdown would have it: \\(n\\) and \textit\{word\}.
_MARKDOWN = re.compile(r"\\\\\(|\\[a-zA-Z]+\\\{|\\\{\\[a-zA-Z]")
_UNESCAPED = re.compile(r"\\(?=\\[()\[\]]|[{}])")
# An umlaut stands on a letter: this is the end of what someone quoted.
_QUOTE = re.compile(r"\\\"(?![\w{\\])")


class LatexText:
    """A text, ready to be read.

    Parameters
    ----------
    text : str
    links : bool
        True to make links of web addresses; within a link there can be none.
    """

    def __init__(self, text: str, links: bool = False) -> None:
        if _MARKDOWN.search(text):
            text = _UNESCAPED.sub("", text)
        self._text = text.replace(r"\"", '"') if _QUOTE.search(text) else text
        self._links = links
        self._formulas = 0
        self._ends = _matched(self._text)

    def markup(self) -> Markup:
        """Return the text as HTML: what is not understood is escaped and shown."""
        return self._between(0, len(self._text), 0)

    def _between(self, start: int, end: int, depth: int) -> Markup:
        if depth > DEEPEST:
            return escape(self._text[start:end])
        return Markup("").join(self._pieces(start, end, depth))

    def _pieces(self, start: int, end: int, depth: int) -> Iterator[Markup]:
        """Return the parts of a text in order: a reader returns what it made, and its end."""
        shown = at = start
        while found := _TOKEN.search(self._text, at, end):
            made, at = self._read(found, end, depth)
            if made is None:
                continue
            yield escape(self._text[shown : found.start()])
            yield made
            shown = at
        yield escape(self._text[shown:end])

    def _read(self, found: re.Match[str], end: int, depth: int) -> tuple[Markup | None, int]:
        kind, after = found.lastgroup, found.end()
        match kind:
            case "formula":
                made, after = self._formula(found["formula"], after, end, depth)
                return self._whole(found["before"], made, after, end)
            case "link":
                return self._link(found[0], found.start())
            case "on":
                letter = _accented(found["accent"].strip(), found["on"].strip("{}"))
                return (None if letter is None else escape(letter)), after
            case "command":
                return self._command(found["command"], after, end, depth)
            case "escaped":
                said = _ESCAPED.get(found["escaped"])
                return (None if said is None else escape(said)), after
            case "group":
                return self._group(found.start(), end, depth)
            case "space":
                return escape("\N{NO-BREAK SPACE}"), after
            case "dash":
                return escape("—" if len(found[0]) == 3 else "–"), after
            case _:
                inner = self._between(*found.span("quoted"), depth + 1)
                return Markup("“{}”").format(inner), after

    def _formula(self, opening: str, start: int, end: int, depth: int) -> tuple[Markup | None, int]:
        closing = _CLOSES[opening].search(self._text, start, min(end, start + LONGEST + 2))
        if closing is None:
            return None, start
        source = self._text[start : closing.start()]
        following = self._text[closing.end() : closing.end() + 1]
        if opening == "$" and not _is_formula(source, following):
            return None, start
        if _TEXT.match(source) and source.endswith("}") and not _MATH.search(_TEXT.sub("", source)):
            return self._between(start, closing.start(), depth + 1), closing.end()
        self._formulas += 1
        if not source.strip() or self._formulas > MOST_FORMULAS:
            return Markup("<code>{}</code>").format(source), closing.end()
        return formula(source.strip(), opening in ("$$", r"\[")), closing.end()

    def _whole(
        self, before: str, made: Markup | None, start: int, end: int
    ) -> tuple[Markup | None, int]:
        """Keep a formula on one line with the signs about it: browsers end lines beside each."""
        if made is None:
            return None, start
        after = _SIGNS.match(self._text, start, end)
        signs = after[0] if after else ""
        alone = made.startswith("<math>") and made.count("<math>") == 1
        if not before + signs or not alone:
            return escape(before) + made, start
        whole = Markup('<span class="whole">{}{}{}</span>').format(before, made, signs)
        return whole, start + len(signs)

    def _link(self, address: str, start: int) -> tuple[Markup | None, int]:
        address = address.rstrip(".,;:!?'*")
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(".,;:!?'*")
        return self._linked(address, escape(address)), start + len(address)

    def _linked(self, address: str, words: Markup) -> Markup:
        if not self._links or not _is_web_address(address):
            return words
        return Markup('<a href="{}" rel="noopener nofollow">{}</a>').format(address, words)

    def _command(self, name: str, start: int, end: int, depth: int) -> tuple[Markup | None, int]:
        argument = self._argument(start, end)
        if argument is None:
            return self._sign(name, start, end)
        first, last = argument
        words, after = self._text[first:last], last + 1
        if name in STYLED and name not in _SWITCHES:
            inner = self._between(first, last, depth + 1)
            return Markup(_ELEMENTS[STYLED[name]]).format(inner), after
        if name in _AS_IT_IS and name not in _SWITCHES:
            return self._between(first, last, depth + 1), after
        if name in ("url", "path"):
            address = re.sub(r"\\([%&#_~])", r"\1", words)
            return self._linked(address, escape(address)), after
        if name in _CITES:
            return Markup("[{}]").format(words), after
        if name in ("label", "color"):
            return Markup(), after
        if name == "footnote":
            return Markup(" ({})").format(self._between(first, last, depth + 1)), after
        if name in ("href", "textcolor", "colorbox") and (second := self._argument(after, end)):
            inner = self._between(*second, depth + 1)
            return (self._linked(words, inner) if name == "href" else inner), second[1] + 1
        if name == "ensuremath" or name.startswith("math"):
            return formula(words if name == "ensuremath" else f"\\{name}{{{words}}}"), after
        return self._sign(name, start, end)

    def _sign(self, name: str, start: int, end: int) -> tuple[Markup | None, int]:
        said = "" if name in _LEFT_OUT else _NAMED.get(name) or _signs().get(name)
        if said is None:
            return None, start
        # A command ends with the space after it, or with {}.
        if self._text.startswith("{}", start, end):
            return escape(said), start + 2
        if said.endswith(".") and self._text.startswith(".", start, end):
            return escape(said), start + 1
        # Within a word a command ends with a space: Stra\ss e.
        within = unicodedata.name(said, "").startswith("LATIN") if len(said) == 1 else False
        return escape(said), start + (within and self._text.startswith(" ", start, end))

    def _group(self, opening: int, end: int, depth: int) -> tuple[Markup | None, int]:
        """Read {\\bf word} and {\\'e}."""
        last = self._ends.get(opening)
        if last is None or last >= end:
            return None, opening + 1
        switch = re.compile(r"\\([a-zA-Z]+)\s*").match(self._text, opening + 1, last)
        if switch and switch[1] in _SWITCHES:
            inner = self._between(switch.end(), last, depth + 1)
            styled = STYLED.get(switch[1])
            return (Markup(_ELEMENTS[styled]).format(inner) if styled else inner), last + 1
        return self._between(opening + 1, last, depth + 1), last + 1

    def _argument(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where the text in braces that begins at `start` begins and ends."""
        last = self._ends.get(start)
        return (start + 1, last) if last is not None and last < end else None


def _matched(text: str) -> dict[int, int]:
    """Return, of each opening brace that is closed, where."""
    opened: list[int] = []
    ends = {}
    for found in _BRACES.finditer(text):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            ends[opened.pop()] = found.start()
    return ends


def _is_formula(source: str, following: str) -> bool:
    """Return whether what stands between two dollars is a formula and no prose between two prices.

    >>> [_is_formula(*one) for one in (("x^2", ","), ("5 and ", "1"), ("5 per month, not ", "9"))]
    [True, False, False]
    """
    if not source.strip() or "\n\n" in source:
        return False
    bare = re.sub(r"\\[a-zA-Z]+\s*\{[^{}]*\}", r"\\x", source)
    if _WORDS.search(bare) and (source[0].isdigit() or not _TEX.search(source)):
        return False
    loose = source[0].isspace() or source[-1].isspace() or following.isdigit()
    return not loose or bool(_TEX.search(source))


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


@cache
def _converter() -> "LatexNodes2Text":
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text()


def _accented(accent: str, letter: str) -> str | None:
    """Return a letter with an accent, or None where there is no such letter.

    >>> _accented('"', "o"), _accented("'", "\\\\i"), _accented('"', "T")
    ('ö', 'í', None)
    """
    said = unicodedata.normalize("NFC", _converter().latex_to_text(f"\\{accent}{{{letter}}}"))
    return said if len(said) == 1 else None


@cache
def _signs() -> dict[str, str]:
    """Return what commands without an argument stand for: a letter, or their own name.

    >>> _signs()["alpha"], _signs()["ss"], _signs().get("ourmethod")
    ('α', 'ß', None)
    """
    from pylatexenc.latex2text import get_default_latex_context_db

    known = get_default_latex_context_db().iter_macro_specs()
    said = {one.macroname: one.simplify_repl for one in known}
    return {
        name: sign
        for name, sign in said.items()
        if isinstance(sign, str) and (len(sign) == 1 or sign == name)
    }
