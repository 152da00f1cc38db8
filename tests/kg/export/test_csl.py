import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.export.csl import csl_json
from kg.export.excerpt import Excerpt
from kg.records import Paper, PlacedBy, Placement
from tests.support.factories import full_paper, papers

# What csl-data.json of the CSL project says of the fields that we use.
STRINGS = {
    *("type", "id", "title", "container-title", "abstract", "DOI", "URL", "archive"),
    *("archive_location", "version", "note", "status", "keyword"),
}
NAME = {"family", "given", "suffix", "literal"}
TYPES = {"article", "article-journal", "paper-conference"}


def items(*made: Paper) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(csl_json(Excerpt(made)))
    return found


def test_every_fact_has_its_field() -> None:
    made = full_paper(
        authors=("Ada B. Lovelace", "李 明"),
    )
    placed = tuple(Placement(topic, PlacedBy.LIST, "l") for topic in ("a/b", "c"))
    text = csl_json(Excerpt((made,), {made.id: placed}, {made.id: ("l",)}))
    assert json.loads(text) == [
        {
            "id": "2001.00001",
            "type": "paper-conference",
            "title": "Paper number 1",
            "author": [{"given": "Ada B.", "family": "Lovelace"}, {"literal": "李 明"}],
            "issued": {"date-parts": [[2020, 1, 2]]},
            "container-title": "ICML",
            "abstract": "We study subject 1. It works.",
            "DOI": "10.1000/x",
            "URL": "https://arxiv.org/abs/2001.00001",
            "archive": "arXiv",
            "archive_location": "2001.00001",
            "version": "3",
            "note": "9 pages",
            "status": "withdrawn",
            "categories": ["cs.LG"],
            "keyword": "a/b, c",
            "custom": {"journal_ref": "J. of X 7", "updated": "2021-03-04", "lists": ["l"]},
        }
    ]


@pytest.mark.slow
@given(st.lists(papers(), max_size=3))
@settings(max_examples=80)
def test_any_papers_are_valid_and_nothing_is_lost(made: list[Paper]) -> None:
    found = items(*made)
    assert len(found) == len(made)
    for one, item in zip(made, found, strict=True):
        assert item["type"] in TYPES
        assert set(item) <= STRINGS | {"author", "issued", "categories", "custom"}
        assert all(isinstance(item[name], str) for name in STRINGS & set(item))
        assert all(set(name) <= NAME for name in item.get("author", []))
        whole = [
            name.get("literal") or " ".join((name["given"], name["family"], name.get("suffix", "")))
            for name in item.get("author", [])
        ]
        assert [name.strip() for name in whole] == [
            " ".join(name.split()) for name in one.authors if name.strip()
        ]
        parts = item.get("issued", {"date-parts": [[]]})["date-parts"][0]
        if one.published:
            assert date(*parts) == one.published
        else:
            assert parts == ([] if one.year is None else [one.year])
        kept = {"title": "title", "abstract": "abstract", "doi": "DOI", "url": "URL"}
        kept |= {"venue": "container-title", "comment": "note", "arxiv_id": "archive_location"}
        assert {field: item.get(name, "") for field, name in kept.items()} == {
            field: getattr(one, field) or "" for field in kept
        }
        assert tuple(item.get("categories", ())) == one.categories
        assert item.get("custom", {}).get("journal_ref", "") == (one.journal_ref or "")
        assert ("status" in item) == one.withdrawn
