import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ingest.bundle.lists import FOLDERS
from ingest.sources.lists import awesome_list
from ingest.sources.lists.followed import HeadingRule, ListSource, load_lists
from kg.errors import BadSource
from kg.taxonomy.taxonomy import Taxonomy

TAXONOMY = Taxonomy.load()
LISTS = load_lists(TAXONOMY)
CORE = re.compile(r"^(\S+/\S+)\s+core\s", re.MULTILINE)

# Entries of the published lists, by list, headings and the topic that they belong to.
EXPECTED = [
    (
        "learn-from-model",
        "Learn From Model Beyond Fine-Tuning > Model Editing > Parameter Based Model Editing"
        " > Meta Learning",
        "model-editing/parameter-based/meta-learning",
    ),
    (
        "learn-from-model",
        "Learn From Model Beyond Fine-Tuning > Meta Learning",
        "meta-learning",
    ),
    (
        "model-merging",
        "Advanced Methods > During Merging Methods > Routing-based Merging Methods"
        " (Dynamic Merging)",
        "model-reuse/model-fusion/mixture-of-experts",
    ),
    (
        "model-merging",
        "Application of Model Merging in Foundation Models"
        " > Model Merging in Large Language Models > Detoxification of LLMs",
        "model-reuse/model-fusion/security",
    ),
    (
        "knowledge-editing",
        "Knowledge Editing for LLMs Papers > 📜 Resources > Methods > Modify Parameters"
        " > Meta-learning",
        "model-editing/parameter-based/meta-learning",
    ),
    ("knowledge-editing", "📜 Resources > Methods > More Related Papers", "model-editing"),
    ("knowledge-editing", "🧰 Resources > Benchmarks and Tasks", "model-editing/benchmarks"),
    ("knowledge-editing", "🎉Contribution > Contributors", None),
    (
        "knowledge-distillation",
        "Awesome Knowledge-Distillation > Data-free KD",
        "model-distillation",
    ),
    (
        "knowledge-distillation",
        "Application of KD > for RecSys",
        "model-distillation/recommendation",
    ),
    (
        "parameter-efficient-transfer",
        "🐌  Papers > Reparameter Tuning",
        "model-tuning/weight-engineering/low-rank-adaptation",
    ),
    (
        "meta-learning",
        "Topics > Few-shot learning > Segmentation",
        "meta-learning/few-shot-learning",
    ),
    (
        "llm-survey",
        "Paper List > Utilization > In-Context Learning (ICL)",
        "model-tuning/input-engineering/in-context-learning",
    ),
    ("llm-survey", "Experiments > Instruction Tuning Experiments", None),
    ("efficient-llm", "Paper from Sep 30, 2024 - Now > Quantization", None),
    ("clip", "Applications > GAN", None),
    ("llm-ensemble", "2. Papers > 2.2 Ensemble During Inference", "model-reuse/model-ensemble"),
    (
        "llm-ensemble",
        "2. Papers > 2.3 Ensemble After Inference > 2.3.2 (c,2) Cascade",
        "model-reuse/routing",
    ),
    ("on-policy-distillation", "Core OPD Papers > Foundations", "model-distillation/on-policy"),
    ("on-policy-distillation", "Taxonomy > By Teacher Type", None),
    (
        "retrieval-survey",
        "Catalogue > Applications Taxonomy > RAG for Code > Code Generation",
        "model-tuning/database-augmentation/code",
    ),
    ("papers-of-the-week", "Top ML Papers of the Week (May 1 - May 7)", None),
]


@pytest.mark.parametrize(("name", "headings", "topic"), EXPECTED)
def test_entries_reach_their_topic(name: str, headings: str, topic: str | None) -> None:
    assert LISTS[name].topic_of(headings.split(" > ")) == topic


