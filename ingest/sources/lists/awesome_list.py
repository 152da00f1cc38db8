"""Read an awesome list: a markdown file that names papers in any of a hundred styles."""

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path

from ingest.sources.lists.blocks import LISTS, Block, blocks_of, sub_list
from ingest.sources.lists.entries import UnitKind, is_detail, read_unit
from ingest.sources.lists.line_text import is_prose, words
from ingest.sources.lists.links import BREAK, Inline, Role, is_paper_url, segments
from ingest.sources.lists.markup import CELLS, HEADINGS, ROWS, Element, Node, tree
from ingest.sources.lists.tables import read_table
from kg.errors import BadSource
from kg.records import ListEntry

MAX_BYTES = 20_000_000
MAX_NAME_WORDS = 3
# Blocks that may add details to the paper in the block before them.
MAX_DETAIL_BLOCKS = 4
LOOKS_LIKE = (
    "an awesome list is markdown with entries such as '- [Title](https://arxiv.org/abs/...)'"
)
BYTE_ORDER_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
# Summaries that name what a click does, not what is inside.
_CLICK = re.compile(
    r"^\W*(?:click|expand|show|toggle|more|see|view|details?|unfold|collapse|open|read|full list"
    r"|table of contents|contents?|toc|点击|展开|目录)\b",
    re.IGNORECASE,
)


