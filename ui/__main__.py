"""The process `lfm`: from its first moment on, Ctrl+C ends it in one line.

Nothing else is imported before that is so: the imports of a command take longer than many of its
answers.
"""

import sys


def main() -> int:
    """Run the command, and return its exit status as `ui.cli.main.main` does."""
    try:
        from ui import signals
    except KeyboardInterrupt:
        return 130
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
    return status


if __name__ == "__main__":
    sys.exit(main())
