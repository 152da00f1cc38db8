"""A refresh ends by delivering what it brought; a dry run delivers nothing."""

import json
from pathlib import Path

from ingest.delivery.deliver import Delivery
from ingest.delivery.targets import EmptyDigests, FileTarget, WebhookForm, WebhookTarget
from tests.support.refreshing import SOURCES, Field


def to_file(path: Path) -> Delivery:
    return Delivery((FileTarget(path),), EmptyDigests.ALWAYS)


def test_a_refresh_delivers_what_it_brought(home: Path, tmp_path: Path) -> None:
    field, path = Field(listed=3, new=1), tmp_path / "news.json"
    report = field.refresh(home, delivery=to_file(path))
    first = json.loads(path.read_text())
    titles = {one["title"] for part in first["sections"] for one in part["papers"]}
    assert {one.title for some in field.listed.values() for one in some} <= titles
    assert first["papers"] == report.papers
    assert {one["source"] for one in first["sources"]} >= {"learn-from-model", "oai"}
    assert report.sources[-1].source == "digest"
    field.clock.sleep(86_400)
    field.refresh(home, delivery=to_file(path))
    second = json.loads(path.read_text())
    assert (second["papers"], second["since"]) == (0, first["until"])
    assert any("arXiv announced" in reason for reason in second["reasons"])


def test_a_dry_run_delivers_nothing(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.json"
    report = Field(listed=3, new=1).refresh(home, dry_run=True, delivery=to_file(path))
    assert not path.exists()
    assert [one for one in report.sources if one.source == "digest"] == []


def test_a_webhook_that_fails_stops_nothing(home: Path) -> None:
    field = Field(listed=3, new=1)
    target = WebhookTarget("https://nowhere.example.org/s3cret", WebhookForm.JSON)
    report = field.refresh(home, SOURCES, delivery=Delivery((target,)))
    assert report.papers >= 9
    (line,) = report.failed
    assert line.startswith("digest: nowhere.example.org: ")
    assert "s3cret" not in line
