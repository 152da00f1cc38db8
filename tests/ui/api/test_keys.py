"""The keys of services are sent to them, and are in nothing that is printed, logged or stored."""

import json
import logging
from pathlib import Path

import pytest

from ingest.refresh.refresh import refresh
from kg.errors import AtlasError
from kg.settings import Settings, load
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.refreshing import SOURCES, Field
from tests.support.world import faults as fault
from tests.support.world.faults import Fault, FaultContext, Faults
from tests.support.world.records import Reply
from ui.api import documents
from ui.cli import main, render

KEYS = {"semantic_scholar_key": "s2-5d41402abc4b", "openalex_key": "alex-7d793037a076"}


def _echo(scene: FaultContext) -> Reply:
    """Answer as a careless server does: with all that it was asked."""
    said = json.dumps(dict(scene.asked.headers)) + scene.asked.url
    return Reply(500, {"Content-Type": "text/plain", "X-WorldRequest": said}, said.encode())


FAULTS = (
    Fault("echo", _echo),
    *(fault.FORBIDDEN, fault.TOO_MANY_LONG, fault.HTML, fault.MALFORMED),
    *(fault.REDIRECT_AWAY, fault.DOWN, fault.RESET, fault.TIMEOUT, fault.BAD_ENTRY),
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS, ids=repr)
def test_a_refresh_that_fails_tells_no_key(
    kind: Fault,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []

    def deal(scene: FaultContext) -> Reply | None:
        seen.append(json.dumps(dict(scene.asked.headers)))
        return kind.deal(scene)

    both = ("semantic-scholar", "openalex")
    watched = Fault(kind.name, deal)
    field = Field(listed=2, new=1, faults=Faults(always=dict.fromkeys(both, (watched,))))
    settings = Settings(tmp_path / "home", gate=str(tmp_path / "gate"), **KEYS)
    Catalogue(settings.catalogue).close()
    lines: list[str] = []
    with Library(settings, HashedWords()) as library:
        report = refresh(
            library, SOURCES, outside=field.outside(), embedder=HashedWords(), say=lines.append
        )
        status = library.status()
    for key in KEYS.values():
        assert any(key in headers for headers in seen), "it was not asked with its key"
    render.refreshed(report)
    render.status(status)
    printed = "".join(capsys.readouterr())
    told = [
        *(printed, caplog.text, repr(report), repr(settings), str(library), *lines),
        *(
            json.dumps(documents.DOCUMENTS["refreshed"](report)),
            json.dumps(documents.DOCUMENTS["status"](status)),
        ),
    ]
    stored = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert stored
    for key in KEYS.values():
        assert not any(key in text for text in told)
        assert not any(key.encode() in data for data in stored)


@pytest.mark.parametrize("spoil", ["{}\r\nX-More: 1", "{}é", "{}\x00"])
@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_cannot_be_sent_is_refused_unseen(
    name: str,
    spoil: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "lfm.yaml").write_text(f"{name}: {json.dumps(spoil.format(KEYS[name]))}")
    monkeypatch.setenv("LFM_HOME", str(tmp_path))
    assert main.main(["topics"]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"lfm: {name} is no key")
    assert KEYS[name] not in out + err


def test_what_is_around_a_key_is_no_part_of_it() -> None:
    found = load({"LFM_HOME": "/nowhere", "LFM_OPENALEX_KEY": " abc\r\n"})
    assert found.openalex_key == "abc"
    with pytest.raises(AtlasError, match="openalex_key is no key"):
        load({"LFM_HOME": "/nowhere", "LFM_OPENALEX_KEY": "a\nb"})
