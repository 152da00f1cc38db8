import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import BadTaxonomy, NotFound
from kg.records import PlacedBy, Placement
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import BUILT_IN, ORIGINS, Topic, heading_key

# The contract of DESIGN.md: faces and checks rely on these ids.
BACKBONE = [
    "model-tuning",
    "model-tuning/weight-engineering",
    "model-tuning/weight-engineering/fine-tuning",
    "model-tuning/weight-engineering/adapter-tuning",
    "model-tuning/input-engineering",
    "model-tuning/input-engineering/prompt-tuning",
    "model-tuning/input-engineering/instruction-tuning",
    "model-tuning/database-augmentation",
    "model-tuning/database-augmentation/language",
    "model-tuning/database-augmentation/multimodal",
    "model-distillation",
    "model-distillation/noise-optimization",
    "model-distillation/generative-reconstruction",
    "model-distillation/adversarial-exploration",
    "model-reuse",
    "model-reuse/model-ensemble",
    "model-reuse/model-fusion",
    "model-reuse/model-fusion/weight-interpolation",
    "model-reuse/model-fusion/mode-connectivity",
    "model-reuse/model-fusion/straightforward-optimization",
    "model-reuse/model-fusion/mixture-of-experts",
    "model-reuse/model-fusion/surveys",
    "model-reuse/model-fusion/benchmarks",
    "meta-learning",
    "meta-learning/white-box-data-free",
    "meta-learning/black-box-data-free",
    "model-editing",
    "model-editing/memory-based",
    "model-editing/parameter-based",
    "model-editing/parameter-based/constrained-tuning",
    "model-editing/parameter-based/locate-and-edit",
    "model-editing/parameter-based/meta-learning",
]

TAXONOMY = Taxonomy.load()

# Headings of the LFM list as it is published, and where its entries belong.
LFM_LIST = {
    "Model Tuning > Weight Enginerring > Fine Tuning": (
        "model-tuning/weight-engineering/fine-tuning"
    ),
    "Model Tuning > Weight Enginerring > Adapter Tuning": (
        "model-tuning/weight-engineering/adapter-tuning"
    ),
    "Model Tuning > Input engineering > Prompt Tuning": (
        "model-tuning/input-engineering/prompt-tuning"
    ),
    "Model Tuning > Input engineering > InstructioN Tuning": (
        "model-tuning/input-engineering/instruction-tuning"
    ),
    "Database Augmentation": "model-tuning/database-augmentation",
    "Database Augmentation > Language Database Augmentation": (
        "model-tuning/database-augmentation/language"
    ),
    "Database Augmentation > Multimodal Database Augmentation": (
        "model-tuning/database-augmentation/multimodal"
    ),
    "Model Distillation > Noise Optimization": "model-distillation/noise-optimization",
    "Model Distillation > Generative Reconstruction": (
        "model-distillation/generative-reconstruction"
    ),
    "Model Distillation > Adversarial Exploration": "model-distillation/adversarial-exploration",
    "Model Reuse > Model Ensemble": "model-reuse/model-ensemble",
    "Model Reuse > Model Fusion > Weight Interpolation": (
        "model-reuse/model-fusion/weight-interpolation"
    ),
    "Model Reuse > Model Fusion > Mode Connectivity Based Method": (
        "model-reuse/model-fusion/mode-connectivity"
    ),
    "Model Reuse > Model Fusion > Straightforward Optimization": (
        "model-reuse/model-fusion/straightforward-optimization"
    ),
    "Model Reuse > Model Fusion > MoE Based Method (Model MoErging)": (
        "model-reuse/model-fusion/mixture-of-experts"
    ),
    "Model Reuse > Model Fusion > Survey Paper": "model-reuse/model-fusion/surveys",
    "Model Reuse > Model Fusion > Benchmark/Evaluation": "model-reuse/model-fusion/benchmarks",
    "Meta Learning > White-box Data-free Meta-learning": "meta-learning/white-box-data-free",
    "Meta Learning > Black-box Data-free Meta-learning": "meta-learning/black-box-data-free",
    "Model Editing > Memory Based Model Editing": "model-editing/memory-based",
    "Model Editing > Parameter Based Model Editing > Constrained Tuning": (
        "model-editing/parameter-based/constrained-tuning"
    ),
    "Model Editing > Parameter Based Model Editing > Locate And Edit": (
        "model-editing/parameter-based/locate-and-edit"
    ),
    "Model Editing > Parameter Based Model Editing > Meta Learning": (
        "model-editing/parameter-based/meta-learning"
    ),
    "Meta Learning": "meta-learning",
}


