import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import BadRequest
from kg.records import (
    Citation,
    Paper,
    PlacedBy,
    Placement,
)
from kg.store.catalogue import Catalogue
from kg.store.clean_record import MAX_AUTHORS, MAX_CHARS
from tests.support.factories import (
    FEW_EXAMPLES,
    contents,
    different,
    paper,
    paper_named,
    papers,
    put_all,
)

# -- putting and reading back ------------------------------------------------------------------


@given(papers())
@FEW_EXAMPLES
def test_a_paper_comes_back_as_it_was_put(shelf: Catalogue, made: Paper) -> None:
    shelf.papers.put(made)
    assert paper_named(shelf, made.id) == made
    revision, rows = shelf.revision, contents(shelf.path)
    assert shelf.papers.put(made) == "unchanged"
    assert shelf.revision == revision
    assert contents(shelf.path) == rows


@given(papers(), papers())
@FEW_EXAMPLES
def test_an_update_replaces_every_fact(shelf: Catalogue, old: Paper, new: Paper) -> None:
    new = replace(new, id=old.id, arxiv_id=old.arxiv_id)
    shelf.papers.put(old)
    assert shelf.papers.put(new) == ("unchanged" if new == old else "updated")
    assert paper_named(shelf, old.id) == new


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("nul \0 within", "nul within"),
        ("\0", ""),
        ("'; DROP TABLE papers; --", "'; DROP TABLE papers; --"),
        ("👩‍🔬 \ufffe.", "👩‍🔬 ."),
        ("bell\a, \x1b[31mred\x1b[0m, \x9b2J", "bell, [31mred[0m, 2J"),
        ("a \u202eforged\u202c name", "a forged name"),
    ],
)
def test_odd_texts_are_kept_without_what_steers(catalogue: Catalogue, text: str, kept: str) -> None:
    made = paper(1, title=text, authors=(text,), comment=text, venue=text)
    whole = replace(made, title=kept, authors=(kept,), comment=kept, venue=kept)
    assert catalogue.papers.put(replace(made, abstract="one\r\n" + text)) == "added"
    found = paper_named(catalogue, made.id)
    assert replace(found, abstract=None) == replace(whole, abstract=None)
    assert " ".join((found.abstract or "").split()) == f"one {kept}".strip()
    assert catalogue.papers.put(replace(made, abstract="one\r\n" + text)) == "unchanged"
    catalogue.candidates.add([made])
    catalogue.reviews.add(made, [], 0.5)
    assert (
        catalogue.candidates.first(1)[0].title == catalogue.reviews.waiting()[0].paper.title == kept
    )


@pytest.mark.slow
def test_what_has_no_end_is_cut_and_the_journal_tells(catalogue: Catalogue) -> None:
    made = paper(1, title="long " * 10_000, authors=("A" * 2_000,) * 7_000, comment="c" * 9_000)
    catalogue.papers.put(made)
    found = paper_named(catalogue, made.id)
    assert len(found.title) == MAX_CHARS["title"]
    assert found.title.endswith("…")
    assert len(found.authors) == MAX_AUTHORS
    assert {len(name) for name in found.authors} == {MAX_CHARS["authors"]}
    (change,) = catalogue.journal.changes_of(made.id)
    assert "title of 49,999" in change.detail
    assert "7,000 authors" in change.detail
    assert catalogue.papers.put(made) == "unchanged"
    assert len(catalogue.journal.changes_of(made.id)) == 1


def test_a_venue_has_one_name(catalogue: Catalogue) -> None:
    names = ("NIPS", "Nips", "Neurips 2023", "NeurIPS", "NeurIPS'23")
    put_all(catalogue, *(paper(n, venue=name) for n, name in enumerate(names)))
    assert {one.venue for one in catalogue.papers.get(catalogue.papers.keys())} == {"NeurIPS"}


def test_a_lone_surrogate_is_refused_and_leaves_nothing(catalogue: Catalogue) -> None:
    with pytest.raises(BadRequest, match="not Unicode text"):
        catalogue.papers.put(paper(1, title="half a \ud83d smiley"))
    assert catalogue.size() == 0


def test_put_tells_what_it_did(catalogue: Catalogue) -> None:
    assert catalogue.papers.put(paper(1)) == "added"
    assert catalogue.papers.put(paper(1)) == "unchanged"
    assert catalogue.papers.put(paper(1, year=2021)) == "updated"
    assert catalogue.size() == 1


def test_words_follow_an_update(catalogue: Catalogue) -> None:
    catalogue.papers.put(paper(1, title="Gorilla"))
    catalogue.papers.put(paper(1, title="Zebra"))
    assert catalogue.words.document_frequency('"gorilla"') == 0
    assert catalogue.words.document_frequency('"zebra"') == 1


def test_papers_come_in_the_order_asked_for(catalogue: Catalogue) -> None:
    keys = put_all(catalogue, *map(paper, range(1, 6)))
    wanted = [keys[3], keys[0], keys[4], keys[0]]
    assert [p.title[-1] for p in catalogue.papers.get(wanted)] == ["4", "1", "5", "1"]
    with pytest.raises(KeyError):
        catalogue.papers.get([keys[0], 999])


