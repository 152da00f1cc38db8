"""Markdown and the HTML inside it, as one tree of elements.

Awesome lists mix both freely: a table may be pipes or ``<table>``, a link ``[text](url)`` or
``<a href>``. markdown-it reads the markdown, the standard library's HTML parser reads each HTML
piece that it passes through, and both build the same `Element`s.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# Deeper markup than this is an attack or an accident; what is inside is kept, but flat.
MAX_DEPTH = 90
# Brackets left open in one paragraph cost markdown-it quadratic time.
MAX_OPEN_BRACKETS = 100
MAX_PARAGRAPH = 200_000

VOID = frozenset({"br", "img", "hr", "input", "wbr", "col", "source", "meta", "link"})
HIDDEN = frozenset({"script", "style", "svg", "pre", "template"})
# An opening tag ends these elements, as HTML has it.
BLOCKS_THAT_END_P = "ul ol table div details blockquote hr h1 h2 h3 h4 h5 h6".split()
ENDS = {tag: frozenset({"p"}) for tag in BLOCKS_THAT_END_P} | {
    "li": frozenset({"li", "p"}),
    "tr": frozenset({"tr", "td", "th", "p"}),
    "td": frozenset({"td", "th", "p"}),
    "th": frozenset({"td", "th", "p"}),
    "p": frozenset({"p"}),
    "dd": frozenset({"dd", "dt"}),
    "dt": frozenset({"dd", "dt"}),
}
# ... but none beyond these.
SCOPES = {
    "li": frozenset({"ul", "ol"}),
    "tr": frozenset({"table"}),
    "td": frozenset({"tr", "table"}),
    "th": frozenset({"tr", "table"}),
}

_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)
_OPENING = re.compile(r"^ {0,3}<!--", re.MULTILINE)


@dataclass(slots=True)
class Element:
    """One element with its attributes, content and the line on which it starts."""

    tag: str
    attrs: dict[str, str]
    line: int
    children: list["Element | str"] = field(default_factory=list)
    markdown: bool = False

    def elements(self) -> Iterator["Element"]:
        """Yield the child elements."""
        return (child for child in self.children if isinstance(child, Element))


def tree(text: str) -> Element:
    """Return the tree of a markdown document, without its HTML comments."""
    builder = _Builder()
    for token in _markdown().parse(without_comments(text)):
        builder.block(token)
    return builder.root


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_DEPTH}).enable(["table", "strikethrough"])
    parser.core.ruler.before("inline", "tame", _tame)
    return parser


def _tame(state: StateCore) -> None:
    """Keep paragraphs that nobody writes from costing minutes."""
    for token in state.tokens:
        if token.type == "inline":
            token.content = token.content[:MAX_PARAGRAPH]
            if _open_brackets(token.content) > MAX_OPEN_BRACKETS:
                token.content = token.content.replace("[", " ")


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
    code = _code_ranges(text)
    starts = [match.start() for match in re.finditer(r"^", text, re.MULTILINE)]
    pieces: list[str] = []
    position = 0
    while (found := text.find("<!--", position)) >= 0:
        end = _comment_end(text, found)
        quoted = any(starts[first] <= found < starts[last] for first, last in code)
        if end is None or quoted or text[max(found - 1, 0)] == "`":
            pieces.append(text[position : found + 4])
            position = found + 4
            continue
        pieces.append(text[position:found])
        pieces.append("\n" * text.count("\n", found, end))
        position = end
    pieces.append(text[position:])
    return _rejoin_tables(text.split("\n"), "".join(pieces).split("\n"))


def _comment_end(text: str, start: int) -> int | None:
    match = _COMMENT.match(text, start)
    if match:
        return match.end()
    line_start = text.rfind("\n", 0, start) + 1
    return len(text) if _OPENING.match(text, line_start) else None


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
    """Build one tree from markdown tokens and HTML pieces."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {}, 1, markdown=True)
        self.open = [self.root]
        self.line = 1

    # Markdown.

    def block(self, token: Token) -> None:
        """Add a block token."""
        if token.map:
            self.line = token.map[0] + 1
        if token.type == "inline":
            for child in token.children or ():
                self.inline(child)
        elif token.type == "html_block":
            self.html(token.content)
        elif token.nesting == 1:
            self.start(token.tag, {}, markdown=True)
        elif token.nesting == -1:
            self.end(token.tag, markdown=True)
        elif token.type == "hr":
            self.start("hr", {})

    def inline(self, token: Token) -> None:
        """Add an inline token."""
        attrs = {key: str(value) for key, value in token.attrs.items()}
        if token.type in {"text", "text_special"}:
            self.text(token.content)
        elif token.type == "code_inline":
            self.start("code", {}, markdown=True)
            self.text(token.content)
            self.end("code", markdown=True)
        elif token.type in {"softbreak", "hardbreak"}:
            self.start("br", {"soft": ""} if token.type == "softbreak" else {})
            self.line += 1
        elif token.type == "image":
            self.start("img", {"src": attrs.get("src", ""), "alt": token.content})
        elif token.type == "html_inline":
            self.html(token.content)
        elif token.nesting == 1:
            self.start(token.tag, attrs, markdown=True)
        elif token.nesting == -1:
            self.end(token.tag, markdown=True)

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
        """Add ``<br/>`` and the like; browsers take ``<b/>`` for ``<b>``."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close an HTML element."""
        self._at()
        self.end(tag)

    def handle_data(self, data: str) -> None:
        """Add text; a line's end in HTML is a space."""
        self._at()
        self.text(re.sub(r"\s*\n\s*", " ", data))

    # Both.

    def start(self, tag: str, attrs: dict[str, str], markdown: bool = False) -> None:
        """Open an element, ending those that its tag ends."""
        scope = SCOPES.get(tag, frozenset())
        ends = ENDS.get(tag, frozenset())
        for index in range(len(self.open) - 1, 0, -1):
            element = self.open[index]
            if element.tag in scope or element.markdown:
                break
            if element.tag in ends:
                del self.open[index:]
        element = Element(tag, attrs, self.line, markdown=markdown)
        self.open[-1].children.append(element)
        if tag not in VOID and len(self.open) < MAX_DEPTH:
            self.open.append(element)

    def end(self, tag: str, markdown: bool = False) -> None:
        """Close the innermost open element of that tag; HTML cannot close markdown's."""
        for index in range(len(self.open) - 1, 0, -1):
            element = self.open[index]
            if element.tag == tag and element.markdown == markdown:
                del self.open[index:]
                return
            if element.markdown and not markdown:
                return

    def text(self, content: str) -> None:
        """Add text to the open element."""
        if content:
            self.open[-1].children.append(content)
