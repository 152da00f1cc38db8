"""Tables of papers: the role of each column, and the papers of each row."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ingest.sources.lists.entries import UnitKind, read_unit
from ingest.sources.lists.entry_links import entry_links
from ingest.sources.lists.line_text import clean_title, has_star, words
from ingest.sources.lists.links import Inline, Role, is_paper_url, label_role, segments
from ingest.sources.lists.markup import CELLS, SECTIONS, Element
from ingest.sources.lists.names import authors_of, is_authors
from ingest.sources.lists.venues import PaperDetails, is_date, venue_of, year_of
from kg.records import ListEntry


class TableColumn(Enum):
    """What a column is for."""

    TITLE = "title"
    NAME = "name"
    AUTHORS = "authors"
    VENUE = "venue"
    DATE = "date"
    PAPER = "paper"
    CODE = "code"
    OTHER = "other"
    UNNAMED = "unnamed"


_HEADER_WORDS = {
    TableColumn.TITLE: "title titles 标题 题目 论文标题 论文题目 论文名称 papername",
    TableColumn.AUTHORS: "author authors 作者",
    TableColumn.VENUE: "venue venues conference conferences journal journals publication pub"
    " published publisher source where 会议 期刊 发表 会议期刊 出处 来源",
    TableColumn.DATE: "year date time month released release years 年份 时间 日期 年 发布时间",
    TableColumn.CODE: "code codes github repo repository implementation project projects 代码 开源",
    TableColumn.PAPER: "paper papers link links pdf url arxiv article resource resources 论文 链接"
    " 原文 论文链接 reference references",
    TableColumn.NAME: "name names model models method methods work works approach algorithm"
    " algorithms system framework benchmark dataset datasets 名称 模型 方法 工作",
}
# The first that fits decides.
HEADERS: Mapping[TableColumn, frozenset[str]] = {
    column: frozenset(header.split()) for column, header in _HEADER_WORDS.items()
}
LINK_COLUMNS = {
    TableColumn.PAPER: Role.PAPER,
    TableColumn.TITLE: Role.PAPER,
    TableColumn.CODE: Role.CODE,
}
MAX_COLUMNS = 200
# A header that names papers, and what parts the alternatives of "Paper / Source".
_PAPER_HEADER = re.compile(
    r"\W*(?:papers?|articles?|论文|works?|publications?|references?)\b", re.IGNORECASE
)
_EITHER = re.compile(r"[/&|+、]|\b(?:and|or)\b", re.IGNORECASE)
UNKNOWN = frozenset({TableColumn.OTHER, TableColumn.UNNAMED})


@dataclass(slots=True)
class _Cell:
    segments: list[Inline]
    line: int

    @property
    def text(self) -> str:
        """The cell's text, links included."""
        return " ".join(" ".join(s.text for s in self.segments).split())

    @property
    def named(self) -> bool:
        """Whether it says more than a label, a date or a venue."""
        said = "".join(
            s.text for s in self.segments if not (s.is_link and s.role is not Role.TITLE)
        )
        return words(said) > 0 and not is_date(said) and label_role(said) is None

    @property
    def links_paper(self) -> bool:
        """Whether it links to a paper."""
        return any(s.url and is_paper_url(s.url) for s in self.segments)

    @property
    def links_title(self) -> bool:
        """Whether it links a paper by its title."""
        return any(_links_by_title(s) and words(s.text) >= 3 for s in self.segments)


def _links_by_title(segment: Inline) -> bool:
    return segment.is_link and segment.role is Role.TITLE and is_paper_url(segment.url or "")


EMPTY = _Cell([], 1)


