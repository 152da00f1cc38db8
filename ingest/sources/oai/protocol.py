"""OAI-PMH, the protocol by which arXiv wants its metadata to be copied.

http://www.openarchives.org/OAI/openarchivesprotocol.html. A list comes in pages; each but the last
ends with a resumption token, which gets the next one.

Two clients exist, and neither is used. oaipmh-scythe 0.16 is maintained, but its XML parser
recovers: of a page that was cut short it takes the records before the cut and, as the token is
gone, ends the list there; an HTML page is an empty list. It fails on a ``Retry-After`` that is a
date, waits by `time.sleep`, opens its own connections past the gate, and brings a second HTTP
library. Sickle 0.7 reads and waits the same way and has had no release since 2020. Harvesting needs
two requests of the protocol, which are below.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from ingest.net.http import BadResponse, FlawedResponse, Http, HttpResponse
from ingest.sources import strict_xml
from ingest.sources.oai import records as oai_records
from ingest.sources.oai.records import OAI
from ingest.sources.strict_xml import Element, child_texts, local_name, text, utc_time
from kg.errors import SourceError
from kg.ids.arxiv_id import parse_arxiv_id
from kg.records import Paper

_ITEMS: Final = {"ListRecords": "record", "GetRecord": "record", "ListIdentifiers": "header"}
_NO_ITEMS: Final = ("Identify", "ListSets", "ListMetadataFormats")

_PREFIX: Final = "oai:arXiv.org:"
"""What stands before an arXiv id in a record's identifier."""

# Servers differ in the status by which they send an error of the protocol; arXiv's is 200.
_STATUSES: Final = (200, 400, 404, 422)


class OaiError(SourceError):
    """The server answered with an error of the protocol.

    Parameters
    ----------
    code : str
        Such as ``badArgument``.
    said : str
        The server's explanation; may be empty.
    """

    def __init__(self, source: str, code: str, said: str) -> None:
        super().__init__(source, f"{code} ({said})" if said else code)
        self.code = code


class BadToken(OaiError):
    """The resumption token expired, or is no longer understood: the list has to be asked anew."""


@dataclass(frozen=True, slots=True)
class OaiRecord:
    """One record of a list."""

    identifier: str
    """Such as ``oai:arXiv.org:2203.05482``; empty where the server forgot it."""
    datestamp: date | None
    """Day of the record's last change."""
    deleted: bool
    sets: tuple[str, ...]
    paper: Paper | None
    """The paper; None where it was deleted, or could not be read."""
    problem: str | None
    """Why there is no paper although the record was not deleted."""

    @property
    def arxiv_id(self) -> str | None:
        """The arXiv id, without version."""
        return parse_arxiv_id(self.identifier.removeprefix(_PREFIX))


@dataclass(frozen=True, slots=True)
class OaiPage:
    """One answer."""

    verb: str | None
    """What it answers, such as ``ListRecords``; None where no record matches."""
    responded: datetime
    """When the server made it."""
    records: tuple[OaiRecord, ...] = ()
    token: str | None = None
    """Gets the next page; None at the end of the list."""
    expires: datetime | None = None
    """When the token expires."""
    size: int | None = None
    """Records in the whole list, where the server says."""
    cursor: int | None = None
    """Records before this page, where the server says."""
    removed: int = 0
    """Characters that were taken out, since XML forbids them."""
    flaw: str = ""
    """Why records may be missing; such a page is the last one that the server gives of its list."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with records that cannot be read, one line each."""
        found = ((one.identifier or "a record", one.problem) for one in self.records)
        return tuple(f"{name}: {problem}" for name, problem in found if problem)


