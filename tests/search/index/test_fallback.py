import logging
from collections.abc import Callable

import numpy as np
import pytest

from kg.errors import AtlasError, IndexUnavailable
from search.index.base import VectorIndex
from search.index.fallback import RETRY_S, OtherState, Outage, WithFallback
from search.index.selection import Keys
from search.index.vectors.exact import ExactIndex

VECTORS = np.eye(3, dtype=np.float32)


class Remote(ExactIndex):
    """An index that can be away."""

    away = False

    def search(self, *args: object, **options: object) -> tuple[Keys, np.ndarray]:
        if self.away:
            raise IndexUnavailable("the server does not answer")
        return super().search(*args, **options)  # type: ignore[arg-type]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def never() -> VectorIndex:
    raise AssertionError("not to be opened")


def local() -> VectorIndex:
    return ExactIndex(np.array([7, 8, 9]), VECTORS)


def failing(error: Exception) -> Callable[[], VectorIndex]:
    def opened() -> VectorIndex:
        raise error

    return opened


def nearest(index: VectorIndex) -> int:
    return int(index.search(VECTORS[0], 1)[0][0])


def test_the_local_index_is_not_opened_while_the_server_answers() -> None:
    index = WithFallback(lambda: Remote(np.array([1, 2, 3]), VECTORS), never, Outage())
    assert nearest(index) == 1
    assert len(index) == 3
    assert index.keys.tolist() == [1, 2, 3]
    assert index.note is None
    index.remove(np.array([1]))
    index.add(np.array([4]), VECTORS[:1])
    assert nearest(index) == 4


def test_a_server_that_goes_away_is_asked_again_later(caplog: pytest.LogCaptureFixture) -> None:
    clock, remote = Clock(), Remote(np.array([1, 2, 3]), VECTORS)
    index = WithFallback(lambda: remote, local, Outage(), clock)
    remote.away = True
    with caplog.at_level(logging.INFO):
        assert nearest(index) == 7
        assert index.note == "the server does not answer; the local index answers meanwhile"
        clock.now += RETRY_S
        assert nearest(index) == 7
    assert len(caplog.records) == 1  # Said once.
    remote.away = False
    assert nearest(index) == 7  # Not asked yet.
    clock.now += RETRY_S
    assert nearest(index) == 1
    assert index.note is None


def test_who_opens_another_state_does_not_wait_for_the_server_again() -> None:
    clock, outage = Clock(), Outage()
    away = failing(IndexUnavailable("the server does not answer"))
    assert nearest(WithFallback(away, local, outage, clock)) == 7
    assert nearest(WithFallback(never, local, outage, clock)) == 7


def test_who_reads_another_state_is_no_outage() -> None:
    index = WithFallback(failing(OtherState("a later one")), local, Outage())
    assert nearest(index) == 7
    assert index.note is None
    outage = Outage()
    assert nearest(WithFallback(failing(OtherState("a later one")), local, outage)) == 7
    assert nearest(WithFallback(lambda: Remote(np.array([1]), VECTORS[:1]), never, outage)) == 1


def test_what_is_wrong_with_the_server_s_index_is_no_outage() -> None:
    with pytest.raises(AtlasError, match="of another atlas"):
        WithFallback(failing(AtlasError("of another atlas")), never, Outage())
