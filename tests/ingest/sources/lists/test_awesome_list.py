"""The awesome-list reader: styles of entries, what is no entry, bad input, and the shared lists."""

# A snippet of markdown is read as one line.
# ruff: noqa: E501

import contextlib
import gzip
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from ingest.sources.lists import awesome_list
from ingest.sources.lists.awesome_list import parse, read
from kg.errors import BadSource
from kg.ids.titles import normalised_title
from kg.records import ListEntry
from tests.support.entry_fields import field_of

A = "https://arxiv.org/abs/2401.00001"
B = "https://arxiv.org/abs/2402.00002"
TITLE = "Weighing Soups: A Study of Spoons"
OTHER = "Forks Considered as Rakes"
WHO = ("Ada Lovelace", "Alan Turing")

# Markdown, then the fields that each entry must have.
STYLES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "linked title": (f"- [{TITLE}]({A})", [{"title": TITLE, "arxiv_id": "2401.00001", "url": A}]),
    "venue label before": (
        f"- [[ICLR 2024]({A})] {TITLE}",
        [{"title": TITLE, "venue": "ICLR", "year": 2024, "url": A}],
    ),
    "arXiv label before": (f"- [[arXiv]({A})] {TITLE}", [{"title": TITLE, "venue": None}]),
    "starred": (f"- :star: [[ICML]({A})] {TITLE}", [{"title": TITLE, "starred": True, "venue": "ICML"}]),
    "star emoji": (f"* ⭐ [{TITLE}]({A})", [{"title": TITLE, "starred": True}]),
    "label after": (f"1. {TITLE} [[paper]({A})] [[code](https://github.com/a/b)]",
                    [{"title": TITLE, "url": A, "code": "https://github.com/a/b"}]),
    "code before paper": (f"- {TITLE} [Code](https://github.com/a/b) [Paper]({A})",
                          [{"title": TITLE, "url": A, "code": "https://github.com/a/b"}]),
    "authors and venue after the link": (
        f"* [{TITLE}]({A}) - Ada Lovelace, Alan Turing, *ICML 2020*. [[Code]](https://github.com/a/b)",
        [{"title": TITLE, "authors": WHO, "venue": "ICML", "year": 2020, "code": "https://github.com/a/b"}],
    ),
    "breaks": (
        f"**{TITLE}**<br>Ada Lovelace and Alan Turing<br>NeurIPS 2021 [Paper]({A}) [Code](https://github.com/a/b)",
        [{"title": TITLE, "authors": WHO, "venue": "NeurIPS", "year": 2021}],
    ),
    "backslashes": (
        f"**{TITLE}** \\\n*Ada Lovelace, Alan Turing* \\\nACL 2023. [[Paper]({A})]",
        [{"title": TITLE, "authors": WHO, "venue": "ACL", "year": 2023}],
    ),
    "paragraphs of an item": (
        f"- **[3] {TITLE},** CVPR 2022.\n\n  *Lovelace, Ada and Turing, Alan.*\n\n  [[Paper]({A})][Code]",
        [{"title": TITLE, "authors": WHO, "venue": "CVPR", "year": 2022, "line": 1}],
    ),
    "paragraphs without a list": (
        f"**{TITLE}**\n\n*Ada Lovelace, Alan Turing*\n\n[[pdf]({A})]\n\n**{OTHER}**\n\n*Alan Turing*\n\n[[pdf]({B})]",
        [{"title": TITLE, "authors": WHO, "line": 1}, {"title": OTHER, "arxiv_id": "2402.00002", "line": 7}],
    ),
    "paragraph and list of authors": (
        f"{TITLE} [[paper]({A})]\n  - Ada Lovelace, Alan Turing --ICML 2020",
        [{"title": TITLE, "authors": WHO, "venue": "ICML", "year": 2020}],
    ),
    "date before": (f"- 2023/05: [{TITLE}]({A})", [{"title": TITLE, "year": 2023}]),
    "date in brackets": (f"- [2023.05] {TITLE} [[pdf]({A})]", [{"title": TITLE, "year": 2023}]),
    "venue before": (f"- (ICML'23) {TITLE}. [[pdf]({A})]", [{"title": TITLE, "venue": "ICML", "year": 2023}]),
    "bold venue before": (f"- **CVPR 2021** [{TITLE}]({A})", [{"title": TITLE, "venue": "CVPR", "year": 2021}]),
    "bold name before": (f"- **[Soup]** {TITLE} [[paper]({A})]", [{"title": TITLE}]),
    "bold name and colon": (f"- **SpoonNet**: Weighing All Soups at Once [[paper]({A})]",
                            [{"title": "SpoonNet: Weighing All Soups at Once"}]),
    "bold name and remark": (f"- **SpoonNet** - a spoon that weighs soups quickly. [Paper]({A})",
                             [{"title": "SpoonNet"}]),
    "badge": (
        f"+ **{TITLE}** *(ICCV 2023)* [![Paper](https://img.shields.io/badge/arXiv-2401.00001-b31b1b.svg)]({A})",
        [{"title": TITLE, "venue": "ICCV", "year": 2023, "arxiv_id": "2401.00001"}],
    ),
    "badges before": (
        "- [![Star](https://img.shields.io/github/stars/a/b.svg?style=social)](https://github.com/a/b) "
        f"![Venue](https://img.shields.io/badge/Conference-ICML'23-blue) [{TITLE}]({A})",
        [{"title": TITLE, "venue": "ICML", "year": 2023, "code": "https://github.com/a/b", "starred": False}],
    ),
    "heading": (f"# List\n\n### [{TITLE}]({A})\n\nA remark.\n\n### [{OTHER}]({B})",
                [{"title": TITLE, "headings": ("List",)}, {"title": OTHER, "headings": ("List",)}]),
    "heading and links": (f"# List\n\n### {TITLE}\n*Ada Lovelace, Alan Turing*\n\n[Paper]({A}) | [Code](https://github.com/a/b)",
                          [{"title": TITLE, "authors": WHO, "url": A}]),
    "html item": (f'<ul><li><a href="{A}">{TITLE}</a> (ECCV 2020)</li><li><b>{OTHER}</b> <a href="{B}">pdf</a></li></ul>',
                  [{"title": TITLE, "venue": "ECCV", "year": 2020}, {"title": OTHER, "url": B}]),
    "html paragraph": (f'<p><a href="{A}">{TITLE}</a></p>', [{"title": TITLE, "arxiv_id": "2401.00001"}]),
    "html table": (
        f'<table>\n<tr><th>Title</th><th>Year</th></tr>\n<tr><td><a href="{A}">{TITLE}</a></td><td>2022</td></tr>\n</table>',
        [{"title": TITLE, "year": 2022, "line": 3}],
    ),
    "table with badges": (
        "| Title | Venue | Date | Code |\n|---|---|---|---|\n"
        f"| [**{TITLE}**]({A}) | ICLR | 2024-03 | [![Star](https://img.shields.io/github/stars/a/b)](https://github.com/a/b) |",
        [{"title": TITLE, "venue": "ICLR", "year": 2024, "code": "https://github.com/a/b"}],
    ),
    "year first": (
        f"| Year | Title | Venue | Paper | Code |\n|-|-|-|-|-|\n| 2022 | **{TITLE}** | arXiv | [Link]({A}) | - |\n"
        f"| 2023 | {OTHER} | ACL | - | - |",
        [{"title": TITLE, "year": 2022, "venue": None, "url": A}, {"title": OTHER, "venue": "ACL", "url": None}],
    ),
    "table without header": (f"| | | |\n|-|-|-|\n| ICML 2020 | [{TITLE}]({A}) | 5 |",
                             [{"title": TITLE, "venue": "ICML", "year": 2020}]),
    "first row as header": (f"| [{TITLE}]({A}) | 2020 |\n|-|-|\n| [{OTHER}]({B}) | 2021 |",
                            [{"title": TITLE, "year": 2020}, {"title": OTHER, "year": 2021}]),
    "title, authors and links in a table": (
        f"| Title & Authors | Links |\n|-|-|\n| {TITLE} <br> Ada Lovelace, Alan Turing | [Paper]({A}) [Github](https://github.com/a/b) |",
        [{"title": TITLE, "authors": WHO, "url": A}],
    ),
    "authors column": (f"| Paper | Authors | Link |\n|-|-|-|\n| {TITLE} | Ada Lovelace, Alan Turing | [pdf]({A}) |",
                       [{"title": TITLE, "authors": WHO, "url": A}]),
    "commented row": (f"| Title | Year |\n|-|-|\n| [{TITLE}]({A}) | 2020 |\n<!-- | [No]({B}) | 2019 | -->\n| [{OTHER}]({B}) | 2021 |",
                      [{"title": TITLE}, {"title": OTHER, "line": 5}]),
    "citation": (f"1. {TITLE}. Lovelace, Ada et al. CVPR 2019\n2. {OTHER}. Turing et al. arXiv:2402.00002 [[code]][1.2]\n\n[1.2]: https://github.com/a/b",
                 [{"title": TITLE, "authors": ("Ada Lovelace",), "venue": "CVPR", "year": 2019, "url": None},
                  {"title": OTHER, "arxiv_id": "2402.00002", "code": "https://github.com/a/b"}]),
    "commas": (f"- {TITLE}, Ada Lovelace, Alan Turing, ICML, 2021 [paper]({A})",
               [{"title": TITLE, "authors": WHO, "venue": "ICML", "year": 2021}]),
    "quoted": (f'1. **"{TITLE}"**. *Ada Lovelace et al*. arXiv 2022. [[paper]({A})]',
               [{"title": TITLE, "authors": ("Ada Lovelace",), "venue": None, "year": 2022}]),
    "authors first": (f'- Ada Lovelace, Alan Turing. "{TITLE}." ICML 2019. [pdf]({A})',
                      [{"title": TITLE, "authors": WHO, "venue": "ICML", "year": 2019}]),
    "bare address": (f"- {TITLE}: {A}", [{"title": TITLE, "url": A}]),
    "autolink": (f"- {TITLE} <{A}>", [{"title": TITLE, "url": A}]),
    "keyed lines": (f"- **{TITLE}**\n  - Authors: Ada Lovelace, Alan Turing\n  - Paper: {A}\n  - Code: https://github.com/a/b",
                    [{"title": TITLE, "authors": WHO, "url": A, "code": "https://github.com/a/b"}]),
    "links below": (f"- {TITLE}\n  - [Paper]({A})\n  - [Code](https://github.com/a/b)", [{"title": TITLE, "url": A}]),
    "commentary below": (f"- [{TITLE}]({A})\n  - It weighs soups.\n  - See [the blog](https://medium.com/x) for more.\n- [{OTHER}]({B})",
                         [{"title": TITLE}, {"title": OTHER, "line": 4}]),
    "category bullets": (f"## Papers\n- Spoons\n  - [{TITLE}]({A})\n- Forks\n  - [{OTHER}]({B})",
                         [{"title": TITLE, "headings": ("Papers", "Spoons")}, {"title": OTHER, "headings": ("Papers", "Forks")}]),
    "several in an item": (f"- [{TITLE}]({A}), [{OTHER}]({B})", [{"title": TITLE, "url": A}, {"title": OTHER, "url": B}]),
    "several in a cell": (f"| Topic | Papers |\n|-|-|\n| Cutlery | [{TITLE}]({A})<br>[{OTHER}]({B}) |",
                          [{"title": TITLE}, {"title": OTHER}]),
    "wrapped title": (f"- Weighing Soups:\n  a Study of Spoons [[paper]({A})]", [{"title": "Weighing Soups: a Study of Spoons"}]),
    "lines of a paragraph": (f"{TITLE} [[paper]({A})]\n{OTHER} [[paper]({B})]", [{"title": TITLE, "url": A}, {"title": OTHER, "url": B, "line": 2}]),
    "details": (f"# L\n## Cutlery\n<details><summary>Spoons</summary>\n\n- [{TITLE}]({A})\n\n</details>\n\n- [{OTHER}]({B})",
                [{"headings": ("L", "Cutlery", "Spoons")}, {"headings": ("L", "Cutlery")}]),
    "summary that says click": (f"## Cutlery\n<details><summary>Click to expand</summary>\n\n- [{TITLE}]({A})\n</details>",
                                [{"headings": ("Cutlery",)}]),
    "html heading": (f'<h2 align="center">Cutlery</h2>\n\n- [{TITLE}]({A})', [{"headings": ("Cutlery",)}]),
    "underlined heading": (f"Cutlery\n=======\n\nSpoons\n---\n\n- [{TITLE}]({A})", [{"headings": ("Cutlery", "Spoons")}]),
    "siblings": (f"# L\n## A *b*\n### C\n- [{TITLE}]({A})\n## [D](#d)\n- [{OTHER}]({B})",
                 [{"headings": ("L", "A b", "C")}, {"headings": ("L", "D")}]),
    "Chinese": (f"## 模型编辑\n- 【ICLR 2024】《大语言模型的知识编辑方法综述》 [[论文]({A})] [[代码](https://github.com/a/b)]",
                [{"title": "大语言模型的知识编辑方法综述", "venue": "ICLR", "year": 2024, "code": "https://github.com/a/b"}]),
    "Chinese table": (f"| 标题 | 会议 | 年份 | 链接 |\n|-|-|-|-|\n| {TITLE} | ACL | 2023 | [论文]({A}) |",
                      [{"title": TITLE, "venue": "ACL", "year": 2023, "url": A}]),
    "doi": (f"- [{TITLE}](https://doi.org/10.1145/3560815). ACM Computing Surveys, 2023",
            [{"title": TITLE, "doi": "10.1145/3560815", "venue": "ACM Computing Surveys", "year": 2023}]),
    "linked news": (f"- **2024-02-20**: We released a survey \"[{TITLE}]({A})\".", [{"title": TITLE, "url": A}]),
    "project before paper": (f"- {TITLE} [[Project](https://a.github.io)] [[arXiv]({A})] [[Video](https://youtu.be/x)]",
                             [{"title": TITLE, "url": A}]),
    "title linked to code": (f"- [{TITLE}](https://github.com/a/b) [[Paper]({A})]",
                             [{"title": TITLE, "url": A, "code": "https://github.com/a/b"}]),
    "italic title": (f"- *{TITLE}*, Ada Lovelace, Alan Turing. [[PDF]({A})]", [{"title": TITLE, "authors": WHO}]),
    "slashes between links": (f"- **{TITLE}** (NeurIPS 2022) [Paper]({A}) / [Code](https://github.com/a/b)",
                              [{"title": TITLE, "venue": "NeurIPS", "year": 2022, "url": A}]),
    "task list": (f"- [x] [{TITLE}]({A})", [{"title": TITLE}]),
    "numbered in text": (f"[1] {TITLE}. [[pdf]({A})]\n\n[2] {OTHER}. [[pdf]({B})]", [{"title": TITLE}, {"title": OTHER}]),
    "blockquote": (f"> - [{TITLE}]({A})", [{"title": TITLE}]),
    "venue in code": (f"- `[ICLR'24]` **{TITLE}** [[paper]]({A})", [{"title": TITLE, "venue": "ICLR", "year": 2024}]),
    "name linked, title after": (f"- [SoupNet]({A}): {TITLE}", [{"title": f"SoupNet: {TITLE}", "url": A}]),
    "authors linked before": (f"- Lovelace et al., [{TITLE}]({A}), ICML 2020", [{"title": TITLE, "authors": ("Lovelace",), "venue": "ICML"}]),
    "authors within the link": (f"- [{TITLE} (Lovelace et al., 2020)]({A})", [{"title": TITLE, "authors": ("Lovelace",), "year": 2020}]),
    "year in brackets": (f"- (2020) [{TITLE}]({A}) Lovelace.", [{"title": TITLE, "year": 2020}]),
    "in a venue": (f"- {TITLE}, in *ICML* 2020. [paper]({A})", [{"title": TITLE, "venue": "ICML", "year": 2020}]),
    "summary and list": (f"<details><summary><b>{TITLE}</b></summary>\n\n- Authors: Ada Lovelace\n- [Paper]({A})\n\n</details>",
                         [{"title": TITLE, "authors": ("Ada Lovelace",), "url": A}]),
    "heading and list": (f"# L\n#### {TITLE}\n- **Authors**: Ada Lovelace, Alan Turing\n- **Paper**: [Link]({A})",
                         [{"title": TITLE, "authors": WHO, "url": A}]),
    "model and paper": (f"| Model | Paper | Venue |\n|-|-|-|\n| Spoon | [Paper]({A}) | ICML'20 |",
                        [{"title": "Spoon", "url": A, "venue": "ICML", "year": 2020}]),
    "details indented too little": (f"10. **{TITLE}**.\n\n   *Ada Lovelace, Alan Turing*. [[pdf]({A})], 2022.04",
                                    [{"title": TITLE, "authors": WHO, "year": 2022, "line": 1}]),
    "month of the venue": (f"**{TITLE}**  \nAda Lovelace, Alan Turing  \nICML 24 – Feb 2024 [[paper]({A})]",
                           [{"title": TITLE, "authors": WHO, "venue": "ICML", "year": 2024}]),
    "initials first": (f"[1] A. Lovelace, A. Turing, {TITLE}, ICML, 2020. [pdf]({A})",
                       [{"title": TITLE, "authors": ("A. Lovelace", "A. Turing"), "venue": "ICML", "year": 2020}]),
    "authors and year first": (f"- Lovelace, A., & Turing, A. (2020). {TITLE}. ICML. [paper]({A})",
                               [{"title": TITLE, "authors": ("A. Lovelace", "A. Turing"), "year": 2020}]),
    "star column": (f"| ⭐ | Paper |\n|-|-|\n| ⭐ | [{TITLE}]({A}) |\n| | [{OTHER}]({B}) |",
                    [{"title": TITLE, "starred": True}, {"title": OTHER, "starred": False}]),
    "long header": (f"| Method | Conference | Paper Title and Paper Interpretation |\n|-|-|-|\n| Spoon | ICML 2020 | [{TITLE}]({A}) |",
                    [{"title": TITLE, "venue": "ICML", "year": 2020}]),
    "Chinese colon": (f"- {TITLE}：[论文]({A})", [{"title": TITLE}]),
    "windows lines": (f"# L\r\n- [{TITLE}]({A})\r\n- [{OTHER}]({B})\r\n", [{"line": 2}, {"line": 3}]),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_style(style: str) -> None:
    markdown, expected = STYLES[style]
    entries = parse(markdown.encode())
    assert [entry.title for entry in entries] == [
        fields.get("title", entry.title) for fields, entry in zip(expected, entries, strict=False)
    ]
    assert len(entries) == len(expected)
    for entry, fields in zip(entries, expected, strict=True):
        assert {name: field_of(entry, name) for name in fields} == fields


