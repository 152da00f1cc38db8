"""An atlas in which things happen at known times."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""A Tuesday."""


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOON)


@pytest.fixture
def library(tmp_path: Path, clock: StandingClock) -> Iterator[Library]:
    """An empty atlas."""
    settings = Settings(tmp_path)
    Catalogue(settings.catalogue).close()
    with Library(settings, HashedWords(), clock=clock) as opened:
        yield opened