def test_the_backbone_is_there_under_its_ids() -> None:
    assert [topic.id for topic in TAXONOMY if topic.origin == "survey"] == BACKBONE


def test_atlas_topics_are_leaves_under_the_five_areas() -> None:
    atlas = [topic for topic in TAXONOMY if topic.origin == "atlas"]
    assert 12 <= len(atlas) <= 40
    assert all(topic.parent in BACKBONE and not topic.children for topic in atlas)


@pytest.mark.parametrize("topic", TAXONOMY, ids=lambda topic: topic.id)
def test_a_topic_is_described(topic: Topic) -> None:
    assert topic.origin in ORIGINS
    assert topic.definition.endswith(".")
    assert ". " not in topic.definition, "one sentence"
    assert 40 < len(topic.definition) < 200
    assert 3 <= len(topic.terms) <= 8
    assert len(set(topic.terms)) == len(topic.terms)


@pytest.mark.parametrize("topic", TAXONOMY, ids=lambda topic: topic.id)
def test_every_name_and_alias_reaches_its_topic(topic: Topic) -> None:
    above = [name.name for name in TAXONOMY.ancestors(topic.id)]
    for label in (topic.name, *topic.aliases):
        assert TAXONOMY.find(label) is topic
        assert TAXONOMY.match_headings([label]) == topic.id
        assert TAXONOMY.match_headings([*above, label]) == topic.id
    for label in topic.local_aliases:
        assert TAXONOMY.match_headings([*above, label]) == topic.id
        assert TAXONOMY.match_headings([label]) != topic.id


@pytest.mark.parametrize(("headings", "topic"), LFM_LIST.items())
def test_the_lfm_list_reaches_its_topics(headings: str, topic: str) -> None:
    chain = headings.split(" > ")
    assert TAXONOMY.match_headings(chain) == topic
    assert TAXONOMY.match_headings(["Learn From Model Beyond Fine-Tuning", *chain]) == topic


def test_headings_that_name_nothing_reach_nothing() -> None:
    for headings in ([], [""], ["Papers"], ["Survey"], ["🎉"], ["2024"], ["Star History"]):
        assert TAXONOMY.match_headings(headings) is None


def test_a_heading_below_a_topic_inherits_it() -> None:
    headings = ["Model Editing", "Locate and Edit", "2023", "Vision"]
    assert TAXONOMY.match_headings(headings) == "model-editing/parameter-based/locate-and-edit"


def test_an_inner_heading_may_leave_the_area() -> None:
    assert TAXONOMY.match_headings(["Model Editing", "LoRA"]) == TAXONOMY.find("lora").id


decorations = st.sampled_from(
    ["{}", "**{}**", "1.2 {}", "🚀 {}", ":star: {}", "{}:", "`{}`", "<b>{}</b>", "[{}](#there)"]
)
cases = st.sampled_from([str, str.upper, str.lower, str.title])
noise = st.lists(st.sampled_from(["Papers", "📚", "2023", "Others", "3D", "", "Awesome List"]))


@given(
    st.sampled_from([topic.id for topic in TAXONOMY]), st.data(), decorations, cases, noise, noise
)
def test_decorated_headings_reach_the_same_topic(
    topic: str,
    data: st.DataObject,
    decoration: str,
    case: object,
    before: list[str],
    after: list[str],
) -> None:
    assert callable(case)
    chain = []
    for step in (*TAXONOMY.ancestors(topic), TAXONOMY[topic]):
        labels = (step.name, *step.aliases) + (step.local_aliases if step.parent else ())
        chain.append(decoration.format(case(data.draw(st.sampled_from(labels)))))
    assert TAXONOMY.match_headings([*before, *chain, *after]) == topic


