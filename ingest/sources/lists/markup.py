"""Markdown and the HTML inside it, as one tree of elements.

Awesome lists mix both freely: a table may be pipes or ``<table>``, a link ``[text](url)`` or
``<a href>``. markdown-it reads the markdown, the standard library's HTML parser reads each HTML
piece that it passes through, and both build the same `Element`s.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# Deeper markup than this is an attack or an accident; what is inside is kept, but flat.
MAX_DEPTH = 90
# Brackets left open in one paragraph cost markdown-it quadratic time.
MAX_OPEN_BRACKETS = 100
MAX_PARAGRAPH_CHARS = 200_000

VOID = frozenset({"br", "img", "hr", "input", "wbr", "col", "source", "meta", "link"})
HIDDEN = frozenset({"script", "style", "svg", "pre", "template"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# What a line or two of text stands in, which the next block ends even where its end is missing.
TITLES = HEADINGS | {"summary"}
SECTIONS = frozenset({"thead", "tbody", "tfoot"})
ROWS = SECTIONS | {"tr"}
CELLS = frozenset({"td", "th"})
# An opening tag ends these elements, as HTML has it; lists and tables end titles too.
ENDS = (
    dict.fromkeys("ul ol table details blockquote hr".split(), TITLES | {"p", "a"})
    | dict.fromkeys(HEADINGS, HEADINGS | {"p"})
    | dict.fromkeys(CELLS, CELLS | {"p", "a"})
    | dict.fromkeys(SECTIONS, ROWS | CELLS | {"p", "a"})
    | dict.fromkeys(("dd", "dt"), frozenset({"dd", "dt"}))
    | {
        "a": frozenset({"a"}),
        "div": frozenset({"p"}),
        "li": frozenset({"li", "p", "a"}),
        "p": frozenset({"p"}),
        "tr": CELLS | {"tr", "p", "a"},
    }
)
# ... but none beyond these.
SCOPES = {
    "a": CELLS,
    "li": frozenset({"ul", "ol"}),
    "tr": frozenset({"table"}),
    **dict.fromkeys(CELLS, frozenset({"tr", "table"})),
    **dict.fromkeys(SECTIONS, frozenset({"table"})),
}

_BRIEF_COMMENT = re.compile(r"<!---?>")
_COMMENT_END = re.compile(r"--!?>")
# Markup of XML that no list needs and that costs both parsers quadratic time.
_XML = re.compile(r"<(?=[?!])")
_OPENING = re.compile(r"^ {0,3}<!--", re.MULTILINE)


class Text(str):
    """A run of text that knows the line on which it starts."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, content: str, line: int) -> "Text":
        """Return `content` with its line."""
        text = super().__new__(cls, content)
        text.line = line
        return text


Node: TypeAlias = "Element | Text"


@dataclass(slots=True)
class Element:
    """One element with its attributes, content and the line on which it starts."""

    tag: str
    attrs: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)
    markdown: bool = False

    def elements(self) -> Iterator["Element"]:
        """Yield the child elements."""
        return (child for child in self.children if isinstance(child, Element))

    @property
    def is_empty(self) -> bool:
        """Whether nothing but space is in it."""
        return not any(isinstance(node, Element) or node.strip() for node in self.children)


def tree(text: str) -> Element:
    """Return the tree of a markdown document, without its HTML comments."""
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_DEPTH}).enable(["table", "strikethrough"])
    parser.core.ruler.before("inline", "simplify", _simplify)
    builder = _Builder()
    for token in parser.parse(without_comments(text)):
        builder.block(token)
    return builder.root


def _simplify(state: StateCore) -> None:
    """Simplify hostile paragraphs, which would take minutes to parse."""
    for token in state.tokens:
        if token.type == "inline":
            token.content = token.content[:MAX_PARAGRAPH_CHARS]
            if _open_brackets(token.content) > MAX_OPEN_BRACKETS:
                token.content = token.content.replace("[", " ")
        if len(_XML.findall(token.content)) > MAX_OPEN_BRACKETS:
            token.content = _XML.sub(" ", token.content)


