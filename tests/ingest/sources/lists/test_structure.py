"""What holds the papers of a list: tables of every kind, sub-items, HTML that is never closed."""

# A snippet of markdown is read as one line.
# ruff: noqa: E501

import re
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.lists.awesome_list import parse, read
from kg.errors import BadSource
from kg.records import ListEntry
from tests.support.entry_fields import code_of, field_of

A = "https://arxiv.org/abs/2401.00001"
B = "https://arxiv.org/abs/2402.00002"
TITLE = "Weighing Soups: A Study of Spoons"
OTHER = "Forks Considered as Rakes"
CODE = "https://github.com/a/b"

BADGES = f"""\
| Date | Name | Title | Paper/Github |
|:-:|:-:|:--|:-:|
| 2025-06 | <code>Soup</code> | {TITLE} | <a href="{A}"><img src="https://img.shields.io/badge/PAPER-red"></a><br>[![Stars](https://img.shields.io/github/stars/a/b)]({CODE}) |
| 2023 | <code>-</code> | {OTHER} | <a href="{B}"><img src="badge.svg" height="18"></a><br>- |
"""
HTML_ROWS = f"""\
<table>
<thead><tr><th>Title<th>Year<th>Link
<tbody><tr><td>{TITLE}<td>2025<td><a href="{A}"><img src="https://img.shields.io/badge/arXiv-red"></a> <a href="{CODE}"><img src="c.svg">
<tr><td>{OTHER}<td>2023<td><a href="{B}"><img src="b.svg" alt="paper"></a>
"""
# A list of two papers in each of the ways that lists are written.
BODIES = {
    "badges in a table": BADGES,
    "HTML table without ends": HTML_ROWS,
    "HTML table": HTML_ROWS + "</table>\n",
    "list": f"- [{TITLE}]({A})\n- {OTHER} [[pdf]({B})]\n",
    "paragraphs": f"{TITLE} [[pdf]({A})]\n\n**{OTHER}** [[pdf]({B})]\n",
    "HTML list": f'<ul><li><a href="{A}">{TITLE}</a><li><b>{OTHER}</b> <a href="{B}">pdf</a></ul>\n',
    "HTML paragraphs": f'<p><a href="{A}">{TITLE}</a>\n<p><a href="{B}">{OTHER}</a>\n',
}
# What stands before the list and is never closed, or closed by something else.
UNCLOSED = {
    "heading": '<h1 align="center">Cutlery',
    "heading closed as another": '<h1 align="center">Cutlery\n\n"A Survey" (2026) </h2>',
    "second heading": "# L\n\n<h2>Cutlery",
    "heading with a logo": '<h1 align="center">\n<img src="logo.png">',
    "heading with paragraphs": '<h3>\n<p align="center"><img src="a.png"></p>\n<p><em>The kinds of soup.</em></p>',
    "heading with code": "<h2><code>Cutlery",
    "division": "<div align=center>",
    "centre and heading": "<div><center><h2>Cutlery",
    "closed by what is not open": "<div></center></h2></table>",
    "details": "<details open>",
    "details with summary": "<details><summary>Cutlery</summary>",
    "summary": "<details><summary>Cutlery",
    "summary and heading": "<details>\n<summary>\n\n### Cutlery\n\n",
    "paragraph": '<p align="center"><img src="logo.png">',
    "link": '<a href="https://example.org">',
    "anchor": '<a name="top">\n\n## Cutlery',
    "strong": "<strong>Cutlery",
    "quotation": "<blockquote>",
    "definition": "<dl><dt>Cutlery<dd>",
    "cell": "<table><tr><td>",
    "table": "<table><tr><td>x</td><td>y</td></tr>",
    "table and cell": "<table><tr><td>x</td><td>y\n\n## Cutlery",
    "row": "<table><tr><td>x</td><td>y</td>\n\n## Cutlery",
}


@pytest.mark.slow
@pytest.mark.parametrize("after", ["", "\n\n## Next\n\nText.\n"], ids=["to the end", "then more"])
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("before", UNCLOSED)
def test_html_that_is_never_closed_hides_no_paper(before: str, body: str, after: str) -> None:
    entries = parse(f"{UNCLOSED[before]}\n\n{BODIES[body]}{after}".encode())
    assert [(e.title, e.arxiv_id) for e in entries] == [
        (TITLE, "2401.00001"),
        (OTHER, "2402.00002"),
    ]
    if "able" in body:
        assert [(e.year, code_of(e)) for e in entries] == [(2025, CODE), (2023, None)]


