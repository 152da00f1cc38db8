import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from ingest.lock import refresh_lock
from ingest.net.snapshot_fetch import load_from
from kg.errors import AtlasError, BadRequest, Busy, DamagedSnapshot
from kg.settings import Settings
from kg.snapshot import file as snapshot_file
from kg.store.catalogue import Catalogue
from tests.support.factories import contents, paper, put_all
from tests.support.services.replying import Reply, ReplyingServer, reply


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot file of forty papers."""
    folder = tmp_path_factory.mktemp("saved")
    with Catalogue(folder / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(number) for number in range(40)))
        snapshot_file.save(catalogue, folder / "atlas.lfm")
    return folder / "atlas.lfm"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """An atlas of one paper; at the end nothing else is in its folder."""
    chosen = Settings(home=tmp_path / "home")
    with Catalogue(chosen.catalogue) as catalogue:
        catalogue.papers.put(paper(1000))
    yield chosen
    usual = {"atlas.sqlite", "atlas.before-load.sqlite", "refresh.lock"}
    assert {file.name for file in chosen.home.iterdir()} <= usual


@pytest.fixture
def unchanged(settings: Settings) -> Iterator[None]:
    before = contents(settings.catalogue)
    yield
    assert contents(settings.catalogue) == before


def size(settings: Settings) -> int:
    with Catalogue(settings.catalogue) as catalogue:
        return catalogue.size()


# -- from this machine -------------------------------------------------------------------------


@pytest.mark.slow
def test_a_file_is_loaded(saved: Path, settings: Settings) -> None:
    found = load_from(str(saved), settings)
    assert found.source == str(saved)
    assert found.counts["papers"] == size(settings) == 40
    assert found.kept == settings.home / "atlas.before-load.sqlite"


def test_the_first_thing_in_a_new_home_may_be_a_snapshot(saved: Path, tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path / "new" / "home")
    load_from(str(saved), chosen)
    assert size(chosen) == 40


@pytest.mark.usefixtures("unchanged")
def test_a_file_that_is_not_there_is_told(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(AtlasError, match=r"cannot read .*none\.lfm: No such file"):
        load_from(str(tmp_path / "none.lfm"), settings)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
def test_nothing_is_loaded_while_a_refresh_runs(saved: Path, settings: Settings) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=saved.read_bytes())

    with refresh_lock(settings.home):
        for source in (str(saved), "https://example.org/atlas.lfm"):
            with pytest.raises(Busy, match=f"process {os.getpid()} on"):
                load_from(source, settings, httpx.MockTransport(answer))
    assert not asked


@pytest.mark.slow
def test_no_refresh_begins_while_a_snapshot_is_loaded(saved: Path, settings: Settings) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        with pytest.raises(Busy), refresh_lock(settings.home):
            pass
        return httpx.Response(200, content=saved.read_bytes())

    load_from("https://example.org/atlas.lfm", settings, httpx.MockTransport(answer))
    assert size(settings) == 40


@pytest.mark.slow
def test_what_a_killed_load_left_is_removed(saved: Path, settings: Settings) -> None:
    left = settings.home / ".loading-abc"
    left.mkdir()
    (left / "atlas.sqlite").write_bytes(b"half")
    load_from(str(saved), settings)
    assert not left.exists()


@pytest.mark.slow
def test_progress_is_told_on_standard_error_alone(
    saved: Path, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    transport = answering(httpx.Response(200, content=saved.read_bytes()))
    load_from("https://example.org/atlas.lfm", settings, transport, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "fetch" in err
    assert "load" in err


# -- from a server -----------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[ReplyingServer]:
    made = ReplyingServer()
    yield made
    made.close()


def load(url: str, settings: Settings, **options: int | float) -> snapshot_file.Loaded:
    # A transport of its own, so that no proxy of this machine's user stands between.
    return load_from(url, settings, httpx.HTTPTransport(), **options)  # type: ignore[arg-type]


def answering(*responses: httpx.Response) -> httpx.MockTransport:
    left = list(responses)
    return httpx.MockTransport(lambda _: left.pop(0))


def redirect(target: str, status: int = 302) -> httpx.Response:
    return httpx.Response(status, headers={"location": target})


@pytest.mark.slow
@pytest.mark.parametrize("stated", [True, False])
def test_an_address_is_loaded(
    saved: Path, settings: Settings, server: ReplyingServer, stated: bool
) -> None:
    body = saved.read_bytes()
    server.replies["/atlas.lfm"] = reply(200, body) if stated else without_length(body)
    found = load(f"{server.url}/atlas.lfm", settings)
    assert found.source == f"{server.url}/atlas.lfm"
    assert size(settings) == 40
    ((_, headers),) = server.asked
    assert headers["User-Agent"].startswith("lfm-atlas/")
    assert headers["Accept-Encoding"] == "identity"


def without_length(body: bytes) -> Reply:
    """Return a reply that ends when the connection does."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(body)

    return send


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("status", [204, 206, 304, 401, 403, 404, 429, 500, 503])
def test_any_other_status_is_told(
    saved: Path, settings: Settings, server: ReplyingServer, status: int
) -> None:
    body = b"" if status in (204, 304) else saved.read_bytes()
    server.replies["/a"] = reply(status, body)
    with pytest.raises(AtlasError, match=f"cannot fetch {server.url}/a: HTTP {status}: nothing"):
        load(f"{server.url}/a", settings)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "body", [b"", b"P", b"PK", b"<!doctype html><title>Sign in</title>" * 1000, b"SQLite format 3"]
)
def test_a_page_is_no_snapshot(settings: Settings, server: ReplyingServer, body: bytes) -> None:
    server.replies["/a"] = reply(200, body, content_type="text/html")
    with pytest.raises(DamagedSnapshot, match=f"{server.url}/a is not a snapshot of LFM Atlas"):
        load(f"{server.url}/a", settings)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
