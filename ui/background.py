"""Refreshes that the server runs beside answering: by schedule, or by a button of the page."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.lock import holder
from ingest.refresh.runner import Runner
from ingest.refresh.schedule import Schedule
from kg.errors import Busy, Holder
from search.library import Library

REFRESH_COMMAND = (sys.executable, "-m", "ui", "refresh")
"""Run as a process of its own: requests do not wait for it, and its memory is freed."""


def digest_arguments(
    targets: Sequence[str], form: str | None, empty: str | None
) -> tuple[str, ...]:
    """Return the options of `REFRESH_COMMAND` by which it delivers digests."""
    arguments = [f"--digest={one}" for one in targets]
    arguments += [f"--digest-form={form}"] if form else []
    return (*arguments, *([f"--digest-empty={empty}"] if empty else []))


@dataclass(frozen=True, slots=True)
class RunningRefresh:
    """The refresh that runs now."""

    since: datetime | None
    """UTC; None in its first moment."""
    holder: Holder | None
    """Process that runs it, where it is not this server."""


class BackgroundRefresh:
    """Starts, stops and reports the refreshes of one server.

    Parameters
    ----------
    schedule : Schedule, optional
        Set where the server refreshes at intervals.
    local_only : bool
        True where only this machine reaches the server.
    runner : Runner, optional
        By default one that runs `command`.
    command : sequence of str
        `REFRESH_COMMAND`, with options.
    """

    def __init__(
        self,
        library: Library,
        schedule: Schedule | None = None,
        local_only: bool = True,
        runner: Runner | None = None,
        command: Sequence[str] = REFRESH_COMMAND,
    ) -> None:
        self.library, self.schedule, self.local_only = library, schedule, local_only
        home = {"LFM_HOME": str(library.settings.home)}
        self.runner = runner or Runner(command, {**os.environ, **home})

    def running(self) -> RunningRefresh | None:
        """Return the refresh that runs now, whichever process started it."""
        if self.runner.running:
            return RunningRefresh(self.runner.last.started if self.runner.last else None, None)
        who = holder(self.library.settings.home)
        if self.schedule and self.schedule.running:
            return RunningRefresh(who.since if who else None, None)
        return RunningRefresh(who.since, who) if who else None

    def refresh(self) -> None:
        """Start a refresh.

        Raises
        ------
        Busy
            If one is running.
        """
        if now := self.running():
            raise Busy(now.holder)
        self.runner.start()

    def stop(self) -> None:
        """Stop the refresh that a button started, if it still runs."""
        self.runner.stop()