def test_an_unclosed_heading_is_the_heading_of_its_line() -> None:
    text = f"# L\n\n<h2>Cutlery\n\n- [{TITLE}]({A})\n\n<h2>Tableware</h3>\n\n- [{OTHER}]({B})"
    assert [e.headings for e in parse(text.encode())] == [("L", "Cutlery"), ("L", "Tableware")]


def test_a_heading_may_hold_its_text_in_a_block_of_its_own() -> None:
    text = f"# L\n\n<h2>\n\nCutlery\n\n</h2>\n\n- [{TITLE}]({A})"
    assert parse(text.encode())[0].headings == ("L", "Cutlery")


def test_an_end_within_an_item_ends_what_holds_the_list() -> None:
    text = (
        f"## Cutlery\n<details><summary>Spoons</summary>\n\n- [{TITLE}]({A})\n- more </details>\n\nText.\n\n"
        f"- [{OTHER}]({B})"
    )
    assert [e.headings for e in parse(text.encode())] == [("Cutlery", "Spoons"), ("Cutlery",)]


# Markdown, then the fields that each entry must have.
STRUCTURES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "leaderboard": (
        "| Model | F1 | Paper / Source | Code |\n|-|:-:|-|-|\n"
        f"| SpoonNet (Lovelace et al., 2024) | 39.1 | [{TITLE}]({A}) | [Official]({CODE}) |\n"
        f"| Rake (Turing, 2023) | 38.0 | [{OTHER}]({B}) | |",
        [{"title": TITLE, "url": A, "venue": None, "code": CODE, "line": 3},
         {"title": OTHER, "arxiv_id": "2402.00002", "code": None, "line": 4}],
    ),
    "leaderboard with a source": (
        f"| System | BLEU | Source |\n|-|-|-|\n| SpoonNet | 39.1 | [{TITLE}]({A}) |",
        [{"title": TITLE, "arxiv_id": "2401.00001", "venue": None}],
    ),
    "leaderboard with a source that is a venue": (
        f"| Paper | Source |\n|-|-|\n| [{TITLE}]({A}) | ICML 2020 |",
        [{"title": TITLE, "venue": "ICML", "year": 2020}],
    ),
    "leaderboard with citations": (
        f"| Model | F1 | Paper / Source |\n|-|-|-|\n| SpoonNet | 39.1 | [Lovelace et al. (2024)]({A}) |",
        [{"title": "SpoonNet", "arxiv_id": "2401.00001"}],
    ),
    "two columns of papers": (
        "| Paper / Source | F1 | Paper / Source | Code |\n|-|-|-|-|\n"
        f"| van Lovelace et al. (2024) | 83.3 | [{TITLE}]({A}) | [Official]({CODE}) |\n"
        f"| The Rake | 80.0 | [{OTHER}]({B}) | |",
        [{"title": TITLE, "arxiv_id": "2401.00001", "code": CODE},
         {"title": OTHER, "arxiv_id": "2402.00002"}],
    ),
    "papers and their references": (
        f"| Article | Reference |\n|-|-|\n| Spoons | [{TITLE}]({A}) |\n| Forks | [{OTHER}]({B}) |",
        [{"title": TITLE}, {"title": OTHER}],
    ),
    "paper and code in one column": (
        f"| Title | Paper & Code |\n|-|-|\n| {TITLE} | [PDF](https://example.org/spoon) [Code]({CODE}) |",
        [{"title": TITLE, "url": "https://example.org/spoon", "code": CODE}],
    ),
    "model card": (
        f"* SpoonNet  (2024-03-24)\n  * Paper: {A}\n  * Code: {CODE}\n  * Base model: Ladle-7B\n  * License:\n"
        f"  * Data:\n    * soups (200K)\n      * of tomatoes",
        [{"title": "SpoonNet", "year": 2024, "url": A, "code": CODE, "line": 1}],
    ),
    "model card in another language": (
        f"* 勺子  (2024-03-24)\n  * Paper: {A}\n  * Code: {CODE}\n  * 基础模型: Ladle-7B\n  * 数据: 汤\n* Rake\n  * 论文: {B}",
        [{"title": "勺子", "url": A, "code": CODE}, {"title": "Rake", "url": B}],
    ),
    "model card with links below a key": (
        f"- SpoonNet\n  - Paper:\n    - {A}\n  - Weights: https://huggingface.co/a/b\n  - Code:\n    - {CODE}",
        [{"title": "SpoonNet", "url": A, "code": CODE}],
    ),
    "model card of a paper that it links": (
        f"- SpoonNet\n  - Paper: [{TITLE}]({A})\n  - License: MIT",
        [{"title": TITLE, "url": A}],
    ),
    "remarks among details": (
        f"- {TITLE}\n  - [Paper]({A})\n  - A spoon for every soup, and a soup for every spoon.\n  - [Code]({CODE})",
        [{"title": TITLE, "url": A, "code": CODE}],
    ),
    "card below a heading": (
        f"# L\n### {TITLE}\n- **Paper**: [Link]({A})\n- **Base model**: Ladle-7B\n- **License**: MIT\n### {OTHER}\n- **Paper**: [Link]({B})",
        [{"title": TITLE, "url": A}, {"title": OTHER, "url": B}],
    ),
    "authors in brackets of a key": (
        f"- [{TITLE}]({A})\n  - Author(s): Ada Lovelace, Alan Turing\n  - Date: 2024-01\n  - Venue: -\n  - Code: {CODE}",
        [{"title": TITLE, "authors": ("Ada Lovelace", "Alan Turing"), "year": 2024, "code": CODE}],
    ),
    "papers below a paper": (
        f"- [{TITLE}]({A})\n  - [Code]({CODE})\n  - [{OTHER}]({B})",
        [{"title": TITLE, "url": A}, {"title": OTHER, "url": B}],
    ),
    "citations below a category": (
        f"## Papers\n- Spoons\n  - ICML 2020\n  - {TITLE}. Lovelace, Ada et al. ICML 2020\n  - {OTHER}. Turing, Alan et al. ACL 2019",
        [{"title": TITLE, "headings": ("Papers", "Spoons")}, {"title": OTHER, "headings": ("Papers", "Spoons")}],
    ),
    "layout with header cells": (
        f'<table><tr><th><a href="{A}">{TITLE}</a></th></tr>\n<tr><td><a href="{B}">{OTHER}</a></td></tr></table>',
        [{"title": TITLE, "arxiv_id": "2401.00001"}, {"title": OTHER, "arxiv_id": "2402.00002"}],
    ),
    "layout with lists": (
        f"<table><tr><td>\n\n- [{TITLE}]({A})\n\n</td><td>\n\n- {OTHER} [[pdf]({B})]\n\n</td></tr></table>",
        [{"title": TITLE}, {"title": OTHER}],
    ),
    "header cells at the left": (
        f'<table><tr><th>Title</th><th>Year</th></tr><tr><th><a href="{A}">{TITLE}</a></th><td>2024</td></tr></table>',
        [{"title": TITLE, "year": 2024}],
    ),
    "table in a cell": (
        f'<table><tr><td>Menu</td><td><table><tr><th>Title</th><th>Year</th></tr><tr><td><a href="{A}">{TITLE}</a></td><td>2024</td></tr></table></td></tr></table>',
        [{"title": TITLE, "year": 2024}],
    ),
    "items without a list": (
        f'<li><a href="{A}">{TITLE}</a> ICML 2020</li>\n<li><b>{OTHER}</b>\n<a href="{B}">pdf</a></li>',
        [{"title": TITLE, "venue": "ICML", "line": 1}, {"title": OTHER, "url": B, "line": 2}],
    ),
    "citations without a list": (
        f"<li>{TITLE}, ICML 2020</li>\n<li>{OTHER}, ACL 2019</li>",
        [{"title": TITLE, "venue": "ICML", "year": 2020, "url": None}, {"title": OTHER, "venue": "ACL"}],
    ),
    "items that the next one ends": (
        f'<ul><li>Soups<ul><li><a href="{A}">{TITLE}</ul><li>Forks<ul><li><p>{OTHER} <a href="{B}">pdf</ul></ul>',
        [{"title": TITLE, "headings": ("Soups",)}, {"title": OTHER, "headings": ("Forks",), "url": B}],
    ),
    "links that the next item ends": (
        f'<ul><li>{TITLE} <a href="{A}">pdf<li>{OTHER} <a href="{B}">pdf</ul>',
        [{"title": TITLE, "url": A}, {"title": OTHER, "url": B}],
    ),
    "link in a link": (
        f'<p><b>{TITLE}</b> <a href="{A}">paper <a href="{CODE}">code</a></p>',
        [{"title": TITLE, "url": A, "code": CODE}],
    ),
    "empty anchors": (
        f'- <a name="x"/> {TITLE} [[pdf]({A})]\n- <a id="y"/>[{OTHER}]({B})',
        [{"title": TITLE, "url": A}, {"title": OTHER, "url": B}],
    ),
}  # fmt: skip


