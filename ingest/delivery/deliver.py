"""Delivering digests after a refresh, to each target what came since its last one.

Where a target stopped is kept as the number of a change of the journal. It moves on once the target
has the digest, so that after a failure the next digest has what was missed, and no paper comes
twice.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.delivery.slack import slack_message
from ingest.delivery.targets import (
    EmptyDigests,
    FileTarget,
    Target,
    WebhookForm,
    WebhookTarget,
    parse_empty,
    parse_target,
)
from ingest.net.http import RequestPolicy
from ingest.net.outside import Clients, Outside
from ingest.report import SourceReport
from kg.errors import AtlasError, SourceError
from kg.export.formats import write
from kg.settings import Settings
from kg.text.plain import document_without_controls
from search.library import Library
from search.pages.digest import formats, wording
from search.pages.digest.digest import Digest
from search.pages.digest.document import document
from search.pages.digest.fetch_summary import DELIVERY

EMPTY_AFTER = timedelta(hours=20)
"""`EmptyDigests.DAILY`: less than a day, so that a refresh each day may be some hours early."""

_POLICY = RequestPolicy(
    DELIVERY,
    # A post that may have arrived must not be repeated: the next refresh tries again.
    tries=1,
    read_timeout_s=20.0,
    deadline_s=30.0,
)


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where the digests of a target stopped."""

    change: int
    """Number of the last change that it has."""
    at: datetime
    """When it got that, or became a target, UTC."""
    delivered: bool = False
    """Whether it ever got a digest."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where digests go after each refresh."""

    targets: Sequence[Target]
    empty: EmptyDigests = EmptyDigests.DAILY

    def begin(self, library: Library) -> None:
        """Let the first digest of each new target begin here, before a refresh."""
        journal = library.catalogue.journal
        for target in self.targets:
            if _stopped(library, target) is None:
                _store(library, target, _Stop(journal.last_change(), library.now()))

    def deliver(self, library: Library, outside: Outside) -> SourceReport:
        """Deliver to each target what came since its last digest, and log the report.

        A target that fails stands in the way of nothing else.
        """
        report = SourceReport(DELIVERY)
        clients = Clients(library.settings, outside)
        try:
            for target in self.targets:
                self._deliver(library, target, clients, report)
        finally:
            clients.close()
        library.catalogue.journal.log_fetch(DELIVERY, report.document())
        return report

    def _deliver(
        self, library: Library, target: Target, clients: Clients, report: SourceReport
    ) -> None:
        now = library.now()
        stop = _stopped(library, target) or _Stop(library.catalogue.journal.last_change(), now)
        try:
            with library.catalogue.reading():  # Both of one state.
                number = library.catalogue.journal.last_change()
                digest = library.digest(min(stop.at, now), after=stop.change)
            if digest.is_empty and not self._wants_empty(stop, now):
                return
            if isinstance(target, FileTarget):
                form = formats.chosen(None, target.path)
                write(target.at(now), formats.render(form, digest))
            else:
                report.requests += 1
                _post(target, digest, clients)
        except SourceError as error:
            report.fail(f"{target.label}: {error.reason}; the next refresh sends it again")
        except AtlasError as error:
            report.fail(str(error))
        else:
            _store(library, target, _Stop(number, now, delivered=True))
            report.note(f"{target.label}: {wording.headline(digest).lower()}")

    def _wants_empty(self, stop: "_Stop", now: datetime) -> bool:
        if self.empty is EmptyDigests.DAILY:
            # The first one comes in any case: it shows that the target is right.
            return not stop.delivered or now - stop.at >= EMPTY_AFTER
        return self.empty is EmptyDigests.ALWAYS


def _post(target: WebhookTarget, digest: Digest, clients: Clients) -> None:
    """Post a digest, or raise a `SourceError`."""
    slack = target.form is WebhookForm.SLACK
    body = slack_message(digest) if slack else document_without_controls(document(digest))
    try:
        # No status is accepted: of an answer to a post only its status matters, and a body that is
        # slow or long would make a failure of a success.
        clients.paced(_POLICY, 0.0).post(target.url, lambda _: None, json=body, accept=())
    except SourceError as error:
        if error.status is None or not 200 <= error.status < 300:
            raise


def _stopped(library: Library, target: Target) -> _Stop | None:
    """Return where a target stopped; None for a new one."""
    journal = library.catalogue.journal
    try:
        state: Any = json.loads(journal.cursor(DELIVERY, target.key) or "{}")
        at = datetime.fromisoformat(state["at"])
        stop = _Stop(int(state["change"]), at, bool(state["delivered"]))
    except (ValueError, KeyError, TypeError):
        return None
    # A catalogue that was loaded from a file may have fewer changes.
    return stop if stop.change <= journal.last_change() else None


def _store(library: Library, target: Target, stop: _Stop) -> None:
    state = {**asdict(stop), "at": stop.at.isoformat(timespec="seconds")}
    library.catalogue.journal.set_cursor(DELIVERY, target.key, json.dumps(state))


def chosen(
    settings: Settings, targets: Sequence[str], form: str | None, empty: str | None
) -> Delivery | None:
    """Return the delivery that options mean, or else the settings; None where neither has a target.

    Raises
    ------
    BadRequest
        If a target, the form or the choice for empty digests makes no sense.
    """
    given = [(one, Path.cwd()) for one in targets] or [(settings.digest, settings.home)]
    form = form or settings.digest_form
    made = [parse_target(text, folder, form) for text, folder in given if text]
    each = {one.key: one for one in made}
    when = parse_empty(empty or settings.digest_empty)
    return Delivery(tuple(each.values()), when) if each else None
