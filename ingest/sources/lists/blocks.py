"""The blocks of a list's page: paragraphs, and the elements that hold more blocks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.sources.lists.entries import UnitKind, is_detail, read_unit
from ingest.sources.lists.line_text import words
from ingest.sources.lists.links import BLOCKS, BREAK, Inline, is_paper_url, segments
from ingest.sources.lists.markup import HEADINGS, HIDDEN, Element, Node

MAX_KEY_WORDS = 3
_ANY_KEY = re.compile(r"([^:：\n]{1,30})[:：](?!//)")
LISTS = frozenset({"ul", "ol", "menu"})


@dataclass
class Block:
    """A paragraph or an element that holds more."""

    element: Element | None
    inline: Sequence[Node]

    @cached_property
    def segments(self) -> list[Inline]:
        """The paragraph's segments."""
        return segments(self.inline)

    @property
    def tag(self) -> str:
        """Tag of the element, or "p" for a paragraph."""
        return self.element.tag if self.element else "p"


def blocks_of(element: Element, skip: str = "") -> list[Block]:
    """Return an element's content as blocks, loose text and inline elements as paragraphs."""
    found: list[Block] = []
    loose: list[Node] = []

    def flush() -> None:
        if any(isinstance(node, Element) or node.strip() for node in loose):
            found.append(Block(None, list(loose)))
        loose.clear()

    for child in element.children:
        if not isinstance(child, Element) or not (_is_block(child) or _holds_block(child)):
            loose.append(child)
        elif child.tag in HIDDEN or child.tag == skip or child.tag == "hr":
            flush()
        elif child.tag == "p" and not _holds_block(child):
            flush()
            found.append(Block(None, child.children))
        else:
            flush()
            found.append(Block(child, []))
    flush()
    return found


def _is_block(element: Element) -> bool:
    return element.tag in BLOCKS | HEADINGS | HIDDEN | LISTS | {"details", "summary"}


def _holds_block(element: Element) -> bool:
    return any(_is_block(child) or _holds_block(child) for child in element.elements())


@dataclass(slots=True)
class SubList:
    """A list below an item, its items split into details and others."""

    details: list[Inline]
    """The items that are details of the item above: "Paper: https://...", "ICML 2020", links."""
    others: list[Node]
    """The other items."""


def sub_list(block: Block) -> SubList | None:
    """Split a list below an item into details of that item and other items.

    Return None where it holds no detail, or where other items name papers: what stands above
    them is their heading.
    """
    if block.tag not in LISTS or not block.element:
        return None
    found = SubList([], [])
    for item in block.element.elements():
        blocks = blocks_of(item)
        own = [s for inner in blocks if inner.tag == "p" for s in inner.segments]
        if item.tag == "li" and is_detail(own):
            nested = [sub_list(inner) for inner in blocks if inner.tag != "p"]
            split = [below for below in nested if below]
            if len(split) == len(nested):
                found.details += [BREAK, *own, *(s for below in split for s in below.details)]
                found.others += [node for below in split for node in below.others]
                continue
        elif _names_paper(own):
            return None
        found.others.append(item)
    return found if found.details else None


def _names_paper(own: Sequence[Inline]) -> bool:
    """Return whether an item names a paper, and is no ``Base model: ...`` of another."""
    if any(s.url and is_paper_url(s.url) for s in own):
        return True
    key = _ANY_KEY.match("".join(s.text for s in own))
    return not (key and words(key[1]) <= MAX_KEY_WORDS) and bool(read_unit(own, UnitKind.ITEM))
