import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.cards.card import Kind
from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.words import fts5
from tests.support.factories import TEXT, card, paper, put_all

PAPERS = [
    paper(1, title="Model merging", abstract="We average the weights of two networks."),
    paper(2, title="A survey", abstract="Networks are merged; see model soups."),
    paper(
        3, title="Straße nach Zürich", abstract="Über naïve Größen. 模型 合并", authors=("Gaël M",)
    ),
    paper(4, title="Zebra", abstract="Nothing to see.", year=1999),
    paper(5, title="İstanbul ﬁnetuning", abstract="NEAR the column title: x*y^z"),
]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with Catalogue(tmp_path_factory.mktemp("words") / "atlas.sqlite") as opened:
        put_all(opened, *PAPERS)
        yield opened


def found(catalogue: Catalogue, text: str, filters: Filters | None = None) -> list[str]:
    hits = fts5.search(catalogue, text, 100, filters or Filters())
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
def test_any_text_is_safe(catalogue: Catalogue, text: str) -> None:
    found(catalogue, text)


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
def test_words_are_found_in_every_form(catalogue: Catalogue, text: str, wanted: str) -> None:
    assert "".join(found(catalogue, text)) == wanted


def test_a_title_outweighs_an_abstract(catalogue: Catalogue) -> None:
    assert found(catalogue, "model") == ["1", "2"]


def test_a_rare_word_outweighs_a_common_one(catalogue: Catalogue) -> None:
    assert found(catalogue, "networks zebra")[0] == "4"


def test_filters_and_the_limit_hold(catalogue: Catalogue) -> None:
    assert found(catalogue, "see", Filters(until=2000)) == ["4"]
    assert len(fts5.search(catalogue, "see networks", 1, Filters())) == 1


def test_telling_words_are_looked_up_once() -> None:
    assert fts5.words("How can MODELS be merged? Models!") == ["models", "merged"]
    assert fts5.words("what is it about") == ["what", "is", "it", "about"]
    assert fts5.words("— ?") == []
    assert fts5.expression("— ?") is None


def test_no_more_words_are_looked_up_than_help() -> None:
    assert len(fts5.words(" ".join(f"w{n}" for n in range(1000)))) == 64


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("M3IT", "1"), ("M³IT", "1"), ("m3it", "1"), ("H2O", "2"), ("h₂o", "2")],
)
def test_raised_and_lowered_digits_are_digits(tmp_path: Path, text: str, wanted: str) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, paper(1, title="M³IT: a dataset"), paper(2, title="H₂O: a cache"))
        assert found(catalogue, text) == [wanted]
        assert fts5.named(catalogue, text, Filters()) == [int(wanted)]


def test_a_kind_is_told_by_card_and_title(tmp_path: Path) -> None:
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


def test_a_word_of_most_papers_finds_none_beside_a_rarer_one(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        with catalogue.writing():
            for number in range(520):
                name = "A zebra paper" if number == 7 else f"Paper {number}"
                catalogue.papers.put(paper(number, title=name))
            assert found(catalogue, "papers of zebras") == ["7"]
        assert len(fts5.search(catalogue, "number", 1000, Filters())) == 0
        assert len(fts5.search(catalogue, "subject", 1000, Filters())) == 520
        known = fts5.rarity(catalogue, ["zebras", "subject"])
        hits = fts5.search(catalogue, "subject zebras", 1000, Filters(), known)
        assert len(hits) == 1