def _open_brackets(text: str) -> int:
    if text.count("[") <= MAX_OPEN_BRACKETS:
        return 0
    depth = deepest = 0
    for char in re.findall(r"[\[\]]", text):
        depth = depth + 1 if char == "[" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def without_comments(text: str) -> str:
    """Return `text` with every HTML comment gone and every line still at its number.

    A comment is hidden wherever it stands and however many blank lines or list items it spans;
    that is what its author meant, though markdown ends some of them earlier. Code is left alone.
    A comment that is never closed hides the rest where it opens a block, as browsers show it.
    """
    if "<!--" not in text:
        return text
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    code = [(starts[first], starts[last]) for first, last in _code_ranges(text)]
    ends = [match.end() for match in _COMMENT_END.finditer(text)]
    pieces: list[str] = []
    position = 0
    while (found := text.find("<!--", position)) >= 0:
        end = _comment_end(text, found, ends)
        if end is None and _OPENING.match(text, starts[bisect_right(starts, found) - 1]):
            end = len(text)
        fence = bisect_right(code, (found, len(text))) - 1
        quoted = text[max(found - 1, 0)] == "`" or (fence >= 0 and found < code[fence][1])
        if end is None or quoted:
            pieces.append(text[position : found + 4])
            position = found + 4
            continue
        pieces.append(text[position:found])
        pieces.append("\n" * text.count("\n", found, end))
        position = end
    pieces.append(text[position:])
    return _rejoin_tables(text.split("\n"), "".join(pieces).split("\n"))


def _comment_end(text: str, start: int, ends: Sequence[int]) -> int | None:
    """Where the comment at `start` ends, given where any comment ends in `text`."""
    if brief := _BRIEF_COMMENT.match(text, start):
        return brief.end()
    index = bisect_right(ends, start + len("<!----"))
    return ends[index] if index < len(ends) else None


def _code_ranges(text: str) -> list[tuple[int, int]]:
    blocks = MarkdownIt("commonmark", {"maxNesting": MAX_DEPTH}).disable("inline")
    last = text.count("\n") + 1
    return [
        (token.map[0], min(token.map[1], last - 1))
        for token in blocks.parse(text)
        if token.type == "fence" and token.map
    ]


def _rejoin_tables(before: Sequence[str], after: list[str]) -> str:
    """Let the rows around a commented-out row stay one table."""
    rows = [index for index, line in enumerate(after) if line.lstrip().startswith("|")]
    for upper, lower in pairwise(rows):
        gap = range(upper + 1, lower)
        if gap and all(not after[i].strip() and before[i].strip() for i in gap):
            for i in gap:
                after[i] = "| |"
    return "\n".join(after)