ENTRY = f"\n\n- [{TITLE}]({A})\n"

# Nothing in these is a paper; one entry follows each.
NO_ENTRIES = {
    "contents": "- [Papers](#papers)\n  - [Model editing of the first kind](#model-editing)\n- [Other list](other.md)",
    "badges": f"[![Awesome](https://awesome.re/badge.svg)](https://awesome.re) [![arXiv](https://img.shields.io/badge/a-b-c)]({B})",
    "title with badges": f"# A List of Very Good Papers\n[![PDF](https://img.shields.io/badge/PDF-2402.00002-green)]({B})",
    "tools": "- [spoonlib](https://github.com/a/spoonlib) - Spoons for everyone, with forks.",
    "news without link": "- **2024-05-01** We will give a tutorial on cutlery at COLING 2024.",
    "prose": f"Please see our survey paper {B} and star this repository.",
    "contributors": '<a href="https://github.com/a/b/graphs/contributors"><img src="https://contrib.rocks/image?repo=a/b"></a>',
    "star history": "[![Star History Chart](https://api.star-history.com/svg?repos=a/b)](https://star-history.com/#a/b)",
    "licence": "Released under the [MIT License](https://opensource.org/licenses/MIT).",
    "code": f"```\n- [{OTHER}]({B})\n```",
    "indented code": f"Text:\n\n    - [{OTHER}]({B})",
    "comment": f"<!-- - [{OTHER}]({B}) -->",
    "comment over blank lines": f"<!--\n- [{OTHER}]({B})\n\n- [{OTHER}]({B})\n\n-->",
    "comment in a comment": f"<!-- a <!-- b\n\n- [{OTHER}]({B})\n-->",
    "comment in a line": f"Text <!-- [{OTHER}]({B}) --> more",
    "comment from a line on": f"Text <!-- [{OTHER}]({B})\n\n- [{OTHER}]({B}) --> more",
    "comment in an item": f"- Spoons\n  <!-- > - [{OTHER}]({B})\n\n- [{OTHER}]({B})\n   -->",
    "picture of a paper": f"![{OTHER}](https://arxiv.org/html/2402.00002v1/x1.png)",
    "social links": "- [Follow us on our own Twitter account](https://twitter.com/x)",
    "table of tools": "| Name | Stars |\n|-|-|\n| [spoonlib](https://github.com/a/spoonlib) | 100 |",
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_ENTRIES)
def test_no_entry(kind: str) -> None:
    assert [entry.title for entry in parse((NO_ENTRIES[kind] + ENTRY).encode())] == [TITLE]


