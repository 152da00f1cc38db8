"""Fixtures of refreshes."""

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder for an atlas, with nothing beside it."""
    made = tmp_path / "home"
    made.mkdir()
    return made
