"""What every cold question asks of SQLite costs the same in an atlas of any size."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.store.catalogue import Catalogue
from tests.support.factories import paper, put_all

ASKED: dict[str, Callable[[Catalogue], object]] = {
    "changes": lambda it: it.changes.papers(it.revision),
    "sample of vectors": lambda it: it.vectors.sample("model", 5),
}


def steps(path: Path, papers: int, ask: Callable[[Catalogue], object]) -> int:
    """Return how many instructions of its virtual machine SQLite runs, in an atlas of so many."""
    count = 0

    def counted() -> None:
        nonlocal count
        count += 1

    with Catalogue(path) as catalogue:
        put_all(catalogue, *(paper(number) for number in range(papers)))
        keys = sorted(catalogue.papers.keys())
        catalogue.vectors.add("model", [(key, "hash", bytes(4)) for key in keys])
        catalogue.database.connection.set_progress_handler(counted, 1)
        ask(catalogue)
    return count


@pytest.mark.parametrize("name", ASKED)
def test_a_question_does_not_read_a_table_whole(tmp_path: Path, name: str) -> None:
    few, many = (steps(tmp_path / f"{n}.sqlite", n, ASKED[name]) for n in (20, 200))
    assert few > 0
    assert many < 2 * few