def test_comment_markers_in_code_hide_nothing() -> None:
    text = f"Write `<!-- start` or\n\n```\n<!--\n```{ENTRY}"
    assert len(parse(text.encode())) == 1


def test_unclosed_comment_hides_the_rest() -> None:
    assert len(parse(f"- [{TITLE}]({A})\n\n<!-- draft\n\n- [{OTHER}]({B})\n".encode())) == 1


def test_lines_after_comments_are_true() -> None:
    assert parse(f"# L\n<!--\n\n-->\n\n- [{TITLE}]({A})".encode())[0].line == 6


def test_names_take_the_title_given_elsewhere() -> None:
    text = f"| Model | Link |\n|-|-|\n| Spoon | [Paper]({A}) |\n\n- [{TITLE}]({A})"
    assert [entry.title for entry in parse(text.encode())] == [TITLE, TITLE]


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", None, "empty"),
        (b" \n\n", None, "empty"),
        (b"# L\n- caf\xe9 [a](b)", 2, "offset 9"),
        ("# L\n".encode("utf-16"), 1, "UTF-16"),
        (b"# L\n\x00\x01", 2, "binary"),
        (b"\x89PNG\r\n\x1a\n\x00", 1, "offset 0"),
        (b"Just some words.", None, "no paper"),
        (b"a" * (awesome_list.MAX_BYTES + 1), None, "20 MB"),
    ],
)
def test_bad_input_is_one_clear_line(data: bytes, line: int | None, message: str) -> None:
    with pytest.raises(BadSource) as caught:
        parse(data, "cutlery.md")
    assert caught.value.line == line
    assert message in str(caught.value)
    assert str(caught.value).startswith("cutlery.md")
    assert "\n" not in str(caught.value)
    assert caught.value.mend


