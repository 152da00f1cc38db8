import csv
import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.export.excerpt import Excerpt
from kg.export.table import COLUMNS, table
from kg.export.text import joined
from kg.records import Citation, Paper, PlacedBy, Placement
from kg.store.details import Details
from tests.support.factories import TEXT, card, code_link, paper, papers


def rows(excerpt: Excerpt) -> list[dict[str, str]]:
    """Read CSV back by the documented rules."""
    reader = csv.reader(io.StringIO(table(excerpt), newline=""), strict=True)
    assert tuple(next(reader)) == COLUMNS
    cells = ([cell.removeprefix("'") for cell in row] for row in reader)
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells]


def items(cell: str) -> tuple[str, ...]:
    parts = re.findall(r"((?:\\.|[^\\;])*)(?:; |$)", cell, re.DOTALL)[: -1 if cell else 0]
    return tuple(re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts)


def test_a_row() -> None:
    made = paper(1, version=2, doi="10.1/x")
    placed = {made.id: tuple(Placement(t, PlacedBy.LIST, "l") for t in ("a/b", "c"))}
    cites = (Citation(made.id, paper(2).id, "x"), Citation(made.id, paper(2).id, "y"))
    text = table(Excerpt((made, paper(2)), placed, {made.id: ("l", "m")}, cites))
    assert text.split("\r\n")[1] == (
        "2001.00001,Paper number 1,Ada Author1; Bo Writer,2020,,,,2001.00001,10.1/x,"
        "https://arxiv.org/abs/2001.00001,cs.LG,a/b; c,l; m,2001.00002,,,2,false,"
        ",,,,,,,,,,,,,We study subject 1. It works."
    )


def test_a_row_has_the_card_and_the_code() -> None:
    known = {paper(1).id: Details(card(), (code_link(1),))}
    one, two = rows(Excerpt((paper(1), paper(2)), details=known))
    names = ("summary", "kind", "data", "access", "training", "modality", "code")
    assert [one[name] for name in names] == [
        *(card().summary, "method", "none", "white-box", "none", "text, vision"),
        "https://github.com/ada/code1",
    ]
    assert not any(two[name] for name in names)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\n=1", "＝1", "'quoted'"])
def test_a_text_is_no_formula_and_comes_back(text: str) -> None:
    made = Excerpt((paper(1, title=text, authors=(text,)),))
    assert f"2001.00001,'{text}," in table(made) or f'2001.00001,"\'{text}",' in table(made)
    (row,) = rows(made)
    assert row["title"] == text
    assert items(row["authors"]) == (text,)


@given(st.lists(TEXT.filter(bool), max_size=4))
@example(["; ", "a; "])
def test_the_items_of_a_list_come_back(names: list[str]) -> None:
    assert items(joined(names)) == tuple(names)


@pytest.mark.slow
@given(st.lists(papers(), max_size=3))
@settings(max_examples=80)
def test_nothing_is_lost(made: list[Paper]) -> None:
    found = rows(Excerpt(tuple(made)))
    assert len(found) == len(made)
    for one, row in zip(made, found, strict=True):
        for name in ("title", "abstract", "venue", "arxiv_id", "doi", "url", "comment"):
            assert row[name] == (getattr(one, name) or "")
        assert row["journal_ref"] == (one.journal_ref or "")
        assert row["year"] == ("" if one.year is None else str(one.year))
        assert row["published"] == (one.published.isoformat() if one.published else "")
        assert row["withdrawn"] == str(one.withdrawn).lower()
        if all(one.authors):
            assert items(row["authors"]) == one.authors
        if all(one.categories):
            assert items(row["categories"]) == one.categories