@given(st.lists(st.text(), max_size=4))
def test_any_headings_give_a_topic_or_none(headings: list[str]) -> None:
    match = TAXONOMY.match_headings(headings)
    assert match is None or match in TAXONOMY


def test_of_a_long_name_only_the_end_is_compared() -> None:
    with pytest.raises(NotFound) as unknown:
        TAXONOMY.find("model-reuse/" * 20_000 + "model fusions")
    assert "model-reuse/model-fusion" in unknown.value.nearest


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert heading_key(heading_key(text)) == heading_key(text)


def test_the_tree_can_be_walked() -> None:
    fusion = "model-reuse/model-fusion"
    assert [topic.id for topic in TAXONOMY.roots] == [
        "model-tuning", "model-distillation", "model-reuse", "meta-learning", "model-editing",
    ]  # fmt: skip
    assert [topic.id for topic in TAXONOMY.ancestors(fusion)] == ["model-reuse"]
    assert TAXONOMY.ancestors("model-reuse") == ()
    below = [TAXONOMY[child] for child in TAXONOMY[fusion].children]
    assert TAXONOMY.descendants(fusion) == (TAXONOMY[fusion], *below)
    assert TAXONOMY.path_names(fusion) == ("Model Reuse", "Model Fusion")
    assert sum(len(TAXONOMY.descendants(root.id)) for root in TAXONOMY.roots) == len(TAXONOMY)
    seen: set[str | None] = {None}
    for topic in TAXONOMY:
        assert topic.parent in seen
        seen.add(topic.id)
    assert fusion in TAXONOMY
    assert "model-fusion" not in TAXONOMY


def test_descendants_are_by_path_not_by_prefix(tmp_path: Path) -> None:
    taxonomy = Taxonomy.load(write(tmp_path, topic_yaml("a") + topic_yaml("a-b")))
    assert [topic.id for topic in taxonomy.descendants("a")] == ["a"]


def test_siblings_may_stand_apart_in_the_file(tmp_path: Path) -> None:
    text = "".join(map(topic_yaml, ["a", "b", "a/x", "b/y", "a/z"]))
    taxonomy = Taxonomy.load(write(tmp_path, text))
    assert [topic.id for topic in taxonomy] == ["a", "a/x", "a/z", "b", "b/y"]
    assert taxonomy["a"].children == ("a/x", "a/z")


def test_an_unknown_topic_names_the_nearest() -> None:
    with pytest.raises(NotFound, match="weight-interpolation") as caught:
        TAXONOMY["model-reuse/weigt-interpolation"]
    assert caught.value.kind == "topic"
    assert caught.value.nearest[0] == "model-reuse/model-fusion/weight-interpolation"
    with pytest.raises(NotFound) as caught:
        TAXONOMY.find("quokka")
    assert caught.value.nearest == ()


def test_find_takes_ids_names_and_aliases() -> None:
    assert TAXONOMY.find(" Model-Editing/ ").id == "model-editing"
    assert TAXONOMY.find("model merging").id == "model-reuse/model-fusion"
    assert TAXONOMY.find("Meta Learning").id == "meta-learning"
    assert TAXONOMY.find("Graph-based").id == "model-distillation/relation-based"
    with pytest.raises(NotFound) as caught:
        TAXONOMY.find("Surveys")
    assert caught.value.nearest == ("model-reuse/model-fusion/surveys", "model-editing/surveys")


def test_topics_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TAXONOMY["model-reuse"].name = "other"  # type: ignore[misc]


def test_the_built_in_taxonomy_is_read_once() -> None:
    assert Taxonomy.load() is TAXONOMY
    assert list(Taxonomy.load(BUILT_IN)) == list(TAXONOMY)