def test_byte_order_mark_of_utf8_is_fine() -> None:
    assert len(parse(b"\xef\xbb\xbf" + f"- [{TITLE}]({A})".encode())) == 1


def test_read_refuses_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no such file"):
        read(tmp_path / "absent.md")
    with pytest.raises(BadSource, match="folder"):
        read(tmp_path)
    large = tmp_path / "large.md"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(BadSource, match="50 MB"):
        read(large)


def test_read_reads(tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    path.write_text(f"- [{TITLE}]({A})", encoding="utf-8")
    assert read(path)[0].title == TITLE


NASTY = {
    "brackets": "[" * 10_000,
    "image brackets": "![[" * 10_000,
    "quotes": ">" * 10_000 + " a",
    "lists": "- " * 10_000,
    "stars": "*a **b " * 10_000,
    "divs": "<div>" * 10_000,
    "html lists": "<ul><li>" * 10_000,
    "html tables": "<table><tr><td>" * 3_000,
    "html links": '<a href="x">' * 10_000,
    "unclosed tags": "<a " * 10_000,
    "comments": "<!--" * 10_000,
    "one line": "a" * 1_000_000,
    "one line of words": "word " * 200_000,
    "one line of names": "- " + "Ada Lovelace, " * 50_000,
    "one line of links": f"[{TITLE}]({A}) " * 2_000,
    "backticks": "`" * 50_000,
    "wide table": "| a " * 5_000 + "|\n" + "|-" * 5_000 + "|\n" + "|x" * 5_000,
    "spanning cell": '<table><tr><td rowspan="99999999" colspan="99999999">a</td></tr></table>',
    "parentheses": "- " + "(" * 20_000 + ")" * 20_000,
    "bracketed title": f"- [{'[' * 90}a{']' * 90}]({A})",
    "spaces": "- a" + " " * 200_000 + "b",
    "stops": "- " + "A. " * 50_000,
    "dashes": "- a" + " - a" * 50_000,
    "years": "- " + "2020, " * 50_000,
    "addresses": "https://a.b/ " * 20_000,
    "address with brackets": "https://a.b/" + ")" * 150_000,
    "wrapped lines": "> a\n" * 40_000,
    "continued lines": "abc def\n" * 25_000,
    "breaks": "a<br>" * 40_000,
    "paragraphs": "a\n\n" * 50_000,
    "comments in lines": "a<!--" * 40_000,
    "comments and paragraphs": "a <!-- b\n\n" * 20_000,
    "instructions": "<?" * 150_000,
    "declarations": "<![CDATA[" * 25_000,
    "entities": "a&amp;" * 30_000,
    "labels": f"[[pdf]({A})] " * 4_000,
    "spaces in brackets": "- [" + " " * 150_000 + "b",
    "spaces in html": "<p>a" + " " * 150_000 + "b</p>",
    "nested keys": "".join("  " * depth + "- Paper:\n" for depth in range(40)) * 40,
    "spanning cells": "<table>" + "<tr><td rowspan=1000 colspan=1000>a</td></tr>" * 2_000,
    "cells of one row": "<table><tr>" + "<td>x" * 30_000,
    "table rows": f"| Title | Year |\n|-|-|\n{f'| [{TITLE}]({A}) | 2020 |' + chr(10)}" * 2_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", NASTY)
def test_nasty_input_neither_hangs_nor_overflows(kind: str) -> None:
    start = time.process_time()
    with contextlib.suppress(BadSource):  # an unclosed fence or tag may hide the entry
        assert all(entry.title for entry in parse((NASTY[kind] + ENTRY).encode()))
    assert time.process_time() - start < 20


PIECES = st.sampled_from(
    [
        *"- ;* ;1. ;\n;\n\n;  ;[;];(;);![;**;*;`;|;\n|-|-|\n;# ;> ;\\;. ;: ; - ;, ;⭐;「;》".split(
            ";"
        ),
        *"<td> </td> <table> <li> <a href='x'> </a> <!-- --> <br> <summary> <details>".split(),
        *"<h2> </h3> <div> <tr> <th> </table> <ul> <p> </p> <hr> <b> <img> <a/> </details>".split(),
        *"https://arxiv.org/abs/2401.00001 ](https://arxiv.org/abs/2401.00001) :star:".split(),
        *"Title of a paper;et al.;ICML 2020;2023;Ada Lovelace;paper;code;arXiv:2401.00001".split(
            ";"
        ),
    ]
)


def entries_or_none(data: bytes) -> list[ListEntry]:
    """Entries, or none where the reader refuses the data as it should."""
    with contextlib.suppress(BadSource):
        entries = parse(data)
        assert entries
        return entries
    return []


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join))
def test_any_text_gives_entries_or_bad_source(text: str) -> None:
    entries = entries_or_none(text.encode("utf-8", "surrogatepass"))
    lines = text.count("\n") + text.count("\r") + 1
    for entry in entries:
        assert entry.title == entry.title.strip() != ""
        assert entry.line is not None
        assert 1 <= entry.line <= lines
        assert entry.year is None or 1960 <= entry.year < 2050
        assert all(name.strip() for name in entry.authors)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_entries_or_bad_source(data: bytes) -> None:
    entries_or_none(data)


