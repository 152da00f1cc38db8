"""JSON-LD with papers in schema.org's terms, and with their cards where our own export wrote it.

What `kg.export.jsonld` writes is read, and articles as publishers embed them in their pages. Names
are taken as they stand, with or without a prefix; no context is fetched.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from ingest.sources.bibliography.reference import (
    BibEntry,
    Bibliography,
    BrokenEntry,
    LineNumbers,
    decoded_title,
)
from kg.cards.card import Card, card_of
from kg.export.jsonld import CARD
from kg.text.plain import plain_text

KIND = "JSON-LD"

Node = dict[str, Any]

_START = re.compile(r"[\[{\s\ufeff]*\"@(?:context|graph|id|type)\"")
_TYPES = frozenset(
    {"ScholarlyArticle", "Article", "Report", "TechArticle", "Thesis", "Book", "Chapter"}
)
"""Classes of schema.org that are papers."""

_TYPED = re.compile(rf'"(?:https?://schema\.org/|schema:)?(?:{"|".join(sorted(_TYPES))})"')


def looks_like_jsonld(text: str) -> bool:
    """Return whether a text begins as a document of JSON-LD does.

    >>> looks_like_jsonld('{"@context": "https://schema.org", "@type": "Article"}')
    True
    """
    return bool(_START.match(text[:2_000]))


def count(text: str) -> int:
    """Return how many papers a text has at most, without parsing it."""
    return sum(1 for _ in _TYPED.finditer(text))


def parse(text: str) -> Bibliography:
    """Parse a document of JSON-LD.

    Examples
    --------
    >>> found = parse('{"@type": "ScholarlyArticle", "name": "Model soups"}')
    >>> found.references[0].entry.title
    'Model soups'
    """
    lines = LineNumbers(text)
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        line = lines.at(error.pos) if isinstance(error, json.JSONDecodeError) else 1
        return Bibliography(KIND, (), (BrokenEntry("", "not JSON", line),))
    references: list[BibEntry] = []
    broken: list[BrokenEntry] = []
    place = 0
    for node in _nodes(document):
        if not _TYPES.isdisjoint(map(_plain_name, _list(node.get("@type")))):
            needle = f'"@id": {json.dumps(node.get("@id"), ensure_ascii=False)}'
            place = max(place, text.find(needle, place))
            line = lines.at(place)
            try:
                references.append(_reference(node, line))
            except ValueError as error:
                reason = f"its card cannot be read: {plain_text(str(error))}"
                broken.append(BrokenEntry(_text(node.get("name"))[:80], reason, line))
    return Bibliography.of(KIND, references, broken, text)


def _nodes(value: object) -> Iterator[Node]:
    """Yield the nodes of a document, at its top or in its graphs."""
    for one in _list(value):
        if isinstance(one, dict):
            if "@graph" in one:
                yield from _nodes(one["@graph"])
            else:
                yield one


def _reference(node: Node, line: int) -> BibEntry:
    node = {_plain_name(name): value for name, value in node.items()}
    identifiers = [
        _text(one.get("value") if isinstance(one, dict) else one)
        for one in _list(node.get("identifier"))
    ]
    links = [_text(one) for name in ("@id", "url", "sameAs") for one in _list(node.get(name))]
    venue = next(iter(_list(node.get("isPartOf"))), None)
    record = node.get(CARD)
    return BibEntry.of(
        name=links[0] if links else f"paper in line {line}",
        title=decoded_title(_text(node.get("name")) or _text(node.get("headline"))),
        authors=map(_person, _list(node.get("author"))),
        places=[*identifiers, *links],
        dois=[*identifiers, *links],
        date=_text(node.get("datePublished")),
        venue=decoded_title(_text(venue.get("name")) if isinstance(venue, dict) else _text(venue)),
        abstract=_text(node.get("abstract")),
        card=_card(record) if record is not None else None,
        line=line,
    )


def _card(record: object) -> Card:
    if isinstance(record, dict) and "@value" in record:
        record = record["@value"]
    if not isinstance(record, dict):
        raise ValueError("it is no JSON object")
    return card_of(record)


def _person(value: object) -> str:
    if not isinstance(value, dict):
        return _text(value)
    parts = (_text(value.get(name)) for name in ("givenName", "familyName", "honorificSuffix"))
    return _text(value.get("name")) or " ".join(filter(None, parts))


def _plain_name(name: object) -> str:
    """Return a name of schema.org without its prefix."""
    return re.sub(r"^(?:https?://schema\.org/|schema:)", "", str(name))


def _list(value: object) -> list[Any]:
    if isinstance(value, dict) and ("@list" in value or "@set" in value):
        value = value.get("@list", value.get("@set"))
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    """Return a value on one line, without what types it or names its language."""
    if isinstance(value, dict):
        value = value.get("@value", value.get("@id"))
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
