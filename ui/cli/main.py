"""The `lfm` command: its options, and its exit status.

argparse rather than typer or click: a question is answered in a fraction of a second, and
importing those takes a good part of it.
"""

import argparse
import os
import sys

# One question is too little work to share between threads: waiting for each other, they take
# longer on a busy machine. NumPy reads this when it is first imported; PyTorch, which embeds
# many papers at a time, does not.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from kg.errors import AtlasError, BadRequest
from kg.text.plain import without_controls
from ui import signals
from ui.cli import terminal
from ui.cli.command_options import ADDED_BY
from ui.cli.styled import terminal_width

_BEGINNING = """\
LFM Atlas: ask, browse and extend an atlas of Learn-From-Model papers.

Try first:
  lfm ask "how can models be merged without training?"
  lfm topics               what the atlas holds, by topic
  lfm paper 2203.05482     one paper, by arXiv id, link, DOI or title
  lfm serve                all of it in a browser
  lfm refresh              what is new, with abstracts and citations

`lfm --help` lists all commands, and `lfm COMMAND --help` explains one."""


class _Formatter(argparse.HelpFormatter):
    """As wide as the terminal, as argparse has it by a module that loads compression."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal_width() - 2)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, **options)

    def error(self, message: str) -> NoReturn:
        raise BadRequest(message, f"see `{self.prog} --help`")


class _Version(argparse.Action):
    def __call__(self, *_: object) -> NoReturn:
        from importlib.metadata import version  # Reads e-mail: too slow for every question.

        print(f"lfm-atlas {version('lfm-atlas')}")
        sys.exit(0)


def parser(only: str = "") -> argparse.ArgumentParser:
    """Return the command's parser; the README's reference is generated from it.

    Parameters
    ----------
    only : str, optional
        Name of a command: others may be left out, since making the parsers of all takes as long as
        a good part of an answer. A name that no command has leaves out none.
    """
    top = _Parser(
        prog="lfm", description="Ask, browse and extend an atlas of Learn-From-Model papers."
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    known = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = known.add_parser(name, help=text, description=f"{text}.")
        made.set_defaults(run=run)
        return made

    added = (ADDED_BY[only],) if only in ADDED_BY else dict.fromkeys(ADDED_BY.values())
    for add in added:
        add(command)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 could not be done, 2 bad usage.

    Every error ends here, in one line on stderr; ``LFM_DEBUG`` adds where it came from.
    """
    try:
        terminal.prepare()
        _run(sys.argv[1:] if arguments is None else arguments)
    except BrokenPipeError:
        # The reader of a pipe left early, as `head` does; nothing is wrong.
        terminal.settle_stdout()
        return 0
    except SystemExit:
        raise
    except BaseException as error:
        if signals.interrupted() or isinstance(error, KeyboardInterrupt):
            signals.say_stopped()
            return signals.INTERRUPTED
        if os.environ.get("LFM_DEBUG"):
            import traceback  # Few ask for it.

            traceback.print_exception(error)
        terminal.settle_stdout()
        with suppress(OSError):
            print(without_controls(f"lfm: {_line(error)}"), file=sys.stderr, flush=True)
        return 2 if isinstance(error, BadRequest) else 1
    return 0


def _run(arguments: Sequence[str]) -> None:
    try:
        if not arguments:
            print(_BEGINNING)
        else:
            options = parser(arguments[0]).parse_args(arguments)
            options.run(options)
    except SystemExit:  # After --help and --version, which are to be printed too.
        sys.stdout.flush()
        raise
    sys.stdout.flush()


def _line(error: BaseException) -> str:
    if isinstance(error, AtlasError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        return " ".join(f"{name}{error.strerror}".split())
    what = " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())
    return f"this failed ({what[:200]}): run it with LFM_DEBUG=1 to see where, and report it"
