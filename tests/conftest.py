"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# As the command does, before anything imports NumPy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What lands must not hang on the luck of one run, nor any test on how busy the machine is; at
# home every run tries other examples.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("home", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the shared test data; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared test data is not beside the project")
    return SHARED
