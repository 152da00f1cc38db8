from datetime import date
from typing import Any

import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.export import names
from kg.export.excerpt import Excerpt
from kg.export.ris import ris
from kg.records import Paper, PlacedBy, Placement
from tests.support.factories import TEXT, full_paper, paper, papers


def records(*made: Paper, topics: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Read RIS back with a parser."""
    placed = tuple(Placement(topic, PlacedBy.LIST, "a") for topic in topics)
    found: list[dict[str, Any]] = rispy.loads(ris(Excerpt(made, {made[0].id: placed})))
    return found


def line(text: str | None) -> str:
    return " ".join((text or "").split())


def test_every_fact_has_its_tag() -> None:
    made = full_paper(
        published=date(987, 1, 2),
        categories=("cs.LG", "stat.ML"),
    )
    listed = Excerpt((made,), {made.id: (Placement("a/b", PlacedBy.LIST, "l"),)}, {made.id: ("l",)})
    assert rispy.loads(ris(listed)) == [
        {
            "type_of_reference": "CPAPER",
            "id": "2001.00001",
            "title": "Paper number 1",
            "authors": ["Author1, Ada", "Writer, Bo"],
            "year": "2020",
            "date": "0987/01/02/",
            "secondary_title": "ICML",
            "alternate_title3": "J. of X 7",
            "abstract": "We study subject 1. It works.",
            "doi": "10.1000/x",
            "urls": ["https://arxiv.org/abs/2001.00001"],
            "name_of_database": "arXiv",
            "accession_number": "arXiv:2001.00001",
            "edition": "3",
            "notes": ["9 pages"],
            "keywords": ["a/b"],
            "unknown_tag": {
                "U1": ["cs.LG", "stat.ML"],
                "U2": ["2021-03-04"],
                "U3": ["l"],
                "U4": ["withdrawn"],
            },
        }
    ]


@pytest.mark.parametrize(
    ("facts", "kind"),
    [({}, "GEN"), ({"journal_ref": "J"}, "JOUR"), ({"venue": "V", "journal_ref": "J"}, "CPAPER")],
)
def test_the_kind_of_a_paper(facts: dict[str, str], kind: str) -> None:
    assert records(paper(1, **facts))[0]["type_of_reference"] == kind


def test_an_abstract_keeps_its_lines_and_ends_no_record() -> None:
    made = paper(1, abstract="First line.\r\nER  - \n\n  TY  - JOUR\u2028last", title="One\ntwo")
    assert "AB  - First line.\n      ER -\n      TY - JOUR\n      last\n" in ris(Excerpt((made,)))
    (record,) = records(made)
    assert record["abstract"] == "First line. ER - TY - JOUR last"
    assert record["title"] == "One two"


def test_names_of_any_script() -> None:
    made = paper(
        1, authors=("Ludwig van Beethoven", "李 明", "Иван Петров", "OpenAI", "Ana Lee Jr.")
    )
    assert records(made)[0]["authors"] == [
        "van Beethoven, Ludwig",
        "李 明",
        "Петров, Иван",
        "OpenAI",
        "Lee, Ana, Jr.",
    ]


@pytest.mark.slow
@given(st.lists(papers(), min_size=1, max_size=3))
@settings(max_examples=80)
def test_nothing_is_lost(made: list[Paper]) -> None:
    found = records(*made)
    assert len(found) == len(made)
    for one, record in zip(made, found, strict=True):
        assert record["id"] == one.id
        expected = {
            "title": line(one.title),
            "abstract": line(one.abstract),
            "secondary_title": line(one.venue),
            "alternate_title3": line(one.journal_ref),
            "doi": one.doi or "",
            "year": f"{one.year:04}" if one.year is not None else "",
            "date": one.published.isoformat().replace("-", "/") + "/" if one.published else "",
        }
        assert {name: line(record.get(name)) for name in expected} == expected
        assert record.get("notes", []) == ([line(one.comment)] if line(one.comment) else [])
        assert record.get("authors", []) == [
            names.split(name).sorted for name in one.authors if name.strip()
        ]
        own = record.get("unknown_tag", {})
        assert own.get("U1", []) == [line(c) for c in one.categories if line(c)]
        assert ("U4" in own) == one.withdrawn


@given(TEXT)
def test_a_name_comes_back_from_its_parts(name: str) -> None:
    parts = names.split(name)
    whole = parts.literal or " ".join(part for part in parts[:3] if part)
    assert whole == line(name)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada B. Lovelace", ("Ada B.", "Lovelace", "", "")),
        ("José de la Cruz", ("José", "de la Cruz", "", "")),
        ("de la Cruz", ("de", "la Cruz", "", "")),
        ("Ken Griffey III", ("Ken", "Griffey", "III", "")),
        ("Plato", ("", "", "", "Plato")),
        ("Gemini Team", ("", "", "", "Gemini Team")),
        ("Barnes and Noble", ("", "", "", "Barnes and Noble")),
        ("Smith, Jr., John", ("", "", "", "Smith, Jr., John")),
        ("김 민수", ("", "", "", "김 민수")),
        ("Νίκος Παπαδόπουλος", ("Νίκος", "Παπαδόπουλος", "", "")),
        ("Jean-Luc O’Neil", ("Jean-Luc", "O’Neil", "", "")),
    ],
)
def test_names_in_parts(name: str, parts: tuple[str, ...]) -> None:
    assert names.split(name) == parts
