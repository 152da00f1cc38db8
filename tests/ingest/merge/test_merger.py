import itertools
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.merge.merger import KnownRecords, Merger, paper_id
from ingest.merge.same_paper import same_title
from kg.ids.arxiv_id import submission_year
from kg.links import Link, LinkKind
from kg.records import ListEntry, Paper, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from tests.support.factories import contents, paper

LORA = "LoRA: Low-Rank Adaptation of Large Language Models"
LORA_ID, LORA_DOI = "2106.09685", "10.1000/lora"
SOUPS = "Model soups: averaging weights of fine-tuned models"
METADATA = Paper(
    id=LORA_ID,
    title=LORA,
    authors=("Edward J. Hu", "Yelong Shen"),
    abstract="We propose LoRA.",
    published=date(2021, 6, 17),
    year=2021,
    arxiv_id=LORA_ID,
    url=f"https://arxiv.org/abs/{LORA_ID}",
    categories=("cs.CL",),
)


@pytest.fixture
def merger(catalogue: Catalogue) -> Merger:
    return Merger(catalogue)


def entry(title: str, arxiv_id: str | None = None, doi: str | None = None) -> ListEntry:
    return ListEntry(title=title, arxiv_id=arxiv_id, doi=doi, url="https://example.org/a")


def merge(merger: Merger, *entries: ListEntry) -> list[str]:
    return [merger.put_entry(one, "a list", None) for one in entries]


def only(catalogue: Catalogue) -> Paper:
    (key,) = catalogue.papers.keys()
    return catalogue.papers.get([key])[0]


def titles(catalogue: Catalogue) -> list[str]:
    return sorted(one.title for one in catalogue.papers.get(catalogue.papers.keys()))


# -- one paper ---------------------------------------------------------------------------------


def test_an_entry_becomes_a_paper_with_all_it_tells(merger: Merger) -> None:
    told = ListEntry(
        title=LORA,
        arxiv_id=LORA_ID,
        doi=LORA_DOI,
        venue="ICLR",
        authors=("E. Hu",),
        abstract="Told by a page.",
        starred=True,
    )
    assert merger.put_entry(told, "a list", "model-tuning") == LORA_ID
    catalogue = merger.catalogue
    assert only(catalogue) == Paper(
        id=LORA_ID,
        title=LORA,
        arxiv_id=LORA_ID,
        doi=LORA_DOI,
        venue="ICLR",
        authors=("E. Hu",),
        abstract="Told by a page.",
        year=2021,
        url=f"https://arxiv.org/abs/{LORA_ID}",
    )
    (key,) = catalogue.papers.keys()
    assert catalogue.placements.get([key])[key] == [
        Placement("model-tuning", PlacedBy.LIST, "a list", 1.0)
    ]
    assert catalogue.lists.entries() == [("a list", LORA_ID, 1)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (entry(LORA, LORA_ID), entry(LORA, LORA_ID)),
        (entry(LORA, LORA_ID), entry(LORA)),
        (entry(LORA, LORA_ID), entry("lora -- LOW rank Adaptation of Large Language Models.")),
        (entry(LORA, LORA_ID), entry("LoRA", LORA_ID)),
        (entry(LORA, doi=LORA_DOI), entry("LoRA", doi=LORA_DOI)),
        (entry(LORA, doi=LORA_DOI), entry(LORA)),
        (entry(LORA, doi=LORA_DOI), entry(LORA, LORA_ID)),
        (entry(LORA, LORA_ID, LORA_DOI), entry("LoRA", doi=LORA_DOI)),
        (entry(LORA, LORA_ID), entry("LoRA: Low-Rnk Adaptation of Large Langage Models", LORA_ID)),
    ],
)
def test_two_entries_of_one_paper_are_one(first, second) -> None:  # type: ignore[no-untyped-def]
    found = []
    for order in ((first, second), (second, first)):
        with (
            tempfile.TemporaryDirectory() as folder,
            Catalogue(Path(folder) / "atlas.sqlite") as other,
        ):
            merge(Merger(other), *order)
            found.append(only(other))
            assert other.identifiers.conflicts() == []
    for one in found:
        assert one.arxiv_id == (first.arxiv_id or second.arxiv_id)
        assert one.doi == (first.doi or second.doi)
        assert one.id == paper_id(one.arxiv_id, one.doi, LORA)


