"""What filters mean: each one agrees with the same in Python, in every combination."""

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import BadRequest
from kg.ids.titles import normalised_title
from kg.records import Field, Filters, Paper, PlacedBy, Placement, Term
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from tests.support.factories import paper, put_all

EVERYTHING = Filters(withdrawn=True)


TOPICS = ("a", "a/b", "a/b/c", "a/bc", "a0", "b")
NAMES = (
    *("Gaël Müller", "Mueller Gael", "Li", "Xiao Li", "G. 100%_er", "李 明", "a_b"),
    *("Karl Weiß", "Søren Ｍüller", "M{ue}ller ﬁsk", "Shin’ya O'Li"),
)
LATEST = date(2022, 12, 31)
CATEGORIES = ("cs.LG", "cs.lg", "cs.L", "stat.ML")


@st.composite
def shelves(draw: st.DrawFn) -> list[tuple[Paper, tuple[str, ...]]]:
    return [
        (
            paper(
                number,
                authors=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=2))),
                categories=tuple(draw(st.lists(st.sampled_from(CATEGORIES), max_size=2))),
                year=(
                    published.year
                    if (published := draw(st.none() | st.dates(date(2018, 1, 1), LATEST)))
                    else draw(st.none() | st.integers(2018, 2022))
                ),
                published=published,
                arxiv_id=draw(st.sampled_from((None, f"2001.{number:05}"))),
                withdrawn=draw(st.booleans()),
            ),
            tuple(draw(st.lists(st.sampled_from(TOPICS), max_size=2))),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


