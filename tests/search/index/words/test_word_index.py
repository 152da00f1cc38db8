"""What every index of words must do, tried with each kind."""

import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.cards.card import Data, Kind
from kg.errors import BadRequest
from kg.records import Field, Filters, Paper, PlacedBy, Placement, Term
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from search.index.selection import Selection, mask_of
from search.index.words import fts5
from search.index.words.base import WordIndex, rarity
from search.index.words.open import KINDS, MIN_TANTIVY_PAPERS, Opener, chosen_kind
from search.index.words.query_words import words
from tests.support.factories import TEXT, card, paper, put_all
from tests.support.indexes import EVERY_WORD_KIND

PAPERS = [
    paper(1, title="Model merging", abstract="We average the weights of two networks."),
    paper(2, title="A survey", abstract="Networks are merged; see model soups."),
    paper(
        3, title="Straße nach Zürich", abstract="Über naïve Größen. 模型 合并", authors=("Gaël M",)
    ),
    paper(4, title="Zebra", abstract="Nothing to see.", year=1999),
    paper(5, title="İstanbul ﬁnetuning", abstract="NEAR the column title: x*y^z"),
]


@pytest.fixture(params=EVERY_WORD_KIND, scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with Catalogue(tmp_path_factory.mktemp("words") / "atlas.sqlite") as opened:
        put_all(opened, *PAPERS)
        yield opened


@pytest.fixture(scope="module")
def index(catalogue: Catalogue, kind: str) -> WordIndex:
    return opened(catalogue, kind)


def opened(catalogue: Catalogue, kind: str) -> WordIndex:
    index = Opener(catalogue, kind, catalogue.path.parent / "cache").opened()
    assert index.kind == kind
    assert getattr(index, "_local", None) is None  # A server was used, where the kind is on one.
    assert len(index) == catalogue.size()
    return index


def found(
    catalogue: Catalogue, index: WordIndex, text: str, filters: Filters | None = None
) -> list[str]:
    hits = index.search(text, 100, filters or Filters())
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    return [one.id[-1] for one in catalogue.papers.get([key for key, _ in hits])]


@given(TEXT | st.text())
@example("")
@example(" \n\t")
@example('"')
@example('""" OR """')
@example("NEAR(a, b) AND (c OR NOT d)")
@example("NOT")
@example("title: zebra")
@example("title : {zebra - }")
@example("zebra* ^zebra + zebra")
@example("' OR 1=1; --")
@example("_ __ ___")
@example("a\0b")
@example("👩‍🔬 模型合并 ①②③ ｆｕｌｌ ﷺ")
@example("word " * 2000)
@example("x" * 10_000)
@example(" ".join(f"w{n}" for n in range(3000)))
@example("\ud800 surrogate")
@settings(max_examples=150, deadline=None)
def test_any_text_is_safe(catalogue: Catalogue, index: WordIndex, text: str) -> None:
    found(catalogue, index, text)
    index.named(text, Filters())
    rarity(index, words(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("merging", "12"),
        ("merged", "12"),
        ("MERGES", "12"),
        ("network", "21"),
        ("zurich", "3"),
        ("ZÜRICH", "3"),
        ("straße", "3"),
        ("Straße", "3"),
        ("naive", "3"),
        ("naïve", "3"),
        (unicodedata.normalize("NFD", "naïve Größen"), "3"),
        ("gael", "3"),
        ("模型", "3"),
        ("istanbul", "5"),
        ("İstanbul", "5"),
        ("ﬁnetuning", "5"),
        ("zebra*", "4"),
        ("title:zebra", "45"),
        ("model_soups", "2"),
        ("gorilla", ""),
        ("?!", ""),
        ("", ""),
    ],
)
def test_words_are_found_in_every_form(
    catalogue: Catalogue, index: WordIndex, text: str, wanted: str
) -> None:
    assert "".join(found(catalogue, index, text)) == wanted


def test_what_is_no_text_is_refused(index: WordIndex) -> None:
    assert index.search("\ud800 zebra", 5, Filters())
    assert index.named("\ud800 zebra", Filters()) == []
    with pytest.raises(BadRequest, match="is not Unicode text"):
        index.search("zebra", 5, Filters(topic="\ud800"))


def test_a_title_outweighs_an_abstract(catalogue: Catalogue, index: WordIndex) -> None:
    assert found(catalogue, index, "model") == ["1", "2"]


def test_a_rare_word_outweighs_a_common_one(catalogue: Catalogue, index: WordIndex) -> None:
    assert found(catalogue, index, "networks zebra")[0] == "4"


def test_the_limit_holds(index: WordIndex) -> None:
    assert len(index.search("see networks", 1, Filters())) == 1
    assert len(index.search("see networks", 1_000_000, Filters())) == 3


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("M3IT", "1"), ("M³IT", "1"), ("m3it", "1"), ("H2O", "2"), ("h₂o", "2")],
)
def test_raised_and_lowered_digits_are_digits(
    tmp_path: Path, kind: str, text: str, wanted: str
) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, paper(1, title="M³IT: a dataset"), paper(2, title="H₂O: a cache"))
        index = opened(catalogue, kind)
        assert found(catalogue, index, text) == [wanted]
        assert index.named(text, Filters()) == [int(wanted)]


