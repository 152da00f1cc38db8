"""The commands around a refresh, against a real server on loopback: status, JSON, one line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.settings import Settings
from kg.store.catalogue import Catalogue
from tests.support.refreshing import LIST, Field
from tests.support.services.webhook import Webhook
from tests.support.world import faults as fault
from tests.support.world.faults import Faults
from tests.support.world.serving import serving
from ui.cli import main

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def field() -> Field:
    field = Field(listed=3, new=1, faults=Faults())
    field.world.now = time.time
    field.world.edit_list(LIST, field.page())
    return field


@pytest.fixture(scope="module")
def addresses(field: Field) -> Iterator[dict[str, str]]:
    with serving(field.world, field.faults) as environment:
        yield environment


@pytest.fixture
def lfm(
    addresses: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """Run the command in this process: (status, stdout, stderr)."""
    environment = {**addresses, "LFM_HOME": str(tmp_path), "LFM_GATE": str(tmp_path / "gate")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    Catalogue(Settings(tmp_path).catalogue).close()  # Without the bundled papers.

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main.main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_list_is_read_told_and_answered_from(lfm) -> None:
    status, out, err = lfm("refresh", "--source", "learn-from-model", "--json")
    # Standard output is the document alone; without a terminal a line a step is on the other one.
    assert status == 0
    assert err.splitlines()[0].startswith("learn-from-model: 9 fetched, 9 added")
    report = json.loads(out)
    assert report["ok"]
    assert [(s["source"], s["added"]) for s in report["sources"]] == [("learn-from-model", 9)]
    assert report["embedded"] == report["indexed"] == report["papers"] == 9
    status, out, _ = lfm("changes", "--json")
    assert status == 0
    assert {one["kind"] for one in json.loads(out)["changes"]} == {"added"}
    status, out, _ = lfm("ask", "merging weights", "-k", "1", "--json")
    assert "merging" in json.loads(out)["results"][0]["title"]
    status, out, _ = lfm("status", "--json")
    assert json.loads(out)["last_refresh"]
    for command in (["refresh", "--source", "learn-from-model"], ["changes"], ["review"]):
        status, out, err = lfm(*command)
        assert status == 0
        assert err == ("learn-from-model: 1 requests\n" if command[0] == "refresh" else "")
        assert out


def test_what_came_is_posted_and_a_webhook_that_fails_is_one_line(lfm, tmp_path: Path) -> None:
    webhook, path = Webhook(200, 500), tmp_path / "news.md"
    try:
        targets = ("--digest", webhook.url, "--digest", str(path), "--digest-form", "slack")
        status, out, err = lfm("refresh", "--source", "learn-from-model", *targets)
        assert status == 0
        assert f"digest: {webhook.place}: 9 new papers" in " ".join(out.split())
        (message,) = webhook.posted
        assert message["text"].startswith("*9 new papers*")
        assert path.read_text("utf-8").startswith("# 9 new papers")
        again = ("refresh", "--source", "learn-from-model", *targets, "--digest-empty", "always")
        status, out, err = lfm(*again)
    finally:
        webhook.close()
    assert status == 1
    assert err.splitlines()[-1].startswith(f"lfm: digest: {webhook.place}: HTTP 500; the next")
    assert "s3cret" not in out + err
    status, out, _ = lfm("digest", "--since", "1h", "--json")
    assert (status, json.loads(out)["papers"]) == (0, 9)


def test_papers_are_added_by_file_and_by_identifier(lfm, field: Field, tmp_path: Path) -> None:
    new, other = field.new[0], field.new[1]
    path = tmp_path / "refs.bib"
    path.write_text(f"@misc{{a, title = {{{new.title}}}\n year = 2026}}", encoding="utf-8")
    topic = ("--topic", "model-editing")
    status, out, err = lfm("add", str(path), f"https://arxiv.org/abs/{other.id}", *topic, "--json")
    assert status == 0
    assert [f"{path}:1: there is no comma" in line for line in err.splitlines()] == [True]
    document = json.loads(out)
    assert set(document) == {"source", "counts", "problems", "failed", "notes"}
    assert document["source"] == "refs.bib, lfm add"
    assert (document["counts"]["read"], document["counts"]["added"]) == (2, 2)
    status, out, _ = lfm("topics", "model-editing", "--json")
    assert json.dumps(new.title) in out
    assert json.dumps(other.title) in out


def test_a_paper_that_cannot_be_had_is_told_in_one_line(lfm) -> None:
    status, out, err = lfm("add", "2212.99999")
    assert status == 1
    assert "0 added" in out
    assert err == "lfm: 2212.99999: arXiv has no such paper: what could be had is added\n"


def test_a_failing_source_is_told_in_one_line(lfm, field: Field) -> None:
    field.faults.next(fault.FORBIDDEN)
    status, out, err = lfm("refresh", "--source", "learn-from-model", "--json")
    assert status == 1
    assert json.loads(out)["sources"][0]["failed"] == ["HTTP 403"]
    step, error = err.splitlines()
    assert step == "learn-from-model: HTTP 403; 1 requests"
    assert "learn-from-model: HTTP 403" in error


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["refresh", "--source", "learn-from-modle"], 2, "no source"),
        (["refresh", "--since", "yesterday"], 2, "2026-01-31"),
        (["refresh", "--since", "2999-01-01"], 2, "future"),
        (["refresh", "--every", "5s"], 2, "too often"),
        (["refresh", "--every", "daily"], 2, "24h"),
        (["refresh", "--digest", "news.pdf"], 2, ".html"),
        (["refresh", "--digest", "ftp://example.org/x"], 2, "https://HOST/PATH"),
        (["refresh", "--every", "24h", "--digest", "https://"], 2, "https://HOST/PATH"),
        (["refresh", "--digest-empty", "weekly"], 2, "daily"),
        (["digest", "--since", "yesterday"], 2, "7d"),
        (["digest", "--since", "2999-01-01"], 2, "future"),
        (["digest", "--topic", "nothing"], 1, "no topic"),
        (["digest", "--question", " "], 2, "empty"),
        (["digest", "-o", "news.pdf"], 2, ".html"),
        (["digest", "-o", "/no/such/folder/news.md"], 1, "cannot write"),
        (["review", "accept"], 2, "name a paper"),
        (["review", "accept", "2001.00001"], 1, "no paper in review"),
        (["review", "praise", "2001.00001"], 2, "invalid choice"),
        (["changes", "--since", "2026-13"], 2, "2026-01-31"),
        (["snapshot", "load", "no-such-file.lfm"], 1, "no-such-file.lfm"),
        (["snapshot", "save", "/no/such/folder/atlas.lfm"], 1, "cannot write"),
    ],
)
def test_bad_input_is_one_clear_line(lfm, arguments: list[str], status: int, says: str) -> None:
    found, out, err = lfm(*arguments)
    assert (found, out) == (status, "")
    assert err.count("\n") == 1
    assert says in err


def test_a_saved_atlas_is_loaded_elsewhere(
    lfm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lfm("refresh", "--source", "learn-from-model")[0] == 0
    file = tmp_path / "atlas.lfm"
    status, out, _ = lfm("snapshot", "save", str(file), "--json")
    assert (status, json.loads(out)["counts"]["papers"]) == (0, 9)
    monkeypatch.setenv("LFM_HOME", str(tmp_path / "elsewhere"))
    status, out, _ = lfm("snapshot", "load", str(file), "--json")
    assert (status, json.loads(out)["counts"]["papers"]) == (0, 9)
    status, out, _ = lfm("ask", "merging weights", "-k", "1", "--json")
    assert json.loads(out)["results"][0]["why"]["dense"] == 1


def test_a_saved_atlas_is_followed(lfm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lfm("refresh", "--source", "learn-from-model")[0] == 0
    file = tmp_path / "-atlas.lfm"
    assert lfm("snapshot", "save", "--", str(file))[0] == 0
    monkeypatch.setenv("LFM_HOME", str(tmp_path / "reader"))
    monkeypatch.setattr("ingest.net.snapshot_follow.lower_priority", lambda: None)
    monkeypatch.chdir(tmp_path)
    status, out, err = lfm("snapshot", "follow", "--json", "--", "-atlas.lfm")
    assert (status, json.loads(out)["counts"]["papers"]) == (0, 9)
    assert err == f"lfm: loaded {file}: 9 papers\n"
    assert lfm("snapshot", "follow", "--", "-atlas.lfm") == (0, "nothing new\n", "")
    told = json.loads(lfm("status", "--json")[1])["following"]
    assert (told["source"], told["problem"]) == (str(file), None)
    file.write_bytes(b"no snapshot")
    status, out, err = lfm("snapshot", "follow", "--", "-atlas.lfm")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "the atlas stays as it is" in err
    assert "cannot be read as a snapshot" in lfm("status")[1]


def test_a_schedule_ends_on_sigterm(
    addresses: dict[str, str], field: Field, tmp_path: Path
) -> None:
    Catalogue(Settings(tmp_path).catalogue).close()
    environment = {**os.environ, **addresses, "LFM_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "ui", "refresh", "--every", "1h"]
    seen = len(field.world.calls)
    process = subprocess.Popen([*command, "--source", "learn-from-model"], env=environment)
    try:
        until = time.monotonic() + 60
        while len(field.world.calls) == seen:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    finally:
        process.kill()
        process.wait()