def test_counts(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1), paper(2, abstract=None, withdrawn=True), paper(3, authors=()))
    catalogue.citations.add([Citation(paper(1).id, paper(2).id, source) for source in "ab"])
    catalogue.placements.add(paper(1).id, [Placement("a", PlacedBy.LIST, "l")])
    catalogue.lists.add(paper(1).id, "l", starred=False)
    catalogue.identifiers.add_conflict("arxiv", "2001.00001", "Another", "l")
    assert catalogue.counts() == {
        "papers": 3,
        "with_abstract": 2,
        "with_arxiv_id": 3,
        "withdrawn": 1,
        "authors": 3,
        "placed": 1,
        "citations": 1,
        "lists": 1,
        "cards": 0,
        "with_summary": 0,
        "with_code": 0,
        "methods": 0,
        "benchmarks": 0,
        "models": 0,
        "entities": 0,
        "relations": 0,
        "conflicts": 1,
        "to_review": 0,
        "names_to_review": 0,
    }


# -- renaming ----------------------------------------------------------------------------------


def test_a_renamed_paper_keeps_its_old_id(catalogue: Catalogue) -> None:
    made = paper(1, id="title:abc", arxiv_id=None)
    (key,) = put_all(catalogue, made)
    catalogue.papers.rename("title:abc", "2203.05482")
    assert catalogue.identifiers.key("2203.05482") == catalogue.identifiers.key("title:abc") == key
    assert paper_named(catalogue, "title:abc").id == "2203.05482"


def test_renaming_twice_or_by_an_old_id_changes_nothing(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1, id="title:abc", arxiv_id=None))
    catalogue.papers.rename("title:abc", "2203.05482")
    revision = catalogue.revision
    catalogue.papers.rename("title:abc", "2203.05482")
    assert catalogue.size() == 1
    assert catalogue.revision == revision


def test_renaming_into_another_paper_joins_the_two(catalogue: Catalogue) -> None:
    draft = paper(1, id="title:abc", arxiv_id=None, title="The draft")
    _, key, other = put_all(catalogue, draft, paper(2), paper(3))
    catalogue.placements.add(draft.id, [Placement("a", PlacedBy.LIST, "one", 0.5)])
    catalogue.placements.add(draft.id, [Placement("b", PlacedBy.LIST, "one")])
    catalogue.placements.add(paper(2).id, [Placement("a", PlacedBy.LIST, "one", 0.25)])
    catalogue.lists.add(draft.id, "one", starred=True)
    catalogue.lists.add(draft.id, "two", starred=False)
    catalogue.lists.add(paper(2).id, "one", starred=False)
    catalogue.citations.add(
        [
            Citation(draft.id, paper(2).id, "s"),
            Citation(paper(2).id, draft.id, "s"),
            Citation(draft.id, paper(3).id, "s"),
            Citation(paper(2).id, paper(3).id, "s"),
            Citation(paper(3).id, draft.id, "t"),
        ]
    )
    catalogue.papers.rename(draft.id, paper(2).id)
    assert catalogue.size() == 2
    assert catalogue.identifiers.key("The draft") == catalogue.identifiers.key("title:abc") == key
    assert paper_named(catalogue, "The draft") == paper(2)
    assert catalogue.placements.get([key])[key] == [
        Placement("b", PlacedBy.LIST, "one", 1.0),
        Placement("a", PlacedBy.LIST, "one", 0.5),
    ]
    assert catalogue.lists.entries() == [("one", paper(2).id, 1), ("two", paper(2).id, 0)]
    assert catalogue.citations.all() == [
        (paper(2).id, paper(3).id, "s"),
        (paper(3).id, paper(2).id, "t"),
    ]
    assert catalogue.citations.references(key) == catalogue.citations.cited_by(key) == [other]
    assert catalogue.words.document_frequency('"draft"') == 0


def test_joining_papers_tells_the_index_that_a_vector_went(catalogue: Catalogue) -> None:
    old, kept = put_all(catalogue, paper(1), paper(2))
    catalogue.vectors.add("m", [(old, "h", b"1234"), (kept, "h", b"5678")])
    before = catalogue.vectors.revision
    catalogue.papers.rename(paper(1).id, paper(2).id)
    assert catalogue.vectors.keys("m") == [kept]
    assert catalogue.vectors.revision > before


# -- placements, lists, citations, conflicts ---------------------------------------------------


def test_a_placement_is_renewed_not_doubled(catalogue: Catalogue) -> None:
    (key,) = put_all(catalogue, paper(1))
    catalogue.placements.add(paper(1).id, [Placement("t", PlacedBy.MODEL, "m", 0.5)])
    catalogue.placements.add(paper(1).id, [Placement("t", PlacedBy.MODEL, "m", 0.75)])
    revision = catalogue.revision
    catalogue.placements.add(paper(1).id, [Placement("t", PlacedBy.MODEL, "m", 0.75)])
    assert catalogue.revision == revision
    assert catalogue.placements.get([key]) == {key: [Placement("t", PlacedBy.MODEL, "m", 0.75)]}
    assert catalogue.placements.topic_papers() == [("t", key)]


