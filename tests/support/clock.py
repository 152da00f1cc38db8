"""A clock for tests that must not wait."""

from datetime import UTC, datetime


class SimulatedClock:
    """A clock that only sleeping moves; calling it gives the seconds since the epoch."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 6, tzinfo=UTC)) -> None:
        self.now = at.timestamp()
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds


class StandingClock:
    """A clock for `Catalogue` and `Library` that shows the time to which a test has set it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