def optional(values: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


DATES = st.sampled_from(
    ("2018", "2019-12", "2020-01", "2020-01-31", "2020-02", "2020-02-29", "2021-05-17")
).map(PartialDate.parse)
TERMS = st.sampled_from(
    [
        *(Term(words, Field.CATEGORY) for words in ("cs", "CS.lg", "stat", "cs.L")),
        *(Term(words, Field.AUTHOR) for words in ("muller", "Li Xiao", "gael MÜLLER", "李 明")),
        *(Term(words, Field.YEAR) for words in ("2020", "2019-12..2020-01", "2021-05-17")),
        *(Term(words, exact=True) for words in ("Number 1", "subject-2. IT works", "li, xiao")),
        *(Term(words, Field.TITLE, exact=True) for words in ("paper number", "study", 'a"b')),
        *(Term(words, Field.ABSTRACT) for words in ("works", "number", "subject 3")),
    ]
).flatmap(lambda term: st.sampled_from([term, replace(term, excluded=True)]))
FILTERS = st.builds(
    Filters,
    topic=optional(TOPICS),
    categories=st.lists(st.sampled_from((*CATEGORIES, "CS.LG", "cs")), max_size=3).map(tuple),
    author=optional(
        (
            *NAMES,
            "muller",
            "li xiao",
            "LI",
            "%",
            "_",
            "i",
            "gael MULLER",
            "  ",
            "weiss",
            "FISK muller",
        )
    ),
    since=st.none() | st.integers(2017, 2023) | DATES,
    until=st.none() | st.integers(2017, 2023) | DATES,
    withdrawn=st.booleans(),
    terms=st.lists(TERMS, max_size=2).map(tuple),
)


def days(made: Paper) -> list[date]:
    """The first and the last day on which a paper may have appeared."""
    if made.published:
        return [made.published]
    if made.year is None:
        return []
    # The id, 2001.00001, tells the month of a paper of 2020, and nothing of another year's.
    known = PartialDate(made.year, 1 if made.arxiv_id and made.year == 2020 else None)
    return [known.first, known.last]


def has(made: Paper, term: Term) -> bool:
    """What a term means, in Python."""
    words = normalised_title(term.words)
    if term.field is Field.CATEGORY:
        asked = f"{term.words}.".lower()
        return any(f"{category}.".lower().startswith(asked) for category in made.categories)
    if term.field is Field.AUTHOR:
        names = (normalised_title(name).split() for name in made.authors)
        return any(set(words.split()) <= set(name) for name in names)
    if term.field is Field.YEAR:
        first, _, last = term.words.partition("..")
        known = days(made)
        begin, end = PartialDate.parse(first).first, PartialDate.parse(last or first).last
        return bool(known) and known[-1] >= begin and known[0] <= end
    texts = {
        Field.TITLE: [made.title],
        Field.ABSTRACT: [made.abstract or ""],
        Field.ANY: [made.title, made.abstract or "", ", ".join(made.authors)],
    }[term.field]
    return any(f" {words} " in f" {normalised_title(text)} " for text in texts)


def passes(made: Paper, topics: tuple[str, ...], filters: Filters) -> bool:
    """What filters mean, in Python."""
    asked = normalised_title(filters.author or "").split()
    return (
        (filters.withdrawn or not made.withdrawn)
        and (
            filters.topic is None
            or any(f"{topic}/".startswith(f"{filters.topic}/") for topic in topics)
        )
        and (
            not filters.categories
            or {asked.lower() for asked in filters.categories}
            & {category.lower() for category in made.categories}
        )
        and (
            filters.author is None
            or any(
                asked and set(asked) <= set(normalised_title(name).split()) for name in made.authors
            )
        )
        and all(has(made, term) != term.excluded for term in filters.terms)
        and (filters.since is None or any(day >= filters.since.first for day in days(made)))
        and (filters.until is None or any(day <= filters.until.last for day in days(made)))
    )


@pytest.mark.slow
@given(shelves(), st.lists(FILTERS, min_size=5, max_size=10))
@settings(max_examples=25, deadline=None)
def test_filters_agree_with_python(
    shelf: list[tuple[Paper, tuple[str, ...]]], asked: list[Filters]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalogue(Path(folder) / "atlas.sqlite") as catalogue,
    ):
        with catalogue.writing():
            for made, topics in shelf:
                catalogue.papers.put(made)
                catalogue.placements.add(
                    made.id, [Placement(t, PlacedBy.LIST, "l") for t in topics]
                )
        for filters in asked:
            wanted = sorted(made.id for made, topics in shelf if passes(made, topics, filters))
            keys = catalogue.papers.select(filters)
            found = catalogue.papers.get(catalogue.papers.keys() if keys is None else keys)
            assert sorted(made.id for made in found) == wanted, filters
            few = catalogue.papers.keys()[::2]
            passing = catalogue.papers.keys() if keys is None else keys
            among = catalogue.papers.select(replace(filters, among=tuple(few)))
            assert among == [key for key in few if key in passing]
            matched = catalogue.words.match('"paper"', 100, filters, (1,) * 5)
            assert (
                sorted(made.id for made in catalogue.papers.get([k for k, _ in matched])) == wanted
            )


def test_a_paper_of_any_of_the_categories_passes(catalogue: Catalogue) -> None:
    first, second, third = put_all(
        catalogue,
        paper(1, categories=("cs.LG", "cs.CV")),
        paper(2, categories=("stat.ML",)),
        paper(3, categories=("math.OC",)),
    )
    assert catalogue.papers.select(Filters(categories=("CS.cv", "stat.ML"))) == [first, second]
    many = tuple(f"x.{number}" for number in range(2_000))
    assert catalogue.papers.select(Filters(categories=(*many, "math.OC"))) == [third]


def test_categories_are_counted_the_most_frequent_first(catalogue: Catalogue) -> None:
    put_all(
        catalogue,
        paper(1, categories=("cs.LG", "cs.CV")),
        paper(2, categories=("cs.LG", "cs.AI")),
        paper(3, categories=("cs.LG", "cs.XX"), withdrawn=True),
    )
    assert catalogue.papers.category_counts() == [("cs.LG", 2), ("cs.AI", 1), ("cs.CV", 1)]


def test_a_word_occurs_in_those_asked_about(catalogue: Catalogue) -> None:
    first, second, third = put_all(
        catalogue,
        paper(1, title="A zebra"),
        paper(2, abstract="Zebras."),
        paper(3, title="No horse"),
    )
    assert catalogue.words.matching('"zebra"', [first, second, third]) == {first, second}
    assert catalogue.words.matching('"zebra"', [second, third]) == {second}
    assert catalogue.words.matching('"zebra"', []) == set()


def test_no_filter_is_told_apart_from_a_filter_that_nothing_passes(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1))
    assert catalogue.papers.select(Filters()) is None
    assert catalogue.papers.select(EVERYTHING) is None
    assert catalogue.papers.select(Filters(since=2030)) == []


