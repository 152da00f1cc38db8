"""Faults of servers and networks, each by its name.

A fault turns the true reply into what is sent in its place, or None where it has no meaning.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from urllib.parse import urlsplit

from tests.support.world.records import Reply, WorldRequest

HUGE = 100 << 20
"""Bytes of the long answer."""

_HTML = b"<!DOCTYPE html>\n<html><head><title>Oops</title></head><body>We are busy.</body></html>\n"
_ITEM = re.compile(rb"  <entry>.*?</entry>\n|<record>.*?</record>\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FaultContext:
    """The request and the true reply that a fault replaces."""

    asked: WorldRequest
    service: str
    reply: Reply
    now: float
    chance: random.Random
    before: list[bytes]
    """Items of the page that this service sent before."""

    @property
    def answered(self) -> bool:
        return self.reply.status == 200 and bool(self.reply.body)

    def sent(self, body: bytes) -> Reply | None:
        return replace(self.reply, body=body) if body != self.reply.body else None


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault."""

    name: str
    deal: Callable[[FaultContext], Reply | None]

    def __repr__(self) -> str:
        return self.name


def _status(
    code: int, wait: Callable[[FaultContext], str] | None = None
) -> Callable[[FaultContext], Reply]:
    def deal(context: FaultContext) -> Reply:
        headers = {"Content-Type": "text/html", "Date": formatdate(context.now, usegmt=True)}
        if wait:
            headers["Retry-After"] = wait(context)
        return Reply(code, headers, _HTML)

    return deal


def _ending(ending: str) -> Callable[[FaultContext], Reply | None]:
    def deal(context: FaultContext) -> Reply | None:
        if ending == "cut" and len(context.reply.body) < 2:
            return None
        return replace(context.reply, ending=ending)

    return deal


def _truncated(context: FaultContext) -> Reply | None:
    if not context.answered or context.service == "lists":
        return None  # It cannot be distinguished from a list that ends there.
    body = context.reply.body.rstrip()
    return context.sent(body[: context.chance.randrange(1, len(body))])


def _malformed(context: FaultContext) -> Reply | None:
    body = context.reply.body
    if not context.answered or context.service == "lists":
        return None
    if body.lstrip().startswith((b"{", b"[")):
        return context.sent(body.replace(b'"', b"'", 1))
    return context.sent(body.replace(b"</", b"<", 1).replace(b"&amp;", b"&", 1))


def _html(_: FaultContext) -> Reply:
    return Reply(200, {"Content-Type": "text/html; charset=utf-8"}, _HTML)


def items_of(body: bytes) -> list[bytes]:
    """Return the items of a page, as they are written."""
    if not body.lstrip().startswith((b"{", b"[")):
        return [] if b"/api/errors#" in body else _ITEM.findall(body)
    document = json.loads(body)
    if isinstance(document, dict):
        document = document.get("results", [])
    return [json.dumps(one).encode() for one in document]


def _with(body: bytes, items: list[bytes]) -> bytes:
    """Return a page with other items; the counts that it states stay."""
    if not body.lstrip().startswith((b"{", b"[")):
        start = _ITEM.search(body)
        assert start
        return body[: start.start()] + b"".join(items) + _ITEM.sub(b"", body[start.start() :])
    document = json.loads(body)
    values = [json.loads(one) for one in items]
    return json.dumps(
        {**document, "results": values} if isinstance(document, dict) else values
    ).encode()


def _promises(context: FaultContext) -> list[bytes]:
    """Return the items of a page that states how many there are."""
    if not context.answered or context.service == "lists":
        return []
    if context.service == "oai" and b"<resumptionToken" not in context.reply.body:
        return []
    return items_of(context.reply.body)


def _empty_page(context: FaultContext) -> Reply | None:
    if context.answered and context.service == "lists":
        return context.sent(b"")
    return context.sent(_with(context.reply.body, [])) if _promises(context) else None


def _short_page(context: FaultContext) -> Reply | None:
    items = _promises(context)
    if len(items) < 2:
        return None
    lost = set(context.chance.sample(range(len(items)), context.chance.randrange(1, len(items))))
    kept = [one for place, one in enumerate(items) if place not in lost]
    return context.sent(_with(context.reply.body, kept))


def _duplicates(context: FaultContext) -> Reply | None:
    items = _promises(context)
    if not items or context.service == "semantic-scholar":
        return None  # Its items stand in the order of the question.
    again = [*context.before[-2:], *items, items[0]]
    return context.sent(_with(context.reply.body, again))


