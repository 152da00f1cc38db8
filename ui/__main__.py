"""The entry point of `lfm`: it handles Ctrl+C before it imports anything else.

Imports take longer than many commands, and Ctrl+C must end those in one line as well.
"""

import atexit
import gc
import os
import sys
import threading
from contextlib import suppress

_GC_THRESHOLD = 100_000
"""New objects after which Python searches for cycles, in place of 700 or 2,000: a question makes
50,000, mostly classes and functions of modules, and all of them stay."""


def run() -> int:
    """Run the command and end the process, without taking it apart where that is safe.

    What is registered to be done at exit is done, and what was printed is written. Where threads
    are still at work, or that fails, the process ends as any other.
    """
    status = main()
    if threading.active_count() == 1:
        with suppress(OSError, ValueError):
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return status


def main() -> int:
    """Run the command, and return its exit status as `ui.cli.main.main` does."""
    try:
        from ui import signals
    except KeyboardInterrupt:
        return 130
    gc.set_threshold(_GC_THRESHOLD)
    try:
        signals.handle_interrupts()
        from ui.cli import main as cli

        status = cli.main()
    except BaseException:
        if not signals.interrupted():
            raise
        signals.say_stopped()
        status = signals.INTERRUPTED
    signals.ignore_interrupts()
    # At exit Python searches all objects for cycles to free, which takes a tenth of the time of a
    # question. The system takes back the memory of the process anyway.
    gc.freeze()
    return status


if __name__ == "__main__":
    sys.exit(run())
