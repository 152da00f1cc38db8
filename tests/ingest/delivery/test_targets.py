"""Where digests go: what options and settings may say, and that an address is never shown."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.delivery.deliver import chosen
from ingest.delivery.targets import (
    EmptyDigests,
    FileTarget,
    WebhookForm,
    WebhookTarget,
    parse_empty,
    parse_target,
)
from kg import settings
from kg.errors import BadRequest
from kg.settings import Settings

SECRET = "https://hooks.slack.com/services/T000/B000/s3cret"


@pytest.mark.parametrize(
    ("address", "form"),
    [
        (SECRET, WebhookForm.SLACK),
        ("https://hooks.slack-gov.com/services/a", WebhookForm.SLACK),
        ("https://hooks.slack.com.example.org/services/a", WebhookForm.JSON),
        ("http://192.168.1.5:8065/hooks/x", WebhookForm.JSON),
        ("http://localhost:9000", WebhookForm.JSON),
        ("HTTPS://HOOKS.SLACK.COM/services/a", WebhookForm.SLACK),
    ],
)
def test_the_form_is_chosen_by_the_host(tmp_path: Path, address: str, form: WebhookForm) -> None:
    found = parse_target(address, tmp_path)
    assert isinstance(found, WebhookTarget)
    assert found.form is form
    other = parse_target(f" {address} ", tmp_path, "slack")
    assert isinstance(other, WebhookTarget)
    assert (other.url, other.form) == (address, WebhookForm.SLACK)


def test_an_address_is_never_shown(tmp_path: Path) -> None:
    found = parse_target(SECRET, tmp_path)
    assert found.label == "hooks.slack.com"
    for shown in (repr(found), str(found), found.label, found.key):
        assert "s3cret" not in shown
        assert "services" not in shown
    assert parse_target("https://ada:pass@example.org:8443/h", tmp_path).label == "example.org:8443"
    assert found.key != parse_target(f"{SECRET}x", tmp_path).key
    assert "s3cret" not in repr(Settings(home=tmp_path, digest=SECRET))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "ftp://example.org/s3cret",
        "https://",
        "https:///s3cret",
        "https://exa mple.org/s3cret",
        "https://example.org/s3cret\x1b[0m",
        "https://example.org:port/s3cret",
        f"https://example.org/s3cret{'x' * 2000}",
        "https://ex\u00e4mple.org/s3cret",
        "news.pdf",
        "news",
        "a\0b.md",
        "~nobody-of-that-name/news.md",
    ],
)
def test_what_means_nothing_is_refused_without_repeating_a_secret(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_target(text, tmp_path)
    assert "s3cret" not in str(refused.value)
    assert refused.value.mend


def test_a_files_name_may_hold_the_time(tmp_path: Path) -> None:
    found = parse_target("news/{time}.html", tmp_path)
    assert isinstance(found, FileTarget)
    at = datetime(2026, 11, 24, 6, 5, 4, tzinfo=UTC)
    assert found.at(at) == tmp_path / "news" / "2026-11-24T060504Z.html"
    assert parse_target(str(tmp_path / "x.md"), Path("/elsewhere")).at(at) == tmp_path / "x.md"


def test_options_come_before_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    own = Settings(home=home, digest="news.md", digest_form="slack", digest_empty="never")
    by_settings = chosen(own, (), None, None)
    assert by_settings
    assert by_settings.targets == (FileTarget(home / "news.md"),)
    assert by_settings.empty is EmptyDigests.NEVER
    given = chosen(own, ["mine.html", SECRET, "mine.html"], "json", "always")
    assert given
    assert [one.label for one in given.targets] == ["mine.html", "hooks.slack.com"]
    assert given.targets[0] == FileTarget(tmp_path / "mine.html")
    assert isinstance(given.targets[1], WebhookTarget)
    assert given.targets[1].form is WebhookForm.JSON
    assert given.empty is EmptyDigests.ALWAYS
    assert chosen(replace(own, digest=""), (), None, None) is None


@pytest.mark.parametrize("bad", [{"digest_form": "xml"}, {"digest_empty": "weekly"}])
def test_a_bad_setting_is_refused_with_what_there_is(tmp_path: Path, bad: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match=r"slack, json|daily, always, never"):
        chosen(Settings(home=tmp_path, digest=SECRET, **bad), (), None, None)


def test_settings_are_read_from_file_and_environment(tmp_path: Path) -> None:
    (tmp_path / "lfm.yaml").write_text(f"digest: {SECRET}\ndigest_empty: never\n")
    home = {"LFM_HOME": str(tmp_path)}
    assert settings.load(home).digest == SECRET
    assert settings.load({**home, "LFM_DIGEST": "news.md"}).digest == "news.md"
    assert parse_empty(settings.load(home).digest_empty) is EmptyDigests.NEVER
    assert parse_empty("") is EmptyDigests.DAILY
