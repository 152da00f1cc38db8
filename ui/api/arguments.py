"""How programs pass arguments: what is null or blank takes its default, and no schema has null.

Language models and the clients around them fill in every parameter they know of, and send null or
an empty string for those that they do not mean. Some clients refuse a whole server for one
parameter whose schema is ``anyOf [.., null]``. Both hold for all tools, whatever their parameters.
"""

import re
from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Any

from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi

_BETWEEN = re.compile(r"[\s,;]+")


def given(signature: Signature, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without those that are null or blank and may be left out.

    An empty list stays: a program that found no paper does not mean all of them.

    >>> def ask(question: str, k: int = 10): ...
    >>> from inspect import signature
    >>> given(signature(ask), {"question": "", "k": None})
    {'question': ''}
    """
    optional = {
        name
        for name, parameter in signature.parameters.items()
        if parameter.default is not Parameter.empty
    }
    return {
        name: value
        for name, value in arguments.items()
        if not (name in optional and _is_blank(value))
    }


def without_null(schema: Any) -> Any:
    """Return a JSON schema in which nothing may be null: who means null leaves it out.

    >>> without_null({"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None})
    {'type': 'integer'}
    """
    if isinstance(schema, list):
        return [without_null(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: without_null(value)
        for name, value in schema.items()
        if not (name == "default" and value is None)
    }
    for name in ("anyOf", "oneOf"):
        if {"type": "null"} in kept.get(name, ()):
            others = [one for one in kept.pop(name) if one != {"type": "null"}]
            # What is said of the parameter as a whole goes before what is said of its type.
            kept = {**others[0], **kept} if len(others) == 1 else {**kept, name: others}
    return kept


def names(value: Any) -> Any:
    """Return a text that names papers as a list: one a line, or ids with commas or spaces between.

    >>> names("2203.05482, 2212.04089")
    ['2203.05482', '2212.04089']
    >>> names("Editing, merging and tuning")
    ['Editing, merging and tuning']
    """
    if not isinstance(value, str):
        return value
    found: list[str] = []
    for line in filter(None, map(str.strip, value.splitlines())):
        parts = [part for part in _BETWEEN.split(line) if part]
        found.extend(
            parts if all(parse_arxiv_id(one) or parse_doi(one) for one in parts) else [line]
        )
    return found


def lines(value: Any) -> Any:
    """Return a text as the list of its lines that are not blank.

    >>> lines("model merging\\n\\nediting facts")
    ['model merging', 'editing facts']
    """
    if not isinstance(value, str):
        return value
    return [line for line in map(str.strip, value.splitlines()) if line]


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
