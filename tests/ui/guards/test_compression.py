"""What is sent compressed, to whom, and that caches are told the truth about it."""

import gzip
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from tests.support.serving import PASSWORDS, accounts, served, small_library, view

STATIC = files("ui").joinpath("static")
GZIP, PLAIN = {"Accept-Encoding": "gzip, deflate, br"}, {"Accept-Encoding": "identity"}
LARGE = sorted(
    one.name
    for one in Path(str(STATIC)).iterdir()
    if one.suffix in (".js", ".css", ".svg") and one.stat().st_size >= 500
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    home = tmp_path_factory.mktemp("atlas")
    with small_library(home) as library, served(library, rate=0, mcp=True) as client:
        yield client


def sent(answer: httpx.Response) -> int:
    """Return how many bytes came."""
    return int(answer.headers["content-length"])


@pytest.mark.slow
def test_own_files_are_a_third_of_their_size(client: httpx.Client) -> None:
    assert len(LARGE) > 30
    answers = [client.get(f"atlas/{name}", headers=GZIP) for name in LARGE]
    for name, answer in zip(LARGE, answers, strict=True):
        assert answer.headers["content-encoding"] == "gzip", name
        assert answer.content == STATIC.joinpath(name).read_bytes(), name
        assert sent(answer) < len(answer.content), name
    assert sum(map(sent, answers)) < 0.45 * sum(len(one.content) for one in answers)


@pytest.mark.slow
@pytest.mark.parametrize("told", ["identity", "", "br", "gzip;q=0", "*;q=0", "gzip;q=0.000, *"])
def test_who_does_not_take_gzip_gets_none(told: str, client: httpx.Client) -> None:
    for path in ("atlas/router.js", ""):
        answer = client.get(path, headers={"Accept-Encoding": told})
        assert "content-encoding" not in answer.headers
        assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.slow
@pytest.mark.parametrize("told", ["gzip", "GZIP", "br, gzip;q=0.1", "*", "deflate,gzip ; q=1"])
def test_who_takes_gzip_gets_it(told: str, client: httpx.Client) -> None:
    for path in ("atlas/router.js", ""):
        answer = client.get(path, headers={"Accept-Encoding": told})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.slow
def test_a_file_that_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    tags = set()
    for wanted in (GZIP, PLAIN):
        first = client.get("atlas/router.js", headers=wanted)
        tags.add(first.headers["etag"])
        for known in (
            {"If-None-Match": first.headers["etag"]},
            {"If-Modified-Since": first.headers["last-modified"]},
        ):
            again = client.get("atlas/router.js", headers={**wanted, **known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
            assert again.headers["vary"] == "Accept-Encoding"
            assert again.headers["cache-control"] == "no-cache"
            assert "content-encoding" not in again.headers
    assert len(tags) == 2  # One for each form: a cache must not take one for the other.


@pytest.mark.slow
def test_a_tag_of_one_form_does_not_stand_for_the_other(client: httpx.Client) -> None:
    packed = client.get("atlas/router.js", headers=GZIP).headers["etag"]
    answer = client.get("atlas/router.js", headers={**PLAIN, "If-None-Match": packed})
    assert answer.status_code == 200


@pytest.mark.slow
def test_a_picture_and_a_part_of_a_file_come_as_they_are(client: httpx.Client) -> None:
    picture = client.get("atlas/share.png", headers=GZIP)
    assert "content-encoding" not in picture.headers
    part = client.get("atlas/router.js", headers={**PLAIN, "Range": "bytes=0-9"})
    assert (part.status_code, len(part.content)) == (206, 10)
    assert client.head("atlas/router.js", headers=GZIP).content == b""


@pytest.mark.slow
def test_the_document_is_a_fifth_of_its_size(client: httpx.Client) -> None:
    packed, plain = client.get("", headers=GZIP), client.get("", headers=PLAIN)
    assert packed.text.startswith("<!doctype html>")
    assert sent(packed) < 0.2 * sent(plain)
    assert "'sha256-" in packed.headers["content-security-policy"]


@pytest.mark.slow
def test_what_may_hold_a_secret_is_not_compressed(client: httpx.Client) -> None:
    for answer in (
        view(client, "?view=topics", headers=GZIP),
        client.get("feeds/changes.atom", headers=GZIP),
        client.get("config", headers=GZIP),
        client.get("health", headers=GZIP),
    ):
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers


@pytest.mark.slow
def test_a_document_that_names_its_reader_is_not_compressed(tmp_path: Path) -> None:
    with small_library(tmp_path) as library:
        accounts(library)
        with served(library, rate=0) as client:
            answer = client.get("?q=bo", headers=GZIP, auth=("bo", PASSWORDS["bo"]))
            assert '"username":"bo"' in answer.text
            assert "content-encoding" not in answer.headers
            assert answer.headers["vary"] == "Accept-Encoding"
            file = client.get("atlas/router.js", headers=GZIP, auth=("bo", PASSWORDS["bo"]))
            assert file.headers["content-encoding"] == "gzip"


@pytest.mark.slow
def test_a_stream_is_not_held_back(client: httpx.Client) -> None:
    begun = client.post("gradio_api/call/v2/paper", json={"id": "2001.00001"}).json()["event_id"]
    with client.stream("GET", f"gradio_api/call/paper/{begun}", headers=GZIP) as answer:
        assert "content-encoding" not in answer.headers
        assert next(answer.iter_lines()) == "event: complete"


@pytest.mark.slow
def test_the_same_bytes_are_packed_the_same(client: httpx.Client) -> None:
    def raw() -> bytes:
        with client.stream("GET", "atlas/atlas.css", headers=GZIP) as answer:
            return b"".join(answer.iter_raw())

    assert raw() == raw()
    assert gzip.decompress(raw()) == STATIC.joinpath("atlas.css").read_bytes()
