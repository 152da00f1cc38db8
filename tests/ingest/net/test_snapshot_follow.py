"""Following a snapshot: loaded whole when it is another one, else nothing changes."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from ingest.lock import refresh_lock
from ingest.net.snapshot_follow import begin, follow
from kg.errors import AtlasError, BadRequest
from kg.settings import Settings
from kg.snapshot import file as snapshot_file
from kg.snapshot import following
from kg.snapshot.following import Following
from kg.store.catalogue import Catalogue
from kg.store.database import own_migrations
from search.index.open import index_path, open_index
from tests.support.embedders import HashedWords
from tests.support.factories import contents, paper
from tests.support.services.replying import Reply, ReplyingServer, reply
from tests.support.snapshot_files import contents_but_identity, fill, zipped

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


class Model(HashedWords):
    """The model of which `fill` stores vectors."""

    model, dim = "m", 16


@pytest.fixture
def writer(tmp_path: Path) -> Path:
    """The catalogue of the machine that harvests."""
    path = tmp_path / "writer" / "atlas.sqlite"
    fill(path, range(40))
    return path


@pytest.fixture
def saved(writer: Path) -> Path:
    """The snapshot file that it saves."""
    return save(writer)


def save(writer: Path) -> Path:
    with Catalogue(writer) as catalogue:
        snapshot_file.save(catalogue, writer.parent / "atlas.lfm")
    return writer.parent / "atlas.lfm"


def change(writer: Path, number: int = 900) -> None:
    with Catalogue(writer) as catalogue:
        catalogue.papers.put(paper(number))


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """An atlas of one paper; no draft is left in its folder."""
    chosen = Settings(home=tmp_path / "home")
    with Catalogue(chosen.catalogue) as catalogue:
        catalogue.papers.put(paper(1000))
    yield chosen
    usual = {"atlas.sqlite", "atlas.before-load.sqlite", "refresh.lock", "following.json", "cache"}
    assert {file.name for file in chosen.home.iterdir()} <= usual


@pytest.fixture
def server() -> Iterator[ReplyingServer]:
    made = ReplyingServer()
    yield made
    made.close()


def look(source: Path | str, settings: Settings, **options: Any) -> snapshot_file.Loaded | None:
    options.setdefault("embedder", Model())
    # A transport of its own, so that no proxy of this machine's user stands between.
    return follow(str(source), settings, httpx.HTTPTransport(), clock=lambda: NOW, **options)


def known(settings: Settings) -> Following:
    state = following.read(settings.home)
    assert state is not None
    return state


def size(settings: Settings) -> int:
    with Catalogue(settings.catalogue) as catalogue:
        return catalogue.size()


def with_etag(path: Path, refuse: bool = False) -> Reply:
    """Serve a file as web servers do: 304 to who has it."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        tag = f'"{path.stat().st_mtime_ns:x}-{path.stat().st_size:x}"'
        if handler.headers.get("If-None-Match") == tag:
            reply(304, etag=tag)(handler)
        else:
            reply(200, b"PK\x03\x04 no zip" if refuse else path.read_bytes(), etag=tag)(handler)

    return send


# -- a file of this machine --------------------------------------------------------------------


def test_a_file_is_loaded_once_and_again_when_it_changed(
    writer: Path, saved: Path, settings: Settings
) -> None:
    found = look(saved, settings)
    assert found
    assert found.source == str(saved)
    assert size(settings) == 40
    loaded = contents(settings.catalogue)
    assert look(saved, settings) is None
    assert contents(settings.catalogue) == loaded
    change(writer)
    save(writer)
    again = look(saved, settings)
    assert again
    assert size(settings) == 41
    assert contents_but_identity(settings.catalogue) == contents_but_identity(writer)


