"""arXiv's OAI-PMH: what changed since, by sets of categories."""

import email.utils
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tests.support.world.records import Record, Reply, WorldRequest, stamp, xml

EARLIEST = date(2005, 9, 16)
"""arXiv's first datestamp; what is older has this one."""

_PREFIX = "oai:arXiv.org:"
_ALWAYS = ("cs:cs:LG", "cs:cs:CL", "cs:cs:CV", "cs:cs:AI", "cs:cs:NE", "stat:stat:ML")
"""Sets that exist whether or not a paper of this world is in them."""

_TYPE = {"Content-Type": "text/xml; charset=utf-8"}
_OWN_GROUP = {"cs", "math", "stat", "eess", "econ", "q-bio", "q-fin"}
_FORMATS = {
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "arXiv": "http://arxiv.org/OAI/arXiv/",
    "arXivRaw": "http://arxiv.org/OAI/arXivRaw/",
}
_ARGUMENTS = {
    "Identify": set(),
    "ListMetadataFormats": {"identifier"},
    "ListSets": {"resumptionToken"},
    "GetRecord": {"identifier", "metadataPrefix"},
    "ListIdentifiers": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
    "ListRecords": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
}


class OaiError(Exception):
    """An error of the protocol, which is answered with status 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list that is handed out in pages."""

    ids: list[str]
    prefix: str
    verb: str
    expires: datetime


class Oai:
    """An OAI-PMH repository.

    Parameters
    ----------
    records : dict of str to Record
        May change at any time.
    page : int
        Records on a page.
    """

    def __init__(self, records: dict[str, Record], page: int = 1000) -> None:
        self.records, self.page = records, page
        self.token_days = 1
        """Tokens hold until this many midnights have passed."""
        self._listings: list[_Listing] = []

    def answer(self, asked: WorldRequest, now: float) -> Reply:
        """Answer ``GET /oai``."""
        # The mark by which a redirect tells that it was followed is no argument.
        params = {name: value for name, value in asked.params.items() if name != "redirected"}
        base = asked.url.partition("?")[0]
        told = "".join(f' {name}="{xml(value)}"' for name, value in params.items())
        try:
            content = self._content(params, base, datetime.fromtimestamp(now, UTC))
        except OaiError as error:
            if error.code in ("badVerb", "badArgument"):
                told = ""
            content = f'<error code="{error.code}">{xml(str(error))}</error>'
        body = f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ \
http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
<responseDate>{stamp(now)}</responseDate>
<request{told}>{xml(base)}</request>
{content}
</OAI-PMH>
"""
        return Reply(200, dict(_TYPE), body.encode())

    def _content(self, params: dict[str, str], base: str, now: datetime) -> str:
        verb = params.get("verb", "")
        if verb not in _ARGUMENTS:
            raise OaiError("badVerb", f"Illegal verb {verb!r}")
        if strange := params.keys() - _ARGUMENTS[verb] - {"verb"}:
            raise OaiError("badArgument", f"Illegal argument {min(strange)}")
        answers: dict[str, Callable[[], str]] = {
            "Identify": lambda: _identify(base),
            "ListMetadataFormats": _formats,
            "ListSets": self._sets,
            "GetRecord": lambda: self._get(params),
            "ListIdentifiers": lambda: self._list(params, now),
            "ListRecords": lambda: self._list(params, now),
        }
        return f"<{verb}>\n{answers[verb]()}</{verb}>"

    def _sets(self) -> str:
        every = set(_ALWAYS)
        for record in self.records.values():
            for one in _sets(record):
                parts = one.split(":")
                every |= {":".join(parts[: n + 1]) for n in range(len(parts))}
        return "".join(
            f"<set><setSpec>{one}</setSpec><setName>{one}</setName></set>\n"
            for one in sorted(every)
        )

    def _get(self, params: dict[str, str]) -> str:
        name, prefix = params.get("identifier"), params.get("metadataPrefix")
        if not name or not prefix:
            raise OaiError("badArgument", "identifier and metadataPrefix are required")
        _check_prefix(prefix)
        record = self.records.get(name.removeprefix(_PREFIX))
        if record is None or not name.startswith(_PREFIX):
            raise OaiError("idDoesNotExist", f"Nothing with identifier {name}")
        return _record(record, prefix)

    def _list(self, params: dict[str, str], now: datetime) -> str:
        if token := params.get("resumptionToken"):
            if params.keys() != {"verb", "resumptionToken"}:
                raise OaiError("badArgument", "resumptionToken is an exclusive argument")
            listing, start = self._resumed(token, params["verb"], now)
        else:
            end = now.date() + timedelta(days=self.token_days)
            ends = datetime.combine(end, datetime.min.time(), UTC)
            prefix = params.get("metadataPrefix", "")
            listing, start = _Listing(self._chosen(params), prefix, params["verb"], ends), 0
        page = listing.ids[start : start + self.page]
        show = _record if params["verb"] == "ListRecords" else _header
        shown = "".join(show(self.records[one], listing.prefix) for one in page)
        return shown + self._token(listing, start)

    def _chosen(self, params: dict[str, str]) -> list[str]:
        if not params.get("metadataPrefix"):
            raise OaiError("badArgument", "metadataPrefix is required")
        _check_prefix(params["metadataPrefix"])
        since, until = _day(params, "from", EARLIEST), _day(params, "until", date.max)
        if since > until:
            raise OaiError("badArgument", "from is later than until")
        chosen = params.get("set")
        if chosen is not None and f"<setSpec>{chosen}</setSpec>" not in self._sets():
            raise OaiError("badArgument", f"There is no set {chosen}")
        found = [
            record
            for record in self.records.values()
            if since <= record.datestamp <= until
            and (chosen is None or any(f"{one}:".startswith(f"{chosen}:") for one in _sets(record)))
        ]
        if not found:
            raise OaiError("noRecordsMatch", "No records match the request")
        return [one.id for one in sorted(found, key=lambda one: (one.datestamp, one.id))]

    def _token(self, listing: _Listing, start: int) -> str:
        """Return the element that leads to the next page; on the last one it is empty."""
        size, after = len(listing.ids), start + self.page
        if not start and after >= size:
            return ""
        told = f'completeListSize="{size}" cursor="{start}"'
        if after >= size:
            return f"<resumptionToken {told}/>\n"
        if listing not in self._listings:
            self._listings.append(listing)
        token = f"{self._listings.index(listing)}|{after}"
        expires = f'expirationDate="{stamp(listing.expires)}"'
        return f"<resumptionToken {expires} {told}>{token}</resumptionToken>\n"

    def _resumed(self, token: str, verb: str, now: datetime) -> tuple[_Listing, int]:
        match = re.fullmatch(r"(\d+)\|(\d+)", token, re.ASCII)
        if match and int(match[1]) < len(self._listings):
            listing = self._listings[int(match[1])]
            if listing.verb == verb and now < listing.expires:
                return listing, int(match[2])
        raise OaiError("badResumptionToken", "The resumptionToken is invalid or has expired")


def _day(params: dict[str, str], name: str, otherwise: date) -> date:
    text = params.get(name)
    if text is None:
        return otherwise
    try:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)
        return date.fromisoformat(text)
    except (AssertionError, ValueError):
        raise OaiError("badArgument", f"{name} is not YYYY-MM-DD: {text}") from None


def _check_prefix(prefix: str) -> None:
    if prefix not in _FORMATS:
        raise OaiError("cannotDisseminateFormat", f"No format {prefix}")


def _identify(base: str) -> str:
    return f"""<repositoryName>arXiv</repositoryName>