def test_a_damaged_snapshot_is_told_by_its_address(
    saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    body = bytearray(saved.read_bytes())
    body[len(body) // 2] ^= 0xFF
    server.replies["/a"] = reply(200, bytes(body))
    with pytest.raises(DamagedSnapshot) as told:
        load(f"{server.url}/a", settings)
    assert str(told.value).startswith(f"{server.url}/a ")
    assert "loading" not in str(told.value)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
def test_an_answer_that_is_cut_short_is_told(
    saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    body = saved.read_bytes()
    server.replies["/a"] = reply(200, body[:3000], content_length=str(len(body)))
    with pytest.raises(AtlasError, match=f"cannot fetch {server.url}/a: "):
        load(f"{server.url}/a", settings)


@pytest.mark.usefixtures("unchanged")
def test_an_answer_of_another_length_than_it_says_is_told(saved: Path, settings: Settings) -> None:
    body = saved.read_bytes()
    wrong = httpx.Response(200, content=body, headers={"content-length": str(len(body) + 1)})
    with pytest.raises(AtlasError, match="the answer was cut short"):
        load_from("https://example.org/a", settings, answering(wrong))


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("stated", [True, False])
def test_an_answer_that_is_too_long_is_told(
    saved: Path, settings: Settings, server: ReplyingServer, stated: bool
) -> None:
    body = saved.read_bytes()
    server.replies["/a"] = reply(200, body) if stated else without_length(body)
    with pytest.raises(AtlasError, match="is longer than the 4,000 bytes that are fetched"):
        load(f"{server.url}/a", settings, most_bytes=4000)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
def test_a_server_that_is_not_there_is_told(settings: Settings) -> None:
    with socket.socket() as taken:  # Bound and not listening: nobody else gets the port.
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/a"
        with pytest.raises(AtlasError, match=f"cannot fetch {url}: "):
            load(url, settings)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
def test_a_server_that_stalls_is_given_up(
    saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    end = threading.Event()

    def stall(handler: BaseHTTPRequestHandler) -> None:
        reply(200, saved.read_bytes()[:2000], content_length="100000")(handler)
        handler.wfile.flush()
        end.wait(60)

    server.replies["/a"] = stall
    try:
        with pytest.raises(AtlasError, match=f"cannot fetch {server.url}/a: "):
            load(f"{server.url}/a", settings, timeout=0.3)
    finally:
        end.set()


# -- redirects ---------------------------------------------------------------------------------

ADDRESSES = {
    "example.org": ["192.88.99.9", "2600::1"],
    "other.example": ["8.8.8.8"],
    "inside.example": ["10.1.2.3"],
    "partly.example": ["8.8.8.8", "127.0.0.1"],
    "office": ["192.168.1.4"],
    "169.254.169.254": ["169.254.169.254"],
    "127.0.0.1": ["127.0.0.1"],
    "::1": ["::1"],
    "localhost": ["127.0.0.1"],
}


@pytest.mark.slow
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(
    saved: Path, settings: Settings, server: ReplyingServer, status: int
) -> None:
    for number in range(5):
        target = f"/{number + 1}" if number % 2 else f"{server.url}/{number + 1}"
        server.replies[f"/{number}"] = reply(status, location=target)
    server.replies["/5"] = reply(200, saved.read_bytes())
    found = load(f"{server.url}/0", settings)
    assert found.source == f"{server.url}/0"
    assert [path for path, _ in server.asked] == [f"/{number}" for number in range(6)]


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
def test_too_many_redirects_are_told(settings: Settings, server: ReplyingServer) -> None:
    server.replies["/a"] = reply(302, location="/a")
    with pytest.raises(AtlasError, match="more than 5 redirects"):
        load(f"{server.url}/a", settings)
    assert len(server.asked) == 6


@pytest.mark.slow
def test_a_redirect_may_lead_to_https(saved: Path, settings: Settings) -> None:
    good = httpx.Response(200, content=saved.read_bytes())
    transport = answering(redirect("https://example.org/b"), good)
    load_from("http://example.org/a", settings, transport, resolve=ADDRESSES.__getitem__)
    assert size(settings) == 40


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "target", ["http://example.org/b", "ftp://example.org/b", "file:///etc/passwd"]
)
def test_a_redirect_never_leads_from_https_elsewhere(settings: Settings, target: str) -> None:
    with pytest.raises(AtlasError, match=r"cannot fetch https://example\.org/a: it redirects to "):
        load_from(
            "https://example.org/a",
            settings,
            answering(redirect(target)),
            resolve=ADDRESSES.__getitem__,
        )


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("target", ["http://[", "https://exa mple:port/", "data:,PK"])
def test_a_redirect_to_nowhere_is_told(settings: Settings, target: str) -> None:
    with pytest.raises(AtlasError, match=r"cannot fetch https://example\.org/a: "):
        load_from(
            "https://example.org/a",
            settings,
            answering(redirect(target)),
            resolve=ADDRESSES.__getitem__,
        )


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:8080/x",
        "http://[::1]/x",
        "http://localhost/x",
        "http://169.254.169.254/latest/meta-data",
        "http://inside.example/x",
        "http://partly.example/x",
        "https://office/x",
    ],
)
def test_the_open_network_does_not_lead_inside(settings: Settings, target: str) -> None:
    # Nor by a detour.
    for way in ([target], ["http://other.example/b", target]):
        transport = answering(*map(redirect, way))
        with pytest.raises(AtlasError, match=r"redirects to .* private network"):
            load_from("http://example.org/a", settings, transport, resolve=ADDRESSES.__getitem__)


@pytest.mark.slow
def test_who_is_inside_may_be_led_inside(saved: Path, settings: Settings) -> None:
    good = httpx.Response(200, content=saved.read_bytes())
    transport = answering(redirect("http://inside.example/b"), good)
    load_from("http://office/a", settings, transport, resolve=ADDRESSES.__getitem__)
    assert size(settings) == 40


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("packing", ["gzip", "br", "gzip, gzip", "deflate", "zstd"])
def test_what_is_packed_once_more_is_not_unpacked(
    saved: Path, settings: Settings, server: ReplyingServer, packing: str
) -> None:
    server.replies["/a"] = reply(200, saved.read_bytes(), content_encoding=packing)
    with pytest.raises(AtlasError, match=f"cannot fetch {server.url}/a: it is packed once more"):
        load(f"{server.url}/a", settings)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_is_given_up(
    saved: Path, settings: Settings, server: ReplyingServer, part: str
) -> None:
    end = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if part == "body":
            handler.wfile.write(b"\r\n" + saved.read_bytes()[:100])
        while not end.wait(0.02):
            try:
                handler.wfile.write(b"a")
            except OSError:
                return

    server.replies["/a"] = drip
    try:
        with pytest.raises(AtlasError, match=f"cannot fetch {server.url}/a: "):
            load(f"{server.url}/a", settings, timeout=0.5)
    finally:
        end.set()


# -- addresses and what is secret in them ------------------------------------------------------


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "source",
    [
        "ftp://ann:s3cret@example.org/a",
        "file:///tmp/a",
        "s3://bucket/a",
        "https://",
        "http:///a",
        "https://ann:s3cret@exa mple:port/a",
        "https://ann:s3cret@/a",
    ],
)
def test_another_kind_of_address_is_a_bad_request(settings: Settings, source: str) -> None:
    with pytest.raises(BadRequest) as told:
        load_from(source, settings, answering())
    assert "s3cret" not in str(told.value)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
