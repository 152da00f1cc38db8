"""Embedding models for the workers of a cluster, which open them by name on their machines."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kg.errors import ModelError
from tests.support.embedders import HashedWords

Vectors = npt.NDArray[np.float32]


class OtherName(HashedWords):
    """As a folder of other weights is: its name has their hash."""

    model = "hashed-words-0a1b2c3d"


class OtherWeights(HashedWords):
    """The same name and other vectors, as another revision on the Hub."""

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Vectors:
        return super().encode([text[::-1] for text in texts], progress)


def no_model() -> HashedWords:
    """Fail as `search.embedding.open.open_embedder` does where there is no model."""
    raise ModelError("there is no model folder there", "set the model to another")


def broken() -> HashedWords:
    """End the worker's process, as for want of memory."""
    os._exit(1)


@dataclass(frozen=True)
class Killing:
    """Opens a model that kills a worker, or a whole node, while it embeds; once.

    Parameters
    ----------
    done : Path
        File that says that it has happened.
    sparing : int
        Process of the node that nothing is done to, as the driver hangs on it.
    node : bool
        Whether the worker's node dies with it.
    """

    done: Path
    sparing: int
    node: bool

    def wait(self, at_most_s: float = 60.0) -> None:
        """Wait until it has happened."""
        until = time.monotonic() + at_most_s
        while not self.done.exists() and time.monotonic() < until:
            time.sleep(0.05)

    def __call__(self) -> HashedWords:
        killing = self

        class Embedder(HashedWords):
            pieces = 0

            def encode(
                self, texts: Sequence[str], progress: Callable[[int], object] | None = None
            ) -> Vectors:
                self.pieces += 1
                if self.pieces > 1 and os.getppid() == killing.sparing:
                    # The other node may start later: something must be left for it.
                    killing.wait()
                # The first is of the probes; the second is done, and the third is not.
                if self.pieces == 3 and os.getppid() != killing.sparing:
                    try:
                        killing.done.touch(exist_ok=False)
                    except FileExistsError:
                        return super().encode(texts, progress)
                    if killing.node:
                        os.kill(os.getppid(), signal.SIGKILL)
                    os.kill(os.getpid(), signal.SIGKILL)
                return super().encode(texts, progress)

        return Embedder()