# A good file of five lines a topic, of which each case below breaks one line.
GOOD = """\
- id: area
  name: Area
  origin: survey
  definition: One sentence.
- id: area/topic
  name: Topic
  origin: atlas
  definition: Another sentence.
  terms: [one, two]
  aliases: [Theme]
"""

BROKEN = {
    "unknown parent": ("id: area/topic", "id: nowhere/topic", 5, "no topic above it"),
    "skipped level": ("id: area/topic", "id: area/gap/topic", 5, "add 'area/gap' first"),
    "duplicate id": ("id: area/topic", "id: area", 5, "'area' comes twice"),
    "not an id": ("id: area/topic", "id: area/Some Topic", 5, "not an id"),
    "trailing slash": ("id: area/topic", "id: area/", 5, "not an id"),
    "unknown key": ("terms: [one, two]", "term: [one, two]", 9, "unknown key 'term'"),
    "repeated key": ("terms: [one, two]", "name: Again", 9, "'name' of a topic comes twice"),
    "missing definition": ("  definition: Another sentence.\n", "", 5, "has no definition"),
    "missing name": ("  name: Topic\n", "", 5, "has no name"),
    "missing id": ("- id: area/topic\n  name", "- name", 5, "has no id"),
    "empty name": ("name: Topic", "name: ''", 6, "name must|name is empty"),
    "null name": ("name: Topic", "name:", 6, "name must be text"),
    "number as name": ("name: Topic", "name: 5", 6, "name must be text"),
    "list as definition": ("definition: Another sentence.", "definition: [a]", 8, "must be text"),
    "text as terms": ("terms: [one, two]", "terms: one", 9, "terms must be a list"),
    "number among terms": ("[one, two]", "\n  - one\n  - 2", 11, "each of terms must be text"),
    "unknown origin": ("origin: atlas", "origin: mars", 7, "origin 'mars' is unknown"),
    "same name": ("name: Topic", "name: area", 5, "'area' has the label 'area' too"),
    "same alias": ("[Theme]", "[AREA!]", 5, "'area' has the label 'AREA!' too"),
    "label of punctuation": ("[Theme]", "['!']", 5, "says nothing"),
    "not YAML": ("terms: [one, two]", "terms: [one, two", 10, "not YAML"),
    "never closed": ("aliases: [Theme]", "aliases: [Theme", 10, "not YAML"),
    "quote never closed": ("aliases: [Theme]", "aliases: 'Theme", 10, "not YAML"),
    "tab": ("  name: Topic", "\tname: Topic", 6, "not YAML"),
    "two documents": ("- id: area/topic", "---\n- id: area/topic", 5, "not YAML"),
    "undefined anchor": ("aliases: [Theme]", "aliases: *x", 10, "not YAML"),
    "itself as alias": ("aliases: [Theme]", "aliases: &x [*x]", 10, "must be text"),
    "control character": ("name: Topic", "name: T\x07", 6, "not YAML"),
    "python object": ("name: Topic", "name: !!python/name:os.system x", 6, "must be text"),
    "topic is text": ("- id: area\n", "- hello\n- id: area\n", 1, "must be a mapping"),
    # PyYAML has a limit of its own since 6.0.4, and words of its own for it.
    "brackets without end": ("[Theme]", "[" * 100_000, 10, "nest"),
}


@pytest.mark.parametrize(("old", "new", "line", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert GOOD.count(old) == 1
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(BadTaxonomy, match=message) as caught:
        Taxonomy.load(path)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("[]", "has no topic"),
        ("a: b", "unknown key 'a'"),
        ("topics: []", "has no extends"),
        ("extends: built-in", "has no topics"),
        ("{extends: built-in, topics: x}", "must be a list"),
        ("{extends: mine, topics: []}", "only the built-in taxonomy can be extended"),
        ("hello", "must be a list"),
    ],
)
def test_a_file_without_topics_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadTaxonomy, match=message) as caught:
        Taxonomy.load(write(tmp_path, text))
    assert caught.value.line == 1


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yaml"
    path.write_bytes(GOOD.replace("Another", "Anothér").encode("latin-1"))
    with pytest.raises(BadTaxonomy, match="not UTF-8") as caught:
        Taxonomy.load(path)
    assert caught.value.line == 8


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yaml"
    path.write_bytes(GOOD.encode("utf-8-sig"))
    assert len(Taxonomy.load(path)) == 2


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(BadTaxonomy, match="cannot be read") as caught:
            Taxonomy.load(path)
        assert caught.value.line is None


