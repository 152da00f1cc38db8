from dataclasses import fields
from pathlib import Path

import httpx
import pytest

from ingest.net.outside import Clients, Outside
from ingest.sources import registry
from ingest.sources.citations.source import CitationSource
from kg.settings import Settings

KEYS = [one.name for one in fields(Settings) if one.name.endswith("_key")]


def opened(tmp_path: Path, name: str, **settings: str) -> tuple[CitationSource, list[str]]:
    """The source of a name, and the requests' keys that its client sends."""
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.extend(
            value
            for header in ("x-api-key", "authorization")
            if (value := request.headers.get(header))
        )
        return httpx.Response(200, content=b"{}")

    outside = Outside(httpx.MockTransport(answer), sleep=lambda _: None)
    clients = Clients(Settings(home=tmp_path, **settings), outside)
    return registry.CITATIONS[name](clients), keys


@pytest.mark.parametrize("name", registry.CITATIONS)
def test_a_source_of_citations_is_opened_by_its_name(tmp_path: Path, name: str) -> None:
    source, keys = opened(tmp_path, name)
    assert source.name == source.http.policy.source == name
    assert source.batch > 0
    source.http.get("https://example.org/", lambda answer: answer.body)
    assert keys == []


@pytest.mark.parametrize("setting", KEYS)
def test_a_key_of_the_settings_is_sent(tmp_path: Path, setting: str) -> None:
    name = setting.removesuffix("_key").replace("_", "-")
    source, keys = opened(tmp_path, name, **{setting: "s3cret-key"})
    source.http.get("https://example.org/", lambda answer: answer.body)
    (key,) = keys
    assert key.endswith("s3cret-key")


def test_names_are_told_apart() -> None:
    assert len(set(registry.NAMES)) == len(registry.NAMES)