def test_every_area_is_fed_by_a_list() -> None:
    topics = {rule.topic for source in LISTS.values() for rule in source.rules}
    topics |= {source.default for source in LISTS.values()}
    areas = {topic.partition("/")[0] for topic in topics if topic}
    assert areas == {root.id for root in TAXONOMY.roots}


def test_an_address_is_that_of_its_repository() -> None:
    for name, source in LISTS.items():
        assert source.name == name
        assert source.url.startswith(f"https://raw.githubusercontent.com/{source.repository}/")


def source(rules: dict[str, str | None], default: str | None = None) -> ListSource:
    return ListSource(
        name="list",
        repository="owner/list",
        url="https://example.org/README.md",
        default=default,
        rules=tuple(HeadingRule(tuple(text.split(" > ")), rules[text]) for text in rules),
    )


def test_the_innermost_named_heading_decides() -> None:
    merging = source({"Merging": "model-reuse/model-fusion", "Editing": "model-editing"}, "other")
    assert merging.topic_of(["Merging", "Editing", "2024"]) == "model-editing"
    assert merging.topic_of(["Editing", "Merging"]) == "model-reuse/model-fusion"
    assert merging.topic_of(["2024"]) == merging.topic_of([]) == "other"


def test_null_ends_what_is_inherited() -> None:
    mixed = source({"Papers on Merging": "model-reuse", "Tools": None, "Soups": "soup"}, "other")
    assert mixed.topic_of(["Merging", "🔧 Tools", "Python"]) is None
    assert mixed.topic_of(["Tools", "Soups"]) == "soup"


def test_a_chain_tells_namesakes_apart() -> None:
    rules = {"Survey": "a", "Editing > Survey": "b", "Merging > Editing > Survey": "c"}
    surveys = source(dict(rules))
    assert surveys.topic_of(["Survey"]) == "a"
    assert surveys.topic_of(["Tuning", "Survey"]) == "a"
    assert surveys.topic_of(["The Title", "Editing", "Papers", "Survey"]) == "b"
    assert surveys.topic_of(["Merging", "Editing", "Survey"]) == "c"
    # Above, and in that order.
    assert surveys.topic_of(["Survey", "Editing"]) == "a"
    assert surveys.topic_of(["Editing", "Merging", "Survey"]) == "b"


@given(st.lists(st.text(), max_size=4), st.sampled_from(list(LISTS)))
def test_any_headings_give_a_topic_or_none(headings: list[str], name: str) -> None:
    topic = LISTS[name].topic_of(headings)
    assert topic is None or topic in TAXONOMY


GOOD = """\
- name: editing
  repository: owner/Editing
  url: https://example.org/README.md
  default: model-editing
  headings:
    Surveys: model-editing/surveys
    "Methods > Tools": null
- name: others
  repository: owner/Others
  url: https://example.org/README.md
  default: null
"""

BROKEN = {
    "unknown topic": ("model-editing/surveys", "model-editing/survey", 6, "did you mean"),
    "unknown default": ("default: model-editing", "default: editing", 4, "no topic 'editing'"),
    "topic by name": ("model-editing/surveys", "Meta Learning", 6, "did you mean meta-learning"),
    "number as topic": ("model-editing/surveys", "3", 6, "a topic must be text"),
    "list as topic": ("model-editing/surveys", "[model-editing]", 6, "a topic must be text"),
    "missing default": ("  default: null\n", "", 8, "has no default"),
    "missing url": ("README.md\n  default: null", "README.md\n  link: x", 11, "unknown key 'link'"),
    "repeated name": ("name: others", "name: editing", 8, "'editing' comes twice"),
    "not a name": ("name: others", "name: Other Lists", 8, "is not a name"),
    "not a repository": ("owner/Others", "Others", 9, "is not a repository"),
    "repeated heading": ('"Methods > Tools"', "SURVEYS!", 7, "'SURVEYS!' comes twice"),
    "repeated key": ('"Methods > Tools"', "Surveys", 7, "'Surveys' of headings comes twice"),
    "heading of emoji": ('"Methods > Tools"', "🎉", 7, "says nothing"),
    "emoji in a chain": ("Methods > Tools", "🎉 > Tools", 7, "says nothing"),
    "headings as list": ("headings:\n    Surveys:", "headings:\n    - Surveys:", 7, "not YAML"),
    "headings as text": (
        GOOD[GOOD.index("headings") : GOOD.index("- name: o")],
        "headings: none\n",
        5,
        "must be a mapping",
    ),
    "not YAML": ("default: null", "default: [", 11, "not YAML"),
}


