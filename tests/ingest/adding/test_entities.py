"""A user's own entities: all of a file or nothing, and they stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.adding.add import Added, add
from ingest.entities.update import update
from kg.entities.entity import Relation
from kg.entities.file import is_entity_file
from kg.errors import BadSource
from kg.settings import Settings
from kg.snapshot import file as snapshot_file
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, put_all

FILE = """\
# Methods of our group.
- id: method/foo-tune
  name: FooTune
  also: [Foo Tuning]
  about: Tunes foos.
  introduced_by: "2001.00001"
- id: method/foo-tune-2
  name: FooTune-2
  about: Tunes foos twice.
  introduced_by: ["2001.00002", "doi:10.5555/three"]
  extends: [method/foo-tune, benchmark/glue]
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path / "home")
    with Catalogue(settings.catalogue) as catalogue:
        put_all(
            catalogue,
            paper(1),
            paper(2),
            paper(3, doi="10.5555/three"),
            paper(4, abstract="Unlike Foo Tuning, it works on GLUE."),
        )
        catalogue.cards.put(paper(3).id, card(introduces=("BarTune",)), "a.jsonl")
        update(catalogue)
    with Library(settings, HashedWords()) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "ours.yaml"
    made.write_text(FILE)
    return made


def put(library: Library, *paths: Path | str) -> Added:
    return add(library, paths, embedder=HashedWords())


def introducing(library: Library, name: str) -> list[str]:
    """Return the ids of the papers that introduce an entity."""
    catalogue = library.catalogue
    (papers,) = catalogue.relations.introducing([catalogue.entities.key(name)]).values()
    return [one.id for one in catalogue.papers.get(papers)]


def test_entities_of_a_file_are_stored_and_related(library: Library, path: Path) -> None:
    assert put(library, path).counts == {"entities": 2, "related": 4, "embedded": 4}
    catalogue = library.catalogue
    (found,) = catalogue.entities.get([catalogue.entities.key("Foo Tuning")])
    assert (found.id, found.about, found.source) == ("method/foo-tune", "Tunes foos.", "ours.yaml")
    assert introducing(library, "FooTune-2") == [paper(2).id, paper(3).id]
    (mention,) = catalogue.relations.of_entities([catalogue.entities.key("FooTune")])[1:]
    assert mention.relation is Relation.MENTIONS
    names = catalogue.entities.ids([other for _, other in catalogue.entities.extends()])
    assert {"method/foo-tune", "benchmark/glue"} <= set(names.values())


def test_adding_the_same_again_changes_nothing(library: Library, path: Path) -> None:
    put(library, path)
    revision = library.catalogue.revision
    assert put(library, path).counts == {"entities_unchanged": 2, "embedded": 0}
    assert library.catalogue.revision == revision


def test_a_newer_form_of_the_file_takes_the_place_of_the_older(
    library: Library, path: Path
) -> None:
    put(library, path)
    path.write_text(FILE[: FILE.index("- id: method/foo-tune-2")].replace("Tunes", "Mends"))
    assert put(library, path).counts == {
        **{"entities": 1, "entities_removed": 1},
        **{"related": 2, "embedded": 0},
    }
    assert not library.catalogue.entities.owners("FooTune-2")
    assert library.catalogue.entities.get(library.catalogue.entities.owners("FooTune"))[0].about


def test_an_entity_of_the_packages_list_is_replaced_and_comes_back(
    library: Library, path: Path
) -> None:
    entities = library.catalogue.entities
    before = entities.get([entities.key("benchmark/glue")])
    path.write_text("- id: benchmark/glue\n  name: GLUE\n  about: Our nine tests.\n")
    assert put(library, path).counts == {"entities": 1, "embedded": 4}
    (own,) = entities.get([entities.key("benchmark/glue")])
    assert (own.about, own.source) == ("Our nine tests.", "ours.yaml")
    update(library.catalogue)
    assert entities.get([entities.key("benchmark/glue")]) == [own]
    path.write_text(FILE.replace(", benchmark/glue", ""))
    assert put(library, path).counts["entities_removed"] == 1
    assert entities.get([entities.key("benchmark/glue")]) == before


def test_what_only_a_card_named_gives_way(library: Library, path: Path) -> None:
    path.write_text("- id: model/bar-tune\n  name: BarTune\n  about: A model that is tuned.\n")
    put(library, path)
    entities = library.catalogue.entities
    assert set(entities.ids(entities.owners("BarTune")).values()) == {"model/bar-tune"}
    assert introducing(library, "BarTune") == [paper(3).id]


def test_a_paper_may_come_with_the_entity_that_it_introduces(
    library: Library, path: Path, tmp_path: Path
) -> None:
    path.write_text(FILE.replace("2001.00001", "2203.05482"))
    listed = tmp_path / "list.md"
    listed.write_text(
        "# Awesome\n## Model Merging\n- Model soups. [[Paper](https://arxiv.org/abs/2203.05482)]\n"
    )
    add(library, [path, listed], take_all=True, embedder=HashedWords())
    assert introducing(library, "FooTune") == ["2203.05482"]