def test_the_atlas_that_was_here_is_kept_once(
    writer: Path, saved: Path, settings: Settings
) -> None:
    own = contents(settings.catalogue)
    found = look(saved, settings)
    assert found
    assert found.kept
    change(writer)
    save(writer)
    again = look(saved, settings)
    assert again
    assert again.kept is None
    assert contents(found.kept) == own


def test_a_first_look_at_an_empty_home_loads(saved: Path, tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path / "new" / "home")
    assert look(saved, chosen)
    assert size(chosen) == 40


def test_a_file_that_was_written_anew_with_the_same_content_is_not_loaded_again(
    saved: Path, settings: Settings
) -> None:
    look(saved, settings)
    os.utime(saved, (1, 1))
    loaded = contents(settings.catalogue)
    assert look(saved, settings) is None
    assert contents(settings.catalogue) == loaded
    assert known(settings).validators["mtime_ns"] == "1000000000"


def test_what_another_command_loaded_meanwhile_is_replaced(saved: Path, settings: Settings) -> None:
    look(saved, settings)
    settings.catalogue.unlink()
    fill(settings.catalogue, range(3))
    os.utime(saved, (1, 1))
    assert look(saved, settings)
    assert size(settings) == 40


def test_questions_find_an_index_of_the_new_catalogue(saved: Path, settings: Settings) -> None:
    look(saved, settings)
    file = index_path(settings.cache, "m", "exact")
    before = file.stat().st_mtime_ns
    with Catalogue(settings.catalogue) as catalogue:
        index = open_index(catalogue, "m", 16, "exact", settings.cache)
    assert len(index) == 40
    assert file.stat().st_mtime_ns == before


def test_a_reader_sees_the_old_atlas_or_the_new(saved: Path, settings: Settings) -> None:
    with Catalogue(settings.catalogue) as reader:
        with reader.reading():
            before = reader.revision, reader.size()
            look(saved, settings)
            assert (reader.revision, reader.size()) == before == (1, 1)
        assert reader.size() == 40


def test_the_outcome_is_stored(writer: Path, saved: Path, settings: Settings) -> None:
    look(saved, settings)
    state = known(settings)
    with Catalogue(writer) as there, Catalogue(settings.catalogue) as here:
        assert (state.origin, state.revision) == (there.identity, there.revision)
        assert state.identity == here.identity != there.identity
    moment = "2026-05-04T03:02:01+00:00"
    assert (state.source, state.checked, state.loaded) == (str(saved), moment, moment)
    assert (state.problem, state.refused) == (None, False)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"source": 3}', '{"source": "a", "new": 1}'])
def test_an_unreadable_record_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "following.json").write_text(text)
    assert following.read(tmp_path) is None


# -- what is refused ---------------------------------------------------------------------------


@pytest.fixture
def followed(saved: Path, settings: Settings) -> Iterator[Path]:
    """A snapshot that was loaded; at the end the atlas is as it was then."""
    look(saved, settings)
    before = contents(settings.catalogue)
    yield saved
    assert contents(settings.catalogue) == before


def refused(source: Path | str, settings: Settings, reason: str, **options: Any) -> None:
    with pytest.raises(AtlasError) as caught:
        look(source, settings, **options)
    line = str(caught.value)
    assert reason in line
    assert "the atlas stays as it is" in line
    assert reason in (known(settings).problem or "")


def test_a_missing_file(followed: Path, settings: Settings) -> None:
    followed.unlink()
    refused(followed, settings, "cannot read the snapshot: No such file")


def test_no_snapshot(followed: Path, settings: Settings) -> None:
    followed.write_text("<html>sign in</html>")
    refused(followed, settings, "cannot be read as a snapshot")


def test_a_file_cut_short(followed: Path, settings: Settings) -> None:
    followed.write_bytes(followed.read_bytes()[:-2000])
    refused(followed, settings, "cannot be read as a snapshot")


def test_a_wrong_checksum(followed: Path, writer: Path, settings: Settings) -> None:
    zipped(followed, writer.read_bytes(), sha256="0" * 64)
    refused(followed, settings, "does not match its checksum")


