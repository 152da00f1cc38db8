"""Authors in questions: who is meant, what is left of the question, and what is no name."""

from pathlib import Path

import pytest

from kg.entities.entity import Entity, EntityType, Name, Recognised
from kg.records import Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.understanding import dates
from search.understanding.known import Known
from search.understanding.people import asked_for, spans
from search.understanding.reading import Reading, chosen
from search.understanding.words import Words
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from tests.support.understanding import TODAY


def read(library: Library, question: str) -> Reading:
    """What a question states about authors alone."""
    words = Words(question)
    return chosen(words, spans(words, Known(library, TODAY)))


def authors(reading: Reading) -> list[str]:
    """The values of a reading's conditions on authors, all of which must be hard."""
    stated = [one for span in reading.spans for one in span.stated]
    assert all(one.hard for one in stated)
    return [one.value for one in stated if one.filter == "author"]


def papers(library: Library, reading: Reading) -> set[str]:
    """The ids of the papers that pass all conditions of a reading."""
    return set.intersection(
        *(
            {one.id for one in library.select(Filters(**span.filters))}
            for span in reading.spans
            if span.filters
        )
    )


@pytest.mark.parametrize(
    ("question", "value", "text"),
    [
        ("merging by Wortsman since then", "Mitchell Wortsman", "merging since then"),
        ("merging by mitchell wortsman", "Mitchell Wortsman", "merging"),
        ("Mitchell Wortsman model merging", "Mitchell Wortsman", "model merging"),
        ("WORTSMAN MITCHELL merging", "Mitchell Wortsman", "merging"),
        ("merging, Wortsman, Mitchell", "Mitchell Wortsman", "merging"),
        ("M. Wortsman on merging", "Mitchell Wortsman", "on merging"),
        ("papers by M Wortsman on merging", "Mitchell Wortsman", "papers on merging"),
        ("Wortsman et al. merging", "Mitchell Wortsman", "merging"),
        ("merging (Wortsman et al., 2022)", "Mitchell Wortsman", "merging 2022)"),
        ("Wortsman's papers on merging", "Mitchell Wortsman", "papers on merging"),
        ("Wortsman’s recent work on merging", "Mitchell Wortsman", "recent work on merging"),
        ("Wortsman's latest on merging", "Mitchell Wortsman", "latest on merging"),
        ("author Wortsman merging", "Mitchell Wortsman", "merging"),
        ("author: wortsman merging", "Mitchell Wortsman", "merging"),
        ("merging written by wortsman", "Mitchell Wortsman", "merging"),
        ("what has Wortsman written on merging?", "Mitchell Wortsman", "on merging?"),
        ("merging papers of Wortsman", "Mitchell Wortsman", "merging papers"),
        ("Wortsman (2022) merging", "Mitchell Wortsman", "(2022) merging"),
        ("Artikel von Wortsman über merging", "Mitchell Wortsman", "Artikel über merging"),
        ("gael muller merging", "Gaël Müller", "merging"),
        ("Müller, G.: merging", "Gaël Müller", "merging"),
        ("merging by Müller", "Gaël Müller", "merging"),
        ("colin raffel merging", "Colin A. Raffel", "merging"),
        ("Colin A. Raffel merging", "Colin A. Raffel", "merging"),
        ("merging by von Oswald", "Jonas von Oswald", "merging"),
        ("merging, Jean Baptiste Alayrac", "Jean-Baptiste Alayrac", "merging"),
        ("merging by Jean-Baptiste Alayrac", "Jean-Baptiste Alayrac", "merging"),
        ("Zoe O'Neil merging", "Zoë O'Neil", "merging"),
        ("papers by Long on merging", "Xiao Long", "papers on merging"),
        ("what is by Kevin Hand", "Kevin Hand", ""),
        ("Kevin Hand's surveys", "Kevin Hand", "surveys"),
        (
            "most cited Mitchell Wortsman papers on merging",
            "Mitchell Wortsman",
            "most cited papers on merging",
        ),
    ],
)
def test_an_author_among_other_words(small: Library, question: str, value: str, text: str) -> None:
    reading = read(small, question)
    assert (authors(reading), reading.text) == ([value], text)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("merging by Wortsman and Ilharco", ["Mitchell Wortsman", "Gabriel Ilharco"]),
        ("merging by Dacheng Tao and Mitchell Wortsman", ["Dacheng Tao", "Mitchell Wortsman"]),
        ("Meng, Bau et al. merging", ["Kevin Meng", "David Bau"]),
        ("merging: papers by Meng, Bau and O'Neil", ["Kevin Meng", "David Bau", "Zoë O'Neil"]),
        ("Wortsman and Ilharco et al. on merging", ["Mitchell Wortsman", "Gabriel Ilharco"]),
    ],
)
def test_several_authors_must_all_have_written_it(
    small: Library, question: str, values: list[str]
) -> None:
    reading = read(small, question)
    assert authors(reading) == values
    assert reading.text.strip("on :") in {"merging", "merging: papers"}
    assert len(papers(small, reading)) == 1


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("Wortsman 2022 soups", "2022"),
        ("Mitchell Wortsman 2022 soups", "2022"),
        ("Wortsman 2022, soups", "2022"),
        ("soups 2022 wortsman", ""),
        ("Long 2022 contexts", ""),
    ],
)
def test_a_year_behind_an_author_is_one_of_papers(small: Library, question: str, year: str) -> None:
    words = Words(question)
    stated = [one for span in dates.spans(words, Known(small, TODAY)) for one in span.stated]
    assert [one.value for one in stated] == ([year, year] if year else [])


