"""Methods, benchmarks and models asked for by name, against a small atlas."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.entities.entity import Entity, EntityType, Name, Recognised, Relation, Source
from kg.errors import NotFound, SeveralOwners
from kg.records import Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from search.library import Library
from search.ranking.answers import Answer
from search.ranking.entities import asked_for
from search.ranking.mode import Mode
from search.ranking.strength import Strength
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, put_all

ADAPTING = paper(1, title="Thin matrices for tuning", year=2021)
USED = paper(2, title="Four bits", year=2023)
UNUSED = paper(3, title="LoRA for weather", year=2024)
EDITING = paper(4, title="Facts in feed-forward layers", year=2022)
CODEBOOK = paper(5, title="Lifelong codebooks", year=2022)
TEACHERS = paper(6, title="Choosing teachers", year=2025)
DISTILLED = paper(7, title="A smaller encoder", year=2019)
TITLED = paper(8, title="LoRA: a critique", year=2025)
CARELESS = paper(9, title="Grace under label noise", year=2018)
ROMAN = paper(10, title="Rome and its roads", authors=("Ada Rome",), year=2017)
COMPARED = paper(11, title="Tuning without matrices", year=2023)
PAPERS = (
    *(ADAPTING, USED, UNUSED, EDITING, CODEBOOK, TEACHERS, DISTILLED, TITLED),
    *(CARELESS, ROMAN, COMPARED),
)
SUMMARY = "Ranks teachers by gradients of the student, so that none has to be tried by training."

METHOD, MODEL, BENCHMARK = EntityType.METHOD, EntityType.MODEL, EntityType.BENCHMARK
EXACT = Recognised.EXACT
ENTITIES = {
    "lora": Entity(
        "method/lora",
        METHOD,
        (Name("LoRA"), Name("Low-Rank Adaptation")),
        "Adds a product of two thin matrices.",
    ),
    "qlora": Entity("method/qlora", METHOD, (Name("QLoRA"),), "Quantises what is frozen."),
    "ia3": Entity("method/ia3", METHOD, (Name("(IA)³"),), "Scales activations."),
    "rome": Entity(
        "method/rome", METHOD, (Name("ROME", EXACT), Name("Rank-One Model Editing")), "Edits."
    ),
    "grace": Entity("method/grace", METHOD, (Name("GRACE", EXACT),), "A codebook."),
    "teachers": Entity("method/grace-teachers", METHOD, (Name("Grace", EXACT),)),
    "bert": Entity("model/bert", MODEL, (Name("BERT"),), "An encoder."),
    "roads": Entity("benchmark/roads", BENCHMARK, (Name("Model Roads"),), "Roads."),
    "metarl": Entity("method/metarl", METHOD, (Name("MetaRL", EXACT),)),
}
INTRODUCES, BUILDS_ON = Relation.INTRODUCES, Relation.BUILDS_ON
RELATIONS = (
    ("lora", INTRODUCES, ADAPTING),
    ("lora", BUILDS_ON, UNUSED),
    ("lora", BUILDS_ON, USED),
    ("lora", Relation.MENTIONS, TITLED),
    ("lora", Relation.COMPARES_WITH, COMPARED),
    ("qlora", INTRODUCES, USED),
    *(("qlora", BUILDS_ON, one) for one in (ROMAN, CARELESS, TEACHERS)),
    ("rome", INTRODUCES, EDITING),
    ("grace", INTRODUCES, CODEBOOK),
    ("teachers", INTRODUCES, TEACHERS),
    ("bert", Relation.WORKS_ON, DISTILLED),
    ("roads", INTRODUCES, ROMAN),
    ("metarl", INTRODUCES, TITLED),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue) as catalogue:
        others = (paper(n, title=f"subject{n} of{n}", abstract=None) for n in range(20, 60))
        put_all(catalogue, *PAPERS, *others)
        relate(catalogue)
        catalogue.cards.put(TEACHERS.id, card(summary=SUMMARY), "snapshot")
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


def relate(catalogue: Catalogue) -> None:
    keys = {name: catalogue.entities.put(entity) for name, entity in ENTITIES.items()}
    rows = [
        (keys[name], relation, catalogue.identifiers.key(one.id), Source.CARD)
        for name, relation, one in RELATIONS
    ]
    catalogue.relations.replace({key: "read" for _, _, key, _ in rows}, rows)


def ids(found: Answer) -> list[str]:
    return [hit.paper.id for hit in found.hits]


def about(found: Answer) -> list[str]:
    return [one.value for one in found.understood if one.filter == "about"]


# -- what is asked for -------------------------------------------------------------------------


def test_a_topic_s_label_is_no_rare_method_of_another_writing(library: Library) -> None:
    assert about(library.ask("meta-RL")) == []
    assert about(library.ask("what is Meta-RL?")) == []
    assert about(library.ask("MetaRL")) == ["method/metarl"]
    assert ids(library.ask("what is MetaRL?"))[0] == TITLED.id
    # Not a topic's label, and a name in any writing.
    assert about(library.ask("grace")) == ["method/grace", "method/grace-teachers"]
    assert about(library.ask("lora")) == ["method/lora"]


@pytest.mark.parametrize(
    ("question", "entity"),
    [
        ("LoRA", "lora"),
        ("lora?", "lora"),
        ("what is LoRA", "lora"),
        ("What's LoRA?", "lora"),
        ("What’s “LoRA”?", "lora"),
        ("what does lora do", "lora"),
        ("who introduced LoRA", "lora"),
        ("LoRA paper", "lora"),
        ("the original LoRA paper, please", "lora"),
        ("explain low rank adaptation", "lora"),
        ("LoRA: low rank adaptation", "lora"),
        ("Low-Rank Adaptation (LoRA)", "lora"),
        ("tell me about LoRA", "lora"),
        ("papers using LoRA", "lora"),
        ("papers that build on LoRA", "lora"),
        ("how does rank-one model editing work?", "rome"),
        ("what is rome", "rome"),
        ("ROME", "rome"),
        ("(IA)^3", "ia3"),
        ("what is the Model Roads benchmark", "roads"),
        ("model roads", "roads"),
        ("BERT model", "bert"),
        ("who came up with LoRA", "lora"),
        ("LoRAs", "lora"),
        ("model road", "roads"),
        ("methods that build on ROME", "rome"),
    ],
)
def test_a_name_and_words_that_ask_for_it_name_a_method(
    library: Library, question: str, entity: str
) -> None:
    found = asked_for(library.catalogue, question)
    assert found is not None
    assert [one.id for one in found.entities] == [ENTITIES[entity].id]


@pytest.mark.parametrize(
    "question",
    [
        "grace under label noise",
        "LoRA or QLoRA for weather?",
        "LoRA: rank-one model editing",
        "papers without LoRA",
        "a survey of LoRA",
        "LoRA-FA",
        "LoRA+",
        "how do I grace",
        "methods that rome",
        "models",
        "what is it",
        "?",
        "what is LoRA " + "and so on " * 30,
    ],
)
def test_a_question_about_more_than_a_name_names_none(library: Library, question: str) -> None:
    assert asked_for(library.catalogue, question) is None


# -- the papers --------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("question", ["LoRA", "what is low-rank adaptation?"])
def test_what_introduced_it_comes_first_then_what_builds_on_it_then_the_others(
    library: Library, question: str, mode: Mode
) -> None:
    found = library.ask(question, mode=mode)
    assert ids(found)[0] == ADAPTING.id
    # The most used first. One whose title names it builds on it; one that compares does not.
    assert ids(found)[1] == USED.id
    assert set(ids(found)[2:4]) == {UNUSED.id, TITLED.id}
    assert COMPARED.id not in ids(found)[:4]
    assert [hit.named for hit in found.hits[:4]] == [1, 2, 3, 4]
    assert all(hit.named is None for hit in found.hits[4:])
    assert found.judgement.strength is Strength.GOOD
    assert about(found) == ["method/lora"]
    assert not any(one.hard for one in found.understood)
    assert found.notes == ()


def test_a_question_that_names_none_is_ranked_as_ever(library: Library) -> None:
    found = library.ask("grace under label noise")
    assert ids(found)[0] == CARELESS.id
    assert about(found) == []


def test_a_method_comes_before_an_author_of_that_name(library: Library) -> None:
    assert ids(library.ask("Rome"))[0] == EDITING.id
    assert ids(library.ask("papers by Rome"))[0] == ROMAN.id


def test_all_owners_of_a_name_are_answers_and_a_line_lists_them(library: Library) -> None:
    found = library.ask("grace")
    assert ids(found)[:2] == [CODEBOOK.id, TEACHERS.id]
    assert about(found) == ["method/grace", "method/grace-teachers"]
    assert found.notes == (
        f"grace is a name of method/grace ({CODEBOOK.id}) and method/grace-teachers"
        f" ({TEACHERS.id})",
    )
    # Who writes the name as one of them does means that one first.
    assert ids(library.ask("Grace"))[:2] == [TEACHERS.id, CODEBOOK.id]


def test_an_owner_that_is_only_asked_for_gives_way_to_the_usual_one(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        papers = [paper(n, title=f"Prompts {n}") for n in range(9)]
        put_all(catalogue, *papers)
        usual = catalogue.entities.put(
            Entity("method/vpt", METHOD, (Name("Visual Prompt Tuning"),), "Prompts.")
        )
        other = catalogue.entities.put(
            Entity("method/other", METHOD, (Name("Visual Prompt Tuning", Recognised.ASKED),))
        )
        keys = [catalogue.identifiers.key(one.id) for one in papers]
        rows = [(usual, BUILDS_ON, key, Source.CARD) for key in keys[:8]]
        few = [(other, INTRODUCES, keys[8], Source.CARD), *rows[:7]]
        catalogue.relations.replace(dict.fromkeys((*keys[:7], keys[8]), "read"), few)
        found = asked_for(catalogue, "visual prompt tuning")
        assert found is not None
        assert set(found.keys) == {usual, other}
        catalogue.relations.replace({keys[7]: "read"}, rows[7:])
        found = asked_for(catalogue, "visual prompt tuning")
        assert found is not None
        assert found.keys == (usual,)


def test_of_what_no_paper_introduces_those_come_first_that_work_on_it(library: Library) -> None:
    found = library.ask("what is BERT")
    assert ids(found)[0] == DISTILLED.id
    assert found.judgement.strength is Strength.GOOD
    (line,) = found.notes
    assert line.startswith("The atlas lacks the paper that introduced BERT")


def test_filters_hold_for_what_introduced_it_too(library: Library) -> None:
    found = library.ask("LoRA", filters=Filters(since=PartialDate(2024)))
    assert set(ids(found)[:2]) == {UNUSED.id, TITLED.id}
    assert ADAPTING.id not in ids(found)
    assert found.notes == (f"{ADAPTING.id}, which introduced LoRA, does not pass the filters",)


# -- the filter --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["LoRA", "low rank adaptation", "method/lora"])
def test_only_papers_that_relate_to_an_entity_pass(library: Library, name: str) -> None:
    found = library.ask("weather", filters=Filters(about=name))
    assert set(ids(found)) == {one.id for one in (ADAPTING, USED, UNUSED, TITLED, COMPARED)}
    assert ids(found)[0] == UNUSED.id
    assert library.count(Filters(about=name)) == 5
    assert library.count(Filters(about=name, since=PartialDate(2024))) == 2


def test_an_unknown_name_suggests_others_and_one_of_several_tells_them(library: Library) -> None:
    with pytest.raises(NotFound, match=r"did you mean .*QLoRA"):
        library.ask("weather", filters=Filters(about="QQLoRA"))
    with pytest.raises(SeveralOwners, match="method/grace-teachers"):
        library.ask("weather", filters=Filters(about="grace"))


# -- what is said of it ------------------------------------------------------------------------


def test_a_summary_says_what_is_asked_for_and_who_introduced_it(library: Library) -> None:
    (one,) = library.summary(library.ask("LoRA")).definitions
    assert (one.id, one.name, one.type) == ("method/lora", "LoRA", METHOD)
    assert one.about == "Adds a product of two thin matrices."
    assert [(by.paper.id, by.rank) for by in one.introduced_by] == [(ADAPTING.id, 1)]


def test_what_nobody_described_is_described_by_its_own_paper(library: Library) -> None:
    answer = library.ask("grace", k=1)
    codebook, teachers = library.summary(answer).definitions
    assert teachers.about == SUMMARY
    assert [by.rank for by in codebook.introduced_by] == [1]
    assert [by.rank for by in teachers.introduced_by] == [None]


def test_what_its_own_paper_says_is_not_said_twice(library: Library) -> None:
    found = library.summary(library.ask("grace"))
    assert SUMMARY not in [one.sentence for one in found.statements]


def test_a_question_that_names_nothing_has_no_definition(library: Library) -> None:
    assert library.summary(library.ask("grace under label noise")).definitions == ()