@pytest.mark.slow
def test_a_damaged_catalogue(followed: Path, settings: Settings) -> None:
    zipped(followed, b"SQLite format 3\0" + bytes(9000))
    refused(followed, settings, "damaged")


def test_an_older_form(followed: Path, writer: Path, settings: Settings) -> None:
    zipped(followed, writer.read_bytes(), version=0)
    refused(followed, settings, "has form 0, this version reads 1")


def test_a_newer_version(followed: Path, writer: Path, settings: Settings) -> None:
    zipped(followed, writer.read_bytes(), migrations=len(own_migrations()) + 1)
    refused(followed, settings, "was written by a newer LFM Atlas")


def test_another_model(followed: Path, writer: Path, settings: Settings) -> None:
    change(writer)
    save(writer)
    reason = "holds vectors of m, and questions are asked here by hashed-words"
    refused(followed, settings, reason, embedder=HashedWords())


def test_no_vectors(followed: Path, writer: Path, settings: Settings) -> None:
    with Catalogue(writer) as catalogue:
        keys = catalogue.papers.keys()
        for key in keys:
            catalogue.vectors.remove(key)
    save(writer)
    refused(followed, settings, "holds no vectors, and questions are asked here by m")


def test_an_older_state_of_the_same_atlas(writer: Path, saved: Path, settings: Settings) -> None:
    first = saved.read_bytes()
    change(writer)
    save(writer)
    look(saved, settings)
    saved.write_bytes(first)
    refused(saved, settings, "is older (revision 6) than what was loaded before (7)")
    assert size(settings) == 41