FAULTS = {
    "unknown type": (("method/foo-tune\n", "tool/foo-tune\n"), 2, "no type 'tool'"),
    "no id": (("id: method/foo-tune\n", "id: FooTune\n"), 2, "'FooTune' is no id"),
    "key": (("about: Tunes foos.", "what: Tunes foos."), 5, "unknown key 'what'"),
    "no about": (("  about: Tunes foos.\n", ""), 2, "has no about"),
    "two of one id": (("method/foo-tune-2\n", "method/foo-tune\n"), 7, "a second method/foo-tune"),
    "two owners": (("name: FooTune-2", "name: Foo-Tuning"), 8, "both must say `shared"),
    "owner in the atlas": (("Foo Tuning", "GLUE"), 4, "of benchmark/glue, which the atlas has"),
    "no paper": (("2001.00002", "2001.00077"), 10, "introduced by 2001.00077, not in the atlas"),
    "no parent": (("benchmark/glue", "benchmark/gloo"), 11, "extends benchmark/gloo"),
    "circle": (('2001.00001"', '2001.00001"\n  extends: method/foo-tune-2'), 12, "a circle in"),
    "not YAML": (("[Foo Tuning]", "[Foo Tuning"), 5, "is not YAML"),
    "shared, no name": (("also: [Foo", "shared: [Foo"), 4, "no name of it"),
    "long name": (("name: FooTune\n", f"name: {'Foo' * 50}\n"), 3, "120 characters at most"),
    "long id": (("method/foo-tune\n", f"method/{'foo' * 50}\n"), 2, "120 characters at most"),
}


@pytest.mark.parametrize(("change", "line", "message"), FAULTS.values(), ids=FAULTS)
def test_a_file_with_a_fault_is_refused_with_its_line_and_nothing_is_taken(
    library: Library, path: Path, change: tuple[str, str], line: int, message: str
) -> None:
    path.write_text(FILE.replace(*change, 1))
    before = library.catalogue.entities.all(), library.catalogue.relations.all()
    with pytest.raises(BadSource) as raised:
        put(library, path)
    assert f"ours.yaml:{line}: " in str(raised.value)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert (library.catalogue.entities.all(), library.catalogue.relations.all()) == before


def test_a_name_of_two_is_taken_where_the_file_says_so(library: Library, path: Path) -> None:
    path.write_text(FILE.replace("[Foo Tuning]", "[GLUE]\n  shared: [GLUE]"))
    put(library, path)
    assert len(library.catalogue.entities.owners("GLUE")) == 2


def test_a_circle_through_what_is_stored_is_refused(library: Library, path: Path) -> None:
    put(library, path)
    other = path.with_name("others.yml")
    other.write_text(
        "- id: benchmark/glue\n  name: GLUE\n  about: Tests.\n  extends: method/foo-tune-2\n"
    )
    with pytest.raises(BadSource) as raised:
        put(library, other)
    chain = "benchmark/glue -> method/foo-tune-2 -> benchmark/glue"
    assert f"others.yml:4: a circle in `extends`: {chain}" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "is_one"),
    [
        ("a.yaml", FILE, True),
        ("a.yml", "\n# A list\n-\n  id: method/x\n", True),
        ("a.yaml", "- name: X\n  about: y\n", True),
        ("a.yaml", "references:\n- id: smith2020\n  type: book\n", False),
        ("a.yaml", "- id: smith2020\n  type: book\n", False),
        ("a.yaml", "id: method/x\n", False),
        ("a.yaml", "", False),
        ("a.md", FILE, False),
    ],
)
def test_files_of_entities_are_recognised(
    tmp_path: Path, name: str, text: str, is_one: bool
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert is_entity_file(path) is is_one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: method/x\nname: X\n", ":1: the file must be a list"),
        ("# Nothing\n", ":1: is empty"),
        ("- method/x\n", ":1: an entity must be a mapping"),
    ],
)
def test_a_yaml_file_that_nobody_reads_is_told_what_a_file_of_entities_is(
    library: Library, path: Path, text: str, said: str
) -> None:
    path.write_text(text)
    with pytest.raises(BadSource) as raised:
        add(library, path)
    assert f"{path.name}{said}" in str(raised.value)


def test_own_entities_and_decisions_on_proposals_are_in_a_saved_snapshot(
    library: Library, path: Path, tmp_path: Path
) -> None:
    put(library, path)
    catalogue, saved = library.catalogue, tmp_path / "atlas.lfm"
    snapshot_file.save(catalogue, saved)
    other = tmp_path / "other" / "atlas.sqlite"
    snapshot_file.load(saved, other)
    with Catalogue(other) as loaded:
        assert loaded.entities.all() == catalogue.entities.all()
        assert loaded.relations.all() == catalogue.relations.all()
        assert loaded.entities.extends() == catalogue.entities.extends()
        assert not loaded.reads.unread()
        assert update(loaded) == 0
