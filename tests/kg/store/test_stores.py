"""Each store alone, over a bare database."""

import inspect
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import pytest

import kg.store
from kg.cards.card import Card, Kind, Modality, Training, WrittenFrom
from kg.errors import NotFound
from kg.links import Link, LinkKind, LinkState
from kg.records import Citation, Filters, Paper, PlacedBy, Placement
from kg.store.arrivals import Arrival, ArrivalStore
from kg.store.authors import AuthorStore
from kg.store.candidates import CandidateStore
from kg.store.cards import CardStore
from kg.store.catalogue import Catalogue
from kg.store.changes import ChangeStore
from kg.store.citations import CitationStore, OutsideReference
from kg.store.database import Database, Store
from kg.store.details import DetailStore
from kg.store.entities import EntityStore
from kg.store.facets import FacetStore
from kg.store.identifiers import IdentifierStore
from kg.store.journal import ChangeKind, Journal
from kg.store.links import LinkStore
from kg.store.lists import ListStore
from kg.store.papers import PaperStore
from kg.store.placements import PlacementStore
from kg.store.positions import Position, PositionStore
from kg.store.proposals import ProposalQueue
from kg.store.reads import ReadStore
from kg.store.relations import RelationStore
from kg.store.reports import Report, ReportStore
from kg.store.reviews import ReviewQueue
from kg.store.similarities import SimilarityStore
from kg.store.vectors import VectorStore
from kg.store.word_documents import WordDocumentStore
from kg.store.words import WordStore
from tests.support.clock import StandingClock
from tests.support.factories import paper

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ONE, TWO = paper(1, authors=("Ada Ant",)), paper(2, title="Another subject", authors=("Bo Bee",))
EVERY_STORE = (
    *(ArrivalStore, AuthorStore, CandidateStore, CardStore, ChangeStore),
    *(CitationStore, DetailStore, FacetStore),
    *(
        IdentifierStore,
        Journal,
        LinkStore,
        ListStore,
        PaperStore,
        PlacementStore,
        PositionStore,
        ReportStore,
    ),
    *(EntityStore, ProposalQueue, ReadStore, RelationStore),
    *(ReviewQueue, SimilarityStore, VectorStore, WordDocumentStore, WordStore),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with two papers, whose clock stands at noon."""
    with Database(tmp_path / "atlas.sqlite", clock=StandingClock(NOON)) as opened:
        papers = PaperStore(opened)
        assert [papers.put(one) for one in (ONE, TWO)] == ["added", "added"]
        yield opened


def test_a_store_is_made_of_a_database_alone() -> None:
    for store in EVERY_STORE:
        assert list(inspect.signature(store).parameters) == ["database"], store
        assert store.__bases__ == (Store,), store
    assert Store.__bases__ == (object,)


def test_the_catalogue_holds_every_store(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        held = {type(getattr(catalogue, name)) for name in Catalogue.__annotations__}
        assert catalogue.papers is catalogue.papers
        assert not hasattr(catalogue, "paper")
    assert held >= set(EVERY_STORE)
    modules = [path.stem for path in Path(kg.store.__path__[0]).glob("*.py")]
    for module in modules:
        for name, found in vars(import_module(f"kg.store.{module}")).items():
            if inspect.isclass(found) and name.endswith("Store") and found is not Store:
                assert found in EVERY_STORE, name


def test_papers(database: Database) -> None:
    papers = PaperStore(database)
    assert (papers.count(), papers.keys()) == (2, [1, 2])
    assert papers.get([2, 1]) == [TWO, ONE]
    assert papers.by("arxiv", ONE.arxiv_id or "") == ONE
    assert papers.by("title", "another subject") == TWO
    assert papers.by("doi", "10.1000/none") is None
    papers.remove(ONE.id)
    assert papers.existing([1, 2]) == {2}


def test_a_paper_is_had_by_names_of_a_merged_one(database: Database) -> None:
    papers = PaperStore(database)
    papers.rename(ONE.id, TWO.id)
    assert papers.by("id", ONE.id) == papers.by("title", "paper number 1") == TWO
    assert papers.count() == 1


def test_identifiers(database: Database) -> None:
    identifiers = IdentifierStore(database)
    identifiers.add(1, "doi", "10.1000/1")
    identifiers.add(2, "doi", "10.1000/1")
    assert identifiers.find("doi", "10.1000/1") == ONE.id
    assert identifiers.keys([TWO.id, "none"]) == {TWO.id: 2}
    assert identifiers.additional() == {1: [("doi", "10.1000/1")]}
    identifiers.remove("doi", "10.1000/1")
    with pytest.raises(NotFound):
        identifiers.key("10.1000/1")


def test_placements_and_lists(database: Database) -> None:
    placements, lists = PlacementStore(database), ListStore(database)
    placed = Placement("model-editing", PlacedBy.LIST, "a")
    placements.add(ONE.id, [placed])
    assert placements.get([1, 2]) == {1: [placed]}
    assert placements.topic_papers() == [("model-editing", 1)]
    for name in ("b", "a"):
        lists.add(ONE.id, name, starred=False)
    lists.add(TWO.id, "a", starred=True)
    assert lists.names([1, 2, 3]) == {1: ["a", "b"], 2: ["a"]}
    lists.mark_gone("a", [2], NOON.date())
    assert (lists.papers("a"), lists.papers("a", gone=True)) == ({1: ONE.id}, {2: TWO.id})


def test_words_and_authors(database: Database) -> None:
    words, authors = WordStore(database), AuthorStore(database)
    assert [key for key, _ in words.match("another", 9, Filters(), (1,) * 5)] == [2]
    assert words.similar_titles("another one", 3) == [TWO.id]
    words.remove(2)
    assert words.document_frequency("another") == 0
    assert authors.ending_with("ant") == authors.ending_with("ada ant") == ["ada ant"]
    assert authors.ending_with("nt") == authors.ending_with("bo ant") == []
    assert authors.between([("ada ", "ant"), ("b", "bee"), ("a", "bee")]) == ["ada ant", "bo bee"]
    assert authors.between([("ad ", "ant")]) == []
    assert authors.surnames(["ant", "ada", "bee", "be"]) == {"ant", "bee"}
    assert authors.written(["ada ant"]) == ["Ada Ant"]
    assert authors.papers(["bo bee"], Filters()) == [2]


def test_citations(database: Database) -> None:
    citations, papers = CitationStore(database), PaperStore(database)
    assert citations.add([Citation(ONE.id, TWO.id, "s")] * 2) == 1
    assert (citations.references(1), citations.cited_by(1)) == ([2], [])
    later = OutsideReference("arxiv", paper(3).arxiv_id or "")
    assert citations.put_references(2, "s", [later], 1, date(2026, 5, 4)) == 0
    papers.put(paper(3))
    assert citations.resolve_references() == {"s": 1}
    assert citations.all() == [(ONE.id, TWO.id, "s"), (TWO.id, paper(3).id, "s")]


def test_vectors_similarities_and_positions(database: Database) -> None:
    vectors, positions = VectorStore(database), PositionStore(database)
    assert [key for key, *_ in vectors.missing("m")] == [1, 2]
    vectors.add("m", [(key, f"hash {key}", bytes([key] * 4)) for key in (1, 2, 99)])
    assert vectors.get("m", [2, 1, 3]) == dict(vectors.all("m")) == {1: b"\1" * 4, 2: b"\2" * 4}
    revision = database.revision
    assert SimilarityStore(database).replace([(1, 2, 0.5), (1, 99, 0.5)], "m") == 1
    assert SimilarityStore(database).all() == {(1, 2): (0.5, "m")}
    place = Position(1, 0.5, -0.5, drawn=True)
    assert positions.add("m", [place], since=positions.revision)
    assert not positions.add("m", [place], since=positions.revision - 1)
    assert (positions.all("m"), positions.counts("m")) == ([place], (1, 1, 1))
    assert database.revision == revision


def test_journal_arrivals_and_candidates(database: Database) -> None:
    journal, candidates, reviews = (
        Journal(database),
        CandidateStore(database),
        ReviewQueue(database),
    )
    journal.log_change(TWO.id, ChangeKind.ADDED)
    assert [change.at for change in journal.changes_from(NOON.date())] == [NOON]
    assert ArrivalStore(database).get(Filters(), 1) == [Arrival(2, NOON, NOON)]
    candidates.add([paper(5), paper(4)])
    assert candidates.first(1) == [paper(4)]
    reviews.add(paper(4), [("model-editing", 0.5)], 0.5)
    assert candidates.unclassified([paper(4), paper(5)]) == [paper(5)]
    assert reviews.ids() == {paper(4).id}


def test_a_block_that_fails_in_one_store_undoes_the_others(database: Database) -> None:
    def write() -> None:
        with database.writing():
            IdentifierStore(database).add(1, "doi", "10.1000/1")
            ListStore(database).add("no paper", "a", starred=False)

    before = database.revision
    with pytest.raises(NotFound):
        write()
    assert IdentifierStore(database).find("doi", "10.1000/1") is None
    assert database.revision == before


CARD = Card(
    Kind.METHOD,
    summary="Averages the weights of models that were tuned from one start, which costs nothing.",
    introduces=("Model soups",),
    training=Training.NONE,
    modality=(Modality.VISION, Modality.TEXT),
)


def test_cards(database: Database) -> None:
    cards, papers = CardStore(database), PaperStore(database)
    guess = Card(Kind.SURVEY, by=WrittenFrom.MODEL, confidence=(("kind", 0.75),))
    assert cards.unread() == [1, 2]
    assert cards.put(ONE.id, CARD, "snapshot")
    assert not cards.put(ONE.id, CARD, "snapshot")
    assert cards.put(TWO.id, guess, "predictor")
    assert cards.get([2, 1, 3]) == cards.all() == {1: CARD, 2: guess}
    assert cards.unread() == [2]
    assert cards.value_counts()["kind"] == {"method": 1, "survey": 1}
    assert papers.select(Filters(modality="text", training="none")) == [1]
    assert papers.select(Filters(kind="survey")) == [2]
    assert papers.select(Filters(kind="survey", modality="text")) == []
    with pytest.raises(NotFound):
        cards.put("none", CARD, "snapshot")


@pytest.mark.parametrize("kept", [False, True])
def test_cards_that_somebody_wrote_are_known(database: Database, kept: bool) -> None:
    cards = CardStore(database)
    guess = Card(Kind.SURVEY, by=WrittenFrom.MODEL)
    cards.put(ONE.id, CARD, "snapshot")
    cards.put(TWO.id, guess, "predictor")
    if kept:
        cards.keep_written()
    assert cards.written() == [1]
    cards.put(TWO.id, Card(Kind.SURVEY, by=WrittenFrom.TITLE), "snapshot")
    assert (cards.written(), cards.read(), cards.unread()) == ([1, 2], [1], [2])
    cards.put(ONE.id, guess, "predictor")
    assert (cards.written(), cards.read(), cards.unread(1)) == ([2], [], [2])
    with database.writing():
        PaperStore(database).remove(TWO.id)
        assert cards.written() == []
    assert cards.written() == []


def test_cards_are_replaced_together(database: Database) -> None:
    cards, papers = CardStore(database), PaperStore(database)
    guess = Card(Kind.SURVEY, by=WrittenFrom.MODEL, confidence=(("kind", 0.75),))
    cards.put(ONE.id, guess, "predictor")
    cards.replace({1: None, 2: (CARD, "predictor")})
    assert cards.all() == {2: CARD}
    assert cards.sources([1, 2]) == {2: "predictor"}
    assert papers.select(Filters(kind="survey")) == []
    assert papers.select(Filters(modality="text")) == [2]
    assert WordStore(database).having("card : averages") == [2]
    cards.replace({2: (guess, "predictor")})
    assert cards.all() == {2: guess}
    assert WordStore(database).having("card : averages") == []


@pytest.mark.parametrize(("merged", "other"), [(ONE, TWO), (TWO, ONE)])
def test_of_two_cards_the_one_that_was_read_stays(
    database: Database, merged: Paper, other: Paper
) -> None:
    cards, papers = CardStore(database), PaperStore(database)
    cards.put(ONE.id, CARD, "snapshot")
    cards.put(TWO.id, Card(Kind.SURVEY, by=WrittenFrom.TITLE), "snapshot")
    papers.rename(merged.id, other.id)
    assert list(cards.all().values()) == [CARD]
    assert cards.value_counts()["kind"] == {"method": 1}
    assert papers.select(Filters(training="none")) == papers.keys()


def test_links(database: Database) -> None:
    links, papers = LinkStore(database), PaperStore(database)
    code, other = "https://github.com/ada/Ants", "https://github.com/bo/ants"
    told = [
        Link(LinkKind.VIDEO, "https://youtube.com/watch?v=1", "abstract"),
        Link(LinkKind.CODE, other, "a-list", official=False),
        Link(LinkKind.CODE, "http://www.github.com/ADA/ants.git", "z-list"),
        Link(LinkKind.CODE, code, "a-list"),
        Link(LinkKind.CODE, "javascript:alert(1)", "a-list"),
        Link(LinkKind.PROJECT, "http://192.168.0.1/", "a-list"),
    ]
    assert links.add(ONE.id, told) == 4
    assert links.add(ONE.id, told) == 0
    found = links.get([1, 2])[1]
    assert [(one.kind, one.url.lower(), one.official) for one in found] == [
        (LinkKind.CODE, code.lower(), None),
        (LinkKind.CODE, other, False),
        (LinkKind.VIDEO, "https://youtube.com/watch?v=1", None),
    ]
    links.add(ONE.id, [Link(LinkKind.CODE, other, "a-list", official=True)])
    assert links.get([1])[1][0].url == other
    links.put_check(other, LinkState.MOVED, date(2026, 5, 1), code)
    assert links.get([1])[1][0].state is LinkState.MOVED
    assert links.unchecked(LinkKind.CODE, date(2026, 5, 1)) == [found[0].url]
    assert papers.select(Filters(code=True)) == [1]
    links.replace("a-list", {ONE.id: []})
    assert [one.source for one in links.get([1])[1]] == ["z-list", "abstract"]


def test_reports(database: Database) -> None:
    reports = ReportStore(database)
    few = Report("openalex", date(2026, 5, 1), 7, "https://example.org/ants.pdf", "ICLR")
    many = Report("semantic-scholar", date(2026, 5, 2), 12)
    for one in (few, many, few):
        reports.put(1, one)
    assert reports.get([1, 2]) == {1: [many, few]}
    papers = PaperStore(database)
    assert papers.select(Filters(cited=12)) == [1]
    assert papers.select(Filters(cited=13)) == []
