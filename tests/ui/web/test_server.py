"""What `lfm serve` answers as a whole, and as a process: safe, offline, and in few words."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from ingest.refresh.schedule import Schedule
from kg.errors import BadRequest
from kg.snapshot import file as snapshot_file
from kg.snapshot import following
from kg.snapshot.following import Following
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.serving import PASSWORDS, accounts, called, served, small_library, view
from ui.auth.sessions import COOKIE
from ui.background import BackgroundRefresh
from ui.web.server import Serving, serve


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with small_library(tmp_path_factory.mktemp("secret-place")) as opened:
        yield opened


@pytest.mark.slow
def test_health_tells_that_the_atlas_answers(client: httpx.Client, library: Library) -> None:
    told = client.get("health").json()
    assert told["status"] == "ok"
    assert told["papers"] == 6
    assert told["revision"] == library.catalogue.revision
    assert told["refreshing"] is False
    assert told["last_refresh"] is None
    assert told["version"]


@pytest.mark.slow
def test_health_tells_a_catalogue_that_cannot_be_read(tmp_path: Path) -> None:
    with small_library(tmp_path / "secret-place") as library, served(library) as client:
        assert client.get("health").status_code == 200
        for name in ("-wal", "-shm"):
            library.settings.catalogue.with_name(f"atlas.sqlite{name}").unlink(missing_ok=True)
        library.settings.catalogue.write_bytes(b"this is no catalogue" * 500)
        told = client.get("health")
        assert told.status_code == 503
        assert "secret-place" not in told.text
        assert "secret-place" not in view(client, "?q=models").text


HOSTILE = (
    ("GET", "gradio_api/file=/etc/passwd", None),
    ("GET", "static/..%2f..%2fblocks.py", None),
    ("GET", "assets/..%2f..%2f..%2fblocks.py", None),
    ("GET", "atlas/..%2fserver.py", None),
    ("GET", "atlas/", None),
    ("GET", "static/", None),
    ("GET", "assets/", None),
    ("GET", "?deep_link=..%2f..%2fx", None),
    ("GET", "config?deep_link=x&page=nope", None),
    ("GET", "gradio_api/info?all_endpoints=1", None),
    ("GET", "gradio_api/openapi.json", None),
    ("GET", "gradio_api/queue/status", None),
    ("GET", "gradio_api/call/ask/0123", None),
    ("POST", "gradio_api/component_server/", {"nothing": 1}),
    ("POST", "gradio_api/component_server/", [1]),
    ("POST", "gradio_api/run/ask", {"data": {"path": "/etc/passwd"}}),
    ("POST", "gradio_api/run/ask", {"data": ["", None, "x"], "fn_index": 99}),
    ("POST", "gradio_api/queue/join", {"data": [], "fn_index": 99, "session_hash": "x"}),
    ("POST", "gradio_api/cancel", {"session_hash": "x", "fn_index": 0, "event_id": "x"}),
    ("POST", "gradio_api/upload", {}),
)


@pytest.mark.slow
def test_no_answer_names_a_file_of_the_machine(client: httpx.Client, library: Library) -> None:
    answers = [client.get(path) for path in ("", "config", "login", "health", "gradio_api/info")]
    for method, path, body in HOSTILE:
        answers.append(client.request(method, path, json=body))
    sent: tuple[object, ...] = (
        {"address": "?view=status"},
        {"address": "?view=/etc/passwd"},
        {"address": "?view=paper&paper=/etc/passwd"},
        {"address": "?" + "x" * 30_000},
        {},
        [],
        "text",
        None,
    )
    answers += [called(client, name, one) for name in ("show", "act") for one in sent]
    answers += [called(client, name, {}) for name in ("__init__", "postprocess", "nothing")]
    places = (
        str(library.settings.home),
        "secret-place",
        sys.prefix,
        str(Path.cwd()),
        "/etc/passwd:",
    )
    for answer in answers:
        for place in (*places, "Traceback", 'File "'):
            assert place not in answer.text, answer.url
        assert "content-security-policy" in answer.headers
        assert "server" not in answer.headers


@pytest.mark.slow
@pytest.mark.parametrize("kept", [[1], "text", 7, True, None, [["lists", []]]])
@pytest.mark.parametrize("address", ["?view=lists", "?view=status", "?q=subject"])
def test_what_a_browser_keeps_and_is_no_object_counts_as_nothing(
    address: str, kept: object, client: httpx.Client
) -> None:
    wanted = called(client, "show", {"address": address}).json()
    found = called(client, "show", {"address": address, "kept": kept}).json()
    assert found["title"] == wanted["title"]
    assert found["title"] not in ("That did not work", "Not found")


@pytest.mark.slow
def test_gradios_files_and_uploads_are_not_there(client: httpx.Client) -> None:
    for method, path in (
        ("GET", "gradio_api/file=/etc/passwd"),
        ("GET", "gradio_api/proxy=https://x.hf.space/"),
        ("POST", "gradio_api/upload"),
        ("GET", "monitoring"),
        ("GET", "docs"),
        ("GET", "openapi.json"),
    ):
        assert client.request(method, path).status_code == 404


@pytest.mark.slow
def test_another_sites_page_cannot_call_and_cannot_read(client: httpx.Client) -> None:
    evil = {"Origin": "https://evil.example"}
    assert view(client, headers=evil).status_code == 403
    told = client.get("config", headers=evil)
    assert "access-control-allow-origin" not in told.headers
    assert client.get("health", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.slow
def test_what_is_too_large_is_refused(client: httpx.Client) -> None:
    assert client.post("gradio_api/run/ask", content=b"x" * 1_300_000).status_code == 413
    assert client.get("?q=" + "x" * 30_000).status_code == 414


def test_a_long_question_and_a_large_count_are_refused_by_the_library(library: Library) -> None:
    with pytest.raises(BadRequest, match="10,001 characters"):
        library.ask("x" * 10_001)
    with pytest.raises(BadRequest, match="10,001 characters"):
        library.similar(text="x" * 10_001)


@pytest.mark.slow
def test_who_asks_too_often_hears_so(library: Library) -> None:
    with served(library, rate=5) as client:
        # Whoever they say they ask for: no proxy was named whose word is taken.
        others = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(6)]
        found = [client.get("config", headers=one) for one in others]
        assert [one.status_code for one in found] == [200] * 5 + [429]
        assert int(found[5].headers["retry-after"]) > 0
        assert client.get("atlas/router.js").status_code == 200
        assert client.get("health").status_code == 200


# -- accounts ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with small_library(tmp_path_factory.mktemp("locked")) as library:
        accounts(library)
        with served(library, rate=0) as client:
            yield str(client.base_url)


@pytest.fixture
def locked(locked_address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=locked_address, timeout=60) as client:
        yield client


def sign_in(
    client: httpx.Client, name: str, password: str | None = None, **more: str
) -> httpx.Response:
    fields = {"username": name, "password": password or PASSWORDS[name], **more}
    return client.post("login", data=fields, headers={"Accept": "text/html"})


@pytest.mark.slow
def test_nothing_is_read_without_signing_in(locked: httpx.Client) -> None:
    assert view(locked).status_code == 401
    for path in ("config", "gradio_api/info", "atlas/router.js", "assets/x.js", "feeds/x"):
        assert locked.get(path).status_code == 401
    told = locked.get("?view=map", headers={"Accept": "text/html"})
    assert (told.status_code, told.headers["location"]) == (303, "login?next=%3Fview%3Dmap")
    page = locked.get(told.headers["location"])
    assert 'value="?view=map"' in page.text


@pytest.mark.slow
def test_signing_in_and_out(locked: httpx.Client) -> None:
    assert sign_in(locked, "bo", "wrong password").status_code == 401
    assert view(locked).status_code == 401
    told = sign_in(locked, "bo", next="?view=map&x=ä")
    assert (told.status_code, told.headers["location"]) == (303, "./?view=map&x=%C3%A4")
    cookie = told.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # This is not https.
    assert view(locked).status_code == 200
    assert "signed in as" in locked.get("login").text
    before = locked.cookies[COOKIE]
    assert locked.post("logout").headers["location"] == "login"
    assert view(locked).status_code == 401
    locked.cookies.set(COOKIE, before)  # The cookie itself is of no use any more.
    assert view(locked).status_code == 401


@pytest.mark.slow
def test_programs_sign_in_by_a_form_or_with_each_request(locked: httpx.Client) -> None:
    told = locked.post("login", data={"username": "bo", "password": "wrong"})
    assert (told.status_code, set(told.json())) == (401, {"detail"})
    assert locked.get("config", auth=("bo", PASSWORDS["bo"])).status_code == 200
    told = locked.post("login", data={"username": "bo", "password": PASSWORDS["bo"]})
    assert told.json() == {"success": True}
    assert locked.get("config").json()["username"] == "bo"


@pytest.mark.slow
def test_a_gradio_client_signs_in(locked: httpx.Client) -> None:
    from gradio_client import Client

    told = {"verbose": False, "analytics_enabled": False, "download_files": False}
    with pytest.raises(Exception, match="credentials"):
        Client(str(locked.base_url), auth=("bo", "wrong password"), **told)
    client = Client(str(locked.base_url), auth=("bo", PASSWORDS["bo"]), **told)
    try:
        found = client.predict("subject 3", api_name="/ask")
        assert found["results"][0]["id"] == "2001.00003"
    finally:
        client.close()


@pytest.mark.slow
def test_only_the_administrator_may_refresh_and_review(locked: httpx.Client) -> None:
    sent = {"action": "review", "fields": {"id": "2001.00001", "decision": "accept"}}
    sign_in(locked, "bo")
    told = called(locked, "act", sent).json()
    assert "only the administrator" in told["message"]
    sign_in(locked, "ada")
    assert "only the administrator" not in called(locked, "act", sent).json()["message"]


# -- the process ---------------------------------------------------------------------------

AUDITED = """
import sys
def watch(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            print("STRANGER", address, file=sys.stderr, flush=True)
    elif event == "socket.getaddrinfo" and arguments[0] not in ("127.0.0.1", "::1", "localhost"):
        print("STRANGER", arguments[0], file=sys.stderr, flush=True)
sys.addaudithook(watch)
from ui.cli import main
sys.exit(main.main(["serve", *sys.argv[1:]]))
"""
"""`lfm serve`, telling of everyone that it turns to."""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start `lfm serve` in a process of its own."""
    environment = {**os.environ, "LFM_HOME": str(tmp_path_factory.mktemp("home"))}
    started = []

    def begin(*arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", AUDITED, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.terminate()
        process.communicate()


def address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().split()[4]


@pytest.mark.model
def test_the_server_turns_to_nobody_and_a_taken_port_is_told_in_one_line(start: Start) -> None:
    first = start("--port", "0")
    place = address(first)
    second = start("--port", place.rstrip("/").rpartition(":")[2])
    out, err = second.communicate(timeout=120)
    assert (second.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert "--port" in err
    with httpx.Client(base_url=place, timeout=60) as client:
        for path in ("", "config", "gradio_api/info", "gradio_api/startup-events", "health"):
            assert client.get(path).status_code == 200
        for question in ("?q=model+soups", "?view=topics", "?view=status", "?view=map"):
            assert view(client, question).status_code == 200
    first.terminate()
    _, err = first.communicate(timeout=60)
    assert "STRANGER" not in err


@pytest.mark.model
def test_an_open_address_without_accounts_is_warned_of(start: Start) -> None:
    process = start("--host", "0.0.0.0", "--port", "0")
    place = address(process).replace("0.0.0.0", "127.0.0.1")
    with httpx.Client(base_url=place, timeout=60) as client:
        told = view(client, "?view=status").json()["html"]
    assert "Nobody is the administrator here" in told
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert "no accounts" in err.splitlines()[0]
    assert "lfm user add" in err.splitlines()[0]


@pytest.mark.model
def test_a_server_that_follows_answers_from_the_old_atlas_until_the_new_is_whole(
    start: Start, unpacked_snapshot: Path, tmp_path: Path
) -> None:
    shutil.copy(unpacked_snapshot, tmp_path / "atlas.sqlite")
    with Catalogue(tmp_path / "atlas.sqlite") as writer:
        before = writer.size()
        writer.papers.remove("2203.05482")
        snapshot_file.save(writer, tmp_path / "atlas.lfm")
    process = start("--port", "0", "--follow", str(tmp_path / "atlas.lfm"), "--every", "1h")
    with httpx.Client(base_url=address(process), timeout=60) as client:
        sizes = []
        for _ in range(600):
            told = client.get("health").json()
            sizes.append(told["papers"])
            assert view(client, "?q=model+soups").status_code == 200
            if told["following"]["loaded"]:
                break
            time.sleep(0.1)
        assert told["following"]["problem"] is None
        assert {*sizes} <= {before, before - 1}
        assert client.get("health").json()["papers"] == before - 1
        told = view(client, "?view=status").json()["html"]
        assert "This server follows a snapshot" in told
        assert "Refresh now" not in told
    process.terminate()
    _, err = process.communicate(timeout=60)
    lines = [line for line in err.splitlines() if "stopped" not in line]
    assert lines[0] == (f"lfm: loaded {tmp_path / 'atlas.lfm'}: {before - 1:,} papers")


@pytest.mark.slow
def test_health_tells_of_a_snapshot_that_is_not_loaded(tmp_path: Path) -> None:
    with small_library(tmp_path / "secret-place") as library:
        home = library.settings.home
        schedule = Schedule(timedelta(minutes=10), ["true"], lambda: None)
        background = BackgroundRefresh(library, following=schedule)
        with served(library, background=background) as client:
            told = client.get("health").json()["following"]
            assert told == {"checked": None, "loaded": None, "problem": None}
            at, problem = "2026-05-04T03:02:01+00:00", f"{home / 'x'} is full"
            following.write(home, Following("http://inner.example/a", at, problem=problem))
            told = client.get("health")
            assert "secret-place" not in told.text
            assert "inner" not in told.text
            assert told.json()["following"] == {
                **{"checked": at, "loaded": None},
                "problem": "a file of the server is full",
            }
            html = view(client, "?view=status").json()["html"]
            assert "a file of the server is full" in html
            assert "2026-05-04 03:02 UTC</time>, every 10 min" in html


@pytest.mark.parametrize(
    "serving",
    [
        Serving(every="10m"),
        Serving(follow="atlas.lfm", every="soon"),
        Serving(follow="atlas.lfm", every="1s"),
        Serving(follow="ftp://example.org/atlas.lfm"),
        Serving(follow="atlas.lfm", refresh_every="24h"),
        Serving(follow="atlas.lfm", digest=(("news.md",), None, None)),
        Serving(rate=-1),
        Serving(proxies=("*",)),
        Serving(refresh_every="soon"),
        Serving(digest=(("news.pdf",), None, None)),
    ],
)
def test_what_cannot_be_served(library: Library, serving: Serving) -> None:
    with pytest.raises(BadRequest):
        serve(library, serving)
