"""Convert one LaTeX formula to MathML, which browsers draw themselves.

The tree of latex2mathml is not trusted: the formula may contain `\\href`, `\\style` or `\\class`.
It is rebuilt from the elements and attributes of MathML Core that are allowed here; a formula that
is too large is shown as its source.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from types import MappingProxyType
from typing import Final
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup

from kg.text.latex.parser import MAX_FORMULA_CHARS
from kg.text.latex.plain import styled_letter

MAX_SOURCE_CHARS: Final = MAX_FORMULA_CHARS
"""Longer formulas are shown as their source."""
MAX_DEPTH: Final = 24
"""Depth of nested elements; each level of a fraction takes two."""
MAX_ELEMENTS: Final = 1_500
"""Elements of one formula."""
MAX_PART_WIDTH: Final = 40
"""Letters that fit beside each other on a phone, about."""
MIN_BREAKABLE_WIDTH: Final = 16
"""Letters from which on a formula may be broken into lines after an operator."""
MIN_PART_WIDTH: Final = 8
"""Letters before such a break."""

TOKENS: Final = frozenset({"mi", "mn", "mo", "mtext"})
"""Elements that hold text."""
ELEMENTS: Final = TOKENS | {
    *("math", "mrow", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mphantom"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd"),
}
"""Allowed elements of MathML Core; not `mpadded`, which can draw over its neighbours."""
_FLAG = re.compile("true|false")
# Not negative and less than ten letters, so that a formula stays in its place.
_LENGTH = re.compile(r"\d?(\.\d{1,3})?e[mx]|0(px)?")
ATTRIBUTES: Final = MappingProxyType(
    {
        **dict.fromkeys(("stretchy", "fence", "separator", "largeop", "movablelimits"), _FLAG),
        **dict.fromkeys(("accent", "accentunder", "displaystyle"), _FLAG),
        **dict.fromkeys(("width", "minsize", "maxsize", "lspace", "rspace"), _LENGTH),
        "linethickness": re.compile("0(px)?"),
        "form": re.compile("prefix|infix|postfix"),
        "scriptlevel": re.compile("[012]"),
        "mathvariant": re.compile("normal"),
        "class": re.compile("bold|italic|monospace|over|under"),
    }
)
"""Attribute -> its allowed values."""

# Definitions can grow exponentially.
_DEFINES = re.compile(r"\\(def|newcommand|newenvironment|DeclareMathOperator)")
# Commands that the library does not know, and the percent sign, which begins a comment in LaTeX but
# not in arXiv's metadata.
_REPLACEMENTS = (
    (re.compile(r"(?<!\\)%"), r"\\%"),
    (re.compile(r"\\arg(?![a-zA-Z])\s*\\(min|max)(?![a-zA-Z])"), r"\\arg\1"),
    (re.compile(r"\\arg(?![a-zA-Z])"), r"\\operatorname{arg}"),
    (re.compile(r"\\not\s*="), r"\\neq "),
)
_NUMERIC = re.compile(r"&#x[0-9a-fA-F]{1,6};")
_BREAKS = frozenset("=<>≤≥≠≈≡≃≅∼∝∈⊂⊆→←↔↦⟶⇒⇔≔+−-±×·∗∪∩⊕⊗,;")
# Symbols that the library treats as operators, with space on both sides.
_LETTERS = frozenset("∞∅…⋯⋮⋱∂∇")
# Brackets that it treats as letters.
_BRACKETS = frozenset("⟨⟩⌈⌉⌊⌋")
_TYPES = frozenset({"bold", "italic", "monospace"})
_MARKS = {"^": "ˆ", "~": "˜"}
_ROWS = frozenset({"math", "mrow", "mstyle", "msqrt", "mtd"})
_SCRIPTED = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})


class _TooComplex(Exception):
    """Too deep or too large."""


@lru_cache(maxsize=512)
def formula(source: str, display: bool = False) -> Markup:
    """Return a formula as MathML, or as its source where that cannot be.

    Parameters
    ----------
    source : str
        LaTeX, without its delimiters.
    display : bool
        True for a formula in a line of its own.
    """
    try:
        parts = list(_parts(_tree(source)))
        if max(map(_width, parts), default=0) > MAX_PART_WIDTH:
            raise _TooComplex
    # On incomplete LaTeX the library raises StopIteration, IndexError and others.
    except Exception:
        return Markup("<code>{}</code>").format(source)
    if display:
        for part in parts:
            part.set("displaystyle", "true")
    made = Markup("").join(Markup(tostring(part, encoding="unicode")) for part in parts)
    return Markup('<span class="display">{}</span>').format(made) if display else made


def _tree(source: str) -> Element:
    from latex2mathml.converter import convert_to_element

    if len(source) > MAX_SOURCE_CHARS or _DEFINES.search(source):
        raise _TooComplex
    for pattern, replacement in _REPLACEMENTS:
        source = pattern.sub(replacement, source)
    made = convert_to_element(source)
    if sum(1 for _ in made.iter()) > MAX_ELEMENTS:
        raise _TooComplex
    return _rebuilt(made)


def _rebuilt(node: Element, depth: int = 0) -> Element:
    """Return a copy with allowed elements and attributes only."""
    if depth > MAX_DEPTH:
        raise _TooComplex
    # Unknown elements become rows of their children; so do tokens that have children.
    known = node.tag in ELEMENTS and not (node.tag in TOKENS and len(node))
    made = Element(node.tag if known else "mrow")
    variant = node.get("mathvariant", "")
    for name, value in node.attrib.items():
        usable = name != "class" and (name != "width" or made.tag == "mspace")
        if usable and name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(value):
            made.set(name, value)
    if made.tag in TOKENS:
        # The library writes characters as numeric references.
        text = _NUMERIC.sub(lambda match: unescape(match[0]), node.text or "")
        if made.tag == "mtext":
            if variant in _TYPES:
                made.set("class", variant)
        elif variant:
            text = "".join(styled_letter(c, variant) for c in text)
        made.text = text
        if made.tag == "mo" and text in _LETTERS:
            made.tag = "mi"
        elif made.tag == "mi" and text in _BRACKETS:
            made.tag = "mo"
            made.set("stretchy", "false")
    for child in node:
        new = _rebuilt(child, depth + 1)
        if made.tag in _ROWS and len(made) and _apart(made[-1], new):
            made.append(Element("mspace", width=".167em"))
        made.append(new)
    return _marked(made) if made.tag in ("mover", "munder") and len(made) == 2 else made


def _marked(node: Element) -> Element:
    """Return an accented element with an accent that browsers can place."""
    mark = node[1].text or ""
    if mark == "―":
        # Few fonts can stretch a line; a style sheet draws it.
        line = Element("mrow", {"class": "over" if node.tag == "mover" else "under"})
        line.append(node[0])
        return line
    node[1].text = _MARKS.get(mark, mark)
    return node


def _apart(left: Element, right: Element) -> bool:
    """Return whether a space belongs between two elements, as around log."""
    left, right = _base(left), _base(right)
    named = any(one.tag == "mi" and len(one.text or "") > 1 for one in (left, right))
    return named and not {left.tag, right.tag} & {"mo", "mspace", "mtext"}


def _base(node: Element) -> Element:
    while node.tag in _SCRIPTED and len(node):
        node = node[0]
    return node


def _width(node: Element) -> float:
    """Return the approximate width of an element in letters."""
    if node.tag in TOKENS:
        return len(node.text or "") + (node.tag == "mo")
    widths = [_width(child) for child in node]
    if node.tag in ("mfrac", "munder", "mover", "munderover", "mtable"):
        return max(widths, default=0)
    return sum(widths)


def _parts(math: Element) -> Iterator[Element]:
    """Yield the formula in parts between which a line may break: browsers break none within one."""
    row = list(math[0]) if len(math) == 1 and math[0].tag == "mrow" else list(math)
    if _width(math) < MIN_BREAKABLE_WIDTH:
        yield math
        return
    part, width = Element("math"), 0.0
    for place, node in enumerate(row, 1):
        part.append(node)
        width += _width(node)
        if (
            node.tag == "mo"
            and node.text in _BREAKS
            and width >= MIN_PART_WIDTH
            and place < len(row)
        ):
            # At the end of a row it would be spaced as a postfix operator.
            node.set("form", "infix")
            yield part
            part, width = Element("math"), 0.0
    yield part
