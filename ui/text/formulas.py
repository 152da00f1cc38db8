"""One LaTeX formula as MathML, which browsers draw themselves.

latex2mathml makes the tree. None of it is trusted: the formula may say `\\href`, `\\style` or
`\\class`, and a library may have mistakes. The tree is built anew from the elements and attributes
of MathML Core that are named here, and what looks like a bomb is shown as its source.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from types import MappingProxyType
from typing import Final
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup

from kg.text.latex.parser import MAX_FORMULA
from kg.text.latex.plain import styled_letter

LONGEST: Final = MAX_FORMULA
"""Characters of the longest source that is read."""
DEEPEST: Final = 24
"""How deep elements may stand in each other: each level of a fraction takes two."""
MOST: Final = 1_500
"""The most elements of one formula."""
WIDEST: Final = 40
"""About as many letters fit beside each other on a phone."""
LONG: Final = 16
"""From so many letters on, a formula may be broken into lines after an operator."""
PART: Final = 8
"""The fewest letters before such a break."""

TOKENS: Final = frozenset({"mi", "mn", "mo", "mtext"})
"""Elements that hold text."""
ELEMENTS: Final = TOKENS | {
    *("math", "mrow", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mphantom"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd"),
}
"""Elements of MathML Core; not `mpadded`, which draws over what is beside it."""
_FLAG = re.compile("true|false")
# None below nothing, none of ten letters or more: a formula keeps to its place.
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
"""What an attribute may say, by its name."""

# Definitions can double what they say at every step.
_DEFINES = re.compile(r"\\(def|newcommand|newenvironment|DeclareMathOperator)")
# What the library does not know, and the percent sign, which begins a comment in LaTeX but not in
# a form of arXiv's.
_MEANT = (
    (re.compile(r"(?<!\\)%"), r"\\%"),
    (re.compile(r"\\arg(?![a-zA-Z])\s*\\(min|max)(?![a-zA-Z])"), r"\\arg\1"),
    (re.compile(r"\\arg(?![a-zA-Z])"), r"\\operatorname{arg}"),
    (re.compile(r"\\not\s*="), r"\\neq "),
)
_NUMERIC = re.compile(r"&#x[0-9a-fA-F]{1,6};")
_BREAKS = frozenset("=<>≤≥≠≈≡≃≅∼∝∈⊂⊆→←↔↦⟶⇒⇔≔+−-±×·∗∪∩⊕⊗,;")
# Signs that the library takes for operators, with room on both sides.
_LETTERS = frozenset("∞∅…⋯⋮⋱∂∇")
# And those that it takes for letters.
_BRACKETS = frozenset("⟨⟩⌈⌉⌊⌋")
_TYPES = frozenset({"bold", "italic", "monospace"})
_MARKS = {"^": "ˆ", "~": "˜"}
_ROWS = frozenset({"math", "mrow", "mstyle", "msqrt", "mtd"})
_SCRIPTED = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})


class _Bomb(Exception):
    """Too deep or too large."""


@lru_cache(maxsize=512)
def formula(source: str, display: bool = False) -> Markup:
    """Return a formula as MathML, or as its source where that cannot be.

    Parameters
    ----------
    source : str
        LaTeX, without what encloses it.
    display : bool
        True for a formula that stands alone.
    """
    try:
        parts = list(_parts(_tree(source)))
        if max(map(_width, parts), default=0) > WIDEST:
            raise _Bomb
    # The library raises whatever Python does on unfinished LaTeX: StopIteration, IndexError.
    except Exception:
        return Markup("<code>{}</code>").format(source)
    if display:
        for part in parts:
            part.set("displaystyle", "true")
    made = Markup("").join(Markup(tostring(part, encoding="unicode")) for part in parts)
    return Markup('<span class="display">{}</span>').format(made) if display else made


def _tree(source: str) -> Element:
    from latex2mathml.converter import convert_to_element

    if len(source) > LONGEST or _DEFINES.search(source):
        raise _Bomb
    for pattern, meant in _MEANT:
        source = pattern.sub(meant, source)
    made = convert_to_element(source)
    if sum(1 for _ in made.iter()) > MOST:
        raise _Bomb
    return _rebuilt(made)


def _rebuilt(node: Element, depth: int = 0) -> Element:
    """Return the same with nothing in it but what is named above."""
    if depth > DEEPEST:
        raise _Bomb
    # Whatever is unknown is a row of what it holds; so is a letter that holds others.
    known = node.tag in ELEMENTS and not (node.tag in TOKENS and len(node))
    made = Element(node.tag if known else "mrow")
    variant = node.get("mathvariant", "")
    for name, value in node.attrib.items():
        meant = name != "class" and (name != "width" or made.tag == "mspace")
        if meant and name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(value):
            made.set(name, value)
    if made.tag in TOKENS:
        # The library writes characters as numeric references, for a step that is left out here.
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
    """Return a letter with the mark that browsers know how to set above or below it."""
    mark = node[1].text or ""
    if mark == "―":
        # Few fonts know how to stretch a line; style sheets do.
        line = Element("mrow", {"class": "over" if node.tag == "mover" else "under"})
        line.append(node[0])
        return line
    node[1].text = _MARKS.get(mark, mark)
    return node


def _apart(left: Element, right: Element) -> bool:
    """Return whether there is a little room between two: before and after log."""
    left, right = _base(left), _base(right)
    named = any(one.tag == "mi" and len(one.text or "") > 1 for one in (left, right))
    return named and not {left.tag, right.tag} & {"mo", "mspace", "mtext"}


def _base(node: Element) -> Element:
    while node.tag in _SCRIPTED and len(node):
        node = node[0]
    return node


def _width(node: Element) -> float:
    """Return about how many letters a formula is wide."""
    if node.tag in TOKENS:
        return len(node.text or "") + (node.tag == "mo")
    widths = [_width(child) for child in node]
    if node.tag in ("mfrac", "munder", "mover", "munderover", "mtable"):
        return max(widths, default=0)
    return sum(widths)


def _parts(math: Element) -> Iterator[Element]:
    """Return the formula in parts between which a line may end: browsers end none within one."""
    row = list(math[0]) if len(math) == 1 and math[0].tag == "mrow" else list(math)
    if _width(math) < LONG:
        yield math
        return
    part, width = Element("math"), 0.0
    for place, node in enumerate(row, 1):
        part.append(node)
        width += _width(node)
        if node.tag == "mo" and node.text in _BREAKS and width >= PART and place < len(row):
            # At the end of a row it would be taken for a sign that belongs to what is before it.
            node.set("form", "infix")
            yield part
            part, width = Element("math"), 0.0
    yield part
