"""Orders, preferences and loosened conditions of whole questions, against a small atlas."""

from collections.abc import Iterator
from datetime import date

import pytest

from ingest.embedding import embed_missing
from kg.cards.card import Kind, Modality
from kg.records import Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.reports import Report
from search.library import Library
from search.ranking.answers import Answer
from search.ranking.mode import Mode
from search.ranking.orders import MIN_RELEVANT
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, put_all

MERGING = tuple(
    paper(
        n,
        title=f"Averaging quantized weights, part {n}",
        abstract=f"Quantized weights are averaged, as study {n} shows.",
        authors=("Dacheng Tao",) if n < 6 else ("Mei Long",),
        year=2019 + n % 5,
        published=date(2019 + n % 5, 1 + n, 3),
    )
    for n in range(1, 9)
)
OTHERS = tuple(
    paper(
        n,
        title=f"Subject{n} of{n}",
        abstract=f"Elsewhere{n} altogether{n}.",
        authors=(f"N{n} Other",),
        year=2025,
        published=date(2025, 1, n),
    )
    for n in range(10, 31)
)
QUESTION = "averaging quantized weights"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, *MERGING, *OTHERS)
        for number in (3, 7):
            made = card(kind=Kind.SURVEY, also_kind=(), modality=(Modality.SPEECH,))
            catalogue.cards.put(paper(number).id, made, "test")
        for number, citations in ((2, 9), (5, 70), (8, 30)):
            key = catalogue.identifiers.key(paper(number).id)
            catalogue.reports.put(key, Report("service", date(2026, 1, 1), citations=citations))
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


def numbers(found: Answer) -> list[int]:
    return [int(hit.paper.id[-2:]) for hit in found.hits]


@pytest.mark.parametrize("mode", list(Mode))
def test_an_order_is_that_of_what_is_relevant(library: Library, mode: Mode) -> None:
    # By one ranking alone, fewer of the papers are clearly relevant.
    certain = 8 if mode is Mode.HYBRID else MIN_RELEVANT
    dates = {one.id: one.published for one in MERGING}
    for asked, backwards in (("newest papers on", True), ("oldest papers on", False)):
        found = library.ask(f"{asked} {QUESTION}", k=certain, mode=mode)
        shown = [dates[hit.paper.id] for hit in found.hits if hit.paper.id in dates]
        assert shown == sorted(shown, reverse=backwards)  # type: ignore[type-var]
        assert len(shown) == certain or mode is Mode.DENSE


def test_the_most_cited_come_first(library: Library) -> None:
    found = library.ask(f"most cited papers on {QUESTION}", mode=Mode.KEYWORD)
    assert numbers(found)[:3] == [5, 8, 2]


def test_an_author_s_papers_come_in_the_order_that_is_asked_for(library: Library) -> None:
    shown = [hit.paper for hit in library.ask("oldest papers by Dacheng Tao").hits]
    assert len(shown) == 5
    assert [one.published for one in shown] == sorted(one.published for one in shown)  # type: ignore[type-var]


def test_what_is_preferred_comes_sooner_and_nothing_is_left_out(library: Library) -> None:
    plain = library.ask(f"{QUESTION} speech", k=8, literal=True)
    found = library.ask(f"{QUESTION} for speech", k=8)
    assert [(one.filter, one.hard) for one in found.understood] == [("modality", False)]
    assert set(numbers(found)[:2]) == {3, 7}
    assert set(numbers(found)) == set(numbers(plain))


def test_what_hardly_any_paper_meets_is_preferred_and_said(library: Library) -> None:
    found = library.ask(f"surveys of {QUESTION} by Dacheng Tao", k=6)
    # One survey is his; five papers are his, two are surveys.
    assert numbers(found)[0] == 3
    assert {hit.paper.authors for hit in found.hits} == {("Dacheng Tao",)}
    assert {one.filter: one.hard for one in found.understood} == {"kind": False, "author": True}
    assert any("Only 1 paper was found" in note for note in found.notes)


def test_filters_of_the_caller_hold(library: Library) -> None:
    found = library.ask(f"surveys of {QUESTION}", filters=Filters(author="tao"))
    assert numbers(found)[0] == 3
    assert {hit.paper.authors for hit in found.hits} == {("Dacheng Tao",)}
    assert [one.hard for one in found.understood] == [False]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "question", [QUESTION, f"newest papers on {QUESTION}", f"{QUESTION} for speech"]
)
def test_the_first_do_not_depend_on_how_many_are_asked_for(
    library: Library, question: str, mode: Mode
) -> None:
    many = numbers(library.ask(question, k=25, mode=mode))
    for k in (1, 3, 10):
        assert numbers(library.ask(question, k=k, mode=mode)) == many[:k]