<baseURL>{xml(base)}</baseURL>
<protocolVersion>2.0</protocolVersion>
<adminEmail>help@arxiv.org</adminEmail>
<earliestDatestamp>{EARLIEST}</earliestDatestamp>
<deletedRecord>persistent</deletedRecord>
<granularity>YYYY-MM-DD</granularity>
"""


def _formats() -> str:
    return "".join(
        f"<metadataFormat><metadataPrefix>{name}</metadataPrefix>"
        f"<schema>{space.rstrip('/')}.xsd</schema>"
        f"<metadataNamespace>{space}</metadataNamespace></metadataFormat>\n"
        for name, space in _FORMATS.items()
    )


def _sets(record: Record) -> list[str]:
    """Return the sets of a record: ``cs:cs:LG``, ``physics:hep-th``."""
    found = []
    for category in record.paper.categories:
        archive, _, subject = category.partition(".")
        group = archive if archive in _OWN_GROUP else "physics"
        found.append(":".join(filter(None, (group, archive, subject))))
    return found


def _header(record: Record, _: str) -> str:
    state = ' status="deleted"' if record.deleted else ""
    sets = "".join(f" <setSpec>{one}</setSpec>\n" for one in _sets(record))
    return f"""<header{state}>
 <identifier>{_PREFIX}{record.id}</identifier>
 <datestamp>{record.datestamp}</datestamp>
{sets}</header>
"""


def _record(record: Record, prefix: str) -> str:
    header = _header(record, prefix)
    if record.deleted:
        return f"<record>\n{header}</record>\n"
    fields = "".join(_SHOWN[prefix](record))
    space = _FORMATS[prefix]
    root = "oai_dc:dc" if prefix == "oai_dc" else prefix
    names = f'xmlns="{space}"'
    if prefix == "oai_dc":
        names = f'xmlns:oai_dc="{space}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f"""<record>
{header}<metadata>
 <{root} {names} xsi:schemaLocation="{space} {space.rstrip("/")}.xsd">
 {fields}</{root}>
</metadata>
</record>
"""


def _tag(name: str, text: str | None) -> str:
    return f"<{name}>{xml(text)}</{name}>" if text else ""


def _arxiv(record: Record) -> list[str]:
    updated = str(record.updated.date()) if len(record.versions) > 1 else ""
    return [
        _tag("id", record.id),
        _tag("created", str(record.published.date())),
        _tag("updated", updated),
        f"<authors>{''.join(_author(name) for name in record.paper.authors)}</authors>",
        *_common(record),
    ]


def _author(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"<author>{_tag('keyname', last)}{_tag('forenames', first)}</author>"


def _raw(record: Record) -> list[str]:
    *most, last = record.paper.authors or ("",)
    versions = [
        f'<version version="v{number}">'
        + _tag("date", email.utils.format_datetime(one.at, usegmt=True))
        + "<size>42kb</size><source_type>D</source_type></version>"
        for number, one in enumerate(record.versions, 1)
    ]
    return [
        _tag("id", record.id),
        _tag("submitter", last),
        *versions,
        *_common(record, _tag("authors", " and ".join(filter(None, (", ".join(most), last))))),
    ]


def _common(record: Record, authors: str = "") -> list[str]:
    paper = record.paper
    return [
        _tag("title", _wrapped(paper.title, "\n  ")),
        authors,
        _tag("categories", " ".join(paper.categories)),
        _tag("comments", paper.comment),
        _tag("journal-ref", paper.journal_ref),
        _tag("doi", paper.doi),
        _tag("license", "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"),
        _tag("abstract", f"  {_wrapped(paper.abstract or '', chr(10))}\n"),
    ]


def _dublin(record: Record) -> list[str]:
    paper = record.paper
    return [
        _tag("dc:title", paper.title),
        *(_tag("dc:creator", name) for name in paper.authors),
        _tag("dc:description", paper.abstract),
        _tag("dc:date", str(record.published.date())),
        _tag("dc:identifier", f"http://arxiv.org/abs/{record.id}"),
    ]


def _wrapped(text: str, line_end: str) -> str:
    return re.sub(r"(.{1,76})(?:\s+|$)", rf"\1{line_end}", text).rstrip()


_SHOWN: dict[str, Callable[[Record], list[str]]] = {
    "arXiv": _arxiv,
    "arXivRaw": _raw,
    "oai_dc": _dublin,
}
