"""Comparisons as files: nothing of a text becomes markup, a formula or a cell of its own."""

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kg.entities.entity import Entity, EntityType, Name
from kg.errors import BadRequest
from kg.export.table import unescaped_formula
from search.pages.comparison import formats, wording
from search.pages.comparison.comparison import COLUMNS, Column, Comparison, Row, Value
from search.ranking.strength import NEAREST, Strength
from tests.support.factories import TEXT, paper

HOSTILE = (
    r"Pipes | and \| and `code` <b>bold</b> [x](javascript:alert(1)) &amp;",
    r"100% of $5 & _under_ ^hat^ ~tilde~ #1 {braces} \input{/etc/passwd} \end{tabular}",
    r"$\frac{a}$ and $x^2^3$ and $\left(x$ and $\mathbb{R}^{n}$ and $\undefined{x}$ $$",
    "=1+1, naïve Müller Ğ ą đ ß Ł «quoted» 模型合并 🙂 Ελλάς μ ≲ ∞ ² e\u0301 \u202e \u200d",
    "line\nbreak\r\nand tab\t--- `` '' ?` !` <> \" end\\",
    "-",
    "",
    "W" * 300,
)
"""Titles that attack a format, or its reader."""


def comparison(*titles: str, **values: Value) -> Comparison:
    rows = []
    for number, title in enumerate(titles, 1):
        one = paper(number, title=title)
        empty: dict[str, Value] = {c.name: () if c.is_list else None for c in COLUMNS}
        facts = {"id": one.id, "title": title, "authors": one.authors, "year": 2020}
        rows.append(Row(one.id, None, one, empty | facts | values, {}))
    filled = {name for row in rows for name, value in row.values.items() if value}
    return Comparison(tuple(c for c in COLUMNS if c.name in filled), tuple(rows))


def written(name: str, found: Comparison, width: int = 80) -> str:
    return formats.FORMATS[name].write(found, width)


# -- CSV -----------------------------------------------------------------------------------


def read_csv(text: str) -> list[dict[str, str]]:
    names, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return [dict(zip(names, map(unescaped_formula, row), strict=True)) for row in rows]


def test_csv_has_a_row_each_and_the_names_of_the_columns() -> None:
    known = {"kind": 0.912}
    text = written("csv", comparison("One", "Two", models=("A; B", "C"), confidence=known))
    assert text.splitlines(keepends=True)[0] == "id,title,year,authors,models,confidence\r\n"
    assert text.splitlines()[1] == (
        r"2001.00001,One,2020,Ada Author1; Bo Writer,A\; B; C,kind 0.91"
    )


@given(st.lists(TEXT, min_size=1, max_size=3))
def test_csv_keeps_every_text_and_computes_none(titles: list[str]) -> None:
    text = written("csv", comparison(*titles))
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)
    rows = read_csv(text)
    assert [row["id"] for row in rows] == [paper(n + 1).id for n in range(len(titles))]


@pytest.mark.parametrize("title", HOSTILE[:4])
def test_csv_gives_a_title_back(title: str) -> None:
    (row,) = read_csv(written("csv", comparison(title)))
    assert row["title"] == title.replace("\u202e", "")


# -- Markdown ------------------------------------------------------------------------------


def cells(line: str) -> list[str]:
    """Split a line of a Markdown table at the pipes that are not escaped."""
    return [cell.strip() for cell in re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]]


def test_markdown_is_a_table_with_links() -> None:
    text = written("markdown", comparison("One", "Two", code="https://a.example/x(y)|z"))
    head, rule, one, two = text.splitlines()
    assert cells(head) == ["", "Id", "Year", "Authors", "Code"]
    assert set(cells(rule)) == {"---"}
    assert cells(one) == [
        "[**One**](https://arxiv.org/abs/2001.00001)",
        *("2001.00001", "2020", "Ada Author1, Bo Writer"),
        "[code](https://a.example/x%28y%29%7Cz)",
    ]
    assert cells(two)[0].startswith("[**Two**]")


@pytest.mark.parametrize("title", HOSTILE)
def test_markdown_has_as_many_cells_in_each_line(title: str) -> None:
    lines = written("markdown", comparison(title, "Two", summary=title)).splitlines()
    assert len(lines) == 4
    assert len({len(cells(line)) for line in lines}) == 1
    assert not re.search(r"(?<!\\)<b>", "".join(lines))
    assert not re.search(r"(?<!\\)\]\(javascript:", "".join(lines))


