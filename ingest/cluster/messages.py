"""What the writer and the process that drives Ray say to each other, over a pipe.

The driver asks (`Next`) and the writer answers with a `Piece`, or None when there is no more; all
else goes one way, from the driver to the writer.
"""

from dataclasses import dataclass

from ingest.cluster.worker import Text
from search.embedding.base import Floats


@dataclass(frozen=True, slots=True)
class Connected:
    """The cluster is there; the writer answers with the number of its pieces, given `workers`."""

    workers: int


@dataclass(frozen=True, slots=True)
class Next:
    """Ask for a piece of work."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Papers to be embedded together."""

    number: int
    papers: list[Text]


@dataclass(frozen=True, slots=True)
class Done:
    """The vectors of a piece; each piece is reported once."""

    number: int
    vectors: Floats


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker died; its pieces go to others."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The driver gives up; it sends nothing more."""

    message: str
    mend: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Every piece is done; the last message."""