def test_a_full_disk(
    followed: Path, writer: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(writer)
    save(writer)
    usage = snapshot_file.shutil.disk_usage(settings.home)._replace(free=1000)
    monkeypatch.setattr(snapshot_file.shutil, "disk_usage", lambda _: usage)
    refused(followed, settings, "MB of the disk")


def test_a_running_refresh(followed: Path, writer: Path, settings: Settings) -> None:
    change(writer)
    save(writer)
    with refresh_lock(settings.home):
        refused(followed, settings, f"process {os.getpid()}")


def test_an_address_of_another_kind(settings: Settings) -> None:
    for ask in (look, begin):
        with pytest.raises(BadRequest, match="cannot be fetched by ftp"):
            ask("ftp://example.org/atlas.lfm", settings)


def test_a_refused_file_is_not_read_again_until_it_changes(
    followed: Path, writer: Path, settings: Settings
) -> None:
    other = {"embedder": HashedWords()}
    change(writer)
    save(writer)
    refused(followed, settings, "holds vectors of m", **other)
    assert look(followed, settings, **other) is None
    assert "holds vectors of m" in (known(settings).problem or "")
    begin(str(followed), settings)
    refused(followed, settings, "holds vectors of m", **other)


def test_what_is_put_right_is_loaded(saved: Path, settings: Settings) -> None:
    good = saved.read_bytes()
    saved.write_bytes(good[:-2000])
    refused(saved, settings, "cannot be read as a snapshot")
    saved.write_bytes(good)
    assert look(saved, settings)
    assert known(settings).problem is None


# -- a server ----------------------------------------------------------------------------------


def test_a_server_is_asked_by_the_etag(
    writer: Path, saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    url = f"{server.url}/atlas.lfm?key=secret"
    server.replies["/atlas.lfm"] = with_etag(saved)
    assert look(url, settings)
    assert look(url, settings) is None
    change(writer)
    save(writer)
    assert look(url, settings)
    assert size(settings) == 41
    first, second, third = (
        {name.lower(): value for name, value in headers.items()} for _, headers in server.asked
    )
    assert "if-none-match" not in first
    assert second["if-none-match"] == third["if-none-match"]
    assert known(settings).source == f"{server.url}/atlas.lfm"
    assert "secret" not in json.dumps(dict(known(settings).validators))


def test_a_server_without_etag_is_asked_by_the_date(
    saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    at = "Mon, 04 May 2026 03:02:01 GMT"

    def send(handler: BaseHTTPRequestHandler) -> None:
        same = handler.headers.get("If-Modified-Since") == at
        reply(304 if same else 200, b"" if same else saved.read_bytes(), last_modified=at)(handler)

    server.replies["/a"] = send
    assert look(f"{server.url}/a", settings)
    assert look(f"{server.url}/a", settings) is None


def test_a_server_that_tells_nothing_sends_all_and_nothing_is_loaded_again(
    saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    server.replies["/a"] = reply(200, saved.read_bytes())
    assert look(f"{server.url}/a", settings)
    before = contents(settings.catalogue)
    assert look(f"{server.url}/a", settings) is None
    assert contents(settings.catalogue) == before


def test_another_source_is_asked_for_all(
    saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    server.replies["/a"] = server.replies["/b"] = with_etag(saved)
    look(f"{server.url}/a", settings)
    look(f"{server.url}/b", settings)
    assert all("if-none-match" not in {h.lower() for h in headers} for _, headers in server.asked)


def test_a_redirect_is_followed(saved: Path, settings: Settings, server: ReplyingServer) -> None:
    server.replies["/a"] = reply(302, location="/b")
    server.replies["/b"] = with_etag(saved)
    assert look(f"{server.url}/a", settings)
    assert look(f"{server.url}/a", settings) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(500), "cannot fetch the snapshot: HTTP 500"),
        (reply(404), "cannot fetch the snapshot: HTTP 404"),
        (reply(302, location="/changed"), "more than 5 redirects"),
        (reply(200, b"<html>"), "the snapshot is not a snapshot of LFM Atlas"),
        (reply(200, b"PK\x03\x04 and no more"), "cannot be read as a snapshot"),
        (reply(200, b"PK\x03\x04 cut", content_length="9000"), "cannot fetch the snapshot: "),
    ],
)
def test_a_fault_of_the_server(
    answer: Reply, reason: str, saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    url = f"{server.url}/changed"
    server.replies["/changed"] = with_etag(saved)
    look(url, settings)
    before = contents(settings.catalogue)
    server.replies["/changed"] = answer
    refused(url, settings, reason)
    assert contents(settings.catalogue) == before
    # What was loaded is still known, so that it is not sent again.
    server.replies["/changed"] = with_etag(saved)
    assert look(url, settings) is None
    assert known(settings).problem is None


def test_a_silent_server(settings: Settings, server: ReplyingServer) -> None:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "9000")
        handler.end_headers()
        handler.wfile.write(b"PK\x03\x04")
        handler.rfile.read(1)  # Until the other side gives up.

    server.replies["/a"] = send
    refused(f"{server.url}/a", settings, "cannot fetch the snapshot: ", timeout=0.3)


def test_a_server_that_says_unchanged_unasked(settings: Settings, server: ReplyingServer) -> None:
    server.replies["/a"] = reply(304)
    refused(f"{server.url}/a", settings, "HTTP 304")


def test_a_damaged_answer_is_fetched_again(
    saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    """It may have been damaged on the way: under the same ETag the next one may be sound."""
    url = f"{server.url}/a"
    server.replies["/a"] = with_etag(saved, refuse=True)
    refused(url, settings, "cannot be read as a snapshot")
    server.replies["/a"] = with_etag(saved)
    assert look(url, settings)


def test_the_vectors_come_with_the_snapshot(saved: Path, settings: Settings) -> None:
    look(saved, settings)
    with Catalogue(settings.catalogue) as catalogue:
        assert catalogue.vectors.models() == ["m"]
        ((_, vector), *_) = catalogue.vectors.all("m")
    assert np.frombuffer(vector, "<f4").shape == (16,)