def test_no_password_and_no_key_is_ever_told(
    saved: Path, settings: Settings, server: ReplyingServer
) -> None:
    cut = saved.read_bytes()[:3000]
    server.replies["/missing"] = reply(404)
    server.replies["/page"] = reply(200, b"<html>")
    server.replies["/cut"] = reply(200, cut)
    server.replies["/short"] = reply(200, cut, content_length="90000")
    server.replies["/loop"] = reply(302, location="/loop?key=s3cret")
    server.replies["/away"] = reply(302, location="ftp://anns3cret:s3cret@example.org/")
    for path in server.replies:
        url = f"http://anns3cret:s3cret@{server.place}{path}?key=s3cret#s3cret"
        with pytest.raises(AtlasError) as told:
            load(url, settings)
        assert "s3cret" not in str(told.value)
        assert f"{server.url}{path}" in str(told.value)


@pytest.mark.slow
def test_a_password_goes_to_its_own_host_alone(saved: Path, settings: Settings) -> None:
    sent: list[tuple[str, bool]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((str(request.url), "authorization" in request.headers))
        targets = {
            "/a": "/b",
            "/b": "https://example.org/c",
            "/c": "https://other.example/d",
        }
        if request.url.path in targets:
            return redirect(targets[request.url.path])
        return httpx.Response(200, content=saved.read_bytes())

    load_from(
        "https://ann:s3cret@example.org/a",
        settings,
        httpx.MockTransport(answer),
        resolve=ADDRESSES.__getitem__,
    )
    assert [secret for _, secret in sent] == [True, True, True, False]
    assert sent[-1] == ("https://other.example/d", False)