# -- terminal ------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("title", HOSTILE)
def test_text_fits_the_terminal(title: str, width: int) -> None:
    found = comparison(title, "模型合并" * 9, "Three", "Four", "Five", summary=title * 3)
    text = written("table", found, width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "\x1b" not in text
    for row in found.rows:
        assert row.id in text


def test_text_has_fields_as_lines_where_rows_would_not_fit() -> None:
    told = "A sentence of some length. " * 4
    found = comparison(*"ABCDE", summary=told, about=told, code=told, problem="")
    text = written("table", found)
    lines = text.splitlines()
    assert lines[0].split() == ["A", "B", "C"]
    assert re.sub(r"\s+", " ", lines[1]) == "Id 2001.00001 2001.00002 2001.00003"
    # The other two stand below.
    assert [line.split() for line in lines].count(["D", "E"]) == 1
    assert "Problem" not in text
    wide = written("table", found, 200).splitlines()
    assert wide[0].split()[:4] == ["Id", "What", "it", "is"]
    assert wide[1].split()[:4] == ["A", "2001.00001", "A", "sentence"]


# -- LaTeX ---------------------------------------------------------------------------------

_COMMANDS = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_LETTER = re.compile(r"\\atlasletter\{(.)\}\{[ -~]*?\}")


def check_latex(text: str) -> None:
    """Read LaTeX as strictly as TeX does, by another's parser."""
    from pylatexenc.latexwalker import LatexWalker

    body = _LETTER.sub("x", text.replace(r"\ifdefined\Umathchar#1\else#2\fi", ""))
    LatexWalker(body, tolerant_parsing=False).get_latex_nodes()
    # Environments open and close as we wrote them, and nothing reads a file.
    assert re.findall(r"\\begin\{(\w+)\}", body) == re.findall(r"\\end\{(\w+)\}", body)
    assert not {"input", "include", "write", "openin", "catcode"} & set(_COMMANDS.findall(body))
    for tabular in re.findall(r"\\begin\{tabular\}\{(.*?)\}\n(.*?)\\end", body, re.DOTALL):
        columns = tabular[0].count("p{")
        for line in tabular[1].splitlines():
            if line != r"\hline":
                assert len(re.findall(r"(?<!\\)&", line)) == columns - 1, line
                assert line.endswith(r"\tabularnewline")


@pytest.mark.parametrize("title", HOSTILE)
def test_latex_is_well_formed_whatever_a_title_has(title: str) -> None:
    check_latex(written("latex", comparison(title, "Two", summary=title)))


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_latex_of_any_text_is_well_formed(titles: list[str]) -> None:
    check_latex(written("latex", comparison(*titles)))


def test_latex_has_three_papers_a_table() -> None:
    text = written("latex", comparison(*"ABCDE"))
    assert text.count(r"\begin{tabular}") == 2
    assert r"\raggedright \textbf{D} & \raggedright \textbf{E} \tabularnewline" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX here")
def test_latex_compiles_without_a_package(tmp_path: Path) -> None:
    fragment = written("latex", comparison(*HOSTILE, summary=" ".join(HOSTILE)))
    (tmp_path / "compared.tex").write_text(fragment, "utf-8")
    document = "\\documentclass{article}\\begin{document}\\input{compared}\\end{document}"
    (tmp_path / "whole.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "whole.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "whole.pdf").stat().st_size > 1000


# -- all -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_format_writes_an_entity_and_an_empty_comparison(name: str) -> None:
    lora = Entity("method/lora", EntityType.METHOD, (Name("LoRA"),))
    empty: dict[str, Value] = {c.name: () if c.is_list else None for c in COLUMNS}
    row = Row(lora.id, lora, None, empty | {"id": lora.id, "name": "LoRA", "used_by": 3}, {})
    columns = tuple(c for c in COLUMNS if c.name in ("id", "name", "used_by"))
    text = written(name, Comparison(columns, (row, row)))
    assert text.count("LoRA") == 2
    assert text.endswith("\n")
    nothing = written(name, Comparison((), (), "a question", Strength.NONE))
    if name != "csv":
        assert "No paper was found" in nothing


@pytest.mark.parametrize("name", ["table", "markdown", "latex"])
def test_people_are_told_what_is_weak_or_predicted(name: str) -> None:
    found = comparison("One", "Two", confidence={"kind": 0.91})
    weak = Comparison(found.columns, found.rows, "a question", Strength.WEAK)
    text = re.sub(r"\s+", " ", written(name, weak, 400))
    assert NEAREST in text
    assert re.search(r"kind 91\\?%", text)


def test_a_title_is_told_once_where_it_is_the_heading() -> None:
    names = [field.name for field in wording.fields(comparison("One", "Two"))]
    assert "title" not in names
    assert Column("id", "Id") in wording.fields(comparison("One", "Two"))


@pytest.mark.parametrize(
    ("name", "file", "meant"),
    [
        (None, None, "table"),
        ("csv", Path("a.tex"), "csv"),
        (None, Path("a.tex"), "latex"),
        (None, Path("A.MD"), "markdown"),
    ],
)
def test_the_format_is_named_or_that_of_the_file(
    name: str | None, file: Path | None, meant: str
) -> None:
    assert formats.chosen(name, file).name == meant


@pytest.mark.parametrize(("name", "file"), [("pdf", None), (None, Path("a.pdf"))])
def test_an_unknown_format_is_refused_with_those_there_are(
    name: str | None, file: Path | None
) -> None:
    with pytest.raises(BadRequest, match=r"csv.*tex|csv.*latex"):
        formats.chosen(name, file)
