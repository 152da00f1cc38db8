"""arXiv's API: searches and ids, answered as Atom feeds."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from tests.support.world.records import Record, Reply, Version, WorldRequest, stamp, words, xml

MOST_A_PAGE = 2000
MOST_A_QUERY = 30_000

HEAD = "<?xml version='1.0' encoding='UTF-8'?>\n"
_TYPE = {"Content-Type": "application/atom+xml; charset=utf-8"}
_ID = re.compile(r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(?P<version>\d+))?")
_TOKEN = re.compile(
    r"\s*(?:(?P<paren>[()])|(?P<operator>ANDNOT|AND|OR)(?=[\s(])"
    r'|(?:(?P<field>\w+):)?(?:"(?P<phrase>[^"]*)"|\[(?P<range>[^\]]*)\]|(?P<word>[^\s()"\[\]]+)))'
)

Found = Callable[[Record], bool]


class BadQuery(Exception):
    """A query that arXiv answers with an error feed."""


def answer(asked: WorldRequest, records: dict[str, Record], now: float) -> Reply:
    """Answer ``GET /api/query``."""
    params = {"search_query": "", "id_list": "", "start": "0", "max_results": "10"} | asked.params
    try:
        start, size = _number(params, "start"), _number(params, "max_results")
        if size > MOST_A_PAGE or start + size > MOST_A_QUERY:
            raise BadQuery(f"max_results must not be greater than {MOST_A_PAGE}")
        found = _found(params, records)
    except BadQuery as error:
        return Reply(400, dict(_TYPE), _error(str(error), now).encode())
    page = "".join(_entry(record, version) for record, version in found[start : start + size])
    told = "&".join(
        f"{name}={params[name]}" for name in ("search_query", "id_list", "start", "max_results")
    )
    digest = base64.b64encode(hashlib.sha1(told.encode()).digest()).decode().rstrip("=")
    feed = f"""{HEAD}\
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" \
xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/{digest}</id>
  <title>arXiv Query: {xml(told)}</title>
  <updated>{stamp(now)}</updated>
  <link href="https://arxiv.org/api/query?{_quoted(told)}" type="application/atom+xml"/>
  <opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>
  <opensearch:totalResults>{len(found)}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{page}</feed>
"""
    return Reply(200, dict(_TYPE), feed.encode())


def _number(params: dict[str, str], name: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", params[name]):
        raise BadQuery(f"{name} must be an integer")
    return int(params[name])


def _found(params: dict[str, str], records: dict[str, Record]) -> list[tuple[Record, int]]:
    """Return all records that are asked for, each with the number of the version."""
    test = parsed(params["search_query"]) if params["search_query"].strip() else None
    ids = [one.strip() for one in params["id_list"].split(",") if one.strip()]
    if ids:
        named = list(dict.fromkeys(_named(ids, records)))
        found = [one for one in named if test is None or test(one[0])]
    elif test is None:
        found = []
    else:
        found = [(one, len(one.versions)) for one in records.values() if test(one)]
    found = [(record, version) for record, version in found if not record.deleted]
    order = params.get("sortBy", "relevance")
    if order not in ("relevance", "lastUpdatedDate", "submittedDate"):
        raise BadQuery("sortBy must be in: relevance, lastUpdatedDate, submittedDate")
    down = params.get("sortOrder", "descending") == "descending"
    if order == "submittedDate":
        found.sort(key=lambda one: (one[0].published, one[0].id), reverse=down)
    elif order == "lastUpdatedDate":
        found.sort(key=lambda one: (one[0].updated, one[0].id), reverse=down)
    return found


def _named(ids: list[str], records: dict[str, Record]) -> Iterator[tuple[Record, int]]:
    for one in ids:
        match = _ID.fullmatch(one)
        if not match:
            raise BadQuery(f"incorrect id format for {one}")
        record = records.get(re.sub(r"\.[A-Z]{2}/", "/", match["id"]))
        version = int(match["version"] or 0) or (len(record.versions) if record else 0)
        if record and version <= len(record.versions):
            yield record, version


def _entry(record: Record, number: int) -> str:
    version: Version = record.versions[number - 1]
    paper, name = version.paper, f"{record.id}v{number}"
    lines = [
        f"<id>http://arxiv.org/abs/{name}</id>",
        f"<title>{xml(paper.title)}</title>",
        f"<updated>{stamp(version.at)}</updated>",
        f'<link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>',
        f'<link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf"'
        ' title="pdf"/>',
    ]
    if paper.doi:
        lines.append(
            f'<link rel="related" href="https://doi.org/{_quoted(paper.doi)}" title="doi"/>'
        )
    lines.append(f"<summary>{xml(paper.abstract or '')}</summary>")
    scheme = "http://arxiv.org/schemas/atom"
    lines += [f'<category term="{one}" scheme="{scheme}"/>' for one in paper.categories]
    lines.append(f"<published>{stamp(record.published)}</published>")
    if paper.comment:
        lines.append(f"<arxiv:comment>{xml(paper.comment)}</arxiv:comment>")
    if paper.categories:
        lines.append(f'<arxiv:primary_category term="{paper.categories[0]}"/>')
    if paper.journal_ref:
        lines.append(f"<arxiv:journal_ref>{xml(paper.journal_ref)}</arxiv:journal_ref>")
    lines += [f"<author>\n      <name>{xml(one)}</name>\n    </author>" for one in paper.authors]
    if paper.doi:
        lines.append(f"<arxiv:doi>{xml(paper.doi)}</arxiv:doi>")
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _error(message: str, now: float) -> str:
    link = f"https://arxiv.org/api/errors#{message.replace(' ', '_')}"
    return f"""{HEAD}<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" \
xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/</id>
  <title>arXiv Search Results</title>
  <updated>{stamp(now)}</updated>
  <opensearch:itemsPerPage>1</opensearch:itemsPerPage>
  <opensearch:totalResults>1</opensearch:totalResults>
  <opensearch:startIndex>0</opensearch:startIndex>
  <entry>
    <id>{xml(link)}</id>
    <title>Error</title>
    <updated>{stamp(now)}</updated>
    <link href="{_quoted(link)}" rel="alternate" type="text/html"/>
    <summary>{xml(message)}</summary>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
