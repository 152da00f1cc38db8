"""A file of entities is taken whole, or refused with the line of its first fault."""

import re
from pathlib import Path

import pytest

from kg.entities.entity import EntityType, Name, Recognised
from kg.entities.file import (
    MAX_ABOUT_WORDS,
    MAX_FILE_BYTES,
    MAX_NAME_CHARS,
    built_in,
    each_entity,
    is_entity_file,
    read_entities,
)
from kg.errors import BadSource

GOOD = """\
# Two methods.
- id: method/ties-merging
  name: TIES-Merging
  also: [TIES, Trim and Elect]
  case: exact
  weak: [merging]
  about: Trims small changes and elects signs.
  introduced_by: ["2306.01708", "title:0123"]
  extends: [method/task-arithmetic]

- id: method/task-arithmetic
  name: Task Arithmetic
  about: Adds what tuning changed.
  introduced_by: "2212.04089"
"""


def entity_file(folder: Path, text: str) -> Path:
    path = folder / "more.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def entries(*lines: str) -> str:
    """Return entries of a file, each of an id and lines that follow it."""
    return "".join(
        f"- id: {line.partition('; ')[0]}\n"
        + "".join(f"  {part}\n" for part in line.split("; ")[1:])
        for line in lines
    )


def test_each_key_is_read(tmp_path: Path) -> None:
    first, second = read_entities(entity_file(tmp_path, GOOD), source="more")
    assert (first.entity.id, first.entity.type) == ("method/ties-merging", EntityType.METHOD)
    assert first.entity.names == (
        Name("TIES-Merging", Recognised.EXACT),
        Name("TIES", Recognised.EXACT),
        Name("Trim and Elect", Recognised.ANY),
        Name("merging", Recognised.ASKED),
    )
    assert first.entity.about == "Trims small changes and elects signs."
    assert first.entity.source == second.entity.source == "more"
    assert first.introduced_by == ("2306.01708", "title:0123")
    assert first.extends == ("method/task-arithmetic",)
    assert (first.line, second.line) == (2, 11)
    assert second.introduced_by == ("2212.04089",)
    assert second.entity.names == (Name("Task Arithmetic", Recognised.ANY),)


def test_spellings_of_one_name_are_one_name(tmp_path: Path) -> None:
    text = entries("benchmark/a; name: CIFAR-10; also: [CIFAR10, Cifar 10, C10]; about: Pictures.")
    (one,) = read_entities(entity_file(tmp_path, text))
    assert [name.text for name in one.entity.names] == ["CIFAR-10", "C10"]


A, B = "method/a; name: A1; about: One.", "method/b; name: B1; about: Two."
C = "method/c; name: C1; about: Three.; extends: [method/a]"

