"""The command of those who keep the list of entities: `docs/entities.md`."""

import argparse
import sys
from pathlib import Path

from ingest.cards.bundled_file import DATA, bundled_papers
from ingest.entities.bundled_file import rebuild
from ingest.entities.check import check
from kg.cards.file import read_cards
from kg.entities.file import built_in
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
    cards = {line.paper: line.card for line in read_cards(DATA / bundled.CARDS)}
    found = check(options.file, bundled_papers(), cards, options.abstracts)
    for fault in found.faults:
        print(fault)
    print(f"{found.entities:,} entities, {len(found.faults):,} faults")
    return 1 if found.faults else 0


def _rebuild(options: argparse.Namespace) -> int:
    entities, relations = rebuild(options.abstracts)
    print(f"{entities:,} entities, {relations:,} relations")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest.entities", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="check|rebuild")
    check_ = commands.add_parser("check", help="check a list of entities against the bundled atlas")
    check_.add_argument("file", type=Path, nargs="?", default=built_in(), metavar="FILE")
    check_.set_defaults(run=_check)
    rebuild_ = commands.add_parser("rebuild", help="make the entities of the bundled atlas anew")
    rebuild_.set_defaults(run=_rebuild)
    uses = {check_: "words of each `about` are looked for", rebuild_: "names are looked for"}
    for made, use in uses.items():
        made.add_argument(
            "--abstracts",
            type=Path,
            nargs="+",
            default=[],
            metavar="FILE_OR_FOLDER",
            help=f"JSON Lines of id, title and abstract in which {use}",
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