def test_an_id_is_not_lost_to_an_entry_without_one(merger: Merger) -> None:
    merge(merger, entry(LORA, LORA_ID), entry(LORA), entry(LORA, doi=LORA_DOI))
    found = only(merger.catalogue)
    assert (found.id, found.arxiv_id, found.doi) == (LORA_ID, LORA_ID, LORA_DOI)
    assert found.url == f"https://arxiv.org/abs/{LORA_ID}"


def test_a_full_title_takes_the_place_of_a_short_one(merger: Merger) -> None:
    merge(merger, entry("LoRA", LORA_ID), entry(LORA, LORA_ID), entry("lora", LORA_ID))
    assert only(merger.catalogue).title == LORA
    for name in ("lora", LORA, LORA_ID):
        assert merger.catalogue.identifiers.key(name)


def test_a_first_id_stays_when_a_title_gets_fuller(merger: Merger) -> None:
    merge(merger, entry("LoRA", doi=LORA_DOI), entry(LORA, doi=LORA_DOI))
    assert only(merger.catalogue).id == f"doi:{LORA_DOI}"
    assert only(merger.catalogue).title == LORA


def test_an_entry_that_names_two_papers_joins_them(merger: Merger) -> None:
    merge(merger, entry(LORA), entry("LoRA", LORA_ID), entry("Lora!", doi=LORA_DOI))
    assert merger.catalogue.size() == 2
    merger.catalogue.lists.add(paper_id(None, None, LORA), "another list", starred=True)
    merge(merger, entry(LORA, LORA_ID))
    found = only(merger.catalogue)
    assert (found.id, found.title, found.doi) == (LORA_ID, LORA, LORA_DOI)
    assert merger.catalogue.lists.entries() == [
        ("a list", LORA_ID, 0),
        ("another list", LORA_ID, 1),
    ]


def test_papers_of_one_title_and_two_arxiv_ids_are_two(merger: Merger) -> None:
    merge(merger, entry(LORA, LORA_ID), entry(LORA, "2301.00001"))
    assert merger.catalogue.size() == 2


def test_titles_without_letters_are_told_apart(merger: Merger) -> None:
    merge(merger, entry("???"), entry("!!!"), entry("???"))
    assert titles(merger.catalogue) == ["!!!", "???"]


# -- conflicts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["arxiv", "doi"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_titles_under_one_id_are_two_papers_and_a_conflict(
    merger: Merger, scheme: str, order: tuple[int, int]
) -> None:
    ids = (LORA_ID, None) if scheme == "arxiv" else (None, LORA_DOI)
    entries = [entry(LORA, *ids), entry(SOUPS, *ids)]
    first, second = (entries[number] for number in order)
    merge(merger, first, second)
    catalogue = merger.catalogue
    assert titles(catalogue) == sorted([LORA, SOUPS])
    assert catalogue.identifiers.conflicts() == [
        (scheme, ids[0] or ids[1], second.title, "a list"),
    ]
    wronged = catalogue.papers.get([catalogue.identifiers.key(second.title)])[0]
    assert (wronged.arxiv_id, wronged.doi, wronged.url) == (None, None, None)
    revision, rows = catalogue.revision, contents(catalogue.path)
    merge(merger, first, second)
    assert catalogue.revision == revision
    assert contents(catalogue.path) == rows


