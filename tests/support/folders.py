"""Folders that tests read."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
"""The project's own folder."""

SHARED: Final = ROOT.parent / "shared" / "data"
"""Test data beside the project, where a machine has them."""