def test_a_title_or_what_is_before_its_colon_names_a_paper(tmp_path: Path, kind: str) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        new, old, other = put_all(
            catalogue,
            paper(1, title="LoRA", year=2022),
            paper(2, title="LoRA:  Low-rank adaptation", year=2021),
            paper(3, title="LoRA+: more", year=2020),
            paper(4, title="On LoRA", year=2019),
        )[:3]
        index = opened(catalogue, kind)
        assert index.named("lora", Filters()) == [old, new]
        assert index.named("LoRA: low-rank  ADAPTATION", Filters()) == [old]
        assert index.named("LoRA+", Filters()) == [other]
        assert index.named("lora", Filters(since=PartialDate(2022))) == [new]
        assert index.named("rank", Filters()) == index.named("?!", Filters()) == []


def test_a_kind_is_recognised_by_card_and_title(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        one, two, three, four = put_all(
            catalogue,
            paper(1, title="A survey of zebras"),
            paper(2, title="What we know of zebras"),
            paper(3, title="Zebras", abstract="This survey of a herd."),
            paper(4, title="ZebraBench"),
        )
        catalogue.cards.put(paper(2).id, card(kind=Kind.SURVEY, access=None, training=None), "x")
        catalogue.cards.put(paper(4).id, card(kind=Kind.BENCHMARK), "x")
        keys = [four, three, two, one]
        assert fts5.of_kind(catalogue, "Surveys of zebras", keys) == [two, one]
        assert fts5.of_kind(catalogue, "benchmark or overview", keys) == [four, two, one]
        assert fts5.of_kind(catalogue, "a survey", [three]) == []
        assert fts5.of_kind(catalogue, "zebras", keys) == []


# -- filters -----------------------------------------------------------------------------------

TOPICS = ("merging", "merging/weights", "mergingnot", "editing", "merging/weights/soups")
PERIODS = ("2020", "2021", "2021-05", "2021-06-01", "2021-05-03", "2021-05-17", "2022-01-01")


def herd_paper(number: int) -> Paper:
    """One of 520 papers: of many dates, known to the year, the month or the day, or not at all."""
    year, published, arxiv_id = (
        (None, None, None),
        (2020, None, None),
        (2021, None, None),
        (2021, None, f"2105.{number:05}"),
        (2021, None, f"2106.{number:05}"),
        (2021, date(2021, 5, 1 + number % 31), None),
        (2022, date(2022, 1, 1), None),
    )[number % 7]
    return paper(
        number,
        id=arxiv_id or f"title:{number:x}",
        title="A zebra paper" if number == 7 else f"Paper {number}",
        arxiv_id=arxiv_id,
        year=year,
        published=published,
        withdrawn=number % 13 == 0,
        categories=("cs.LG",) if number % 3 else ("cs.CV", "stat.ML"),
        url=None,
    )


@pytest.fixture(scope="module")
def herd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with Catalogue(tmp_path_factory.mktemp("herd") / "atlas.sqlite") as catalogue:
        with catalogue.writing():
            for number in range(520):
                made = herd_paper(number)
                catalogue.papers.put(made)
                topic = TOPICS[number % len(TOPICS)]
                catalogue.placements.add(made.id, [Placement(topic, PlacedBy.LIST, "l")])
                if number % 5 == 0:
                    kind = Kind.SURVEY if number % 10 else Kind.METHOD
                    catalogue.cards.put(made.id, card(kind=kind), "x")
        yield catalogue


@pytest.fixture(scope="module")
def herd_index(herd: Catalogue, kind: str) -> WordIndex:
    return opened(herd, kind)


DATES = st.sampled_from(PERIODS).map(PartialDate.parse)
OWN = {
    "topic": st.none() | st.sampled_from((*TOPICS, "nothing")),
    "categories": st.lists(st.sampled_from(("cs.lg", "CS.cv", "math.CO")), max_size=2).map(tuple),
    "since": st.none() | DATES,
    "until": st.none() | DATES,
    "kind": st.none() | st.sampled_from(("survey", "method", "benchmark")),
    "data": st.none() | st.sampled_from(tuple(Data)),
    "withdrawn": st.booleans(),
}
"""Filters that an index may know."""
OTHERS = {
    "author": st.none() | st.sampled_from(("author7", "Bo Writer", "nobody")),
    "terms": st.lists(
        st.sampled_from([Term("subject 7", exact=True), Term("cs", Field.CATEGORY, excluded=True)]),
        max_size=1,
    ).map(tuple),
    "among": st.none() | st.just(tuple(range(5, 400, 3))),
    "code": st.booleans(),
}
FILTERS = st.builds(
    Filters,
    **OWN,
    **OTHERS,
    excluded=st.lists(
        st.builds(Filters, **OWN) | st.builds(Filters, author=st.just("Ada Author3")), max_size=2
    ).map(tuple),
)


@given(filters=st.builds(Filters, **OWN) | FILTERS, shared=st.booleans())
@example(Filters(), False)
@example(Filters(withdrawn=True), False)
@example(Filters(author="Bo Writer"), False)
@example(Filters(since=PartialDate.parse("2021-05-17"), until=PartialDate(2021, 5, 17)), False)
@settings(max_examples=120, deadline=None)
def test_those_that_pass_are_found_and_no_others(
    herd: Catalogue, herd_index: WordIndex, filters: Filters, shared: bool
) -> None:
    keys = herd.papers.select(filters)
    wanted = herd.papers.keys() if keys is None else keys
    allowed = Selection(filters, lambda: mask_of(wanted)) if shared else None
    found = herd_index.search("works", 1000, filters, allowed=allowed)
    assert sorted(key for key, _ in found) == sorted(wanted)
    few = herd_index.search("works", 10, filters, allowed=allowed)
    assert len(few) == min(10, len(wanted))


NUMBERS = " ".join(map(str, range(60)))


def test_a_filter_changes_no_score(herd_index: WordIndex) -> None:
    whole = dict(herd_index.search(NUMBERS, 1000, Filters()))
    for filters in (
        Filters(since=PartialDate(2021)),
        Filters(author="Bo Writer"),
        Filters(kind="survey"),
    ):
        some = herd_index.search(NUMBERS, 1000, filters)
        assert some
        assert all(whole[key] == pytest.approx(score) for key, score in some)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(since=PartialDate(2021)),
        Filters(categories=("cs.LG",)),
        Filters(kind="survey"),
        Filters(since=PartialDate(2021), withdrawn=True),
        Filters(code=True),
    ],
)
def test_who_knows_which_papers_pass_gets_the_same(
    herd: Catalogue, herd_index: WordIndex, filters: Filters
) -> None:
    keys = herd.papers.select(filters)
    assert keys is not None
    allowed = Selection(filters, lambda: mask_of(keys))
    for limit in (5, 1000):
        wanted = herd_index.search(NUMBERS, limit, filters)
        found = herd_index.search(NUMBERS, limit, filters, allowed=allowed)
        assert [key for key, _ in found] == [key for key, _ in wanted]
        assert [score for _, score in found] == pytest.approx([score for _, score in wanted])