def test_known_metadata_say_whose_an_id_is(catalogue: Catalogue) -> None:
    merger = Merger(catalogue, KnownRecords({LORA_ID: METADATA}, {}))
    merge(merger, entry(SOUPS, LORA_ID))
    assert [only(catalogue).title, only(catalogue).arxiv_id] == [SOUPS, None]
    merge(merger, entry(LORA, LORA_ID))
    assert titles(catalogue) == sorted([LORA, SOUPS])
    assert catalogue.papers.get([catalogue.identifiers.key(LORA_ID)]) == [METADATA]
    assert catalogue.identifiers.conflicts() == [("arxiv", LORA_ID, SOUPS, "a list")]


@pytest.mark.parametrize("late", [False, True])
def test_metadata_take_an_id_back_whenever_they_come(merger: Merger, late: bool) -> None:
    wrong, right = entry(SOUPS, LORA_ID), entry(LORA, LORA_ID)
    if late:
        merge(merger, wrong, right)
    merger.put_record(METADATA)
    merge(merger, wrong, right)
    catalogue = merger.catalogue
    assert titles(catalogue) == sorted([LORA, SOUPS])
    assert catalogue.papers.get([catalogue.identifiers.key(LORA_ID)]) == [METADATA]
    other = catalogue.papers.get([catalogue.identifiers.key(SOUPS)])[0]
    assert (other.id, other.arxiv_id) == (paper_id(None, None, SOUPS), None)
    assert ("arxiv", LORA_ID, SOUPS, "a list") in catalogue.identifiers.conflicts()
    revision = catalogue.revision
    assert merger.put_record(METADATA) == "unchanged"
    merge(merger, wrong, right)
    assert catalogue.revision == revision


# -- metadata ----------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_metadata_win_whenever_they_come(catalogue: Catalogue, known: bool, late: bool) -> None:
    records = KnownRecords({LORA_ID: METADATA}, {})
    merger = Merger(catalogue, records if known else None)
    if not late:
        assert merger.put_record(METADATA) == "added"
    told = replace(entry("LoRA", LORA_ID), venue="ICLR", authors=("Hu",), year=1999)
    merger.put_entry(told, "a list", None)
    if late:
        assert merger.put_record(METADATA) == ("unchanged" if known else "updated")
    assert only(catalogue) == replace(METADATA, venue="ICLR")
    merger.put_entry(entry(LORA + ", with an appendix", LORA_ID), "a list", None)
    assert only(catalogue).title == LORA


def test_metadata_find_a_paper_by_its_title_or_doi(merger: Merger) -> None:
    merge(merger, entry(LORA), entry("LoRA", doi=LORA_DOI))
    old_id = paper_id(None, None, LORA)
    assert merger.put_record(replace(METADATA, doi=LORA_DOI)) == "updated"
    assert only(merger.catalogue) == replace(METADATA, doi=LORA_DOI)
    assert merger.catalogue.identifiers.key(old_id) == merger.catalogue.identifiers.key(LORA_ID)


def test_known_metadata_are_found_by_title(catalogue: Catalogue) -> None:
    known = KnownRecords({}, {"lora low rank adaptation of large language models": METADATA})
    merge(Merger(catalogue, known), entry(LORA))
    assert only(catalogue) == METADATA


def test_known_metadata_complete_a_paper_that_was_there(catalogue: Catalogue) -> None:
    merge(Merger(catalogue), replace(entry("LoRA"), venue="ICLR"))
    merge(Merger(catalogue, KnownRecords({LORA_ID: METADATA}, {})), entry("LoRA", LORA_ID))
    assert only(catalogue) == replace(METADATA, venue="ICLR")


def test_a_title_of_other_metadata_gives_no_facts_to_another_id(catalogue: Catalogue) -> None:
    known = KnownRecords({}, {"lora low rank adaptation of large language models": METADATA})
    merge(Merger(catalogue, known), entry(LORA, "2301.00001"))
    assert only(catalogue).authors == ()