@pytest.mark.parametrize(("old", "new", "line", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert GOOD.count(old) == 1
    path = tmp_path / "lists.yaml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(BadSource, match=message) as caught:
        load_lists(TAXONOMY, path)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lists.yaml"
    path.write_text(GOOD, encoding="utf-8")
    lists = load_lists(TAXONOMY, path)
    assert list(lists) == ["editing", "others"]
    assert lists["editing"].taxonomy is None
    assert lists["others"].topic_of(["Model Reuse"]) == "model-reuse"


def test_an_http_address_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lists.yaml"
    path.write_text(GOOD.replace("https:", "http:"), encoding="utf-8")
    with pytest.raises(BadSource, match="https"):
        load_lists(TAXONOMY, path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="cannot be read"):
        load_lists(TAXONOMY, tmp_path / "none.yaml")


def heading_paths(path: Path) -> Iterator[tuple[str, ...]]:
    """Each markdown heading of a page with those above it, outermost first."""
    above: list[tuple[int, str]] = []
    tokens = MarkdownIt().parse(path.read_text(encoding="utf-8"))
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            level = int(opening.tag[1])
            above = [pair for pair in above if pair[0] < level]
            texts = [child.content for child in inline.children or () if child.type == "text"]
            above.append((level, "".join(texts)))
            yield tuple(text for _, text in above)


def page(shared: Path, source: ListSource) -> Path:
    name = source.repository.replace("/", "+") + ".md"
    return next(path for one in FOLDERS if (path := shared / one / name).exists())


@pytest.mark.shared
def test_every_shared_list_is_known(shared: Path) -> None:
    pages = {path.name for path in (shared / "lists").glob("*.md")}
    about = (shared / FOLDERS[1] / "SOURCE.txt").read_text("utf-8")
    pages |= {name.replace("/", "+") + ".md" for name in CORE.findall(about)}
    assert pages == {page(shared, source).name for source in LISTS.values()}


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", LISTS)
def test_no_rule_is_dead(shared: Path, name: str) -> None:
    path = page(shared, LISTS[name])
    # Items of a list are headings, too.
    paths = [*heading_paths(path), *(entry.headings for entry in awesome_list.read(path))]
    for rule in LISTS[name].rules:
        alone = replace(LISTS[name], rules=(replace(rule, topic="here"),), default=None)
        assert any(alone.topic_of(path) == "here" for path in paths), rule


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", LISTS)
def test_the_title_of_the_page_makes_no_difference(shared: Path, name: str) -> None:
    source = LISTS[name]
    for headings in heading_paths(page(shared, source)):
        dressed = tuple(f"🚀 **{heading.upper()}**:" for heading in headings)
        assert source.topic_of(("Some Title", *headings)) == source.topic_of(headings)
        assert source.topic_of(dressed) == source.topic_of(headings)


@pytest.mark.shared
def test_every_section_of_the_lfm_list_has_a_topic(shared: Path) -> None:
    source = LISTS["learn-from-model"]
    without = {
        headings[-1].strip()
        for headings in heading_paths(page(shared, source))
        if source.topic_of(headings) is None
    }
    title = "Learn From Model Beyond Fine-Tuning"
    news = {heading for heading in without if "Exciting News" in heading}
    assert without - news == {title, "Table of Contents", "Papers", "Citation"}
