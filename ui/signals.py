"""Ending on a signal: what is under way is undone, what was done is kept."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

INTERRUPTED: Final = 130
"""Exit status after Ctrl+C."""

_LINE: Final = "lfm: stopped; what was done is kept"
_interrupted = False


def interrupted() -> bool:
    """Return whether Ctrl+C came, whatever became of its `KeyboardInterrupt`.

    Code between may have made another error of it, such as one of an import or of SQLite.
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
    """Let the process end in peace: all is done and said."""
    with suppress(ValueError):  # Not the main thread.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def say_stopped() -> None:
    """Print that the command was stopped."""
    with suppress(OSError, ValueError):
        print(_LINE, file=sys.stderr, flush=True)


def end_at_once(*_: object) -> None:
    """End the process as an interrupted one, without an orderly end."""
    say_stopped()
    os._exit(INTERRUPTED)


def end_as_done(*_: object) -> None:
    """End the process at once, since nobody is left who would listen."""
    os._exit(0)


@contextmanager
def handling(**handlers: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Handle signals, by their names, within the block; those that this system lacks never come."""
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


def _unraisable(found: "UnraisableHookArgs") -> None:
    if issubclass(found.exc_type, KeyboardInterrupt):
        # It came within something that cannot pass it on, such as `__del__`.
        end_at_once()
    sys.__unraisablehook__(found)


def _stop(number: int, _: FrameType | None) -> None:
    say_stopped()
    raise SystemExit(128 + number)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Within the block, SIGTERM ends the process by an exception: locks and drafts are let go."""
    with handling(SIGTERM=_stop):
        yield
