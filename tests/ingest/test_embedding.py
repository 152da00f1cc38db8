from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ingest.embedding import embed_missing
from kg.store.catalogue import Catalogue
from kg.store.vectors import VectorStore
from search.embedding.bulk import embed_papers
from search.index.base import matrix
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all


class Counting(HashedWords):
    """Remembers what it embedded, and may be stopped after some pieces."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.texts: list[str] = []
        self.pieces = 0
        self.stop_after = stop_after

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> npt.NDArray[np.float32]:
        if self.pieces == self.stop_after:
            raise KeyboardInterrupt
        self.pieces += 1
        self.texts += texts
        return super().encode(texts, progress)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *map(paper, range(10)))
        yield opened


def embedded(catalogue: Catalogue) -> int:
    return len(catalogue.vectors.keys(Counting.model))


def vector_of(number: int) -> npt.NDArray[np.float32]:
    one = paper(number)
    ((_, vectors),) = embed_papers(HashedWords(), [(number, one.title, one.abstract)])
    vector: npt.NDArray[np.float32] = vectors[0]
    return vector


def test_each_paper_gets_the_vector_of_its_text(catalogue: Catalogue) -> None:
    assert embed_missing(catalogue, Counting(), size=4) == 10
    for number in range(10):
        key = catalogue.identifiers.key(paper(number).id)
        stored = catalogue.vectors.get(Counting.model, [key]).get(key)
        assert stored is not None
        np.testing.assert_array_equal(matrix([stored], Counting.dim)[0], vector_of(number))


def test_only_what_is_missing_is_embedded(catalogue: Catalogue) -> None:
    embed_missing(catalogue, Counting(), size=4)
    revision = catalogue.revision
    assert embed_missing(catalogue, Counting(), size=4) == 0
    assert catalogue.revision == revision
    put_all(catalogue, paper(3, abstract="Changed."), paper(5, year=1999), paper(77))
    again = Counting()
    assert embed_missing(catalogue, again, size=4) == 2
    assert paper(3, abstract="Changed.").text in again.texts
    assert paper(77).text in again.texts
    assert paper(5).text not in again.texts
    assert embedded(catalogue) == 11


def test_an_interruption_keeps_what_was_done(catalogue: Catalogue) -> None:
    with pytest.raises(KeyboardInterrupt):
        embed_missing(catalogue, Counting(stop_after=1), size=4)
    assert embedded(catalogue) == 4
    rest = Counting()
    assert embed_missing(catalogue, rest, size=4) == 6
    assert paper(3).text not in rest.texts
    assert embedded(catalogue) == 10
    assert list(catalogue.vectors.missing(Counting.model)) == []


def test_an_interrupted_catalogue_keeps_its_vectors_when_opened_again(
    catalogue: Catalogue,
) -> None:
    with pytest.raises(KeyboardInterrupt):
        embed_missing(catalogue, Counting(stop_after=2), size=4)
    catalogue.close()
    with Catalogue(catalogue.path) as again:
        assert embedded(again) == 8
        assert again.vectors.revision == again.revision


def test_each_batch_moves_the_vectors_revision(catalogue: Catalogue) -> None:
    before = catalogue.revision
    embed_missing(catalogue, Counting(), size=4)
    assert catalogue.vectors.revision == catalogue.revision == before + 3


def test_a_paper_that_joins_another_meanwhile_is_passed_over(catalogue: Catalogue) -> None:
    class Meanwhile(Counting):
        def encode(
            self, texts: Sequence[str], progress: Callable[[int], object] | None = None
        ) -> npt.NDArray[np.float32]:
            if self.pieces == 1:
                catalogue.papers.rename(paper(5).id, paper(9).id)
            return super().encode(texts, progress)

    embed_missing(catalogue, Meanwhile(), size=4)
    assert embedded(catalogue) == catalogue.size() == 9


def test_progress_goes_to_standard_error(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    embed_missing(catalogue, Counting(), progress=True)
    told = capsys.readouterr()
    assert told.out == ""
    assert "10/10" in told.err
    put_all(catalogue, paper(11))
    embed_missing(catalogue, Counting(), size=4)
    assert capsys.readouterr().err == ""


def test_only_what_changed_since_is_looked_at(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed_missing(catalogue, Counting())
    looked_at: list[object] = []

    def missing(self: VectorStore, model: str, among: Sequence[int] | None = None) -> object:
        looked_at.append(among)
        return own(self, model, among)

    own = VectorStore.missing
    monkeypatch.setattr(VectorStore, "missing", missing)
    put_all(catalogue, paper(3, abstract="Changed."), paper(77))
    catalogue.vectors.remove(catalogue.identifiers.key(paper(5).id))
    assert embed_missing(catalogue, Counting()) == 3
    keys = [catalogue.identifiers.key(paper(number).id) for number in (3, 5, 77)]
    assert looked_at == [sorted(keys)]


def test_another_model_embeds_all(catalogue: Catalogue) -> None:
    embed_missing(catalogue, Counting())

    class Other(Counting):
        model = "another"

    assert embed_missing(catalogue, Other()) == 10
