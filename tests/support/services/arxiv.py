"""Small simulations of arXiv's API and OAI-PMH."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import escape

import httpx

from ingest.net.gate import Pace
from ingest.net.http import Http, RequestPolicy
from ingest.sources.arxiv.api import ArxivApi
from tests.support.clock import SimulatedClock

FEED = '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
URL = "http://127.0.0.1:1234"
IDS = [f"2001.{number:05}" for number in range(1, 1000)]
Server = Callable[[httpx.Request], httpx.Response]


def http(answer: Callable[[httpx.Request], httpx.Response], tries: int = 8) -> Http:
    """Return a client of a server that `answer` plays."""
    clock = SimulatedClock(datetime(2024, 6, 1, tzinfo=UTC))
    return Http(
        RequestPolicy("arxiv", tries=tries),
        Pace(3.0, clock, clock.sleep),
        httpx.MockTransport(answer),
        clock=clock,
        sleep=clock.sleep,
        chance=lambda: 0.5,
    )


def entry(arxiv_id: str, title: str | None = None, **facts: str) -> str:
    """Return an entry of a feed."""
    title = f"On the Subject of {arxiv_id}" if title is None else title
    return (
        f"<entry><id>http://arxiv.org/abs/{arxiv_id}v{facts.get('version', '1')}</id>"
        f"<title>{escape(title)}</title>"
        f"<published>{facts.get('published', '2020-01-02T03:04:05Z')}</published>"
        f"<updated>{facts.get('updated', '2020-02-03T04:05:06Z')}</updated>"
        f"<summary>{escape(facts.get('summary', 'It works.'))}</summary>"
        "<author><name>Ada Author</name></author>"
        '<category term="cs.CL"/><category term="cs.LG"/>'
        '<arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="cs.LG"/>'
        f"{facts.get('more', '')}</entry>"
    )


def feed(entries: list[str], total: int | None = None, start: int = 0, size: int = 100) -> bytes:
    """Return a page of a feed, whose promise may be broken."""
    total = len(entries) if total is None else total
    numbers = {"totalResults": total, "startIndex": start, "itemsPerPage": size}
    about = "".join(f'<{name} xmlns="{SEARCH}">{n}</{name}>' for name, n in numbers.items())
    return f"{FEED}{about}{''.join(entries)}</feed>".encode()


def paged(request: httpx.Request, entries: list[str]) -> bytes:
    """Return the page of a list that a request asks for."""
    start, size = (int(request.url.params[name]) for name in ("start", "max_results"))
    return feed(entries[start : start + size], len(entries), start, size)


def record(arxiv_id: str, day: date, metadata: str | None = None) -> str:
    """Return a record of a list, deleted if its metadata are empty."""
    if metadata is None:
        metadata = (
            '<arXiv xmlns="http://arxiv.org/OAI/arXiv/">'
            f"<id>{arxiv_id}</id><created>2020-01-05</created><title>On {arxiv_id}</title>"
            "<authors><author><keyname>Author</keyname><forenames>Ada</forenames></author>"
            "</authors><categories>cs.LG cs.CL</categories><abstract>It works.</abstract></arXiv>"
        )
    status = "" if metadata else ' status="deleted"'
    inside = f"<metadata>{metadata}</metadata>" if metadata else ""
    return (
        f"<record><header{status}>"
        f"<identifier>oai:arXiv.org:{arxiv_id}</identifier><datestamp>{day}</datestamp>"
        "<setSpec>cs:cs:LG</setSpec></header>"
        f"{inside}</record>"
    )


def oai(inside: str, responded: str = "2024-05-20T01:02:03Z") -> bytes:
    """Return an OAI-PMH answer."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{responded}</responseDate><request>http://oai</request>{inside}</OAI-PMH>"
    ).encode()


def refusal(code: str) -> bytes:
    """Return an error of the protocol."""
    return oai(f'<error code="{code}">no</error>')


class OaiServer:
    """A server of one set, in the order of datestamps, whose tokens are a day and a count.

    Parameters
    ----------
    stamps : dict of str to date
        arXiv id -> datestamp; may be changed between requests.
    page : int
        Records on a page.
    expire : callable
        Given the number of the request, whether it finds its token expired.
    """

    def __init__(
        self,
        stamps: dict[str, date],
        page: int = 2,
        expire: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self.stamps = stamps
        self.page = page
        self.expire = expire
        self.asked: list[dict[str, str]] = []
        self.today = max(stamps.values(), default=date(2024, 5, 1)) + timedelta(days=1)
        self.expires = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        self.asked.append(asked)
        token = asked.get("resumptionToken")
        if token and self.expire(len(self.asked)):
            return httpx.Response(200, content=refusal("badResumptionToken"))
        day, skip = token.split("/") if token else (asked["from"], "0")
        every = self.listed(date.fromisoformat(day))
        rest = every[int(skip) :]
        shown = rest[: self.page]
        if not shown:
            return httpx.Response(200, content=refusal("noRecordsMatch"))
        inside = "".join(record(name, self.stamps[name]) for name in shown)
        if len(rest) > self.page:
            about = f' expirationDate="{self.expires}"' if self.expires else ""
            last = self.stamps[shown[-1]]
            count = int(skip) + self.page
            if f"{last}" != day:
                day, count = f"{last}", sum(self.stamps[name] == last for name in shown)
            inside += f"<resumptionToken{about}>{day}/{count}</resumptionToken>"
        elif token:
            inside += "<resumptionToken/>"
        body = oai(f"<ListRecords>{inside}</ListRecords>", f"{self.today}T00:00:01Z")
        return httpx.Response(200, content=body)

    def listed(self, since: date) -> list[str]:
        """Return the ids that changed since a day, in the order of the list."""
        changed = [name for name, day in self.stamps.items() if day >= since]
        return sorted(changed, key=lambda name: (self.stamps[name], name))


def api(answer: Server, page: int = 500, tries: int = 8) -> ArxivApi:
    """Return the API that `answer` plays."""
    return ArxivApi(http(answer, tries), URL, page)


def counting(answer: Server, page: int = 500) -> tuple[ArxivApi, Http]:
    """The same, with the client that counts its requests."""
    client = http(answer)
    return ArxivApi(client, URL, page), client


def serve(entries: dict[str, str], refused: tuple[str, ...] = ()) -> Server:
    """A server that knows these entries, and answers 400 to other ids."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params["id_list"].split(",")
        if bad := [one for one in asked if one in refused]:
            page = [
                entry("x").replace("http://arxiv.org/abs/xv1", "https://arxiv.org/api/errors#x")
            ]
            body = feed(page).replace(b"It works.", f"incorrect id format for {bad[0]}".encode())
            return httpx.Response(400, content=body)
        return httpx.Response(200, content=feed([entries[one] for one in asked if one in entries]))

    return answer


def replies(*bodies: bytes | int) -> tuple[Server, list[httpx.Request]]:
    """A server that says these one after the other, the last one forever."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        said = bodies[min(len(asked), len(bodies) - 1)]
        asked.append(request)
        return httpx.Response(said) if isinstance(said, int) else httpx.Response(200, content=said)

    return answer, asked
