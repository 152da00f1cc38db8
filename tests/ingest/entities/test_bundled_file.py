"""The entities of the bundled snapshot are those of the list and the cards as they are."""

import gzip
import json
import shutil
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from ingest.cards.bundled_file import DATA
from ingest.entities.bundled_file import rebuild
from kg.entities.entity import Relation
from kg.snapshot import bundled

MAX_NEW_MENTIONS = 20
"""An abstract that is not here may say that an abbreviation of a title means something else."""


@pytest.mark.slow
def test_the_bundled_entities_are_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    entities, relations = rebuild(folder=folder)
    assert entities > 600
    assert relations > entities
    (was, mentioned), (made, mentions) = (_content(one) for one in (DATA, folder))
    assert made == was, "`python -m ingest.entities rebuild` brings them up to date"
    assert mentioned <= mentions
    assert len(mentions - mentioned) <= MAX_NEW_MENTIONS


def _content(folder: Path) -> tuple[dict[str, Any], set[tuple[int, int]]]:
    """Return what a file of entities says, and apart from it which papers mention what."""
    read: dict[str, Any] = json.loads(gzip.decompress((folder / bundled.ENTITIES).read_bytes()))
    lines = read["relations"].pop(Relation.MENTIONS)
    return read, {
        (entity, paper)
        for by_source in lines.values()
        for entity, *steps in by_source
        for paper in accumulate(steps)
    }