# Entries, entries with an arXiv id, and distinct arXiv ids of each shared list.
COUNTS: dict[str, tuple[int, int, int]] = {
    "EnnengYang+Awesome-Model-Merging-Methods-Theories-Applications.md": (900, 722, 654),
    "FLHonker+Awesome-Knowledge-Distillation.md": (692, 209, 206),
    "Hannibal046+Awesome-LLM.md": (74, 52, 50),
    "RUCAIBox+LLMSurvey.md": (398, 379, 279),
    "SinclairCoder+Instruction-Tuning-Papers.md": (72, 71, 71),
    "Tebmer+Awesome-Knowledge-Distillation-of-LLMs.md": (343, 318, 202),
    "dair-ai+ML-Papers-of-the-Week.md": (1289, 1101, 1098),
    "dongguanting+In-Context-Learning_PaperList.md": (51, 46, 44),
    "horseee+Awesome-Efficient-LLM.md": (215, 213, 209),
    "jxzhangjhu+Awesome-LLM-RAG.md": (43, 28, 28),
    "lliai+Awesome-LoRA-Low-Rank-Adaptation.md": (124, 112, 101),
    "oneHuster+Meta-Learning-Papers.md": (204, 126, 108),
    "ruthless-man+Awesome-Learn-from-Model.md": (144, 101, 95),
    "synbol+Awesome-Parameter-Efficient-Transfer-Learning.md": (116, 89, 84),
    "thunlp+DeltaPapers.md": (33, 31, 31),
    "thunlp+PromptPapers.md": (96, 93, 92),
    "yzhuoning+Awesome-CLIP.md": (91, 86, 79),
    "zjunlp+KnowledgeEditingPapers.md": (206, 200, 166),
}
LFM_LIST = "ruthless-man+Awesome-Learn-from-Model.md"
# This list shortens most titles to a name of its own.
NICKNAMED = "dair-ai+ML-Papers-of-the-Week.md"
LINK = re.compile(
    r"(?:arxiv\.org|ar5iv[.\w]*|alphaxiv\.org)/(?:abs|pdf|html|overview)/+(\d{4}\.\d{4,5})(?!\d)",
    re.IGNORECASE,
)
PICTURES = re.compile(r"src=[\"'][^\"']*|!\[[^\]]*\]\([^)]*\)")