class _Builder(HTMLParser):
    """Build one tree from markdown tokens and HTML pieces.

    HTML may be left unclosed, or be closed by another tag than it was opened by, or from within
    a markdown block that it holds. What holds only a line or two, such as a heading, then ends
    with its block, so that nothing of the list stands in it.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {}, 1, markdown=True)
        self.open = [self.root]
        self.line = 1
        self.ended: set[int] = set()
        """Identities of elements whose end tag stood within a markdown block."""

    # Markdown.

    def block(self, token: Token) -> None:
        """Add a block token."""
        if token.map:
            self.line = token.map[0] + 1
        if token.type == "inline":
            for child in token.children or ():
                self.inline(child)
        elif token.type == "html_block":
            self._end_titles()
            self.html(token.content)
        elif token.nesting == 1:
            self._end_titles()
            self.start(token.tag, {}, markdown=True)
        elif token.nesting == -1:
            self.end_markdown(token.tag)
        elif token.type == "hr":
            self.start("hr", {}, markdown=True)

    def inline(self, token: Token) -> None:
        """Add an inline token."""
        attrs = {key: str(value) for key, value in token.attrs.items()}
        if token.type in {"text", "text_special"}:
            self.text(token.content)
        elif token.type == "code_inline":
            self.start("code", {}, markdown=True)
            self.text(token.content)
            self.end_markdown("code")
        elif token.type in {"softbreak", "hardbreak"}:
            self.start("br", {"soft": ""} if token.type == "softbreak" else {}, markdown=True)
            self.line += 1
        elif token.type == "image":
            self.start("img", {"src": attrs.get("src", ""), "alt": token.content})
        elif token.type == "html_inline":
            self.html(token.content)
        elif token.nesting == 1:
            self.start(token.tag, attrs, markdown=True)
        elif token.nesting == -1:
            self.end_markdown(token.tag)

    # HTML.

    def html(self, content: str) -> None:
        """Add a piece of HTML."""
        first = self.line
        self.reset()
        self.feed(content)
        self.close()
        self.line = first + content.rstrip("\n").count("\n")

    def _at(self) -> None:
        self.line = self.first_line + self.getpos()[0] - 1

    def reset(self) -> None:
        """Forget an unfinished tag or script: the next piece starts afresh."""
        super().reset()
        self.first_line = getattr(self, "line", 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an HTML element."""
        self._at()
        self.start(tag, {key: value or "" for key, value in attrs})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add ``<br/>`` and the like; browsers take ``<b/>`` for ``<b>``, but ``<a id="x"/>`` is
        meant to be empty."""
        self.handle_starttag(tag, attrs)
        if tag == "a":
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an HTML element."""
        self._at()
        self.end(tag)

    def handle_data(self, data: str) -> None:
        """Add text; a line's end in HTML is a space."""
        self._at()
        self.line += data[: len(data) - len(data.lstrip())].count("\n")
        self.text(re.sub(r"\s+", lambda space: " " if "\n" in space[0] else space[0], data))

    # Both.

    def start(self, tag: str, attrs: dict[str, str], markdown: bool = False) -> None:
        """Open an element, ending those that its tag ends."""
        scope = SCOPES.get(tag, frozenset())
        ends = ENDS.get(tag, frozenset())
        for index in range(len(self.open) - 1, 0, -1):
            element = self.open[index]
            if element.tag in scope or element.markdown:
                break
            wraps = tag in HEADINGS and element.tag in HEADINGS and element.is_empty
            if element.tag in ends and not wraps:
                del self.open[index:]
        element = Element(tag, attrs, self.line, markdown=markdown)
        self.open[-1].children.append(element)
        if tag not in VOID and len(self.open) < MAX_DEPTH:
            self.open.append(element)

    def _end_titles(self) -> None:
        """End the HTML headings and summaries that have their text: a new block begins."""
        for index in range(len(self.open) - 1, 0, -1):
            element = self.open[index]
            if element.markdown:
                break
            if element.tag in TITLES and not element.is_empty:
                del self.open[index:]

    def end(self, tag: str) -> None:
        """Close the innermost open HTML element of that tag; any heading's tag closes headings.

        Markdown's own elements go on to their end, and what holds them ends with them.
        """
        tags = HEADINGS if tag in HEADINGS else {tag}
        within_markdown = False
        for index in range(len(self.open) - 1, 0, -1):
            element = self.open[index]
            if element.markdown:
                within_markdown = True
            elif element.tag in tags and id(element) not in self.ended:
                if within_markdown:
                    self.ended.add(id(element))
                else:
                    del self.open[index:]
                return

    def end_markdown(self, tag: str) -> None:
        """Close the innermost open markdown element of that tag, and what was ended within it."""
        for index in range(len(self.open) - 1, 0, -1):
            if self.open[index].tag == tag and self.open[index].markdown:
                del self.open[index:]
                break
        for index in range(len(self.open) - 1, 0, -1):
            if self.open[index].markdown:
                break
            if id(self.open[index]) in self.ended:
                del self.open[index:]

    def text(self, content: str) -> None:
        """Add text to the open element."""
        if content:
            self.open[-1].children.append(Text(content, self.line))
