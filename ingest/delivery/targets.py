"""Where digests go: a file, or a webhook, whose address is a secret."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

import httpx

from kg.errors import BadRequest
from search.pages.digest import formats

MAX_URL_CHARS = 2_000
"""The longest address of a webhook."""

TIME = "{time}"
"""Part of a file's name that becomes the time of writing."""

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SLACK_HOSTS: Final = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


class WebhookForm(StrEnum):
    """What is posted to a webhook."""

    SLACK = "slack"
    """A message as Slack's incoming webhooks take it, and those that imitate them."""
    JSON = "json"
    """The digest as the document that `lfm digest --json` prints."""


class EmptyDigests(StrEnum):
    """When a digest is delivered in which nothing came."""

    DAILY = "daily"
    """Where nothing was delivered for a day."""
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class FileTarget:
    """A file that is replaced by each digest."""

    path: Path

    @property
    def label(self) -> str:
        """What reports call it."""
        return self.path.name

    @property
    def key(self) -> str:
        """What tells it from other targets, also in an atlas that is given away."""
        return f"file {_digest(str(self.path))}"

    def at(self, now: datetime) -> Path:
        """Return the file of a moment."""
        name = self.path.name.replace(TIME, now.strftime("%Y-%m-%dT%H%M%SZ"))
        return self.path.with_name(name)


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """An address to which each digest is posted."""

    url: str = field(repr=False)
    """Never shown: who knows it may post there."""
    form: WebhookForm

    @property
    def label(self) -> str:
        """What reports call it: its host, with the port where that is not the usual one."""
        return httpx.URL(self.url).netloc.decode("ascii")

    @property
    def key(self) -> str:
        """As that of a file, without telling the address."""
        return f"webhook {_digest(self.url)}"


Target = FileTarget | WebhookTarget

Choice = TypeVar("Choice", bound=StrEnum)


def parse_target(text: str, folder: Path, form: str = "") -> Target:
    """Return what the name of a file or the address of a webhook means.

    Parameters
    ----------
    folder : Path
        Where a relative file is.
    form : str
        One of `WebhookForm`; empty to choose by the host.

    Raises
    ------
    BadRequest
        If it means nothing; an address is not repeated.
    """
    text = text.strip()
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _file(text, folder)
    if scheme[1].lower() not in ("http", "https"):
        mend = "write https://HOST/PATH or the name of a file"
        raise BadRequest(f"digests cannot be sent by {scheme[1]}", mend)
    wrong = BadRequest("the address of the webhook is none", "write https://HOST/PATH")
    if len(text) > MAX_URL_CHARS or not re.fullmatch("[!-~]+", text):
        raise wrong
    try:
        host = httpx.URL(text).host
    except (httpx.InvalidURL, UnicodeError):
        raise wrong from None
    if not host:
        raise wrong
    if form:
        return WebhookTarget(text, _chosen(WebhookForm, form, "form of digests"))
    return WebhookTarget(text, WebhookForm.SLACK if host in _SLACK_HOSTS else WebhookForm.JSON)


def parse_empty(text: str) -> EmptyDigests:
    """Return when empty digests are delivered; `EmptyDigests.DAILY` where nothing is said."""
    return _chosen(EmptyDigests, text, "choice for empty digests") if text else EmptyDigests.DAILY


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _file(text: str, folder: Path) -> FileTarget:
    if not text or "\0" in text:
        raise BadRequest("there is no file for digests", "write its name, such as digest.html")
    try:
        path = folder / Path(text).expanduser()
    except RuntimeError:  # ~somebody
        raise BadRequest(f"there is no folder of {text}", "write the whole path") from None
    formats.chosen(None, path)  # Refuses a name that means no format.
    return FileTarget(path)


def _chosen(kind: type[Choice], text: str, what: str) -> Choice:
    try:
        return kind(text.strip())
    except ValueError:
        raise BadRequest(f"{text!r} is no {what}", f"use {', '.join(kind)}") from None
