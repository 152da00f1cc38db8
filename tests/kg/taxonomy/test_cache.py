"""Topics that are kept as JSON: those of the file, whatever happens to either."""

import json
from pathlib import Path

import pytest

from kg.errors import BadTaxonomy
from kg.taxonomy import file
from kg.taxonomy.cache import FILE
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import BUILT_IN

OWN = """\
extends: built-in
topics:
  - id: robots
    name: Robots
    definition: Learning from models on robots.
    terms: [robot arms]
    aliases: [Robotics]
    local_aliases: [Arms]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "not yet" / "cache"


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch):
    """Let no file of topics be read from here on."""

    def start() -> None:
        for name in ("read", "built_in"):
            monkeypatch.setattr(file, name, lambda *_: pytest.fail("a file was read"))

    return start


def test_topics_from_the_cache_are_those_of_the_file(own: Path, cache: Path, unread) -> None:
    made = {path: list(Taxonomy.load(path, cache / str(path is None))) for path in (None, own)}
    assert made == {path: list(Taxonomy.load(path)) for path in (None, own)}
    unread()
    for path, topics in made.items():
        assert list(Taxonomy.load(path, cache / str(path is None))) == topics


def test_a_changed_file_is_read_again(own: Path, cache: Path) -> None:
    Taxonomy.load(own, cache)
    own.write_text(OWN.replace("name: Robots", "name: Robota"), encoding="utf-8")
    assert Taxonomy.load(own, cache)["robots"].name == "Robota"
    assert "robots" not in Taxonomy.load(None, cache)
    assert Taxonomy.load(own, cache)["robots"].name == "Robota"


def test_a_file_that_became_bad_is_refused(own: Path, cache: Path) -> None:
    Taxonomy.load(own, cache)
    own.write_text(OWN.replace("name: Robots", "nam: Robots"), encoding="utf-8")
    with pytest.raises(BadTaxonomy, match=r"own\.yaml:4: a topic has an unknown key"):
        Taxonomy.load(own, cache)
    own.unlink()
    with pytest.raises(BadTaxonomy, match="cannot be read"):
        Taxonomy.load(own, cache)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"null",
        b"[1]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        '{"source": SOURCE}',
        '{"source": SOURCE, "topics": null}',
        '{"source": SOURCE, "topics": []}',
        '{"source": SOURCE, "topics": [[["robots"], []]]}',
        '{"source": SOURCE, "topics": [[["a", "A", null, "own", "A."], [null, [], []]]]}',
    ],
)
def test_a_damaged_cache_is_made_again(cache: Path, damaged: bytes | str) -> None:
    topics = list(Taxonomy.load(BUILT_IN, cache))
    whole = (cache / FILE).read_bytes()
    if isinstance(damaged, str):
        source = json.dumps(json.loads(whole)["source"])
        damaged = damaged.replace("SOURCE", source).encode()
    (cache / FILE).write_bytes(damaged)
    assert list(Taxonomy.load(BUILT_IN, cache)) == topics
    assert (cache / FILE).read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_none(own: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "cache"):
        assert Taxonomy.load(own, folder)["robots"].aliases == ("Robotics",)
