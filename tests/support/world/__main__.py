"""Serving the simulated world to a person: ``python -m tests.support.world DATA``.

DATA is the folder of the shared test data.
"""

import sys
import time
from pathlib import Path

from tests.support.world.faults import Faults
from tests.support.world.serving import serving
from tests.support.world.world import shared_world


def main(folder: str, share: str = "0") -> None:
    """Serve the world until it is interrupted; `share` of the requests meet a fault."""
    world = shared_world(Path(folder))
    faults = Faults(share=float(share))
    with serving(world, faults) as environment:
        for name, value in environment.items():
            print(f"export {name}={value}")
        print(f"# {len(world.records)} papers; stop with Ctrl-C", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print(f"# {len(world.calls)} requests; faults: {dict(faults.dealt)}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m tests.support.world DATA [SHARE OF FAULTS, 0 to 1]")
    main(*sys.argv[1:])