def read_table(table: Element) -> list[ListEntry] | None:
    """Return the papers of a table, or None where the table only serves layout."""
    rows = _grid(table)
    if not rows or max(len(cells) for _, cells in rows) < 2:
        return None
    header: Sequence[_Cell] = ()
    columns: list[TableColumn] = []
    body = rows
    head, first = rows[0]
    # A list may put its first paper where the header belongs.
    named = sum(column not in UNKNOWN for column in _columns(first))
    if (head or named >= 2) and not any(cell.links_paper for cell in first):
        header, body = first, rows[1:]
        columns = _columns(header, [cells for _, cells in body])
    width = max(len(cells) for _, cells in rows)
    columns += [TableColumn.UNNAMED] * (width - len(columns))
    if UNKNOWN.issuperset(columns):
        columns = [TableColumn.OTHER] * width
    headers = [cell.text for cell in header] + [""] * (width - len(header))
    return [entry for _, cells in body for entry in _row(cells, columns, headers)]


def _columns(header: Sequence[_Cell], body: Sequence[Sequence[_Cell]] = ()) -> list[TableColumn]:
    found = [_column(cell.text) for cell in header]
    title = None if TableColumn.TITLE in found else _title_column(header, found, body)
    if title is not None:
        found[title] = TableColumn.TITLE
    return found


def _title_column(
    header: Sequence[_Cell], columns: Sequence[TableColumn], body: Sequence[Sequence[_Cell]]
) -> int | None:
    """Return the column with the titles, where no header says so.

    "Paper | Year" names papers, "Title | Paper" links them; "Model | Source" may do either, and
    of two columns of papers one may say who wrote them.
    """
    titles = [0] * len(columns)
    linked = False
    for cells in body:
        for index, cell in enumerate(cells[: len(columns)]):
            titles[index] += cell.links_title
            linked = linked or (columns[index] is TableColumn.PAPER and cell.links_paper)
    papers = [index for index, column in enumerate(columns) if column is TableColumn.PAPER]
    best = max(papers if linked else range(len(columns)), key=titles.__getitem__, default=None)
    if best is not None and titles[best]:
        return best
    return next((index for index in papers if _PAPER_HEADER.match(header[index].text)), None)


def _column(text: str) -> TableColumn:
    tokens = re.findall(r"[^\W_]+", text.casefold())
    if not tokens:
        return TableColumn.UNNAMED
    joined = "".join(tokens)
    for column, names in HEADERS.items():
        if joined in names:
            return column
    if HEADERS[TableColumn.TITLE] & set(tokens):
        return TableColumn.TITLE
    either = _EITHER.split(text)
    if len(either) > 1 and TableColumn.PAPER in map(_column, either):
        return TableColumn.PAPER
    for column, names in HEADERS.items():
        if len(tokens) <= 4 and any(token in names for token in tokens):
            return column
    return TableColumn.OTHER


def _grid(table: Element) -> list[tuple[bool, list[_Cell]]]:
    """Rows with their cells; a cell that spans more than its own place leaves the others empty."""
    spanned: dict[int, int] = defaultdict(int)
    """For how many more rows a cell from above takes each column."""
    rows: list[tuple[bool, list[_Cell]]] = []
    for row in _rows(table):
        own = [cell for cell in row.elements() if cell.tag in CELLS]
        cells: list[_Cell] = []
        for element in (*own, None):
            while spanned[len(cells)] and len(cells) < MAX_COLUMNS:
                spanned[len(cells)] -= 1
                cells.append(EMPTY)
            if len(cells) >= MAX_COLUMNS or element is None:
                break
            down, across = _span(element, "rowspan"), _span(element, "colspan")
            last = min(len(cells) + across, MAX_COLUMNS)
            if down > 1:
                spanned.update(dict.fromkeys(range(len(cells), last), down - 1))
            cells.append(_Cell(segments(element.children), element.line))
            cells += [EMPTY] * (last - len(cells))
        if own:
            rows.append((all(cell.tag == "th" for cell in own), cells))
    return rows


def _rows(table: Element) -> Iterator[Element]:
    for child in table.elements():
        if child.tag == "tr":
            yield child
        elif child.tag in SECTIONS:
            yield from _rows(child)