def test_a_new_version_s_title_is_no_conflict(merger: Merger) -> None:
    merger.put_record(METADATA)
    assert merger.put_record(replace(METADATA, title="Something else entirely")) == "updated"
    assert only(merger.catalogue).title == "Something else entirely"
    assert merger.catalogue.identifiers.conflicts() == []


def test_metadata_of_papers_with_one_title_are_two_papers(merger: Merger) -> None:
    other = replace(METADATA, id="2301.00001", arxiv_id="2301.00001")
    assert [merger.put_record(METADATA), merger.put_record(other)] == ["added", "added"]
    assert merger.catalogue.size() == 2
    assert [merger.put_record(METADATA), merger.put_record(other)] == ["unchanged", "unchanged"]


def test_metadata_without_an_arxiv_id_do_not_take_it_away(merger: Merger) -> None:
    merger.put_record(METADATA)
    merger.put_record(Paper(id=f"doi:{LORA_DOI}", title=LORA, doi=LORA_DOI, venue="ICLR"))
    found = only(merger.catalogue)
    assert (found.id, found.arxiv_id, found.venue) == (LORA_ID, LORA_ID, "ICLR")
    assert merger.catalogue.identifiers.key(f"doi:{LORA_DOI}")


# -- any order ---------------------------------------------------------------------------------

WORKS = [
    (LORA, "LoRA", "2106.09685", "10.1000/lora"),
    (SOUPS, "Model soups", "2203.05482", "10.1000/soups"),
    ("Mass editing of memory in a transformer: MEMIT", "MEMIT", "2210.07229", "10.1000/memit"),
]


@st.composite
def entries(draw: st.DrawFn) -> ListEntry:
    """An entry whose identifiers are its own; any of them may be missing."""
    title, short, arxiv_id, doi = draw(st.sampled_from(WORKS))
    return ListEntry(
        title=draw(st.sampled_from([title, title.upper() + ".", short])),
        arxiv_id=draw(st.sampled_from([None, arxiv_id])),
        doi=draw(st.sampled_from([None, doi])),
        venue=draw(st.sampled_from([None, "ICML"])),
    )


