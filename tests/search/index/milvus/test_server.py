import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from ingest.refresh.refresh import refresh
from kg.errors import AtlasError, BadRequest, IndexUnavailable
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.index.milvus.server import Server, connect
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from tests.support.folders import ROOT
from tests.support.indexes import needs_milvus, stop_milvus_lite
from tests.support.refreshing import Field

SECRET = "root:very-secret"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def nobody() -> str:
    """The address of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a server of something else."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@needs_milvus
@pytest.mark.parametrize("who", ["silent", "nobody", "web"])
def test_a_server_that_does_not_answer(who: str, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue(who)
    with pytest.raises(IndexUnavailable) as raised:
        connect(Server(f"http://{SECRET}@{address}", SECRET))
    assert str(raised.value) == f"Milvus at http://{address} does not answer"


@pytest.mark.parametrize("uri", ["milvus", "ftp://host", "/tmp/file.sqlite", "."])
def test_what_is_no_address_is_told(uri: str) -> None:
    with pytest.raises(BadRequest, match="is no address of Milvus: set LFM_MILVUS_URI to http"):
        connect(Server(uri))


@needs_milvus
def test_a_port_that_is_none_is_told() -> None:
    with pytest.raises(IndexUnavailable, match="host:99999"):
        connect(Server("http://host:99999"))


@pytest.mark.parametrize("uri", ["http://host:19530", "milvus.db"])
def test_without_its_packages_it_says_what_to_install(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.milvus.server.find_spec", lambda _: None)
    with pytest.raises(AtlasError, match=r"not installed: pip install 'lfm-atlas\[milvus\]'$"):
        connect(Server(uri))


def test_a_token_is_not_shown() -> None:
    settings = Settings(Path("home"), milvus_uri=f"http://{SECRET}@host:19530", milvus_token=SECRET)
    server = Server.of(settings)
    assert (server.uri, server.token) == (settings.milvus_uri, SECRET)
    assert "secret" not in f"{settings} {server} {server.shown}"
    assert server.shown == "http://host:19530"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        keys = put_all(catalogue, *(paper(n) for n in range(5)))
        embedder = HashedWords()
        vectors = embedder.encode([paper(n).text for n in range(5)])
        rows = [
            (key, "h", np.asarray(row).tobytes()) for key, row in zip(keys, vectors, strict=True)
        ]
        catalogue.vectors.add(embedder.model, rows)
    return tmp_path


@needs_milvus
def test_a_question_is_answered_by_the_local_index_while_the_server_is_away(
    home: Path, nobody: str
) -> None:
    settings = Settings(home, index="milvus", milvus_uri=f"http://{nobody}", milvus_token=SECRET)
    with Library(settings, HashedWords()) as library, Library(Settings(home), HashedWords()) as own:
        answer = library.ask("study of subject 3")
        assert [hit.key for hit in answer.hits] == [
            hit.key for hit in own.ask("study of subject 3").hits
        ]
        note = f"Milvus at http://{nobody} does not answer; the local index answers meanwhile"
        assert answer.notes == (note,)
        assert library.ask("study of subject 3", mode="keyword").notes == (note,)
        assert own.ask("study of subject 3").notes == ()
        assert library.status().index == f"milvus, 5 vectors ({note})"
        assert library.status().words == f"milvus, 5 papers ({note})"
    settings = replace(settings, words="fts5")
    with Library(settings, HashedWords()) as library:
        assert library.ask("study of subject 3").notes == (note,)
        assert library.ask("study of subject 3", mode="keyword").notes == ()
        assert library.status().words == "fts5, 5 papers"


@needs_milvus
def test_words_alone_may_be_on_a_server(home: Path, nobody: str) -> None:
    settings = Settings(home, words="milvus", milvus_uri=f"http://{nobody}")
    with Library(settings, HashedWords()) as library, Library(Settings(home), HashedWords()) as own:
        for mode in ("keyword", "hybrid"):
            answer, wanted = (one.ask("subject 3", mode=mode) for one in (library, own))
            assert [hit.key for hit in answer.hits] == [hit.key for hit in wanted.hits]
            assert answer.notes == (
                f"Milvus at http://{nobody} does not answer; the local index answers meanwhile",
            )
        assert library.ask("subject 3", mode="dense").notes == ()
        assert library.status().index == "exact, 5 vectors"


@needs_milvus
def test_words_and_vectors_wait_for_a_server_once(
    home: Path, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Server] = []

    def connecting(server: Server) -> None:
        tried.append(server)
        raise IndexUnavailable("it does not answer")

    monkeypatch.setattr("search.index.milvus.collection.connect", connecting)
    settings = Settings(home, index="milvus", milvus_uri=f"http://{nobody}")
    with Library(settings, HashedWords()) as library:
        library.ask("subject 3")
        library.catalogue.papers.put(paper(9))
        library.ask("subject 9")
    assert len(tried) == 1


@pytest.mark.parametrize("setting", [{"words": "milvus"}, {"index": "milvus"}])
def test_a_question_without_the_packages_says_what_to_install(
    home: Path, setting: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.milvus.server.find_spec", lambda _: None)
    with (
        Library(Settings(home, **setting), HashedWords()) as library,
        pytest.raises(AtlasError, match=r"not installed: pip install 'lfm-atlas\[milvus\]'$"),
    ):
        library.ask("subject 3", mode="keyword")


@needs_milvus
def test_a_refresh_says_that_the_server_is_away(home: Path, nobody: str) -> None:
    uri, gate = f"http://{nobody}", str(home / "gate")
    settings = Settings(home, index="milvus", milvus_uri=uri, gate=gate)
    said: list[str] = []
    outside = Field(listed=4, new=1).outside()
    with Library(settings, HashedWords(), clock=lambda: outside.now) as library:
        refresh(library, ("lists",), outside=outside, embedder=HashedWords(), say=said.append)
    assert (
        said[-1] == f"Milvus at http://{nobody} does not answer; the local index answers meanwhile"
    )


@needs_milvus
def test_a_question_is_answered_from_milvus(home: Path) -> None:
    settings = Settings(home, index="milvus")
    with Library(settings, HashedWords()) as library, Library(Settings(home), HashedWords()) as own:
        for question in ("study of subject 3", "subject 3 since 2019"):
            answer = library.ask(question)
            assert answer.notes == own.ask(question).notes
            assert [hit.key for hit in answer.hits] == [hit.key for hit in own.ask(question).hits]
        assert library.status().index == "milvus, 5 vectors"
        assert library.status().words == "milvus, 5 papers"
    assert (home / "cache" / "milvus.db").exists()
    stop_milvus_lite(home / "cache" / "milvus.db")


@needs_milvus
@pytest.mark.slow
def test_a_file_that_another_process_has_open_is_done_without(home: Path) -> None:
    path = home / "cache" / "milvus.db"
    connect(Server(str(path)))
    code = (
        "import logging; from pathlib import Path; from kg.settings import Settings\n"
        "from search.library import Library; from tests.support.embedders import HashedWords\n"
        f"with Library(Settings(Path({str(home)!r}), index='milvus'), HashedWords()) as library:\n"
        "    print(library.ask('subject 3').notes)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    stop_milvus_lite(path)
    assert "another process has it open; the local index answers meanwhile" in done.stdout
    assert done.stderr == ""  # Said once, by the answer.