</feed>
"""


def _quoted(text: str) -> str:
    return xml(text).replace('"', "&quot;")


def parsed(query: str) -> Found:
    """Return what tells whether a record is found: AND binds tighter than OR.

    Raises
    ------
    BadQuery
        If the query has no meaning.
    """
    tokens, place = [], 0
    while place < len(query.rstrip()):
        match = _TOKEN.match(query + " ", place)
        if not match:
            raise BadQuery(f"malformed query at {query[place:][:20]}")
        tokens.append(match)
        place = match.end()
    test, left = _either(tokens)
    if left:
        raise BadQuery("malformed query: a parenthesis too many")
    return test


Tokens = list[re.Match[str]]


def _either(tokens: Tokens) -> tuple[Found, Tokens]:
    tests: list[Found] = []
    while True:
        test, tokens = _all(tokens)
        tests.append(test)
        if not tokens or tokens[0]["operator"] != "OR":
            return lambda record: any(one(record) for one in tests), tokens
        tokens = tokens[1:]


def _all(tokens: Tokens) -> tuple[Found, Tokens]:
    wanted: list[tuple[bool, Found]] = []
    while True:
        negated = bool(wanted and tokens and tokens[0]["operator"] == "ANDNOT")
        if wanted and tokens and tokens[0]["operator"] in ("AND", "ANDNOT"):
            tokens = tokens[1:]
        test, tokens = _one(tokens)
        wanted.append((negated, test))
        if not tokens or tokens[0]["operator"] == "OR" or tokens[0]["paren"] == ")":
            return lambda record: all(one(record) != no for no, one in wanted), tokens


def _one(tokens: Tokens) -> tuple[Found, Tokens]:
    if not tokens or tokens[0]["operator"] or tokens[0]["paren"] == ")":
        raise BadQuery("malformed query: a term is missing")
    first, rest = tokens[0], tokens[1:]
    if not first["paren"]:
        return _term(first), rest
    test, rest = _either(rest)
    if not rest or rest[0]["paren"] != ")":
        raise BadQuery("malformed query: a parenthesis is not closed")
    return test, rest[1:]


def _term(token: re.Match[str]) -> Found:
    field = token["field"] or "all"
    if token["range"] is not None:
        return _within(field, token["range"])
    text = token["word"] or token["phrase"] or ""
    if field == "cat":
        start = text.rstrip("*")
        return lambda record: any(
            one == text or (text != start and one.startswith(start))
            for one in record.paper.categories
        )
    if field == "id":
        return lambda record: record.id == text
    if field not in (*_FIELDS, "all"):
        raise BadQuery(f"malformed query: no field {field}")
    phrase = words(text.replace("_", " "))
    fields = tuple(_FIELDS) if field == "all" else (field,)
    return lambda record: any(phrase in _words(record, one) for one in fields)


_FIELDS: dict[str, Callable[[Record], Iterable[str]]] = {
    "ti": lambda record: [record.paper.title],
    "abs": lambda record: [record.paper.abstract or ""],
    "au": lambda record: record.paper.authors,
    "co": lambda record: [record.paper.comment or ""],
    "jr": lambda record: [record.paper.journal_ref or ""],
}


def _words(record: Record, field: str) -> str:
    if field not in record.words:
        record.words[field] = "".join(words(one) for one in _FIELDS[field](record))
    return record.words[field]


def _within(field: str, text: str) -> Found:
    ends = re.fullmatch(r"\s*(\d{8}(?:\d{4})?(?:\d\d)?) TO (\d{8}(?:\d{4})?(?:\d\d)?)\s*", text)
    if not ends or field not in ("submittedDate", "lastUpdatedDate"):
        raise BadQuery(f"malformed query: no range {field}:[{text}]")
    try:
        since, until = (
            datetime.strptime(one, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            for one in (ends[1].ljust(14, "0"), ends[2] + "235959"[len(ends[2]) - 8 :])
        )
    except ValueError as error:
        raise BadQuery(f"malformed query: no date in [{text}]") from error
    if field == "submittedDate":
        return lambda record: since <= record.published <= until
    return lambda record: since <= record.updated <= until