def test_an_arxiv_id_tells_the_month_where_no_source_told_the_day(catalogue: Catalogue) -> None:
    known = [
        ("2405.00001", {"year": 2024}),
        ("2404.00002", {"year": 2026}),
        ("2404.00001", {"published": date(2024, 5, 17), "year": 2024}),
        ("cs/0112017", {"year": 2001}),
        ("hep-th/9905111", {"year": 1999}),
        ("doi:10.1/x", {"year": 2024}),
        ("title:1", {}),
    ]
    for id, facts in known:
        arxiv = id if id[0] in "2ch" else None
        catalogue.papers.put(Paper(id, id, **{"arxiv_id": arxiv, **facts}))

    def since(text: str, until: str = "2025") -> list[str]:
        dates = map(PartialDate.parse, (text, until))
        keys = catalogue.papers.select(Filters(None, (), None, *dates))
        return sorted(found.id for found in catalogue.papers.get(keys or ()))

    year_only = "doi:10.1/x"
    assert since("2024-05", "2024-05") == ["2404.00001", "2405.00001", year_only]
    assert since("2024-05-18", "2024-05-18") == ["2405.00001", year_only]
    assert since("2024-06") == since("2024-04", "2024-04") == [year_only]
    assert since("2001-12", "2001-12") == ["cs/0112017"]
    assert since("1999-05", "1999-05-01") == ["hep-th/9905111"]
    assert since("1999", "2001-12") == ["cs/0112017", "hep-th/9905111"]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(until=10**30),
        Filters(since=-(10**30)),
        Filters(categories=("cs.LG", "\ud800")),
        Filters(topic="\ud800"),
    ],
)
def test_filters_that_mean_nothing_are_refused(catalogue: Catalogue, filters: Filters) -> None:
    with pytest.raises(BadRequest):
        catalogue.papers.select(filters)


def test_a_comma_parts_the_surname_from_the_rest(tmp_path: Path) -> None:
    names = ("Dacheng Tao", "Tao Xiang", "Dapeng L. Tao", "Jan van der Tao", "Xiao Tao-Li")
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(n, authors=(name,)) for n, name in enumerate(names)))

        def found(author: str) -> list[str]:
            keys = catalogue.papers.select(Filters(author=author)) or ()
            return [one.authors[0] for one in catalogue.papers.get(sorted(keys))]

        assert found("Tao,") == ["Dacheng Tao", "Dapeng L. Tao", "Jan van der Tao"]
        assert found("tao, D.") == ["Dacheng Tao", "Dapeng L. Tao"]
        assert found("Tao, D. L.") == ["Dapeng L. Tao"]
        assert found("van der Tao, Jan") == found("der Tao, J") == ["Jan van der Tao"]
        assert found("Xiang, Dacheng") == found("Li, Tao Xiao") == []
        assert found(", Tao") == found("Tao") == list(names)


def test_a_venue_is_found_by_its_words_or_acronym(tmp_path: Path) -> None:
    venues = (
        *("ICLR", "ICLR Workshop", "EMNLP Findings", "ICML Workshop", "RepL4NLP@ACL", None),
        "Proceedings of the 5th Annual Meeting of the Association for Computational Linguistics",
        "Proc. of the North American Chapter of the Association for Computational Linguistics",
        "Journal of Ants 7 (2023) 6-17",
    )
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(n, venue=venue) for n, venue in enumerate(venues)))

        def found(venue: str) -> list[int]:
            keys = catalogue.papers.select(Filters(venue=venue)) or ()
            return [int(one.id[-2:]) for one in catalogue.papers.get(sorted(keys))]

        assert found("ICLR") == found("iclr 2024") == [0, 1]
        assert found("ICLR Workshop") == [1]
        assert found("Findings of EMNLP") == found("EMNLP") == [2]
        assert found("ICLR or ICML") == [0, 1, 3]
        assert found("ACL") == [4, 6]
        assert found("Association for Computational Linguistics") == [4, 6]
        assert found("NAACL") == [7]
        assert found("journal of ants") == [8]
        assert found("IC") == found("%") == found("?") == []