def _expired_token(context: FaultContext) -> Reply | None:
    if context.service != "oai" or "resumptionToken" not in context.asked.params:
        return None
    body = re.sub(
        rb"<List.*</List\w+>",
        b'<error code="badResumptionToken">The token has expired</error>',
        context.reply.body,
        flags=re.DOTALL,
    )
    return context.sent(body)


def _latin1(context: FaultContext) -> Reply | None:
    if not context.answered:
        return None
    body = re.sub(rb"[\x80-\xff]+", b"\xe9", context.reply.body)
    if body.isascii():
        # Within a text, so that nothing else is wrong with it.
        end = b'"' if body.startswith((b"{", b"[")) else b"</"
        start, mark, rest = body.rpartition(end)
        body = start + b"\xe9" + mark + rest
    return context.sent(body)


def _utf16(context: FaultContext) -> Reply | None:
    return context.sent(context.reply.body.decode().encode("utf-16")) if context.answered else None


class _Long:
    """A body that is made while it is sent; it tells how much of it was."""

    def __init__(self) -> None:
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        part = b" " * (1 << 16)
        while self.sent < HUGE:
            self.sent += len(part)
            yield part


def _huge(context: FaultContext) -> Reply | None:
    return replace(context.reply, body=b"", parts=_Long()) if context.answered else None


def _redirect_same(context: FaultContext) -> Reply | None:
    if context.asked.method != "GET":
        return None
    address = urlsplit(context.asked.url)
    query = f"{address.query}&redirected=1" if address.query else "redirected=1"
    return Reply(302, {"Location": f"{address.path}?{query}"})


def _redirect_away(context: FaultContext) -> Reply:
    return Reply(302, {"Location": f"https://elsewhere.invalid{urlsplit(context.asked.url).path}"})


def _bad_entry(context: FaultContext) -> Reply | None:
    """Spoil the first of several items: what has no title, or no form, is no paper."""
    items = items_of(context.reply.body) if context.answered and context.service != "lists" else []
    if len(items) < 2:
        return None
    if context.service in ("arxiv", "oai"):
        bad = re.sub(rb"<title>.*?</title>", b"", items[0], flags=re.DOTALL)
    else:
        bad = b'{"id": 7, "references": 7}'
    return context.sent(_with(context.reply.body, [bad, *items[1:]]))


def _control_character(context: FaultContext) -> Reply | None:
    r"""Put characters that XML and JSON forbid into the first text."""
    if not context.answered or context.service == "lists":
        return None
    if context.service in ("arxiv", "oai"):
        return context.sent(re.sub(rb"(<title>|<abstract>)", b"\\1\x0b&#x1F;", context.reply.body))
    return context.sent(context.reply.body.replace(b'": "', b'": "\x0b', 1))


def _total_too_high(context: FaultContext) -> Reply | None:
    if not context.answered:
        return None

    def more(number: re.Match[bytes]) -> bytes:
        return number[1] + b"%d" % (int(number[2]) + 1)

    return context.sent(
        re.sub(rb'(totalResults>|completeListSize=")(\d+)', more, context.reply.body)
    )


def unreadable(text: bytes) -> "Fault":
    """Return what breaks each page that has a text."""

    def deal(context: FaultContext) -> Reply | None:
        if not context.answered or text not in context.reply.body:
            return None
        return context.sent(context.reply.body.replace(text, text + b" < &"))

    return Fault("unreadable", deal)


def _seconds(context: FaultContext) -> str:
    return str(context.chance.randrange(1, 60))


def _date(context: FaultContext) -> str:
    return formatdate(context.now + context.chance.randrange(1, 60), usegmt=True)