def partition(entries: list[ListEntry], known: KnownRecords) -> tuple[int, set[frozenset[str]]]:
    """Merge the entries twice; return how many papers they are and the names of each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalogue(Path(folder) / "atlas.sqlite") as catalogue,
    ):
        merger = Merger(catalogue, known)
        with catalogue.writing():
            merge(merger, *entries)
        revision = catalogue.revision
        with catalogue.writing():
            merge(merger, *entries)
        assert catalogue.revision == revision
        assert catalogue.identifiers.conflicts() == []
        papers = catalogue.papers.get(catalogue.papers.keys())
        names = {
            frozenset(
                [*catalogue.identifiers.titles(one.id), *filter(None, (one.arxiv_id, one.doi))]
            )
            for one in papers
        }
        return len(papers), names


@pytest.mark.slow
@given(st.lists(entries(), min_size=1, max_size=6), st.randoms(), st.booleans())
@settings(max_examples=30, deadline=None)
def test_the_order_of_entries_does_not_matter(made: list[ListEntry], random, known: bool) -> None:  # type: ignore[no-untyped-def]
    records = KnownRecords({LORA_ID: METADATA} if known else {}, {})
    assert partition(random.sample(made, len(made)), records) == partition(made, records)


@pytest.mark.slow
def test_every_order_of_a_hard_case_gives_the_same() -> None:
    made = [entry(LORA), entry("LoRA"), entry("LoRA", LORA_ID), entry(LORA, LORA_ID, LORA_DOI)]
    made.append(entry("lora", doi=LORA_DOI))
    for order in itertools.islice(itertools.permutations(made), 0, None, 3):
        assert partition(list(order), KnownRecords())[0] == 1


def test_a_records_own_title_joins_what_lists_knew_by_it() -> None:
    records = KnownRecords({LORA_ID: METADATA}, {})
    for order in itertools.permutations([entry(LORA), entry("LoRA", LORA_ID)]):
        assert partition(list(order), records)[0] == 1


# -- helpers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (LORA, LORA.upper(), True),
        (LORA, "LoRA", True),
        ("LoRA", LORA, True),
        (LORA, "Low-Rank Adaptation of Large Language Models", True),
        (LORA, "LoRA Low-Rnk Adaptaton of Large Language Model", True),
        (LORA, SOUPS, False),
        ("Data-Free Distillation", "Masked Autoencoders", False),
        ("Lo", LORA, False),
    ],
)
def test_titles_of_one_paper(a: str, b: str, same: bool) -> None:
    assert same_title(a, b) is same
    assert same_title(b, a) is same


def test_ids_and_years() -> None:
    assert paper_id("2001.00001", "10.1/x", "T") == "2001.00001"
    assert paper_id(None, "10.1/x", "T") == "doi:10.1/x"
    assert paper_id(None, None, "A Title!") == paper_id(None, None, "a title")
    assert paper_id(None, None, "A") != paper_id(None, None, "B")
    assert [submission_year(one) for one in ("2203.05482", "cs/0112017", "hep-th/9901001")] == [
        2022,
        2001,
        1999,
    ]


def test_papers_are_not_joined_by_accident(merger: Merger) -> None:
    for number in range(5):
        merger.put_record(paper(number, title=f"{'abcde'[number]} quite its own"))
    assert merger.catalogue.size() == 5


# -- links -------------------------------------------------------------------------------------


def links(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(url.rsplit("/", 1)[1], source) for _, _, url, source, *_ in catalogue.links.all()]


def code(name: str) -> Link:
    return Link(LinkKind.CODE, f"https://github.com/ada/{name}")


def test_an_entrys_links_are_those_of_its_list(merger: Merger, catalogue: Catalogue) -> None:
    soups = replace(entry(SOUPS, "2203.05482"), links=(code("soups"),))
    merger.put_entry(soups, "a list", None)
    merger.put_entry(replace(soups, links=(code("more"),)), "a list", None)
    merger.put_entry(replace(soups, links=(code("other"),)), "b list", None)
    assert links(catalogue) == [("more", "a list"), ("other", "b list"), ("soups", "a list")]
    again = Merger(catalogue)
    again.put_entry(soups, "a list", None)
    again.remove_old_links("a list")
    assert links(catalogue) == [("other", "b list"), ("soups", "a list")]


def test_links_of_abstract_and_comment_follow_the_record(
    merger: Merger, catalogue: Catalogue
) -> None:
    record = replace(METADATA, abstract="Code is at https://github.com/ada/one.")
    merger.put_record(replace(record, comment="Code: https://github.com/ada/two"))
    assert links(catalogue) == [("one", "abstract"), ("two", "comment")]
    merger.put_record(replace(record, abstract="Code: https://github.com/ada/three", version=2))
    assert links(catalogue) == [("three", "abstract"), ("two", "comment")]
    merger.put_record(replace(record, abstract=None))  # What is unknown says nothing.
    assert links(catalogue) == [("three", "abstract"), ("two", "comment")]


def test_known_records_bring_the_links_of_their_abstracts(catalogue: Catalogue) -> None:
    record = replace(METADATA, abstract="Code is at https://github.com/ada/one.")
    Merger(catalogue, KnownRecords({LORA_ID: record})).put_entry(entry(LORA, LORA_ID), "l", None)
    assert links(catalogue) == [("one", "abstract")]


def test_a_paper_that_two_were_keeps_the_links_of_both(
    merger: Merger, catalogue: Catalogue
) -> None:
    merger.put_entry(replace(entry(LORA), links=(code("one"),)), "a", None)
    merger.put_entry(replace(entry("Another name", LORA_ID), links=(code("two"),)), "a", None)
    merger.put_record(replace(METADATA, title=LORA))
    merger.remove_old_links("a")
    assert ("one", "a") in links(catalogue)
