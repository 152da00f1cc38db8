"""Errors: the tree that is drawn at the top of their module is that of the classes."""

import re

import ingest.sources.oai.protocol  # noqa: F401
import ui.auth.authenticator  # noqa: F401
from kg import errors


def test_the_tree_of_errors_is_as_drawn() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"((?:│   |    |├── |└── )*)([A-Z]\w+) {2,}\S", line):
            del above[len(found[1]) // 4 :]
            drawn[found[2]] = above[-1] if above else ""
            above.append(found[2])
    assert drawn == {"AtlasError": "", **dict(_below(errors.AtlasError, "AtlasError"))}


def _below(parent: type, named: str) -> list[tuple[str, str]]:
    found = []
    for child in parent.__subclasses__():
        if child.__module__.startswith("tests."):
            continue
        # A private class has no place of its own in the tree.
        name = named if child.__name__.startswith("_") else child.__name__
        found += [(name, named)] * (name != named) + _below(child, name)
    return found
