"""The entities of the bundled snapshot are those of the list and the cards as they are."""

import shutil
from pathlib import Path

import pytest

from ingest.cards.bundled_file import DATA
from ingest.entities.bundled_file import rebuild
from kg.snapshot import bundled


@pytest.mark.slow
def test_the_bundled_entities_are_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    entities, relations = rebuild(folder=folder)
    assert entities > 600
    assert relations > entities
    assert (folder / bundled.ENTITIES).read_bytes() == (DATA / bundled.ENTITIES).read_bytes(), (
        "`python -m ingest.entities rebuild` brings them up to date"
    )
