"""A small atlas whose names are known, on a day."""

from collections.abc import Iterator

import pytest

from kg.settings import Settings
from search.atlas import Atlas
from search.understanding.known import Known
from tests.support.entities import entity
from tests.support.factories import empty_catalogue, paper, put_all
from tests.support.understanding import TODAY


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """An atlas of a few names; the day is 2026-11-29."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    settings.catalogue.write_bytes(empty_catalogue())
    with Atlas(settings) as atlas:
        put_all(atlas.catalogue, paper(1, title="Thin matrices", categories=("cs.LG", "cs.CV")))
        atlas.catalogue.entities.put_all(
            [entity("method/lora", "LoRA"), entity("benchmark/aime", "AIME")]
        )
        yield Known(atlas, TODAY)