def test_a_star_stays(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1))
    for starred in (False, True, False):
        catalogue.lists.add(paper(1).id, "l", starred=starred)
    assert catalogue.lists.entries() == [("l", paper(1).id, 1)]
    key = catalogue.identifiers.key(paper(1).id)
    assert catalogue.lists.names([key]) == {key: ["l"]}


def test_citations_of_itself_of_unknown_papers_and_doubled_are_left_out(
    catalogue: Catalogue,
) -> None:
    one, two = (paper(n).id for n in (1, 2))
    put_all(catalogue, paper(1), paper(2))
    edges = [(one, two), (one, two), (one, one), (one, "2001.99999"), ("nobody", two)]
    assert catalogue.citations.add(Citation(*edge, "s") for edge in edges) == 1
    assert catalogue.citations.add([Citation(one, two, "s")]) == 0
    assert catalogue.citations.add([Citation(one, two, "another source")]) == 1
    assert catalogue.citations.references(catalogue.identifiers.key(one)) == [
        catalogue.identifiers.key(two)
    ]
    assert catalogue.citations.cited_by(catalogue.identifiers.key(two)) == [
        catalogue.identifiers.key(one)
    ]


def test_a_conflict_is_kept_once(catalogue: Catalogue) -> None:
    for _ in range(2):
        catalogue.identifiers.add_conflict("arxiv", "2001.00001", "A title", "a list")
    assert catalogue.identifiers.conflicts() == [("arxiv", "2001.00001", "A title", "a list")]


def test_the_last_fetch_of_each_source_counts(catalogue: Catalogue) -> None:
    catalogue.journal.log_fetch("a", {"added": 1})
    catalogue.journal.log_fetch("b", {"added": 3})
    assert {
        (source, report["added"]) for source, _, report in catalogue.journal.last_fetches()
    } == {
        ("a", 1),
        ("b", 3),
    }


# -- transactions ------------------------------------------------------------------------------


@pytest.mark.parametrize("crash", [ValueError, KeyboardInterrupt, OSError])
def test_a_crash_within_writing_leaves_nothing(
    catalogue: Catalogue, crash: type[BaseException]
) -> None:
    put_all(catalogue, paper(1))
    before = contents(catalogue.path)
    with pytest.raises(crash), catalogue.writing():  # noqa: PT012
        catalogue.papers.put(paper(2))
        catalogue.papers.put(paper(1, title="Changed"))
        catalogue.citations.add([Citation(paper(1).id, paper(2).id, "s")])
        raise crash
    assert contents(catalogue.path) == before
    assert catalogue.papers.put(paper(2)) == "added"


def test_a_block_of_writes_is_one_revision(catalogue: Catalogue) -> None:
    before = catalogue.revision
    put_all(catalogue, *map(paper, range(10)))
    assert catalogue.revision == before + 1
    with catalogue.writing():
        pass
    assert catalogue.revision == before + 1


@pytest.mark.slow
def test_readers_see_whole_blocks_while_one_writes(catalogue: Catalogue) -> None:
    rounds, seen, failures = 30, set[int](), list[BaseException]()
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                keys = catalogue.papers.keys()
                assert len(catalogue.papers.get(keys)) == len(keys)
                seen.add(len(keys))
        except BaseException as error:
            failures.append(error)
        finally:
            catalogue.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(rounds):
        put_all(catalogue, *(paper(10 * number + n) for n in range(10)))
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert all(size % 10 == 0 for size in seen)
    assert catalogue.size() == 10 * rounds


@pytest.mark.slow
@given(st.lists(papers(), max_size=4))
@settings(max_examples=25, deadline=None)
def test_all_papers_are_told_apart(made: list[Paper]) -> None:
    made = different(made)
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalogue(Path(folder) / "atlas.sqlite") as catalogue,
    ):
        keys = put_all(catalogue, *made)
        assert len(set(keys)) == catalogue.size() == len(made)
        assert catalogue.papers.get(keys) == made


def test_the_revision_of_a_block_is_that_of_what_it_reads(catalogue: Catalogue) -> None:
    def write_elsewhere(number: int) -> None:
        with Catalogue(catalogue.path) as other:
            put_all(other, paper(number))

    before = catalogue.revision
    assert not catalogue.database.is_settled
    with catalogue.reading():
        assert catalogue.revision == before
        write_elsewhere(1)
        with catalogue.reading():
            assert (catalogue.revision, catalogue.size()) == (before, 0)
        assert catalogue.database.is_settled
    assert not catalogue.database.is_settled
    assert catalogue.revision > before
    with catalogue.writing():
        assert not catalogue.database.is_settled
        with catalogue.reading():
            assert not catalogue.database.is_settled
    with catalogue.reading():
        now = catalogue.revision
        put_all(catalogue, paper(2))
        assert not catalogue.database.is_settled
    assert catalogue.revision >= now
