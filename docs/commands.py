"""Writes the reference of the commands from their own help: `python docs/commands.py`."""

import argparse
import os
from pathlib import Path

from ui import cli

TARGET = Path(__file__).with_name("commands.md")


def text() -> str:
    """Return the reference as Markdown."""
    os.environ["COLUMNS"] = "90"  # argparse fits its help to the terminal
    top = cli.parser()
    (commands,) = (a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    parts = [
        "# The commands\n",
        "Made by `python docs/commands.py`; a test holds it to the code.\n",
    ]
    for name, parser in {"lfm": top, **commands.choices}.items():
        title = "lfm" if name == "lfm" else f"lfm {name}"
        parts.append(f"## {title}\n\n```text\n{parser.format_help().rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