# -- frequencies -------------------------------------------------------------------------------


def test_a_word_of_most_papers_finds_none_beside_a_rarer_one(herd_index: WordIndex) -> None:
    assert [key for key, _ in herd_index.search("papers of zebras", 5, Filters())] == [8]
    assert herd_index.search("number", 1000, Filters()) == []
    assert len(herd_index.search("subject", 1000, Filters(withdrawn=True))) == 520
    known = rarity(herd_index, ["zebras", "subject"])
    hits = herd_index.search("subject zebras", 1000, Filters(), rarity=known)
    assert len(hits) == 1


def test_rarity_is_the_inverse_document_frequency(index: WordIndex) -> None:
    assert index.document_frequencies(["networks", "zebras", "gorilla"]) == {
        "networks": 2,
        "zebras": 1,
        "gorilla": 0,
    }
    assert rarity(index, ["networks"])["networks"] == pytest.approx(0.6931, abs=1e-4)


# -- the setting -------------------------------------------------------------------------------


def test_the_kind_goes_by_the_number_of_papers() -> None:
    assert chosen_kind("auto", MIN_TANTIVY_PAPERS - 1) == "fts5"
    assert chosen_kind("auto", MIN_TANTIVY_PAPERS) == "tantivy"
    for kind in KINDS:
        assert chosen_kind(kind, 0) == kind
    with pytest.raises(BadRequest, match="unknown index of words 'lucene'"):
        chosen_kind("lucene", 0)