@pytest.fixture(scope="module")
def lists(shared: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted((shared / "lists").glob("*.md"))}


@pytest.fixture(scope="module")
def arxiv_titles(shared: Path) -> dict[str, str]:
    with gzip.open(shared / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = map(json.loads, lines)
        return {record["arxiv_id"]: normalised_title(record["title"]) for record in records}


def linked_ids(text: str) -> set[str]:
    """Ids of the arXiv papers that a list links outside comments and pictures."""
    visible = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return set(LINK.findall(PICTURES.sub("", visible)))


@pytest.mark.slow
@pytest.mark.shared
def test_counts_of_the_shared_lists(lists: dict[str, Path]) -> None:
    found = {}
    for name, path in lists.items():
        ids = [entry.arxiv_id for entry in read(path) if entry.arxiv_id]
        found[name] = (len(read(path)), len(ids), len(set(ids)))
    assert found == COUNTS


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", COUNTS)
def test_papers_and_titles_of_a_shared_list(
    name: str, lists: dict[str, Path], arxiv_titles: dict[str, str]
) -> None:
    entries = read(lists[name])
    linked = linked_ids(lists[name].read_text(encoding="utf-8"))
    found = {entry.arxiv_id for entry in entries}
    if name == LFM_LIST:
        linked.discard("2310.08184")  # stands in a sentence, not in the list
    assert len(linked & found) >= 0.98 * len(linked)
    right = [
        fuzz.token_set_ratio(theirs, ours) >= 85 or fuzz.partial_ratio(theirs, ours) >= 85
        for entry in entries
        if entry.arxiv_id in linked
        and (theirs := arxiv_titles.get(entry.arxiv_id))
        and (ours := normalised_title(entry.title))
    ]
    assert sum(right) >= (0.88 if name == NICKNAMED else 0.95) * len(right)


@pytest.mark.shared
def test_the_lfm_list(lists: dict[str, Path]) -> None:
    entries = read(lists[LFM_LIST])
    assert len(entries) == 144
    assert sum(entry.starred for entry in entries) == 10
    assert {entry.url for entry in entries if "2310.08184" in str(entry.url)} == set()
    soups = next(entry for entry in entries if entry.arxiv_id == "2203.05482")
    assert soups.venue == "ICML"
    assert soups.headings[-1] == "Weight Interpolation"
    assert soups.title == (
        "Model soups: averaging weights of multiple finetuned models improves accuracy without "
        "increasing inference time"
    )
