"""Writes the reference of the commands from their own help: `python docs/commands.py`."""

import argparse
import os
from pathlib import Path

from ui.cli import main

TARGET = Path(__file__).with_name("commands.md")

ENDINGS = """\
Exit status: 0 is done (nothing found is done too), 1 could not be done, 2 is bad usage, 130 was
stopped by Ctrl+C. What is wrong is told in one line on stderr. A failure that is a fault of
LFM Atlas is told in one line as well; with `LFM_DEBUG=1` in the environment, the line comes after
where it failed, which a report should have.

A closed stdin is an empty one, and a closed stdout takes what is printed. Where the terminal's
encoding lacks a character, the nearest of ASCII is printed, and `--json` escapes it; exports are
UTF-8 everywhere. Tables too wide for the terminal (`COLUMNS`) become a line for each cell.
"""


def text() -> str:
    """Return the reference as Markdown."""
    os.environ["COLUMNS"] = "90"  # argparse fits its help to the terminal
    top = main.parser()
    (commands,) = (a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    parts = [
        "# The commands\n",
        "Made by `python docs/commands.py`; a test holds it to the code.\n",
        ENDINGS,
    ]
    for name, parser in {"lfm": top, **commands.choices}.items():
        title = "lfm" if name == "lfm" else f"lfm {name}"
        parts.append(f"## {title}\n\n```text\n{parser.format_help().rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
