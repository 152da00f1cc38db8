"""The command of those who write cards: `docs/cards.md`."""

import argparse
import sys
from pathlib import Path

from ingest.cards.agreement import agreement, as_markdown
from ingest.cards.bundled_file import DATA, bundled_papers, merge
from ingest.cards.check import check
from kg.cards.file import read_cards
from kg.errors import AtlasError
from kg.snapshot import bundled


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except AtlasError as error:
        print(error, file=sys.stderr)
        return 1


def _check(options: argparse.Namespace) -> int:
    found = check(options.file, bundled_papers(), options.abstracts)
    for fault in found.faults:
        print(fault.message)
    print(
        f"{found.cards:,} cards, {len(found.faults):,} faults;"
        f" {found.compared:,} compared with their abstract"
    )
    return 1 if found.faults else 0


def _merge(options: argparse.Namespace) -> int:
    papers = bundled_papers()
    faults = [fault for file in options.files for fault in check(file, papers).faults]
    for fault in faults:
        print(fault.message)
    if faults:
        print(f"{len(faults):,} faults; nothing was merged", file=sys.stderr)
        return 1
    new, changed = merge(DATA, options.files)
    print(f"{new:,} new, {changed:,} changed")
    return 0


def _agreement(options: argparse.Namespace) -> int:
    one, other = (
        {line.paper: line.card for line in read_cards(file)}
        for file in (options.first, options.second)
    )
    found = agreement(one, other)
    if not found.papers:
        print("the two files have no paper in common", file=sys.stderr)
        return 1
    print("\n".join(as_markdown(found)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest.cards", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="check|merge|agreement")
    made = commands.add_parser("check", help="check a file of cards against the bundled atlas")
    made.add_argument("file", type=Path, nargs="?", default=DATA / bundled.CARDS, metavar="FILE")
    made.add_argument(
        "--abstracts",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE_OR_FOLDER",
        help="JSON Lines of id, title and abstract to compare the cards with",
    )
    made.set_defaults(run=_check)
    made = commands.add_parser("merge", help="take cards into the bundled file")
    made.add_argument("files", type=Path, nargs="+", metavar="FILE")
    made.set_defaults(run=_merge)
    made = commands.add_parser("agreement", help="compare the cards of two readers")
    made.add_argument("first", type=Path, metavar="FILE_A")
    made.add_argument("second", type=Path, metavar="FILE_B")
    made.set_defaults(run=_agreement)
    return parser


if __name__ == "__main__":
    sys.exit(main())
