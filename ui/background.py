"""What the server runs beside answering: refreshes, by schedule or by a button of the page; or
looks at the snapshot that it follows."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.lock import holder
from ingest.refresh.runner import Runner
from ingest.refresh.schedule import Schedule
from kg.errors import BadRequest, Busy, Holder
from search.library import Library

REFRESH_COMMAND = (sys.executable, "-m", "ui", "refresh")
"""Run as a process of its own: requests do not wait for it, and its memory is freed."""

FOLLOW_COMMAND = (sys.executable, "-m", "ui", "snapshot", "follow")
"""Run likewise, with a file or an address."""


def digest_arguments(
    targets: Sequence[str], form: str | None, empty: str | None
) -> tuple[str, ...]:
    """Return the options of `REFRESH_COMMAND` by which it delivers digests."""
    arguments = [f"--digest={one}" for one in targets]
    arguments += [f"--digest-form={form}"] if form else []
    return (*arguments, *([f"--digest-empty={empty}"] if empty else []))


def follow_schedule(library: Library, source: str, every: timedelta) -> Schedule:
    """Return the schedule by which a server looks at the snapshot that it follows, first at once.

    Raises
    ------
    BadRequest
        If it is an address of another kind than http(s).
    """
    from ingest.net import snapshot_follow  # Of use to few servers.

    snapshot_follow.begin(source, library.settings)
    return Schedule(
        every,
        # A file's name may begin with a hyphen.
        (*FOLLOW_COMMAND, "--", source),
        lambda: None,
        name="following",
        environment=_environment(library),
        quiet=True,
    )


def _environment(library: Library) -> dict[str, str]:
    return {**os.environ, "LFM_HOME": str(library.settings.home)}


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
    following : Schedule, optional
        Set where the server follows a snapshot: it only reads.
    """

    def __init__(
        self,
        library: Library,
        schedule: Schedule | None = None,
        local_only: bool = True,
        runner: Runner | None = None,
        command: Sequence[str] = REFRESH_COMMAND,
        following: Schedule | None = None,
    ) -> None:
        self.library, self.schedule, self.local_only = library, schedule, local_only
        self.following = following
        self.runner = runner or Runner(command, _environment(library))

    def refuse_if_following(self) -> None:
        """Raise `BadRequest` where the server follows a snapshot, in which no change would stay."""
        if self.following:
            raise BadRequest(
                "this server follows a snapshot and only reads",
                "do it where the snapshot is saved",
            )

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
        BadRequest
            If the server follows a snapshot.
        Busy
            If a refresh is running.
        """
        self.refuse_if_following()
        if now := self.running():
            raise Busy(now.holder)
        self.runner.start()

    def stop(self) -> None:
        """Stop the refresh that a button started, if it still runs."""
        self.runner.stop()