FAULTS = {
    "unknown type": (entries("metod/a; name: A1; about: One."), 1, "there is no type 'metod'"),
    "bad id": (entries("method/A_1; name: A1; about: One."), 1, "'method/A_1' is no id"),
    "id without type": (entries("lora; name: A1; about: One."), 1, "'lora' is no id"),
    "unknown key": (entries("method/a; name: A1; about: One.; aka: [A2]"), 4, "unknown key 'aka'"),
    "key twice": (entries("method/a; name: A1; name: A2; about: One."), 3, "'name' of an entity"),
    "no name": (entries(A, "method/b; about: Two."), 4, "an entity has no name"),
    "no about": (entries("method/a; name: A1"), 1, "an entity has no about"),
    "empty about": (entries("method/a; name: A1; about: ''"), 3, "about is empty"),
    "long about": (
        entries(f"method/a; name: A1; about: {'word ' * (MAX_ABOUT_WORDS + 1)}"),
        3,
        f"`about` has more than {MAX_ABOUT_WORDS} words",
    ),
    "name without letters": (entries("method/a; name: '-*-'; about: One."), 2, "is no name"),
    "long name": (
        entries(f"method/a; name: {'x' * (MAX_NAME_CHARS + 1)}; about: One."),
        2,
        "is too long",
    ),
    "number as name": (entries("method/a; name: 3; about: One."), 2, "a name must be text"),
    "number as paper": (
        entries(f"{A}; introduced_by: 2306.01708"),
        4,
        "put it in quotes if it looks like a number",
    ),
    "names not in a list": (entries(f"{A}; also: {{x: y}}"), 4, "`also` must be a list"),
    "other case": (entries(f"{A}; case: upper"), 4, "`case` can only be exact"),
    "shared, but no name of it": (entries(f"{A}; shared: [B1]"), 4, "shares 'B1', which is no"),
    "control character": (entries('method/a; name: "A\\u202e1"; about: One.'), 2, "control"),
    "id twice": (entries(A, B, A), 7, "a second method/a, first on line 1"),
    "two owners": (
        entries(A, f"{B}; also: [A-1]"),
        7,
        "'A-1' is a name of method/b and of method/a (line 1): both must say `shared: [A-1]`",
    ),
    "two owners, of which one says so": (
        entries(f"{A}; shared: [A1]", "method/b; name: A1; about: Two."),
        6,
        "both must say `shared: [A1]`",
    ),
    "extends nothing": (
        entries(A, f"{B}; extends: [method/c]"),
        7,
        "method/b extends method/c, which is not in the file",
    ),
    "extends itself": (
        entries(f"{A}; extends: method/a"),
        4,
        "a circle in `extends`: method/a -> method/a",
    ),
    "circle": (
        entries(f"{A}; extends: [method/b]", f"{B}; extends: [method/c]", C),
        12,
        "a circle in `extends`: method/c -> method/a -> method/b -> method/c",
    ),
    "not YAML": (entries(A) + "- id: method/b: name\n", 4, "is not YAML"),
    "no list": ("id: method/a\nname: A1\n", 1, "the file must be a list"),
    "entry that is text": (entries(A) + "- method/b\n", 4, "an entity must be a mapping"),
    "empty": ("# Nothing yet.\n", 1, "is empty"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_its_line(tmp_path: Path, fault: str) -> None:
    text, line, message = FAULTS[fault]
    path = entity_file(tmp_path, text)
    with pytest.raises(BadSource, match=re.escape(message)) as refused:
        read_entities(path)
    assert refused.value.line == line
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert "\n" not in str(refused.value)


def test_a_name_of_two_entities_that_both_say_so_is_right(tmp_path: Path) -> None:
    shared = entries(f"{A}; shared: [A1]", "method/b; name: a 1; about: Two.; shared: [A1]")
    first, second = read_entities(entity_file(tmp_path, shared))
    assert first.shared == second.shared == {"a1"}


def test_a_diamond_in_extends_is_no_circle(tmp_path: Path) -> None:
    diamond = entries(
        A,
        f"{B}; extends: [method/a]",
        C,
        "method/d; name: D1; about: Four.; extends: [method/b, method/c]",
    )
    assert len(read_entities(entity_file(tmp_path, diamond))) == 4


def test_what_the_atlas_has_may_be_extended_without_a_circle(tmp_path: Path) -> None:
    path = entity_file(tmp_path, entries(f"{A}; extends: [method/z]"))
    assert read_entities(path, stored={"method/z": ()})
    with pytest.raises(BadSource, match=re.escape("method/a -> method/z -> method/a")) as refused:
        read_entities(path, stored={"method/z": ("method/a",)})
    assert refused.value.line == 4
    with pytest.raises(BadSource, match="extends method/z, which is not in the file or the atlas"):
        read_entities(path, stored={"method/y": ()})


def test_each_faulty_entry_is_reported_beside_the_good_ones(tmp_path: Path) -> None:
    text = entries("model/x; name: X1", A, "method/B; name: B1; about: Two.")
    found = list(each_entity(entity_file(tmp_path, text)))
    assert [isinstance(one, BadSource) for one in found] == [True, False, True]


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="cannot be read"):
        read_entities(tmp_path / "missing.yaml")
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(BadSource, match="the file has more than 16 MB"):
        read_entities(path)


def test_a_file_of_entities_is_told_from_other_yaml(tmp_path: Path) -> None:
    path = entity_file(tmp_path, GOOD)
    assert is_entity_file(path)
    assert is_entity_file(built_in())
    assert not is_entity_file(path.rename(tmp_path / "more.md"))
    assert not is_entity_file(entity_file(tmp_path, "topics:\n- name: A\n"))
    assert not is_entity_file(tmp_path / "missing.yaml")
