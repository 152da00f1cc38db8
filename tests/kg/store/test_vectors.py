from dataclasses import replace
from pathlib import Path

from kg.records import embedded_text
from kg.store.catalogue import Catalogue
from kg.store.vectors import text_hash
from tests.support.factories import paper, put_all


def missing(catalogue: Catalogue, model: str = "m") -> list[tuple[int, str, str]]:
    """Key, hash and text of what the model has not embedded."""
    return [
        (key, hashed, embedded_text(title, abstract))
        for key, hashed, title, abstract in catalogue.vectors.missing(model)
    ]


def embed(catalogue: Catalogue, model: str = "m") -> None:
    catalogue.vectors.add(
        model, [(key, hashed, b"\0\0\0\0") for key, hashed, _ in missing(catalogue, model)]
    )


def test_only_a_changed_text_is_embedded_again(catalogue: Catalogue) -> None:
    one, _ = put_all(catalogue, paper(1), paper(2))
    assert [text for _, _, text in missing(catalogue)] == [paper(1).text, paper(2).text]
    embed(catalogue)
    catalogue.papers.put(paper(1, year=1999, venue="A venue"))
    assert missing(catalogue) == []
    changed = paper(1, abstract="Another abstract.")
    catalogue.papers.put(changed)
    assert missing(catalogue) == [(one, text_hash(changed.text), changed.text)]
    embed(catalogue)
    assert missing(catalogue) == []
    assert len(catalogue.vectors.keys("m")) == 2


def test_each_model_has_its_own_vectors(catalogue: Catalogue) -> None:
    (key,) = put_all(catalogue, paper(1))
    embed(catalogue, "m")
    assert len(missing(catalogue, "other")) == 1
    assert catalogue.vectors.get("other", [key]) == {}
    embed(catalogue, "other")
    stored = {key: b"\0\0\0\0"}
    assert catalogue.vectors.get("m", [key]) == catalogue.vectors.get("other", [key]) == stored


def test_a_vector_of_a_fuller_text_stays_until_the_text_changes(catalogue: Catalogue) -> None:
    full, bare = paper(1), paper(1, abstract=None)
    catalogue.papers.put(bare, hashed=text_hash(full.text))
    key = catalogue.identifiers.key(full.id)
    catalogue.vectors.add("m", [(key, text_hash(full.text), b"1234")])
    assert missing(catalogue) == []
    assert [text for _, _, text in missing(catalogue, "other")] == [bare.text]
    catalogue.papers.put(replace(bare, year=2001))  # The abstract is still unknown.
    assert missing(catalogue) == []
    catalogue.papers.put(full)  # It arrives as it was.
    assert missing(catalogue) == []
    catalogue.papers.put(replace(full, abstract="Another."))
    assert len(missing(catalogue)) == 1


def test_a_bare_paper_with_another_title_is_embedded_again(catalogue: Catalogue) -> None:
    bare = paper(1, abstract=None)
    catalogue.papers.put(bare, hashed="of a fuller text")
    catalogue.vectors.add("m", [(catalogue.identifiers.key(bare.id), "of a fuller text", b"1234")])
    catalogue.papers.put(replace(bare, title="Another title"))
    assert [text for _, _, text in missing(catalogue)] == ["Another title"]


def test_the_vectors_revision_moves_with_vectors_only(catalogue: Catalogue) -> None:
    key, other = put_all(catalogue, paper(1), paper(2))
    catalogue.vectors.add("m", [(key, "h", b"1234"), (other, "h", b"1234")])
    first = catalogue.vectors.revision
    assert first == catalogue.revision
    catalogue.papers.put(paper(1, year=1999))
    catalogue.vectors.add("m", [(key, "h", b"1234")])
    catalogue.vectors.add("m", [])
    assert catalogue.vectors.revision == first
    catalogue.vectors.add("m", [(key, "h", b"4321")])
    assert catalogue.vectors.revision == catalogue.revision > first
    assert catalogue.vectors.all("m", since=first) == [(key, b"4321")]
    assert catalogue.vectors.all("m") == [(key, b"4321"), (other, b"1234")]


def test_a_vector_of_a_paper_that_went_is_passed_over(catalogue: Catalogue) -> None:
    (key,) = put_all(catalogue, paper(1))
    catalogue.vectors.add("m", [(key + 1, "h", b"1234"), (key, "h", b"1234")])
    assert catalogue.vectors.keys("m") == [key]


def test_a_sample_is_spread_over_the_papers(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        assert catalogue.vectors.sample("model", 5) == []
        put_all(catalogue, *(paper(n) for n in range(20)))
        keys = [catalogue.identifiers.key(paper(n).id) for n in range(20)]
        catalogue.vectors.add("model", [(key, "hash", bytes(4)) for key in keys if key != keys[10]])
        assert catalogue.vectors.sample("model", 1) == [keys[19]]
        found = catalogue.vectors.sample("model", 5)
        assert len(found) == 5
        assert found == sorted(found)
        assert {keys[0], keys[19]} <= set(found) <= set(keys) - {keys[10]}
        assert catalogue.vectors.sample("model", 50) == sorted(set(keys) - {keys[10]})
        assert catalogue.vectors.sample("another", 5) == []