def parse(body: bytes, source: str = "oai-pmh") -> OaiPage:
    """Return the page that an answer is.

    A record that cannot be read stands in the page with its `problem`; so does one in a format
    that is not arXiv's own.

    Parameters
    ----------
    source : str
        What errors call the service.

    Raises
    ------
    BadResponse
        If the answer is broken, or has neither records nor an error nor an end.
    BadToken, OaiError
        If it is an error, other than that no record matches, which is an empty page.
    """
    document = strict_xml.read(body, "OAI-PMH", [OAI, None])
    parts: dict[str, list[Element]] = {}
    for child in document.root:
        parts.setdefault(local_name(child), []).append(child)
    responded = utc_time(text(parts["responseDate"][0]) if "responseDate" in parts else "")
    if responded is None:
        raise BadResponse("an answer without its date")
    if errors := parts.get("error"):
        codes = [error.get("code", "unknown") for error in errors]
        if codes == ["noRecordsMatch"]:
            return OaiPage(None, responded, removed=document.removed)
        kind = BadToken if "badResumptionToken" in codes else OaiError
        raise kind(source, ", ".join(codes), " ".join(" ".join(map(text, errors)).split()))
    for verb in (*_ITEMS, *_NO_ITEMS):
        if verb in parts:
            return replace(_page(verb, responded, parts[verb][0]), removed=document.removed)
    raise BadResponse("neither records nor an error")


class OaiPmh:
    """arXiv's OAI-PMH server, one page at a time.

    Parameters
    ----------
    url : str
        Where it answers; without a path it is ``/oai`` there.
    prefix : str
        Format of the metadata: ``arXiv``, or ``arXivRaw``, which has versions.
    """

    def __init__(self, http: Http, url: str, prefix: str = "arXiv") -> None:
        parts = urlsplit(url)
        self.url = urlunsplit(parts._replace(path=parts.path.rstrip("/") or "/oai"))
        self.source = http.policy.source
        self._http = http
        self._prefix = prefix

    def now(self) -> float:
        """Seconds since the epoch, by the wall clock of the requests."""
        return (self._http.wall or self._http.clock)()

    def today(self) -> date:
        """Return the day, UTC."""
        return datetime.fromtimestamp(self.now(), UTC).date()

    def list_records(
        self,
        set_: str,
        since: date,
        until: date | None = None,
        *,
        tries: int | None = None,
        lenient: bool = False,
    ) -> OaiPage:
        """Return the first page of what changed in a set.

        Parameters
        ----------
        set_ : str
            Such as ``cs:cs:LG``.
        since, until : date
            First and last day; by default there is no last one.
        lenient : bool
            Accept a list that stays short of the size it promises, and say so in `flaw`.
        """
        asked = {"metadataPrefix": self._prefix, "set": set_, "from": since.isoformat()}
        if until is not None:
            asked["until"] = until.isoformat()
        return self._ask("ListRecords", asked, _Completeness(None, 0, None, lenient), tries)

    def resume(
        self,
        token: str,
        before: int = 0,
        size: int | None = None,
        *,
        tries: int | None = None,
        lenient: bool = False,
    ) -> OaiPage:
        """Return the next page of a list.

        Parameters
        ----------
        token : str
            From the page before.
        before, size : int
            How many records came before, and how many the list has, where that is known. A list
            that ends short of them is asked for again.

        Raises
        ------
        BadToken
            If the token expired, or leads nowhere.
        """
        asked = {"resumptionToken": token}
        page = self._ask("ListRecords", asked, _Completeness(token, before, size, lenient), tries)
        if page.verb is None:
            # arXiv's tokens count records from a day on: these have moved to another.
            raise BadToken(self.source, "noRecordsMatch", "after a resumption token")
        if page.cursor is not None and page.cursor > before > 0:
            # The page before was short, and said nothing of it.
            reason = f"record {page.cursor} comes after {before}"
            raise BadToken(self.source, "records are missing", reason)
        return page

    def record(self, arxiv_id: str) -> OaiRecord | None:
        """Return the record of an arXiv id, or None where there is none."""
        asked = {"identifier": _PREFIX + arxiv_id, "metadataPrefix": self._prefix}

        def check(page: OaiPage) -> None:
            if [record.arxiv_id for record in page.records] != [arxiv_id]:
                raise BadResponse("another record than the one asked for")

        try:
            return self._ask("GetRecord", asked, check).records[0]
        except OaiError as error:
            if error.code == "idDoesNotExist":
                return None
            raise

    def _ask(
        self,
        verb: str,
        asked: dict[str, str],
        check: Callable[[OaiPage], None],
        tries: int | None = None,
    ) -> OaiPage:
        def read(answer: HttpResponse) -> OaiPage:
            wrong = SourceError(self.source, f"HTTP {answer.status}", answer.status)
            try:
                page = parse(answer.body, self.source)
            except BadResponse:
                if answer.status == 200:
                    raise
                raise wrong from None
            # An error of the protocol was raised by now, whatever status it came with.
            if answer.status != 200 and page.verb:
                raise wrong
            if page.verb not in (verb, None):
                raise BadResponse(f"an answer to {page.verb}")
            check(page)
            return page

        params = {"verb": verb, **asked}
        return self._http.get(self.url, read, params=params, accept=_STATUSES, tries=tries)


