"""Questions answered from a small atlas with a tiny embedder."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.errors import BadRequest, NotFound
from kg.records import Citation, Filters, Paper, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.ranking.mode import Mode
from tests.support.embedders import HashedWords

FUSION = "model-reuse/model-fusion"
SOUPS = Paper(
    id="2203.05482",
    title="Model soups: averaging weights of fine-tuned models",
    arxiv_id="2203.05482",
    authors=("Mitchell Wortsman", "Gabriel Ilharco"),
    abstract="Tuning is costly. We average the weights of many models. Accuracy rises for free.",
    year=2022,
    categories=("cs.LG", "cs.CV"),
)
ROME = Paper(id="2202.05262", title="Locating and editing facts", arxiv_id="2202.05262", year=2022)
LATER = Paper(id="2301.00001", title="Averaging weights again", arxiv_id="2301.00001", year=2023)
GONE = Paper(id="2301.00002", title="Averaging weights, withdrawn", withdrawn=True, year=2023)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        for paper in (SOUPS, ROME, LATER, GONE):
            catalogue.papers.put(paper)
        placed = {SOUPS: f"{FUSION}/weight-interpolation", LATER: FUSION, GONE: FUSION}
        for paper, topic in placed.items():
            catalogue.placements.add(paper.id, [Placement(topic, PlacedBy.LIST, "a list")])
        catalogue.citations.add([Citation(LATER.id, SOUPS.id, "test")])
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


def ids(found: object) -> list[str]:
    return [hit.paper.id for hit in found.hits]


def test_each_hit_tells_its_ranks_topics_and_evidence(library: Library) -> None:
    first = library.ask("averaging the weights of models").hits[0]
    assert first.paper == SOUPS
    assert first.topics == (f"{FUSION}/weight-interpolation",)
    assert (first.rank, first.dense, first.keyword) == (1, 1, 1)
    assert first.score == pytest.approx(1)
    assert first.evidence == "We average the weights of many models."


def test_an_answer_tells_who_cites_whom_in_it(library: Library) -> None:
    hits = library.ask("averaging the weights of models").hits
    places = {hit.paper.id: hit.rank for hit in hits}
    assert {hit.paper.id: hit.cites for hit in hits if hit.cites} == {LATER.id: (places[SOUPS.id],)}


def test_a_paper_without_an_abstract_has_no_evidence(library: Library) -> None:
    assert library.ask("editing facts").hits[0].evidence is None


@pytest.mark.parametrize("mode", list(Mode))
def test_withdrawn_papers_answer_only_when_asked_for(library: Library, mode: Mode) -> None:
    assert GONE.id not in ids(library.ask("averaging weights", mode=mode))
    let_in = Filters(withdrawn=True)
    assert GONE.id in ids(library.ask("averaging weights", filters=let_in, mode=mode))


def test_words_alone_find_only_papers_with_the_words(library: Library) -> None:
    found = library.ask("averaging", mode=Mode.KEYWORD)
    assert set(ids(found)) == {SOUPS.id, LATER.id}
    assert all(hit.dense is None for hit in found.hits)


def test_a_mode_may_be_told_by_its_name(library: Library) -> None:
    assert library.ask("averaging", mode="dense").hits[0].keyword is None  # type: ignore[arg-type]


def test_meaning_alone_ranks_every_paper_that_passes(library: Library) -> None:
    found = library.ask("averaging", filters=Filters(topic="model-reuse"), mode=Mode.DENSE)
    assert set(ids(found)) == {SOUPS.id, LATER.id}
    assert all(hit.keyword is None for hit in found.hits)


def test_the_paper_of_a_name_comes_first(library: Library) -> None:
    assert ids(library.ask("Model soups"))[0] == SOUPS.id


@pytest.mark.parametrize(
    ("question", "k", "filters"),
    [
        ("", 10, Filters()),
        (" \n", 10, Filters()),
        ("x", 0, Filters()),
        ("x", -3, Filters()),
        ("x", 10**20, Filters()),
        ("x", 10, Filters(since=2024, until=2023)),
    ],
)
def test_impossible_questions_are_refused(
    library: Library, question: str, k: int, filters: Filters
) -> None:
    with pytest.raises(BadRequest):
        library.ask(question, k, filters)


def test_an_unknown_topic_names_the_nearest(library: Library) -> None:
    with pytest.raises(NotFound, match="model-reuse/model-fusion"):
        library.ask("x", filters=Filters(topic="model-reuse/model-fusoin"))


def test_half_a_surrogate_pair_is_no_obstacle(library: Library) -> None:
    assert library.ask("averaging \udcff weights").hits
    assert library.similar(text="averaging \udcff weights")


def test_similar_leaves_the_paper_out_and_keeps_k(library: Library) -> None:
    assert [hit.paper.id for hit in library.similar(SOUPS.id, k=1)] == [LATER.id]
    assert library.similar(text="averaging weights again", k=1)[0].paper == LATER


def test_similar_keeps_to_the_filters(library: Library) -> None:
    found = library.similar(SOUPS.id, filters=Filters(since=2023, withdrawn=True))
    assert {hit.paper.id for hit in found} == {LATER.id, GONE.id}
    assert [hit.paper for hit in library.similar(text="weights", filters=Filters(until=2022))][
        :1
    ] == [SOUPS]
    with pytest.raises(NotFound):
        library.similar(SOUPS.id, filters=Filters(topic="nowhere"))


def test_each_hit_that_has_a_rank_by_meaning_has_its_cosine(library: Library) -> None:
    for mode in Mode:
        for hit in library.ask("averaging weights", mode=mode).hits:
            assert (hit.cosine is None) == (hit.dense is None)
    alike = library.ask("averaging weights again", mode=Mode.DENSE).hits[0]
    assert alike.cosine == alike.score == pytest.approx(1)


def test_papers_are_counted_by_filters_and_by_words(library: Library) -> None:
    assert library.count() == 3
    assert library.count(Filters(withdrawn=True)) == 4
    assert library.count(Filters(categories=("cs.CV",))) == 1
    assert library.count(words="averaging quantum") == 2
    assert library.count(Filters(since=2023), words="averaging quantum") == 1
    with pytest.raises(NotFound):
        library.count(Filters(topic="nowhere"))


def test_similar_of_a_paper_not_embedded_yet_is_computed(library: Library) -> None:
    library.catalogue.papers.put(
        replace(LATER, id="2301.00009", arxiv_id="2301.00009", title="Averaging")
    )
    assert SOUPS.id in [hit.paper.id for hit in library.similar("2301.00009")]


def test_a_page_has_both_directions_of_citation(library: Library) -> None:
    assert library.paper(SOUPS.id).citations == (LATER,)
    assert library.paper(LATER.id).references == (SOUPS,)
    with pytest.raises(NotFound, match=r"2203\.05482"):
        library.paper("2203.05483")


def test_counts_hold_each_paper_once_and_no_withdrawn_one(library: Library) -> None:
    (branch,) = library.topics("model-reuse").tree
    assert branch.papers == 2
    page = library.topics(FUSION)
    assert [placed.paper.id for placed in page.papers or ()] == [LATER.id, SOUPS.id]


def test_new_papers_are_found_without_opening_again(library: Library) -> None:
    assert library.ask("quantum", mode=Mode.KEYWORD).hits == ()
    library.catalogue.papers.put(Paper(id="2401.00001", title="Quantum averaging", year=2024))
    embed_missing(library.catalogue, HashedWords())
    assert ids(library.ask("quantum averaging", mode=Mode.DENSE))[0] == "2401.00001"
    assert ids(library.ask("quantum", mode=Mode.KEYWORD)) == ["2401.00001"]


def test_select_returns_what_passes_in_order_of_ids(library: Library) -> None:
    assert [p.id for p in library.select()] == [ROME.id, SOUPS.id, LATER.id]
    assert library.select(Filters(categories=("CS.lg",))) == [SOUPS]
    assert library.select(Filters(author="ilharco gabriel")) == [SOUPS]
