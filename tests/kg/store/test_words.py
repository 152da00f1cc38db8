"""Words follow their sources: papers, cards, and counts of abstracts that are not here."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from kg.cards.card import Card, Kind, WrittenFrom
from kg.errors import CatalogueError
from kg.records import Field, Filters, Term
from kg.store import words
from kg.store.bulk import insert_rows
from kg.store.catalogue import Catalogue
from kg.store.database import Database, own_migrations
from kg.store.integrity import faults
from search.index.words.fts5 import Fts5Words
from tests.support.factories import card, paper, put_all

SUMMARY = "Zebras are averaged with gorillas so that one animal has the stripes of all the herds."


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, paper(1, abstract=None), paper(2, title="Zebra", abstract=None))
        yield opened
        assert list(faults(opened.database)) == []


def found(catalogue: Catalogue, text: str) -> list[str]:
    keys = [key for key, _ in Fts5Words(catalogue).search(text, 10, Filters())]
    return [one.id for one in catalogue.papers.get(keys)]


def passing(catalogue: Catalogue, term: Term) -> list[str]:
    keys = catalogue.papers.select(Filters(terms=(term,)))
    return [one.id for one in catalogue.papers.get(keys or ())]


def index_stems(catalogue: Catalogue, paper_id: str, stems: str) -> None:
    with catalogue.writing():
        key = catalogue.identifiers.key(paper_id)
        insert_rows(catalogue.database, "abstract_stems", [(key, stems)])
        catalogue.words.update([key])


def test_a_summary_is_searched_until_another_takes_its_place(catalogue: Catalogue) -> None:
    one = paper(1).id
    catalogue.cards.put(one, card(summary=SUMMARY), "x")
    assert found(catalogue, "gorilla") == [one]
    assert passing(catalogue, Term("gorillas so that", Field.ANY, exact=True)) == [one]
    assert passing(catalogue, Term("gorilla", Field.ABSTRACT)) == []
    catalogue.cards.put(one, card(), "x")
    assert found(catalogue, "gorilla") == []


def test_problem_and_kinds_are_searched(catalogue: Catalogue) -> None:
    one, two = paper(1).id, paper(2).id
    known = card(problem="loss of stripes", also_kind=(Kind.BENCHMARK,))
    catalogue.cards.put(one, known, "x")
    catalogue.cards.put(two, Card(Kind.SURVEY, by=WrittenFrom.TITLE), "x")
    assert found(catalogue, "stripe") == found(catalogue, "benchmarks") == [one]
    assert found(catalogue, "surveys") == [two]
    assert passing(catalogue, Term("survey", Field.ANY, excluded=True)) == [one]


def test_a_title_counts_more_than_a_summary(catalogue: Catalogue) -> None:
    catalogue.cards.put(paper(1).id, card(summary=SUMMARY), "x")
    assert found(catalogue, "zebra") == [paper(2).id, paper(1).id]


def test_a_summary_stays_when_its_paper_is_updated_or_merged(catalogue: Catalogue) -> None:
    catalogue.cards.put(paper(1).id, card(summary=SUMMARY), "x")
    catalogue.papers.put(paper(1, abstract="An abstract comes."))
    assert found(catalogue, "gorilla") == [paper(1).id]
    catalogue.papers.rename(paper(1).id, paper(2).id)
    assert found(catalogue, "gorilla") == [paper(2).id]


def test_stems_are_searched_until_the_abstract_comes(catalogue: Catalogue) -> None:
    one = paper(1).id
    index_stems(catalogue, one, "gorilla models models")
    assert found(catalogue, "modeling gorillas") == [one]
    catalogue.papers.put(replace(paper(1, abstract=None), year=2021))
    assert found(catalogue, "gorilla") == [one]
    catalogue.papers.put(paper(1, abstract="We average models."))
    assert found(catalogue, "gorilla") == []
    assert found(catalogue, "average models") == [one]


def test_stems_tell_of_a_word_and_never_of_a_phrase(catalogue: Catalogue) -> None:
    one, two = paper(1).id, paper(2).id
    index_stems(catalogue, one, "gorilla models models")
    assert passing(catalogue, Term("gorilla", Field.ABSTRACT)) == [one]
    assert passing(catalogue, Term("gorilla", Field.ANY)) == [one]
    assert passing(catalogue, Term("gorilla", Field.ANY, excluded=True)) == [two]
    assert passing(catalogue, Term("gorilla", Field.TITLE)) == []
    for field in (Field.ANY, Field.ABSTRACT):
        assert passing(catalogue, Term("gorilla models", field, exact=True)) == []
        assert passing(catalogue, Term("gorilla-models", field)) == []
        assert passing(catalogue, Term("gorilla", field, exact=True)) == []


def test_stems_go_with_a_paper_that_becomes_part_of_another(catalogue: Catalogue) -> None:
    index_stems(catalogue, paper(1).id, "gorilla")
    catalogue.papers.rename(paper(1).id, paper(2).id)
    assert found(catalogue, "gorilla") == [paper(2).id]


def test_an_optimized_index_finds_the_same_in_one_segment(catalogue: Catalogue) -> None:
    segments = "SELECT count(DISTINCT segid) FROM words_idx"
    assert catalogue.database.value(segments) > 1
    catalogue.words.optimize()
    assert catalogue.database.value(segments) == 1
    assert found(catalogue, "zebra") == [paper(2).id]


def test_what_an_older_catalogue_has_is_searched(tmp_path: Path) -> None:
    path, scripts = tmp_path / "atlas.sqlite", own_migrations()
    before = next(n for n, script in enumerate(scripts) if "abstract_stems" in script)
    Database(path, scripts[:before]).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO papers (key, id, title, abstract, text_hash)"
            " VALUES (7, 'a', 'Horse', 'A donkey', 'h')"
        )
        connection.execute("INSERT INTO authorships VALUES (7, 0, 'Ada Ant', 'ada ant')")
        connection.execute(
            "INSERT INTO cards VALUES (7, ?, '{\"kind\": \"survey\"}', 'x')", (SUMMARY,)
        )
    with Catalogue(path) as catalogue:
        for word in ("horse", "donkey", "Ada", "gorilla", "surveys"):
            assert found(catalogue, word) == ["a"]


def test_names_of_an_older_catalogue_are_found_as_they_are_folded(tmp_path: Path) -> None:
    path, scripts = tmp_path / "atlas.sqlite", own_migrations()
    before = next(n for n, script in enumerate(scripts) if "named_otherwise" in script)
    Database(path, scripts[:before]).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for key, name, folded in (
            (7, "Karl Weiß", "karl weiss"),
            (8, "Shin’ya Li", "shin ya li"),
            (9, "Ada Ant", "ada ant"),
        ):
            connection.execute(
                f"INSERT INTO papers (key, id, title, text_hash) VALUES ({key}, 'a{key}', 'T', 'h')"
            )
            connection.execute("INSERT INTO authorships VALUES (?, 0, ?, ?)", (key, name, folded))
            connection.execute(
                "INSERT INTO words (rowid, title, authors) VALUES (?, 'T', ?)", (key, name)
            )
        connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'revision'")
    with Catalogue(path) as catalogue:
        for asked, keys in (("weiss", [7]), ("Karl Weiß", [7]), ("li shin", [8]), ("ant", [9])):
            assert catalogue.papers.select(Filters(author=asked)) == keys
        # Whoever follows the changes reads these papers again, and no others.
        assert catalogue.changes.papers(catalogue.revision - 1) == [7, 8]


@pytest.mark.parametrize("looked_up", [0, 10**9])
def test_some_papers_are_looked_up_or_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_up: int
) -> None:
    monkeypatch.setattr(words, "LOOKED_UP", looked_up)
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        texts = ["Zebras are merged.", "A zebra", "Lions are merged.", "Merging"]
        put_all(catalogue, *(paper(n, abstract=text) for n, text in enumerate(texts)))
        keys = [catalogue.identifiers.key(paper(n).id) for n in range(4)]
        assert catalogue.words.matching('"zebra" OR "merge"', keys[1:3]) == set(keys[1:3])
        assert catalogue.words.matching('"zebra"', [*keys, 10**6]) == set(keys[:2])
        asked = ['"zebra"', '"nowhere"', '"zebra" OR "merge"']
        assert catalogue.words.counts_matching(asked, keys[1:3]) == [
            len(catalogue.words.matching(one, keys[1:3])) for one in asked
        ]
        assert catalogue.words.counts_matching(asked, []) == [0, 0, 0]
        assert catalogue.words.counts_matching([], keys) == []
        assert catalogue.words.marked_abstracts('"merging"', keys[:2], ("<", ">")) == {
            keys[0]: "Zebras are <merged>."
        }


EXPRESSIONS = [
    'title : "zebra"',
    '{title abstract} : ("zebras" OR "fine tuning")',
    '"zebras" OR "fine tuning"',
    '"averaged"',
    'abstract : "averag"',
]


@pytest.fixture
def herd(catalogue: Catalogue) -> list[int]:
    """The keys of twenty papers that differ in what they have."""
    put_all(
        catalogue,
        *(
            paper(n, title=f"Zebra {n}" if n % 2 else "Horses", abstract=text)
            for n in range(3, 21)
            for text in ["Averaging zebras by fine-tuning, naïvely." if n % 3 else None]
        ),
    )
    catalogue.cards.put("2001.00004", card(summary=SUMMARY), "test")
    return catalogue.papers.keys()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_few_papers_are_searched_in_memory_with_the_same_result(
    catalogue: Catalogue, herd: list[int], expression: str
) -> None:
    parts = [herd[:7], herd[5:9], [*herd, 10**6], herd[::-3], []]
    marks = ("<", ">")
    with catalogue.reading():
        found = [catalogue.words.matching(expression, part) for part in parts]
        marked = [catalogue.words.marked_abstracts('"zebra"', part, marks) for part in parts]
    assert found == [catalogue.words.matching(expression, part) for part in parts]
    assert marked == [catalogue.words.marked_abstracts('"zebra"', part, marks) for part in parts]
    assert any(found)
    assert any("<zebras>" in text for some in marked for text in some.values())


@pytest.mark.usefixtures("herd")
def test_what_is_in_memory_is_of_the_state_that_is_read(catalogue: Catalogue) -> None:
    key = catalogue.identifiers.key("2001.00003")
    with catalogue.reading():
        assert catalogue.words.matching("title : zebra", [key]) == {key}
    catalogue.papers.put(paper(3, title="Okapi", abstract=None))
    with catalogue.reading():
        assert catalogue.words.matching("title : zebra", [key]) == set()
        assert catalogue.words.matching("title : okapi", [key]) == {key}
    with catalogue.writing():
        catalogue.papers.put(paper(3, title="Gnu", abstract=None))
        assert catalogue.words.matching("title : gnu", [key]) == {key}
        assert catalogue.words.matching("title : okapi", [key]) == set()


@pytest.mark.parametrize("within", [True, False])
def test_an_expression_that_is_none_is_an_error_of_the_catalogue(
    catalogue: Catalogue, herd: list[int], within: bool
) -> None:
    with catalogue.reading() if within else nullcontext(), pytest.raises(CatalogueError):
        catalogue.words.matching('title : "', herd)