@dataclass(frozen=True, slots=True)
class _Completeness:
    """Refuses a page where a list ends short of its size, or leads back to the same page."""

    token: str | None
    before: int
    size: int | None
    lenient: bool

    def __call__(self, page: OaiPage) -> None:
        size = page.size if page.size is not None else self.size
        read = self.before + len(page.records)
        if page.token is not None and page.token == self.token:
            flaw = "a page that leads to itself"
        elif page.token is None and page.verb and size is not None and read < size:
            flaw = f"an end after {read} of {size} records"
        else:
            return
        raise FlawedResponse(flaw, replace(page, token=None, flaw=flaw) if self.lenient else None)


def _page(verb: str, responded: datetime, body: Element) -> OaiPage:
    if verb in _NO_ITEMS:
        return OaiPage(verb, responded)
    records = tuple(_record(child) for child in body if local_name(child) == _ITEMS[verb])
    ends = [child for child in body if local_name(child) == "resumptionToken"]
    token = text(ends[0]) if ends else ""
    if not records and (token or not ends):
        raise BadResponse("a page without records that is not the last one")
    if not ends:
        return OaiPage(verb, responded, records)
    about = ends[0]
    # The protocol's name of it, and that by which arXiv's server writes it.
    expires = utc_time(about.get("expirationDate") or about.get("expires") or "")
    size, cursor = (_number(about.get(name)) for name in ("completeListSize", "cursor"))
    return OaiPage(verb, responded, records, token or None, expires, size, cursor)


def _record(element: Element) -> OaiRecord:
    header = next((one for one in (element, *element) if local_name(one) == "header"), element)
    sets = tuple(text(child) for child in header if local_name(child) == "setSpec")
    fields = child_texts(header)
    identifier, stamp = fields.get("identifier", ""), utc_time(fields.get("datestamp", ""))
    day = stamp.date() if stamp else None
    deleted = header.get("status") == "deleted"
    paper, problem = None, None
    if not identifier or not day:
        problem = "no identifier or no datestamp"
    elif not deleted and header is not element:
        try:
            paper = _paper(element, identifier)
        except ValueError as error:
            problem = str(error)
    return OaiRecord(identifier, day, deleted, sets, paper, problem)


def _paper(record: Element, identifier: str) -> Paper:
    parts = [part for part in record if local_name(part) == "metadata"]
    inside = [child for part in parts for child in part if local_name(child)]
    if len(inside) != 1:
        raise ValueError("no metadata")
    paper = oai_records.paper(inside[0])
    if paper.id != parse_arxiv_id(identifier.removeprefix(_PREFIX)):
        raise ValueError(f"metadata of {paper.id}")
    return paper


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