EXTENSION = """\
extends: built-in
topics:
  - id: model-editing
    name: Editing of Models
    terms: [model editing]
  - id: model-editing/for-vision
    name: Editing for Vision
    definition: Editing what models of images know.
    aliases: [Vision Editing]
  - id: robots
    name: Robots
    definition: Learning from models on robots.
"""


def test_a_file_may_extend_the_built_in_taxonomy(tmp_path: Path) -> None:
    taxonomy = Taxonomy.load(write(tmp_path, EXTENSION))
    assert len(taxonomy) == len(TAXONOMY) + 2
    assert [topic.id for topic in taxonomy.roots][-2:] == ["model-editing", "robots"]
    changed, before = taxonomy["model-editing"], TAXONOMY["model-editing"]
    assert (changed.name, changed.terms) == ("Editing of Models", ("model editing",))
    assert (changed.definition, changed.origin) == (before.definition, before.origin)
    assert changed.aliases == before.aliases
    assert changed.children == (*before.children, "model-editing/for-vision")
    assert taxonomy["robots"].origin == "own"
    assert taxonomy.match_headings(["Vision Editing"]) == "model-editing/for-vision"
    assert Taxonomy.load() is TAXONOMY
    assert TAXONOMY["model-editing"] is before


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("id: robots", "id: robot/arms", 10, "has no topic above it: add 'robot' first"),
        ("id: robots", "id: model-editing", 10, "'model-editing' comes twice"),
        ("    definition: Learning from models on robots.\n", "", 10, "has no definition"),
        ("name: Robots", "name: Model Merging", 10, "has the label 'Model Merging' too"),
        ("Editing of Models", "LoRA", 3, "has the label 'LoRA' too"),
        ("terms:", "term:", 5, "unknown key 'term'"),
        ("extends: built-in", "extends: built-in\nmore: 1", 2, "unknown key 'more'"),
        ("name: Robots", "name: [", 11, "not YAML"),
    ],
)
def test_a_bad_extension_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert EXTENSION.count(old) == 1
    path = write(tmp_path, EXTENSION.replace(old, new))
    with pytest.raises(BadTaxonomy, match=message) as caught:
        Taxonomy.load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert "\n" not in str(caught.value)


def test_the_digest_is_of_the_topics_not_of_the_file(tmp_path: Path) -> None:
    one = Taxonomy.load(write(tmp_path, GOOD)).digest
    assert Taxonomy.load(write(tmp_path, "# a comment\n" + GOOD)).digest == one
    assert Taxonomy.load(write(tmp_path, GOOD.replace("[Theme]", "[Themes]"))).digest != one
    assert TAXONOMY.digest == Taxonomy.load(BUILT_IN).digest


def test_placements_of_another_taxonomy_are_shown_under_what_is_above() -> None:
    def placed(topic: str, sure: float = 1.0) -> Placement:
        return Placement(topic, PlacedBy.MODEL, "placer", sure)

    given = [placed("model-editing"), placed("model-editing/gone/deep"), placed("robots")]
    assert TAXONOMY.known_placements(given) == (placed("model-editing"),)
    assert TAXONOMY.known_placements([placed("model-reuse/gone", 0.9)]) == (
        placed("model-reuse", 0.9),
    )
    assert TAXONOMY.known_topic("robots/arms") is None
    assert TAXONOMY.known_topic("model-editings") is None


def write(folder: Path, text: str) -> Path:
    path = folder / "taxonomy.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def topic_yaml(topic: str) -> str:
    return f"- {{id: {topic}, name: Name {topic}, origin: atlas, definition: A sentence.}}\n"
