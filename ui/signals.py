"""Signal handling: Ctrl+C and SIGTERM stop the process; finished work is kept."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

INTERRUPTED: Final = 130
"""Exit status after Ctrl+C."""

_interrupted = False


def interrupted() -> bool:
    """Return whether Ctrl+C came, whatever became of its `KeyboardInterrupt`.

    Code in between may have turned it into another error, such as an ImportError or SQLite's.
    """
    return _interrupted


def handle_interrupts() -> None:
    """Let the first Ctrl+C raise `KeyboardInterrupt`, and a second end the process at once.

    Where SIGINT is ignored, as in the background of a script, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        sys.unraisablehook = _unraisable
        signal.signal(signal.SIGINT, _interrupt)


def ignore_interrupts() -> None:
    """Ignore Ctrl+C from now on: the process is about to exit with everything done."""
    with suppress(ValueError):  # Not the main thread.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def say_stopped() -> None:
    """Print that the command was stopped."""
    with suppress(OSError, ValueError):
        print("lfm: stopped; what was done is kept", file=sys.stderr, flush=True)


def end_at_once(*_: object) -> None:
    """Exit at once with the status of Ctrl+C, without any cleanup."""
    say_stopped()
    os._exit(INTERRUPTED)


def end_as_done(*_: object) -> None:
    """Exit at once with status 0, without any cleanup: its client is gone."""
    os._exit(0)


@contextmanager
def handling(**handlers: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Handle signals, by their names, within the block; skips those that the system lacks."""
    before = {
        number: signal.signal(number, handler)
        for name, handler in handlers.items()
        if (number := getattr(signal, name, None))
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_: int, __: FrameType | None) -> None:
    global _interrupted
    if _interrupted:
        end_at_once()
    _interrupted = True
    raise KeyboardInterrupt


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    if issubclass(found.exc_type, KeyboardInterrupt):
        # It was raised where exceptions are dropped, such as in `__del__`.
        end_at_once()
    sys.__unraisablehook__(found)


def _stop(number: int, _: FrameType | None) -> None:
    say_stopped()
    raise SystemExit(128 + number)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Within the block, SIGTERM raises `SystemExit`, so that locks and drafts are released."""
    with handling(SIGTERM=_stop):
        yield
