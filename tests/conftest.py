"""Fixtures that every test may use."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import browsing
from tests.support.clock import SimulatedClock
from tests.support.folders import SHARED
from tests.support.sqlite_connections import prepared, without_fsync

# As the command does, before anything imports NumPy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# CI must not depend on the luck of one run, nor any test on how busy the machine is; at home
# every run tries other examples.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("home", deadline=None)
settings.register_profile("fast", deadline=None, max_examples=10)
settings.load_profile("ci" if os.environ.get("CI") else "home")


def is_fast(config: pytest.Config) -> bool:
    """Return whether slow tests are left out."""
    return "not slow" in config.getoption("markexpr")


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples of each property in the fast tier."""
    if is_fast(config) and not config.getoption("hypothesis_profile"):
        settings.load_profile("fast")


@pytest.fixture(scope="session", autouse=True)
def _no_fsync_if_fast(pytestconfig: pytest.Config) -> Iterator[None]:
    with prepared(without_fsync) if is_fast(pytestconfig) else nullcontext():
        yield


@pytest.hookimpl(tryfirst=True)  # Before pytest chooses by mark.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a browser, and put them last.

    Playwright keeps an event loop running in the main thread as long as Chromium is open, and
    until then `asyncio.run` refuses to start another. Fast failures are also reported first.
    Where several processes share the tests, one takes those of a file together, for their fixtures.
    """
    for item in items:
        browser = "chromium" in getattr(item, "fixturenames", ())
        if browser:
            item.add_marker("browser")
        item.add_marker(pytest.mark.xdist_group(f"{item.path} {browser}"))
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture
def auckland(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moves this process to New Zealand, where most of a day is another day than in UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def opened() -> Iterator[Callable]:
    """Enters a context for the length of a test: ``opened(library(home))``."""
    with ExitStack() as stack:
        yield stack.enter_context


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[object]:
    """An empty catalogue."""
    from kg.store.catalogue import Catalogue
    from tests.support.factories import empty_catalogue

    path = tmp_path / "atlas.sqlite"
    path.write_bytes(empty_catalogue())
    with Catalogue(path) as opened:
        yield opened


@pytest.fixture
def clock() -> SimulatedClock:
    """A clock that only sleeping moves."""
    return SimulatedClock()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the shared test data; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared test data is not beside the project")
    return SHARED


@pytest.fixture
def faults(shared: Path) -> Path:
    """Folder of inputs that once failed; the test is skipped if it is absent."""
    folder = shared.parent / "faults"
    if not folder.is_dir():
        pytest.skip("the inputs that once failed are not beside the project")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """Chromium, started once; tests that want it are skipped where there is none."""
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def unpacked_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of the bundled snapshot, unpacked once: to be read, or copied."""
    from kg.snapshot import bundled

    path = tmp_path_factory.mktemp("unpacked") / "atlas.sqlite"
    bundled.unpack(path)
    return path


@pytest.fixture(scope="session")
def atlas_address(
    tmp_path_factory: pytest.TempPathFactory, unpacked_snapshot: Path
) -> Iterator[str]:
    """Address of the page over the bundled snapshot and the real model, in a fresh home."""
    from kg.settings import Settings
    from search.library import Library
    from ui.web.server import Serving, in_background

    settings = Settings(home=tmp_path_factory.mktemp("atlas"))
    shutil.copy(unpacked_snapshot, settings.catalogue)
    with Library(settings) as library, in_background(library, Serving(port=0)) as address:
        yield address


@pytest.fixture
def browser(chromium: object, atlas_address: str) -> Iterator["browsing.Browser"]:
    """A new window on the bundled atlas: no other host is asked, and the console has no error."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    window = browsing.watched(context, atlas_address)
    yield window
    context.close()
    assert window.other_hosts == []
    assert window.console_errors == []
