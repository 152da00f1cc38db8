"""Fixtures of the stores' tests."""

from collections.abc import Iterator

import pytest

from kg.store.catalogue import Catalogue


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue that keeps all that hypothesis puts there."""
    with Catalogue(tmp_path_factory.mktemp("shelf") / "atlas.sqlite") as opened:
        yield opened