def fields_of(entries: list[ListEntry], expected: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The expected fields as the entries have them."""
    assert [entry.title for entry in entries] == [fields["title"] for fields in expected]
    return [
        {name: field_of(entry, name) for name in fields}
        for entry, fields in zip(entries, expected, strict=True)
    ]


@pytest.mark.parametrize("structure", STRUCTURES)
def test_structure(structure: str) -> None:
    markdown, expected = STRUCTURES[structure]
    assert fields_of(parse(markdown.encode()), expected) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"<br>{TITLE} {A}", [1]),
        (f"<hr>{TITLE} {A}", [1]),
        (f"a<br>b<br/>c<wbr>{TITLE} {A}", [1]),
        (f"**{TITLE}** [pdf]({A})<br><br>\n**{OTHER}** [pdf]({B})", [1, 2]),
        (f"**{TITLE}** [pdf]({A})\\\n**{OTHER}** [pdf]({B})", [1, 2]),
        (f"**{TITLE}** [pdf]({A})  \n**{OTHER}** [pdf]({B})", [1, 2]),
        (f'<p>\n<b>{TITLE}</b> <a\nhref="{A}">pdf</a><br>\n<br><b>{OTHER}</b> <a href="{B}">pdf</a>', [2, 4]),
        (f'<ul>\n<li>\n<br><a href="{A}">{TITLE}</a>\n<li><a href="{B}">{OTHER}</a>', [2, 4]),
        (f"<div>\n\n\n{TITLE} [pdf]({A})\n\n</div>\n{OTHER} [pdf]({B})", [4, 7]),
        (f"<p>\n\n{TITLE}<br>[pdf]({A})\n\n<br>\n\n- x\n  <br>\n- [{OTHER}]({B})", [3, 9]),
        (f"| Title | Link |\n|-|-|\n| {TITLE}<br>x | <br>[pdf]({A}) |\n| {OTHER} | [pdf]({B}) |", [3, 4]),
    ],
)  # fmt: skip
def test_lines_are_those_of_the_source(text: str, lines: list[int]) -> None:
    assert [entry.line for entry in parse(text.encode())] == lines


FAULTS = {
    "06-leaderboard-table": [
        (
            "Controlling the Amount of Verbatim Copying in Abstractive Summarization",
            "1911.10390",
            None,
        ),
        (
            "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
            "1810.04805",
            None,
        ),
    ],
    "07-two-paper-columns": [
        ("REL: An Entity Linker Standing on the Shoulders of Giants", "2006.01969", None)
    ],
    "08-model-card-with-unknown-keys": [("ChatDoctor", "2303.14070", 2023)],
}


@pytest.mark.shared
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_was_reported(name: str, shared: Path) -> None:
    path = shared.parent / "faults" / name / "list.md"
    if not path.is_file():
        pytest.skip("the reported inputs are not beside the project")
    entries = read(path)
    assert [(e.title, e.arxiv_id, e.year) for e in entries] == FAULTS[name]
    assert all(entry.venue is None for entry in entries)


LINKED = re.compile(
    r"(?:arxiv\.org|ar5iv[.\w]*|alphaxiv\.org)/(?:abs|pdf|html)/+(\d{4}\.\d{4,5})(?!\d)", re.I
)
HIDDEN = re.compile(r"<!--.*?-->|src=[\"'][^\"']*|!\[[^\]]*\]\([^)]*\)", re.DOTALL)


@pytest.mark.slow
@pytest.mark.shared
def test_hardly_a_linked_paper_of_other_lists_is_missed(shared: Path) -> None:
    paths = sorted((shared / "more" / "lists_more").glob("*.md"))
    if not paths:
        pytest.skip("the further lists are not beside the project")
    missed: dict[str, set[str]] = {}
    for path in paths:
        linked = set(LINKED.findall(HIDDEN.sub("", path.read_text(encoding="utf-8"))))
        try:
            missed[path.stem] = linked - {entry.arxiv_id for entry in read(path)}
        except BadSource:
            missed[path.stem] = linked
    assert all(len(ids) <= 1 for ids in missed.values()), missed
    assert sum(map(len, missed.values())) <= 4