def _span(element: Element, name: str) -> int:
    value = element.attrs.get(name, "1")
    return min(int(value), 1000) if value.isdecimal() and int(value) else 1


def _row(
    cells: Sequence[_Cell], columns: Sequence[TableColumn], headers: Sequence[str]
) -> list[ListEntry]:
    title = _title_cell(cells, columns)
    if title is None:
        return []
    unit = list(cells[title].segments)
    known = PaperDetails()
    others: list[Inline] = []
    meaning = not UNKNOWN.issuperset(columns)
    for index, cell in enumerate(cells):
        if index == title or not cell.segments:
            continue
        column = columns[index]
        if column is not TableColumn.OTHER or not meaning:
            known = known.filled_from(_stated(cell, column))
        roles = {s.role for s in cell.segments if s.is_link}
        labels_only = bool(roles) and Role.TITLE not in roles
        if column in LINK_COLUMNS or (column in UNKNOWN and (not meaning or labels_only)):
            role = LINK_COLUMNS.get(column)
            links = [
                replace(s, column=role or Role.OTHER, header=headers[index])
                for s in cell.segments
                if s.is_link or s.badge
            ]
            unit += [Inline(is_break=True), *_as_labels(links)]
        elif column in {TableColumn.VENUE, TableColumn.DATE}:
            unit += [Inline(is_break=True), *_as_labels([s for s in cell.segments if s.is_link])]
        else:
            others += [replace(s, header=headers[index]) for s in cell.segments if s.is_link]
    kind = UnitKind.NAMED_ROW if columns[title] is TableColumn.TITLE else UnitKind.ROW
    starred = any(cell.segments and has_star(cell.text) and not words(cell.text) for cell in cells)
    entries = read_unit(unit, kind, known)
    if len(entries) == 1:
        (one,) = entries
        more = entry_links(one.title, one.url, None, others)
        entries = [replace(one, links=(*one.links, *(new for new in more if new not in one.links)))]
    return [
        replace(entry, line=cells[title].line, starred=entry.starred or starred)
        for entry in entries
    ]


def _as_labels(links: Sequence[Inline]) -> list[Inline]:
    """Links of other columns, which are never titles."""
    return [s if s.role is not Role.TITLE else replace(s, text="", badge="link") for s in links]


def _title_cell(cells: Sequence[_Cell], columns: Sequence[TableColumn]) -> int | None:
    named = [index for index, cell in enumerate(cells) if cell.segments and cell.named]
    for wanted in (TableColumn.TITLE, TableColumn.PAPER):
        for index in named:
            if columns[index] is wanted:
                return index
    rest = [index for index in named if columns[index] in UNKNOWN | {TableColumn.CODE}]
    linked = [index for index in rest if any(map(_links_by_title, cells[index].segments))]
    names = [index for index in named if columns[index] is TableColumn.NAME]
    if linked or names:
        return (linked or names)[0]
    lengths = {
        index: words(text)
        for index in rest
        if columns[index] in UNKNOWN
        and not venue_of(text := cells[index].text)
        and not ("," in text and is_authors(text))
    }
    return max(lengths, key=lambda index: (lengths[index] <= 30, lengths[index]), default=None)


def _stated(cell: _Cell, column: TableColumn) -> PaperDetails:
    """What a cell says of authors, venue or year."""
    text = cell.text or " ".join(s.badge for s in cell.segments)
    if column is TableColumn.AUTHORS and words(text):
        return PaperDetails(authors=authors_of(text))
    venue = venue_of(text)
    found = venue or PaperDetails()
    if column is TableColumn.DATE:
        return replace(found, year=year_of(text) or found.year)
    if column is TableColumn.VENUE:
        named = clean_title(text)
        if venue or not named or len(named) > 100 or not words(named):
            return found
        return PaperDetails(venue=named, year=year_of(named))
    if column in UNKNOWN and venue:
        return venue
    if column in UNKNOWN and "," in text and is_authors(text):
        return PaperDetails(authors=authors_of(text))
    return PaperDetails()
