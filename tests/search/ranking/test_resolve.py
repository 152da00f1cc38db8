"""Papers asked for by id, by author or by conditions, against a small atlas."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.records import Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from search.library import Library
from search.ranking.answers import Answer
from search.ranking.mode import Mode
from search.ranking.strength import Strength
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all


class English(HashedWords):
    """As the default model: of other languages it knows nothing."""

    model = "all-MiniLM-L6-v2"


SOUPS = paper(
    1,
    title="Model soups: averaging weights",
    abstract="Averaging the weights of models by distillation of none.",
    authors=("Mitchell Wortsman", "Gabriel Ilharco"),
    year=2022,
)
EDITING = paper(
    2,
    title="Editing models with task arithmetic",
    abstract="Task vectors, by negation and addition.",
    authors=("Gabriel Ilharco", "Marco Tulio Ribeiro"),
    year=2023,
)
VECTORS = paper(
    3,
    title="Task vectors by distillation",
    abstract="Conditioning task vectors, negation and addition.",
    authors=("Dacheng Tao", "Gaël M. Müller"),
    year=2024,
    categories=("cs.CV",),
)
LONG = paper(4, title="Long context and long models", authors=("Mei Long", "Xiao Li"), year=2021)
QUOTED = paper(5, title='"Why trust you?": on models -not weights', authors=("A Rome",), year=2020)
GONE = paper(6, title="Taken back", authors=("Gabriel Ilharco",), withdrawn=True, year=2024)
DOI = paper(
    7, id="doi:10.1145/3560815", doi="10.1145/3560815", arxiv_id=None, title="Prompting", year=2019
)
TITLED = paper(8, id="title:18a8d2b61f2c", arxiv_id=None, title="Learning to optimise", year=2018)
LORA = paper(9, title="LoRA: low-rank adaptation of weights", authors=("Wei Li",), year=2017)
PAPERS = (SOUPS, EDITING, VECTORS, LONG, QUOTED, GONE, DOI, TITLED, LORA)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue) as catalogue:
        namesakes = (
            paper(
                n, title=f"subject{n} of{n}", authors=(f"N{n} Wang",), abstract=None, year=1990 + n
            )
            for n in range(10, 24)
        )
        put_all(catalogue, *PAPERS, *namesakes)
        embed_missing(catalogue, English())
        with Library(settings, English()) as opened:
            yield opened


def ids(found: Answer) -> list[str]:
    return [hit.paper.id for hit in found.hits]


# -- ids ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "question",
    [
        "{}",
        "arXiv:{}v2",
        "https://arxiv.org/abs/{}",
        "10.48550/arXiv.{}",
        "What cites {}?",
        "like {}",
    ],
)
def test_the_paper_of_an_id_comes_first_and_then_its_neighbours(
    library: Library, question: str, mode: Mode
) -> None:
    found = library.ask(question.format(EDITING.id), mode=mode)
    assert ids(found)[0] == EDITING.id
    assert found.judgement.strength is Strength.GOOD
    assert found.notes == ()
    assert [(one.filter, one.value, one.hard) for one in found.understood] == [
        ("like", EDITING.id, False)
    ]
    if mode is not Mode.KEYWORD:
        near = [hit.paper.id for hit in library.similar(EDITING.id, k=5)]
        assert ids(found)[1:6] == near
        assert found.hits[0].score == pytest.approx(1, abs=1e-5)


def test_dois_and_the_atlas_s_own_ids_are_ids_too(library: Library) -> None:
    for name, wanted in (
        ("10.1145/3560815", DOI),
        ("https://doi.org/10.1145/3560815", DOI),
        ("doi:10.1145/3560815", DOI),
        ("title:18a8d2b61f2c", TITLED),
    ):
        assert ids(library.ask(name))[0] == wanted.id


def test_an_id_within_a_question_puts_its_paper_first_and_the_rest_is_answered(
    library: Library,
) -> None:
    found = library.ask(f"does {SOUPS.id} work for long context?", k=3)
    assert ids(found)[0] == SOUPS.id
    assert LONG.id in ids(found)
    two = library.ask(f"{LONG.id} {SOUPS.id}")
    assert ids(two)[:2] == [LONG.id, SOUPS.id]


def test_conditions_beside_an_id_are_no_subject(library: Library) -> None:
    alone = library.ask(f"like {SOUPS.id}")
    found = library.ask(f"like {SOUPS.id} but without training data")
    assert found.text == alone.text
    assert [one.filter for one in found.understood] == ["data", "like"]
    assert library.ask(f"like {SOUPS.id} of long context").text != alone.text


@pytest.mark.parametrize("name", ["2401.00001", "https://arxiv.org/abs/2401.00001v3", "10.9/x.1"])
def test_a_paper_that_the_atlas_lacks_is_told_in_place_of_noise(
    library: Library, name: str
) -> None:
    found = library.ask(name) if name[:4] != "10.9" else library.ask("10.9999/x.1")
    assert found.hits == ()
    assert found.judgement.strength is Strength.NONE
    (line,) = found.notes
    assert "is not in the atlas: `lfm add " in line
    with_words = library.ask("averaging weights 2401.00001")
    assert ids(with_words)[0] == SOUPS.id
    assert "2401.00001" in with_words.notes[0]


def test_filters_hold_for_named_papers_and_say_so(library: Library) -> None:
    gone = library.ask(GONE.id)
    assert GONE.id not in ids(gone)
    assert "withdrawn" in gone.notes[0]
    assert ids(library.ask(GONE.id, filters=Filters(withdrawn=True)))[0] == GONE.id
    old = library.ask(SOUPS.id, filters=Filters(since=2023))
    assert SOUPS.id not in ids(old)
    assert "does not pass the filters" in old.notes[0]


# -- conditions --------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(Mode))
def test_conditions_hold_in_every_mode(library: Library, mode: Mode) -> None:
    def found(question: str) -> set[str]:
        return set(ids(library.ask(question, k=50, mode=mode)))

    without = found("task vectors negation addition -distillation")
    assert EDITING.id in without
    assert not {SOUPS.id, VECTORS.id} & without
    assert found('ti:"editing models" au:Ilharco') == {EDITING.id}
    assert found('"task vectors"') == {EDITING.id, VECTORS.id}
    assert found('"vectors task"') == set()
    assert found('"Task Vector"') == set()
    assert found("title:arithmetic models") == {EDITING.id}
    assert found("weights -title:soups -author:Li") & {SOUPS.id, LORA.id} == set()
    assert found("models cat:cs.CV task") == {VECTORS.id}
    assert found("vectors year:2023") == {EDITING.id}
    assert VECTORS.id not in found("task vectors -year:2024")
    assert found("abs:negation") == {EDITING.id, VECTORS.id}
    assert found('"gabriel ilharco"') == {SOUPS.id, EDITING.id}
    assert found("au:Muller_G") == {VECTORS.id}


def test_a_question_of_conditions_alone_has_the_newest_first(library: Library) -> None:
    assert ids(library.ask("au:Ilharco")) == [EDITING.id, SOUPS.id]
    found = library.ask("-distillation", k=3)
    assert [hit.paper.year for hit in found.hits] == [2023, 2021, 2020]
    assert found.judgement.strength is Strength.GOOD


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("editing -title:survey", {"topic": "model-editing", "not": "title:survey"}),
        ("cat:cs.CV editing", {"topic": "model-editing", "category": "cs.CV"}),
        ("editing year:2023", {"topic": "model-editing", "since": "2023", "until": "2023"}),
        ("editing", {}),
        ("title:editing", {"title": "editing"}),
        ("title:survey", {"title": "survey"}),
        ("surveys -distillation", {"kind": "survey", "not": "distillation"}),
    ],
)
def test_one_word_left_of_operators_is_read_and_one_alone_is_not(
    library: Library, question: str, stated: dict[str, str]
) -> None:
    found = library.ask(question).understood
    assert {one.filter: one.value for one in found} == stated


def test_filters_of_the_caller_stay(library: Library) -> None:
    found = library.ask("task -distillation", filters=Filters(author="Ilharco"))
    assert ids(found) == [EDITING.id]
    assert found.filters.author == "Ilharco"
    assert library.count(found.filters) == 1


def test_what_looks_like_operators_in_a_title_is_the_title(library: Library) -> None:
    found = library.ask(QUOTED.title)
    assert ids(found)[0] == QUOTED.id
    assert found.understood == ()
    assert len(found.hits) == 10


# -- authors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Gabriel Ilharco",
        "gabriel ilharco",
        "Ilharco, Gabriel",
        "Ilharco Gabriel",
        "Ilharco, G.",
        "G. Ilharco",
        "Ilharco",
        "papers by Gabriel Ilharco",
        "Papers by Ilharco?",
        "Ilharco's papers",
        "by Ilharco",
        "What did Gabriel Ilharco publish?",
    ],
)
@pytest.mark.parametrize("mode", list(Mode))
def test_an_author_s_papers_come_first_the_newest_before(
    library: Library, question: str, mode: Mode
) -> None:
    found = library.ask(question, mode=mode)
    assert ids(found)[:2] == [EDITING.id, SOUPS.id]
    assert GONE.id not in ids(found)
    assert found.judgement.strength is Strength.GOOD
    ((filter_, hard),) = [(one.filter, one.hard) for one in found.understood]
    assert (filter_, hard) == ("author", False)


def test_an_order_of_an_author_s_papers_holds_beside_the_author(library: Library) -> None:
    found = library.ask("the latest publications of Gabriel Ilharco")
    assert ids(found)[:2] == [EDITING.id, SOUPS.id]
    assert [(one.filter, one.value) for one in found.understood] == [
        ("order", "newest"),
        ("author", "Gabriel Ilharco"),
    ]


@pytest.mark.parametrize(
    "question", ["Gaël Müller", "GAEL MULLER", "Müller, Gaël M.", "Dacheng Tao"]
)
def test_accents_case_and_middle_initials_are_no_matter(library: Library, question: str) -> None:
    assert ids(library.ask(question))[0] == VECTORS.id


@pytest.mark.parametrize(
    "question",
    ["Long", "Long context", "Li", "Wang", "Rome models", "papers on distillation", "models", "by"],
)
def test_a_surname_that_is_a_word_or_many_people_s_hijacks_nothing(
    library: Library, question: str
) -> None:
    assert not [one for one in library.ask(question).understood if one.filter == "author"]


def test_conditions_hold_for_an_author_s_papers_as_well(library: Library) -> None:
    found = library.ask("Ilharco -soups")
    assert ids(found)[0] == EDITING.id
    assert SOUPS.id not in ids(found)
    assert [one.filter for one in found.understood] == ["not", "author"]
    assert [one.words for one in found.understood] == ["-soups", "Ilharco"]


def test_a_title_goes_before_a_name(library: Library) -> None:
    put_all(library.catalogue, paper(40, title="Ilharco", authors=("Somebody Else",)))
    embed_missing(library.catalogue, library.embedder)
    try:
        assert ids(library.ask("Ilharco"))[0] == "2001.00040"
    finally:
        library.catalogue.papers.remove("2001.00040")


# -- languages ---------------------------------------------------------------------------------


def test_the_latin_words_of_another_language_are_used_and_the_limit_is_told(
    library: Library,
) -> None:
    found = library.ask("如何用 LoRA 进行微调")
    assert ids(found)[0] == LORA.id
    assert found.text == "LoRA"
    (line,) = found.notes
    assert "English" in line
    none = library.ask("知识蒸馏")
    assert (none.hits, none.judgement.strength) == ((), Strength.NONE)
    assert "ask in English" in none.notes[0]


def test_a_model_of_many_languages_gets_the_question_whole(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, LORA)
        embed_missing(catalogue, HashedWords())
        with Library(Settings(tmp_path), HashedWords()) as library:
            found = library.ask("如何用 LoRA 进行微调")
            assert (found.text, found.notes) == ("如何用 LoRA 进行微调", ())


# -- the reported questions --------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory, unpacked_snapshot: Path) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("bundled"))
    shutil.copy(unpacked_snapshot, settings.catalogue)
    with Library(settings) as opened:
        yield opened


def reported(shared: Path, folder: str) -> list[str]:
    file = shared.parent / "faults" / folder / "questions.txt"
    if not file.is_file():
        pytest.skip("the reported faults are not beside the project")
    return file.read_text(encoding="utf-8").splitlines()


@pytest.mark.model
@pytest.mark.shared
def test_reported_ids_find_their_paper(shared: Path, bundled: Library) -> None:
    for question in reported(shared, "18-ask-for-an-id"):
        assert ids(bundled.ask(question))[0] == "2310.08184"


@pytest.mark.model
@pytest.mark.shared
def test_reported_operators_hold(shared: Path, bundled: Library) -> None:
    without, fields = reported(shared, "19-minus-and-field-operators")
    titles = [hit.paper.title.lower() for hit in bundled.ask(without).hits]
    assert len(titles) == 10
    assert not any("distil" in title for title in titles)
    assert ids(bundled.ask(fields)) == ["2212.04089"]


@pytest.mark.model
def test_a_chinese_question_is_not_answered_by_noise(bundled: Library) -> None:
    assert bundled.ask("知识蒸馏").hits == ()
    assert ids(bundled.ask("如何用 LoRA 进行微调"))[0] == "2106.09685"
    name = "Dacheng Tao"
    newest = bundled.ask(f'author:"{name}"', 3)
    assert [name in hit.paper.authors for hit in newest.hits] == [True] * 3
    assert ids(bundled.ask(name, 3)) == ids(newest)


def test_what_a_question_names_says_so(library: Library) -> None:
    paper = library.catalogue.papers.get(library.catalogue.papers.keys())[0]
    for question in (paper.id, paper.title):
        hits = library.ask(question, k=3).hits
        assert (hits[0].paper.id, hits[0].named) == (paper.id, 1)
        assert all(hit.named != 1 for hit in hits[1:])


@pytest.mark.parametrize("mode", list(Mode))
def test_how_strong_the_evidence_is_does_not_hang_on_how_many_are_shown(
    library: Library, mode: Mode
) -> None:
    for question in ("averaging weights of subject12", "editing facts", "of17 bread"):
        whole = library.ask(question, k=10, mode=mode)
        for k in (1, 2, 5):
            some = library.ask(question, k=k, mode=mode)
            assert some.judgement == whole.judgement
            assert ids(some) == ids(whole)[:k]


def test_a_reading_can_be_left_out_and_all_of_them(library: Library) -> None:
    question = "task vectors since 2018 -soups"
    whole = library.ask(question)
    about = "topic:model-reuse/model-fusion/task-arithmetic"
    assert [one.name for one in whole.understood] == ["not:soups", about, "since:2018"]
    assert EDITING.id in ids(whole)
    assert LORA.id not in ids(whole)
    left = library.ask(question, without=["since:2018"])
    assert [one.name for one in left.understood] == ["not:soups", about]
    assert [one.name for one in left.set_aside] == ["since:2018"]
    assert left.text == "task vectors since 2018"
    assert LORA.id in ids(left)
    literal = library.ask(question, literal=True)
    assert (literal.understood, literal.set_aside, literal.text) == ((), (), question)
    assert SOUPS.id in ids(literal)


def test_an_author_who_was_not_meant_is_text(library: Library) -> None:
    whole = library.ask("Ilharco")
    (author,) = whole.understood
    left = library.ask("Ilharco", without=[author.name])
    assert (left.understood, left.set_aside, left.text) == ((), (author,), "Ilharco")


def test_a_filter_that_is_set_holds_in_place_of_the_questions(library: Library) -> None:
    found = library.ask("vectors of tasks since 2024", filters=Filters(since=PartialDate(2023)))
    assert found.filters.since == PartialDate(2023)
    assert (found.understood, found.text) == ((), "vectors of tasks")
    assert "The filter since 2023 holds in place of “since 2024”" in found.notes


@pytest.mark.slow
def test_beside_a_method_a_topic_is_the_method_of_its_name(bundled: Library) -> None:
    found = bundled.ask("LoRA vs adapters", 3, mode=Mode.KEYWORD)
    assert [hit.paper.id for hit in found.hits][:2] == ["2106.09685", "1902.00751"]
