"""The command: `python -m ingest.bundle DATA_FOLDER SNAPSHOT_FOLDER [CACHE_FOLDER]`."""

import sys
from pathlib import Path

from ingest.bundle.build import build
from kg.errors import AtlasError

USAGE = "usage: python -m ingest.bundle DATA_FOLDER SNAPSHOT_FOLDER [CACHE_FOLDER]"


def main() -> int:
    """Run the command."""
    if len(sys.argv) not in (3, 4):
        print(USAGE, file=sys.stderr)
        return 2
    data, folder, *cache = map(Path, sys.argv[1:])
    try:
        counts = build(data, folder, cache[0] if cache else None)
    except AtlasError as error:
        print(error, file=sys.stderr)
        return 1
    for name, count in counts.items():
        print(f"{name:>18} {count:7,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
