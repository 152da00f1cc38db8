import random
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.records import Citation
from kg.store.catalogue import Catalogue
from kg.store.citations import OutsideReference
from tests.support.factories import contents, paper, put_all
from tests.support.sqlite_connections import traced

TODAY = date(2026, 11, 23)
SCHOLAR, ALEX = "semantic-scholar", "openalex"


def to(*numbers: int) -> list[OutsideReference]:
    return [OutsideReference("arxiv", f"2001.{number:05}") for number in numbers]


def waiting(catalogue: Catalogue) -> int:
    rows = contents(catalogue.path)
    return sum(row.startswith('INSERT INTO "outside_references"') for row in rows)


def edges(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    return catalogue.citations.all()


def test_references_between_papers_are_citations_at_once(catalogue: Catalogue) -> None:
    one, two = put_all(catalogue, paper(1), paper(2))
    assert catalogue.citations.put_references(one, SCHOLAR, to(2, 3), 5, TODAY) == 1
    assert catalogue.citations.references(one) == [two]
    assert catalogue.citations.cited_by(two) == [one]
    assert waiting(catalogue) == 1
    assert catalogue.citations.reference_checks(SCHOLAR) == {one: (TODAY, 5)}
    assert catalogue.citations.reference_checks(ALEX) == {}


def test_references_wait_for_their_paper(catalogue: Catalogue) -> None:
    (one,) = put_all(catalogue, paper(1))
    catalogue.citations.put_references(
        one, SCHOLAR, [*to(2), OutsideReference("doi", "10.1000/3")], 2, TODAY
    )
    catalogue.citations.put_references(one, ALEX, to(2), 1, TODAY)
    assert catalogue.citations.resolve_references() == {}
    put_all(catalogue, paper(2), paper(3, doi="10.1000/3"))
    assert catalogue.citations.resolve_references() == Counter({SCHOLAR: 2, ALEX: 1})
    assert catalogue.citations.resolve_references() == {}
    assert [cited for _, cited, _ in edges(catalogue)] == ["2001.00002", "2001.00002", "2001.00003"]
    assert waiting(catalogue) == 0


def test_a_paper_under_two_names_is_cited_once(catalogue: Catalogue) -> None:
    one, _ = put_all(catalogue, paper(1), paper(2, doi="10.1000/2"))
    both = [*to(2), OutsideReference("doi", "10.1000/2")]
    assert catalogue.citations.put_references(one, SCHOLAR, both, 1, TODAY) == 1
    assert catalogue.citations.resolve_references() == {}


def test_two_sources_are_two_rows(catalogue: Catalogue) -> None:
    one, two = put_all(catalogue, paper(1), paper(2))
    assert catalogue.citations.put_references(one, SCHOLAR, to(2), 1, TODAY) == 1
    assert catalogue.citations.put_references(one, ALEX, to(2), 1, TODAY) == 1
    assert [source for _, _, source in edges(catalogue)] == [ALEX, SCHOLAR]
    assert catalogue.citations.references(one) == [two]


def test_a_paper_does_not_cite_itself(catalogue: Catalogue) -> None:
    one, two = put_all(catalogue, paper(1, doi="10.1000/1"), paper(2))
    itself = [*to(1), OutsideReference("doi", "10.1000/1")]
    assert catalogue.citations.put_references(one, SCHOLAR, itself, 2, TODAY) == 0
    assert catalogue.citations.add([Citation("2001.00001", "2001.00001", "test")]) == 0
    # Nor where what it cites turns out to be itself.
    catalogue.citations.put_references(
        two, SCHOLAR, [OutsideReference("doi", "10.1000/2")], 1, TODAY
    )
    catalogue.identifiers.add(two, "doi", "10.1000/2")
    assert catalogue.citations.resolve_references() == {}
    assert edges(catalogue) == []
    assert waiting(catalogue) == 0


def test_papers_may_cite_each_other(catalogue: Catalogue) -> None:
    keys = put_all(catalogue, paper(1), paper(2), paper(3))
    for key, cited in zip(keys, (2, 3, 1), strict=True):
        catalogue.citations.put_references(key, SCHOLAR, to(cited), 1, TODAY)
    assert len(edges(catalogue)) == 3


def test_what_a_source_says_no_longer_stays(catalogue: Catalogue) -> None:
    one, two = put_all(catalogue, paper(1), paper(2))
    catalogue.citations.put_references(one, SCHOLAR, to(2, 3), 2, TODAY)
    catalogue.citations.put_references(one, SCHOLAR, [], 0, TODAY + timedelta(40))
    assert catalogue.citations.references(one) == [two]
    assert waiting(catalogue) == 1
    assert catalogue.citations.reference_checks(SCHOLAR) == {one: (TODAY + timedelta(40), 0)}


def test_references_of_a_paper_that_is_gone_are_none(catalogue: Catalogue) -> None:
    one, two = put_all(catalogue, paper(1), paper(2))
    catalogue.citations.put_references(one, SCHOLAR, to(2, 3), 2, TODAY)
    catalogue.papers.remove("2001.00001")
    before = contents(catalogue.path)
    assert catalogue.citations.put_references(one, SCHOLAR, to(2, 3), 2, TODAY) == 0
    assert contents(catalogue.path) == before
    assert catalogue.citations.cited_by(two) == []
    assert waiting(catalogue) == 0


def test_only_new_edges_move_the_revision(catalogue: Catalogue) -> None:
    one, _ = put_all(catalogue, paper(1), paper(2))
    before = catalogue.revision
    catalogue.citations.put_references(one, SCHOLAR, to(3), 1, TODAY)
    assert catalogue.revision == before
    catalogue.citations.put_references(one, SCHOLAR, to(2, 3), 2, TODAY)
    assert catalogue.revision == before + 1
    with catalogue.writing():
        catalogue.citations.put_references(one, SCHOLAR, to(2, 3), 2, TODAY + timedelta(40))
        catalogue.citations.resolve_references()
    assert catalogue.revision == before + 1


def test_what_two_papers_cite_is_cited_by_the_one_that_they_become(catalogue: Catalogue) -> None:
    one, two, three = put_all(catalogue, paper(1), paper(2), paper(3))
    catalogue.citations.put_references(one, SCHOLAR, to(2, 3, 4), 3, TODAY)
    catalogue.citations.put_references(two, SCHOLAR, to(1, 3, 4, 5), 4, TODAY - timedelta(1))
    catalogue.papers.rename("2001.00001", "2001.00002")
    assert edges(catalogue) == [("2001.00002", "2001.00003", SCHOLAR)]
    put_all(catalogue, paper(4), paper(5))
    assert catalogue.citations.resolve_references() == {SCHOLAR: 2}
    assert catalogue.citations.cited_by(three) == [two]
    assert catalogue.citations.reference_checks(SCHOLAR) == {two: (TODAY - timedelta(1), 4)}


def test_whom_nobody_was_asked_about_comes_first(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(9, id="title:9", arxiv_id=None))
    keys = put_all(
        catalogue,
        *map(paper, range(1, 5)),
        paper(5, id="doi:10.1000/5", arxiv_id=None, doi="10.1000/5"),
    )
    for key, days in zip(keys[:4], (30, 31, -1, 50), strict=True):
        catalogue.citations.put_references(key, SCHOLAR, [], 0, TODAY - timedelta(days))
    assert catalogue.citations.unchecked(SCHOLAR, TODAY - timedelta(30), TODAY) == [
        (keys[4], None, "10.1000/5"),
        (keys[3], "2001.00004", None),
        (keys[1], "2001.00002", None),
        (keys[2], "2001.00003", None),  # On a day that is still to come.
    ]
    assert len(catalogue.citations.unchecked(ALEX, TODAY - timedelta(30), TODAY)) == 5


PAPERS = [paper(number, doi=f"10.1000/{number}") for number in range(6)]
REFERENCES = st.sets(
    st.tuples(st.integers(0, 5), st.sampled_from(["arxiv", "doi"]), st.integers(0, 7))
)
"""(citing, scheme, cited): two of the cited never come."""


@pytest.mark.slow
@settings(max_examples=50)
@given(REFERENCES, st.sampled_from([SCHOLAR, ALEX]), st.integers(0, 1 << 32))
def test_the_order_of_arrival_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    references: set[tuple[int, str, int]],
    source: str,
    seed: int,
) -> None:
    chance = random.Random(seed)
    steps: list[object] = [*PAPERS, *references, *["settle"] * 3]
    chance.shuffle(steps)
    with Catalogue(tmp_path_factory.mktemp("any") / "atlas.sqlite") as catalogue:
        late = []
        for step in [*steps, *late]:
            if step == "settle":
                catalogue.citations.resolve_references()
            elif step in PAPERS:
                put_all(catalogue, step)  # type: ignore[arg-type]
            else:
                late.append(step)
            # A reference is put at any time after the paper that has it.
            for one in chance.sample(late, chance.randrange(len(late) + 1)):
                if put(catalogue, one, source):
                    late.remove(one)
        assert all(put(catalogue, one, source) for one in late)
        catalogue.citations.resolve_references()
        expected = {
            (f"2001.{citing:05}", f"2001.{cited:05}", source)
            for citing, _, cited in references
            if citing != cited and cited < 6
        }
        assert edges(catalogue) == sorted(expected)
        assert waiting(catalogue) == sum(cited >= 6 for _, _, cited in references)


def put(catalogue: Catalogue, reference: object, source: str) -> bool:
    assert isinstance(reference, tuple)
    citing, scheme, cited = reference
    if catalogue.identifiers.find("arxiv", f"2001.{citing:05}") is None:
        return False
    value = f"2001.{cited:05}" if scheme == "arxiv" else f"10.1000/{cited}"
    key = catalogue.identifiers.key(f"2001.{citing:05}")
    catalogue.citations.put_references(key, source, [OutsideReference(scheme, value)], 1, TODAY)
    return True


@pytest.mark.parametrize("citing", [None, [1, 2]])
def test_no_table_of_references_is_read_whole(
    catalogue: Catalogue, citing: list[int] | None
) -> None:
    asked: list[str] = []
    with traced(asked.append), Catalogue(catalogue.path) as opened:
        asked.clear()
        opened.citations.resolve_references(citing)
    with closing(sqlite3.connect(catalogue.path)) as db:
        plan = [row[3] for sql in asked for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert any("o USING" in step for step in plan)
    assert not [step for step in plan if step.startswith(("SCAN o", "SCAN i"))], plan
