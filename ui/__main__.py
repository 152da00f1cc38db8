"""The process `lfm`: from its first moment on, Ctrl+C ends it in one line.

Nothing else is imported before that is so: the imports of a command take longer than many of its
answers.
"""

import sys


def main() -> int:
    """Run the command, and return its exit status as `ui.cli.main` does."""
    try:
        from ui import stopping
    except KeyboardInterrupt:
        return 130
    try:
        stopping.handle_interrupts()
        from ui import cli

        status = cli.main()
    except BaseException:
        if not stopping.interrupted():
            raise
        stopping.say_stopped()
        status = stopping.INTERRUPTED
    stopping.ignore_interrupts()
    return status


if __name__ == "__main__":
    sys.exit(main())