def read(path: Path) -> list[ListEntry]:
    """Return the papers that the list at `path` names, in its order.

    Parameters
    ----------
    path : Path
        A markdown file of at most 20 MB, in UTF-8.

    Raises
    ------
    BadSource
        The file cannot be read or names no paper.
    """
    try:
        if path.is_dir():
            raise BadSource(path, None, "is a folder", "name the list's markdown file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadSource(path, None, _too_large(size), "split it, or check that it is a list")
        return parse(path.read_bytes(), str(path))
    except FileNotFoundError as error:
        raise BadSource(path, None, "no such file", "check the path") from error
    except (OSError, ValueError) as error:
        raise BadSource(path, None, f"cannot be read: {error}", "check the path") from error


def parse(data: bytes, name: str = "list") -> list[ListEntry]:
    """Return the papers that an awesome list names, in its order.

    Parameters
    ----------
    data : bytes
        The markdown, in UTF-8, with or without byte order mark.
    name : str
        What to call the list in errors.

    Raises
    ------
    BadSource
        The bytes are no text, or the text names no paper.

    Examples
    --------
    >>> parse(b"## Merging\\n- [A title](https://arxiv.org/abs/2203.05482), ICML 2022")[0].arxiv_id
    '2203.05482'
    """
    text = _decode(data, name)
    entries = _with_full_titles(list(_ListReader().read(blocks_of(tree(text)))))
    if not entries:
        raise BadSource(name, None, "no paper found in it", LOOKS_LIKE)
    return entries


def _with_full_titles(entries: list[ListEntry]) -> list[ListEntry]:
    """Give a paper that is only named ("OPT") the title that the list gives it elsewhere."""
    titles = {
        entry.arxiv_id: entry.title
        for entry in reversed(entries)
        if entry.arxiv_id and words(entry.title) > MAX_NAME_WORDS
    }
    return [
        replace(entry, title=titles[entry.arxiv_id])
        if entry.arxiv_id in titles and words(entry.title) <= MAX_NAME_WORDS
        else entry
        for entry in entries
    ]


def _too_large(size: int) -> str:
    return f"{size / 1e6:.0f} MB is more than the {MAX_BYTES / 1e6:.0f} MB that a list may have"


def _decode(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise BadSource(name, None, _too_large(len(data)), "split it, or check that it is a list")
    if not data.strip():
        raise BadSource(name, None, "the file is empty", LOOKS_LIKE)
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            raise BadSource(name, 1, f"is {encoding}, not UTF-8", "save the list as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = f"byte {data[error.start]:#04x} at offset {error.start} is not UTF-8"
        raise BadSource(name, line, wrong, "save the list as UTF-8") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadSource(name, line, "is a binary file, not text", LOOKS_LIKE)
    return text.replace("\r\n", "\n").replace("\r", "\n")


CONTAINERS = frozenset(
    "div center section details blockquote article main root figure dl dd dt span font".split()
)


@dataclass(slots=True)
class _ListReader:
    """Walks a tree and keeps track of the headings above."""

    headings: list[tuple[float, str]] = field(default_factory=list)
    begun: bool = False

    def _under(self, level: float, text: str) -> None:
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        if text:
            self.headings.append((level, text))

    def _placed(self, entries: Iterable[ListEntry]) -> Iterator[ListEntry]:
        above = tuple(text for _, text in self.headings)
        return (replace(entry, headings=above) for entry in entries)

    def read(self, blocks: Sequence[Block]) -> Iterator[ListEntry]:
        """Yield the entries of some blocks."""
        index = 0
        while index < len(blocks):
            block = blocks[index]
            index += 1
            after = blocks[index : index + MAX_DETAIL_BLOCKS]
            if block.tag in HEADINGS and block.element:
                taken = yield from self._heading(block.element, after)
                index += taken
            elif block.tag == "p":
                details, taken = _details_after(after)
                found = read_unit([*block.segments, *details], UnitKind.PARAGRAPH)
                if not found and taken:
                    found, taken = read_unit(block.segments, UnitKind.PARAGRAPH), 0
                yield from self._placed(found)
                index += taken
            elif block.element and block.tag in LISTS:
                tail = _tail(block.element, after)
                yield from self._list(
                    block.element, [s for p in tail for s in [BREAK, *p.segments]]
                )
                index += len(tail)
            elif block.element:
                yield from self._element(block.element)

    def _element(self, element: Element) -> Iterator[ListEntry]:
        if element.tag in LISTS:
            yield from self._list(element)
        elif element.tag == "li":
            yield from self._item(element)
        elif element.tag == "table":
            yield from self._table(element)
        elif element.tag == "details":
            yield from self._details(element)
        else:
            yield from self.read(blocks_of(element))

    def _table(self, table: Element) -> Iterator[ListEntry]:
        between: list[Node] = []
        within: list[Node] = []
        found = read_table(_only_cells(table, between, within))
        if found or (found is not None and not within):
            yield from self._placed(found)
            between += within
        else:  # used for layout: each cell is read by itself
            for cell in _cells(table):
                yield from self.read(blocks_of(cell))
        yield from self.read(blocks_of(replace(table, children=between)))

    def _heading(self, element: Element, after: Sequence[Block]) -> Generator[ListEntry, None, int]:
        level = float(element.tag[1])
        own = segments(element.children)
        # The first heading is the list's own title, whatever badges follow it.
        entries, taken = _entitled(own, after) if level > 1 and self.begun else ([], 0)
        self.begun = True
        self._under(level, "" if entries else plain(element))
        yield from self._placed(entries)
        return taken

    def _details(self, element: Element) -> Iterator[ListEntry]:
        before = list(self.headings)
        summary = next((e for e in element.elements() if e.tag == "summary"), None)
        body = blocks_of(element, skip="summary")
        if summary is not None:
            text = plain(summary)
            entries, taken = _entitled(segments(summary.children), body)
            body = body[taken:]
            yield from self._placed(entries)
            known = {heading.casefold() for _, heading in self.headings}
            if not entries and text and not _CLICK.match(text) and text.casefold() not in known:
                level = self.headings[-1][0] + 0.5 if self.headings else 0.5
                self._under(level, text)
        yield from self.read(body)
        self.headings = before

    def _list(self, element: Element, tail: Sequence[Inline] = ()) -> Iterator[ListEntry]:
        items = list(element.elements())
        for item in items:
            if item.tag == "li":
                yield from self._item(item, tail if item is items[-1] else ())
            elif item.tag in LISTS | CONTAINERS:
                yield from self._element(item)

    def _item(self, item: Element, tail: Sequence[Inline] = ()) -> Iterator[ListEntry]:
        own: list[Inline] = []
        inner: list[Block] = []
        for block in blocks_of(item):
            if block.tag == "p":
                own += [BREAK, *block.segments] if own else block.segments
            elif block.tag in HEADINGS and block.element:
                own += [BREAK, *segments(block.element.children)]
            else:
                inner.append(block)
        below = [(block, sub_list(block)) for block in inner]
        details = [s for _, split in below if split for s in split.details]
        found = read_unit([*own, *details, *tail], UnitKind.ITEM)
        found[:1] = [replace(first, line=item.line) for first in found[:1]]
        yield from self._placed(found)
        before = list(self.headings)
        text = " ".join("".join(s.text for s in own).split()).strip(" :：*")
        if not found and 0 < words(text) <= 8 and not is_prose(text):
            self._under(self.headings[-1][0] + 0.25 if self.headings else 0.25, text)
        for block, split in below:
            if not block.element:
                continue
            rest = (
                replace(block.element, children=split.others) if found and split else block.element
            )
            inside = list(self._element(rest))
            # Below a paper, an entry without a link and a citation is only a remark on it.
            yield from (
                e
                for e in inside
                if not found or (e.url and (e.arxiv_id or e.doi or e.venue or e.year))
            )
        self.headings = before


def _entitled(own: list[Inline], after: Sequence[Block]) -> tuple[list[ListEntry], int]:
    """Return entries titled by a heading, and how many of the blocks after it are details."""
    details, taken = _details_after(after[:3])
    linked = any(s.is_link and s.role is Role.TITLE and s.url for s in own)
    labelled = any(s.is_link and s.role is Role.PAPER for s in [*own, *details])
    entries = read_unit([*own, *details], UnitKind.HEADING) if linked or labelled else []
    return entries, taken if entries else 0


def _tail(element: Element, after: Sequence[Block]) -> list[Block]:
    """Return the paragraphs after a list that are details of its last item, if ill indented."""
    items = [item for item in element.elements() if item.tag == "li"]
    own = [s for block in blocks_of(items[-1]) for s in block.segments] if items else []
    if not own or any(s.is_link for s in own):
        return []
    found = list(takewhile(lambda block: block.tag == "p" and is_detail(block.segments), after[:2]))
    return found if any(s.url for block in found for s in block.segments) else []


def _cells(table: Element) -> Iterator[Element]:
    for element in table.elements():
        if element.tag in CELLS:
            yield element
        elif element.tag in ROWS:
            yield from _cells(element)


def _only_cells(element: Element, between: list[Node], within: list[Node]) -> Element:
    """Return a table, row or cell without what belongs to the page around it.

    A table or a cell that is never closed holds what follows it: lists, headings, more tables.
    Nodes from between the cells are added to `between`, those from within a cell to `within`.
    """
    kept: list[Node] = []
    is_cell = element.tag in CELLS
    for index, node in enumerate(element.children):
        if is_cell and _holds_page(node):
            within += element.children[index:]
            break
        if is_cell:
            kept.append(node)
        elif isinstance(node, Element) and node.tag in CELLS | ROWS:
            kept.append(_only_cells(node, between, within))
        else:
            between.append(node)
    return replace(element, children=kept)


def _holds_page(node: Node) -> bool:
    """Whether a node is or has a table, or a heading or list in markdown."""
    return isinstance(node, Element) and (
        node.tag == "table"
        or (node.markdown and node.tag in LISTS | HEADINGS)
        or any(map(_holds_page, node.elements()))
    )


def _details_after(after: Sequence[Block]) -> tuple[list[Inline], int]:
    """Return the first blocks after a title that are its details, and their number."""
    found: list[Inline] = []
    taken = 0
    for block in after:
        if block.tag == "p" and is_detail(block.segments):
            found += [BREAK, *block.segments]
        elif details := _detail_segments(block):
            found += details
        else:
            break
        taken += 1
    return found, taken


def _detail_segments(block: Block) -> list[Inline]:
    """Segments of a list each of whose items is a detail of what stands above it."""
    below = sub_list(block)
    return below.details if below and not any(map(_links_paper, below.others)) else []


def _links_paper(node: Node) -> bool:
    return isinstance(node, Element) and any(
        s.url and is_paper_url(s.url) for s in segments(node.children)
    )


def plain(element: Element) -> str:
    """Return the text of a heading."""
    found = segments(element.children)
    return " ".join("".join(" " if s.is_break else s.text for s in found).replace("**", "").split())
