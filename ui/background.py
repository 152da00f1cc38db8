"""What the server does beside answering: the refreshes, by schedule or by a button."""

import os
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ingest.lock import holder
from ingest.refresh.runner import Run, Runner
from kg.errors import Busy

if TYPE_CHECKING:
    from ingest.refresh.schedule import Schedule
    from kg.errors import Holder
    from search.library import Library

REFRESH = (sys.executable, "-m", "ui", "refresh")
"""A process of its own: answers do not wait for it, and its memory is given back."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A refresh that runs now."""

    since: datetime | None
    """UTC; None in its first moment."""
    holder: "Holder | None"
    """Who runs it, where it is not this server."""


class Operations:
    """The refreshes of one server.

    Parameters
    ----------
    library : Library
    schedule : Schedule, optional
        Where it refreshes every so often.
    alone : bool
        True where only this machine reaches the server.
    runner : Runner, optional
        Used in place of one that runs `lfm refresh`.
    """

    def __init__(
        self,
        library: "Library",
        schedule: "Schedule | None" = None,
        alone: bool = True,
        runner: Runner | None = None,
    ) -> None:
        self.library, self.schedule, self.alone = library, schedule, alone
        home = {"LFM_HOME": str(library.settings.home)}
        self.runner = runner or Runner(REFRESH, {**os.environ, **home})

    @property
    def last_run(self) -> Run | None:
        """The last refresh that was asked for by a button of this server."""
        return self.runner.last

    @property
    def next_run(self) -> datetime | None:
        """When the schedule refreshes next, UTC."""
        return self.schedule.next_run if self.schedule else None

    def under_way(self) -> UnderWay | None:
        """Return the refresh that runs now, whoever started it."""
        if self.runner.running:
            return UnderWay(self.runner.last.started if self.runner.last else None, None)
        who = holder(self.library.settings.home)
        if self.schedule and self.schedule.running:
            return UnderWay(who.since if who else None, None)
        return UnderWay(who.since, who) if who else None

    def refreshing(self) -> bool:
        """Return whether a refresh runs now."""
        return self.under_way() is not None

    def refresh(self) -> None:
        """Begin a refresh.

        Raises
        ------
        Busy
            If one is under way.
        """
        if now := self.under_way():
            raise Busy(now.holder)
        self.runner.start()

    def stop(self) -> None:
        """End the refresh that was asked for here, if it runs."""
        self.runner.stop()
