"""Ending on SIGTERM as on Ctrl+C: what is under way is undone, what was done is kept."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


def _stop(number: int, _: FrameType | None) -> None:
    print("lfm: stopped; what was done is kept", file=sys.stderr)
    raise SystemExit(128 + number)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Within the block, SIGTERM ends the process by an exception: locks and drafts are let go."""
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
