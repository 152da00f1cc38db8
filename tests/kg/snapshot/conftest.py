"""Fixtures of snapshot files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.snapshot import file as snapshot_file
from kg.store.catalogue import Catalogue
from tests.support.snapshot_files import fill


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of two hundred papers."""
    path = tmp_path_factory.mktemp("big") / "atlas.sqlite"
    fill(path, range(200))
    return path


@pytest.fixture(scope="module")
def saved(big: Path) -> Path:
    """The snapshot file of `big`."""
    path = big.with_name("atlas.lfm")
    with Catalogue(big) as catalogue:
        snapshot_file.save(catalogue, path)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a catalogue of thirty other papers."""
    folder = tmp_path / "home"
    fill(folder / "atlas.sqlite", range(1000, 1030), seed=1)
    return folder


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """No temporary file stays, unless the test kills the process that writes it."""
    yield
    assert "killed" in request.node.name or not list(tmp_path.rglob(".*"))
