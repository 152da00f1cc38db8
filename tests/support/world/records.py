"""Records of the simulated world: papers with their versions, requests and replies."""

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from kg.ids.arxiv_id import submission_month
from kg.records import Paper


@dataclass(frozen=True, slots=True)
class WorldRequest:
    """A request that reached the world."""

    method: str
    url: str
    """As it was asked, with its query."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


@dataclass(slots=True)
class Reply:
    """What is answered."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    parts: Iterable[bytes] | None = None
    """In place of `body`: what is made while it is sent."""
    ending: str = ""
    """``hang``: no answer comes; ``reset``: the connection is lost before it; ``cut``: within;
    ``refused``: there is none."""


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded request."""

    service: str
    time: float
    """Seconds since the epoch at which it arrived."""
    url: str
    status: int
    fault: str | None
    """Name of the fault that was dealt."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a paper on arXiv."""

    at: datetime
    paper: Paper


@dataclass(slots=True, eq=False)
class Record:
    """A paper on arXiv with all its versions, the first one first."""

    id: str
    versions: list[Version]
    datestamp: date
    """Day of the last change, as in OAI-PMH."""
    deleted: bool = False
    words: dict[str, str] = field(default_factory=dict)
    """The newest version's words by field, as the search sees them."""

    @property
    def paper(self) -> Paper:
        return self.versions[-1].paper

    @property
    def published(self) -> datetime:
        return self.versions[0].at

    @property
    def updated(self) -> datetime:
        return self.versions[-1].at


def record_of(paper: Paper) -> Record:
    """Return the record of a paper, whose facts may be incomplete."""
    assert paper.arxiv_id
    first = moment(paper.arxiv_id, paper.published)
    versions = [Version(first, paper)]
    for number in range(2, (paper.version or 1) + 1):
        last = first + timedelta(days=30 * (number - 1))
        if number == paper.version and paper.updated:
            last = max(last, moment(paper.arxiv_id, paper.updated))
        versions.append(Version(last, paper))
    return Record(paper.arxiv_id, versions, max(versions[-1].at.date(), date(2005, 9, 16)))


def moment(arxiv_id: str, day: date | None) -> datetime:
    """Return a time of that day, or of the month in an arXiv id; the same for the same paper."""
    if day is None:
        month = submission_month(arxiv_id)
        assert month is not None
        day = month.first.replace(day=15)
    seconds = zlib.crc32(arxiv_id.encode()) % 86400
    return datetime.combine(day, time(), UTC) + timedelta(seconds=seconds)


def withdrawn(paper: Paper, reason: str = "it contains an error") -> Paper:
    """Return a paper as arXiv shows it after its authors withdrew it."""
    comment = f"This paper has been withdrawn by the authors because {reason}"
    return replace(paper, comment=comment, withdrawn=True)


def words(text: str) -> str:
    """Return the words of a text in the form in which phrases are sought."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.casefold())) + " "


def xml(text: str) -> str:
    """Return text for XML; what XML cannot hold is left out."""
    return escape(re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text))


def stamp(at: datetime | float) -> str:
    """Return a time as XML services write it."""
    moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