def test_a_surname_of_several_people_is_all_of_theirs_and_no_first_name(small: Library) -> None:
    reading = read(small, "merging by tao")
    assert (authors(reading), papers(small, reading)) == (["Tao"], {"2001.00000", "2001.00005"})
    initial = read(small, "D. Tao, merging")
    assert (authors(initial), papers(small, initial)) == (["D. Tao"], papers(small, reading))
    whole = read(small, "merging by Dapeng Tao")
    assert (authors(whole), papers(small, whole)) == (["Dapeng Tao"], {"2001.00005"})


@pytest.mark.parametrize(
    "question",
    [
        "by any means",
        "merging by means of long context",
        "fine-tuning by hand",
        "learning by long chains",
        "merging by Long context",
        "Wortsman merging",
        "Hand's law of merging",
        "merging by averaging",
        "step by step merging",
        "xiao of long context",
        "audio, captioning by Hand and eye",
        "merging from Wikipedia",
        "work of art",
        "a tao of merging",
        "Merging by Matching Models",
        "merging and e. coli",
        "in the wortsman",
        "where was Wortsman's merging first introduced",
        "what extends the work of Wortsman et al. on merging",
        "merging compared with Wortsman et al.",
        "merging that cited Wortsman et al.",
    ],
)
def test_what_is_no_name_says_nothing(small: Library, question: str) -> None:
    assert read(small, question) == Reading(question)


def test_a_surname_that_is_no_word_counts_at_an_end(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(
            catalogue,
            *(paper(n, title=f"Merging {n}", authors=("Hinrich Schütze",)) for n in range(3)),
            *(paper(n, title=f"Bottou on {n}", authors=("Léon Bottou",)) for n in range(3, 6)),
            *(paper(n, title=f"Soups {n}", authors=("Ada Ilharco",)) for n in range(6, 8)),
        )
    with Library(settings, HashedWords()) as library:
        for question in ("Schütze prompt learning 2021", "2021 prompt learning Schütze"):
            assert authors(read(library, question)) == ["Hinrich Schütze"]
        for question in (
            "schütze prompt learning",
            "prompt learning, Schütze and others",
            "Schütze Prompt Learning",
            "Bottou prompt learning",
            "Ilharco prompt learning",
        ):
            assert read(library, question) == Reading(question)


def test_a_method_of_that_name_is_no_author_unless_papers_are_asked_for(small: Library) -> None:
    names = (Name("Adam", Recognised.EXACT),)
    with small.catalogue.writing():
        key = small.catalogue.entities.put(Entity("method/adam", EntityType.METHOD, names, "test"))
    try:
        assert authors(read(small, "optimisation by Adam")) == []
        assert authors(read(small, "optimisation papers by Adam")) == ["Fan Adam"]
        assert authors(read(small, "optimisation with Fan Adam")) == ["Fan Adam"]
    finally:
        small.catalogue.entities.remove([key])


@pytest.mark.parametrize(
    ("question", "name", "text"),
    [
        ("papers by Yann LeBrun on merging", "Yann LeBrun", "papers on merging"),
        ("merging by Yann LeBrun", "Yann LeBrun", "merging"),
        ("LeBrun et al. on merging", "LeBrun", "on merging"),
        ("LeBrun's papers on merging", "LeBrun", "papers on merging"),
        ("papers by yann lebrun about merging", "yann lebrun", "papers about merging"),
        ("papers by Xiao Wortsman on merging", "Xiao Wortsman", "papers on merging"),
        ("papers by Yann LeBrun", "Yann LeBrun", ""),
    ],
)
def test_an_author_whom_the_atlas_lacks_is_told_and_filters_nothing(
    small: Library, question: str, name: str, text: str
) -> None:
    reading = read(small, question)
    assert reading.text == text
    (span,) = reading.spans
    assert (span.stated, span.filters) == ((), {})
    assert span.notes == (f"No paper by {name} is in the atlas",)


@pytest.mark.parametrize(
    "question", ["Wortsman papers", "papers by Wortsman", "Mitchell Wortsman", "by Wortsman?"]
)
def test_a_question_for_an_author_alone_states_no_condition(small: Library, question: str) -> None:
    assert read(small, question) == Reading(question)
    found = asked_for(small.catalogue, question, Filters())
    assert found is not None
    assert len(found.keys) == 2
