"""Showing on standard error that an index is made, and how far that is: it may take minutes."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Never, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

MIN_PAPERS: Final = 20_000
"""Of fewer papers, an index is made within seconds, and nothing is shown."""

_EVERY_S: Final = 30.0
"""Seconds between the lines of a file or a log; a terminal is written to more often."""

T = TypeVar("T")


def bar(what: str, papers: int) -> "tqdm[Never]":
    """Return a bar that counts papers, to be used as a context manager.

    Parameters
    ----------
    what : str
        What is made, such as "index of words".
    papers : int
        Of how many papers.
    """
    from tqdm import tqdm  # Not loaded where nothing is made.

    return tqdm(
        total=papers,
        desc=f"making the {what}",
        unit="paper",
        unit_scale=True,
        leave=False,
        mininterval=0.2 if sys.stderr.isatty() else _EVERY_S,
        maxinterval=_EVERY_S,
        disable=papers < MIN_PAPERS,
    )


def shown(pages: Iterable[Sequence[T]], what: str, papers: int) -> Iterator[Sequence[T]]:
    """Yield pages of papers while `bar` shows how many came."""
    with bar(what, papers) as showing:
        for page in pages:
            yield page
            showing.update(len(page))
