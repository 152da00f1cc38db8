"""Fixtures of the web server."""

from collections.abc import Iterator

import httpx
import pytest

from search.library import Library
from tests.support.serving import served


@pytest.fixture(scope="module")
def client(library: Library) -> Iterator[httpx.Client]:
    """A client of a server of the module's `library`, which may ask as often as it likes."""
    with served(library, rate=0) as client:
        yield client