TOO_MANY = Fault("429", _status(429))
TOO_MANY_SECONDS = Fault("429 with Retry-After in seconds", _status(429, _seconds))
TOO_MANY_DATE = Fault("429 with Retry-After as a date", _status(429, _date))
TOO_MANY_LONG = Fault("429 with Retry-After of an hour", _status(429, lambda _: "3600"))
ERROR_500 = Fault("500", _status(500))
ERROR_502 = Fault("502", _status(502))
ERROR_503 = Fault("503", _status(503))
ERROR_503_SECONDS = Fault("503 with Retry-After", _status(503, _seconds))
ERROR_504 = Fault("504", _status(504))
FORBIDDEN = Fault("403", _status(403))
TIMEOUT = Fault("timeout", _ending("hang"))
RESET = Fault("connection reset", _ending("reset"))
RESET_MID_BODY = Fault("connection reset mid-body", _ending("cut"))
TRUNCATED = Fault("truncated", _truncated)
MALFORMED = Fault("malformed", _malformed)
HTML = Fault("HTML with status 200", _html)
EMPTY_PAGE = Fault("empty page", _empty_page)
SHORT_PAGE = Fault("short page", _short_page)
DUPLICATES = Fault("duplicates across pages", _duplicates)
EXPIRED_TOKEN = Fault("expired token", _expired_token)
LATIN1 = Fault("latin-1 that says it is UTF-8", _latin1)
UTF16 = Fault("UTF-16 that says it is UTF-8", _utf16)
LONG = Fault("100 MB", _huge)
REDIRECT_SAME = Fault("redirect on the same host", _redirect_same)
REDIRECT_AWAY = Fault("redirect to another host", _redirect_away)
BAD_ENTRY = Fault("bad entry", _bad_entry)
CONTROL_CHARACTER = Fault("control character", _control_character)
TOTAL_TOO_HIGH = Fault("total too high", _total_too_high)
DOWN = Fault("connection refused", _ending("refused"))

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Fault))
"""Every fault."""

FATAL = (FORBIDDEN, TOO_MANY_LONG, LONG, REDIRECT_AWAY)
"""Those after which asking again is useless, or not allowed."""

LASTING = (BAD_ENTRY, CONTROL_CHARACTER, TOTAL_TOO_HIGH, DOWN)
"""Those that are no accident: another try finds them again."""

MENDING = tuple(one for one in ALL if one not in (*FATAL, *LASTING))
"""Those that another try mends."""


class Faults:
    """Which request meets which fault: those that were asked for first, then some by chance.

    Parameters
    ----------
    share : float
        Of the requests that meet a fault by chance, 0 to 1.
    kinds : collection of Fault
        Those dealt by chance.
    services : collection of str, optional
        Those that meet one; all by default.
    seed : int
    most_in_a_row : int
        So many faults of chance follow each other at one service, and then comes the truth.
    always : mapping of str to sequence of Fault, optional
        By service, those that each of its answers has, all at once.
    """

    def __init__(
        self,
        share: float = 0.0,
        kinds: Collection[Fault] = MENDING,
        services: Collection[str] | None = None,
        seed: int = 0,
        most_in_a_row: int = 5,
        always: Mapping[str, Sequence[Fault]] | None = None,
    ) -> None:
        self.always = dict(always or {})
        self.share, self.kinds, self.services = share, tuple(kinds), services
        self.most_in_a_row = most_in_a_row
        self.dealt: Counter[str] = Counter()
        """How often each was dealt, by name."""
        self._chance = random.Random(seed)
        self._next: list[Fault | None] = []
        self._row: Counter[str] = Counter()
        self._before: dict[str, list[bytes]] = {}

    def next(self, *faults: Fault | None) -> None:
        """Let the next requests to `services` meet these, in this order; None is the truth.

        One that has no meaning for a request waits for the next one.
        """
        self._next.extend(faults)

    def apply(
        self, asked: WorldRequest, service: str, reply: Reply, now: float
    ) -> tuple[Reply, str]:
        """Return what is sent, and the name of the fault or nothing."""
        before = self._before.get(service, [])
        if reply.status == 200 and service != "lists":
            self._before[service] = items_of(reply.body)
        if (self.services is not None and service not in self.services) or (
            "redirected" in asked.params
        ):
            return reply, ""
        lasting = ""
        for fault in self.always.get(service, ()):
            if sent := fault.deal(FaultContext(asked, service, reply, now, self._chance, before)):
                self.dealt[fault.name] += 1
                reply, lasting = sent, fault.name
        context = FaultContext(asked, service, reply, now, self._chance, before)
        for fault in self._chosen(service):
            if (sent := fault.deal(context)) is not None:
                if self._next:
                    self._next.pop(0)
                self._row[service] += 1
                self.dealt[fault.name] += 1
                return sent, fault.name
        if self._next and self._next[0] is None:
            self._next.pop(0)
        self._row[service] = 0
        return reply, lasting

    def _chosen(self, service: str) -> list[Fault]:
        """Return the faults that the next request may meet, the first one that can be."""
        if self._next:
            return [self._next[0]] if self._next[0] else []
        if self._row[service] >= self.most_in_a_row or self._chance.random() >= self.share:
            return []
        return self._chance.sample(self.kinds, len(self.kinds))
