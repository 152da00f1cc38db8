"""Links: one spelling for one repository, and nothing that must not be followed."""

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.links import MAX_URL_CHARS, canonical_link, repository

NAME = st.text("abcXYZ019-_", min_size=1, max_size=12)
HOSTS = st.sampled_from(
    ["github.com", "www.github.com", "GitHub.com", "gitlab.com", "huggingface.co", "example.org"]
)
ADDRESSES = st.builds(
    "{}://{}/{}{}".format,
    st.sampled_from(["http", "https"]),
    HOSTS,
    st.lists(NAME | st.sampled_from(["tree", "blob", "-", "main", "datasets"]), max_size=6).map(
        "/".join
    ),
    st.sampled_from(["", "/", ".git", ".git/", "#readme", "?tab=readme", "/tree/main", "//"]),
)
PARTS = st.text("abAB09-._", min_size=1, max_size=8) | st.sampled_from(["login", "x.git", "a.Git"])


@given(PARTS, PARTS)
def test_the_usual_link_is_taken_as_any_other(owner: str, name: str) -> None:
    url = f"https://github.com/{owner}/{name}"
    assert canonical_link(url) == canonical_link(f"{url}/")  # Of which each part is looked at.


PRIVATE = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map("[{}]".format),
    st.ip_addresses(v=4).map(lambda one: str(int(one))),
    st.ip_addresses(v=4).map(lambda one: hex(int(one))),
    st.builds("127.{}".format, st.integers(0, 255)),
    st.builds("0x7f.{}".format, st.integers(0, 255)),
    st.builds("{}{}".format, NAME, st.sampled_from(["", ".local", ".internal", ".lan", ".home"])),
    st.sampled_from(
        ["localhost", "LOCALHOST.", "a.localhost", "a.b.onion", "1.168.192.in-addr.arpa"]
    ),
)


@given(ADDRESSES | st.text() | st.text().map("https://example.org/{}".format))
def test_a_canonical_link_is_its_own(url: str) -> None:
    if (link := canonical_link(url)) is not None:
        assert canonical_link(link) == link
        assert len(link) <= MAX_URL_CHARS
        assert urlsplit(link).scheme in ("http", "https")
        assert "." in str(urlsplit(link).hostname)
        assert link.isprintable() or not link.isascii()


@given(PRIVATE, st.sampled_from(["", ":80", ":8443"]), st.sampled_from(["", "/", "/a?b#c"]))
def test_no_host_within_a_network_is_a_link(host: str, port: str, rest: str) -> None:
    for scheme in ("http", "https", "HTTPS"):
        assert canonical_link(f"{scheme}://{host}{port}{rest}") is None


@given(ADDRESSES)
def test_a_host_is_never_an_address(url: str) -> None:
    if link := canonical_link(url):
        with pytest.raises(ValueError, match="does not appear"):
            ipaddress.ip_address(str(urlsplit(link).hostname))


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "ftp://example.org/a",
        "//example.org/a",
        "example.org/a",
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://example.org:8080/",
        "https://example.org/a b",
        "https://example.org/a\nb",
        "https://example.org/\x00",
        "https://example.org/%00",
        "https://example.org/%0d%0aSet-Cookie:x",
        "https://example.org/\u202egnp",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[broken/",
        "https://127.0.0.1.",
        "https://example.org\\@github.com/a",
        "https://github.com/",
        "https://github.com/microsoft",
        "https://github.com/topics/lora",
        "https://github.com/microsoft/LoRA/issues/1",
        "https://github.com/microsoft/LoRA/blob/main/LICENSE",
        "https://example.org/" + "a" * 500,
    ],
)
def test_what_must_not_be_followed_is_no_link(url: str) -> None:
    assert canonical_link(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/microsoft/LoRA",
        "https://www.github.com/microsoft/LoRA/",
        "https://github.com/microsoft/LoRA.git",
        "https://github.com/microsoft/LoRA/tree/main",
        "https://github.com/microsoft/LoRA/blob/master/",
        "https://github.com/microsoft/LoRA?tab=readme-ov-file#lora",
        "  https://GitHub.com/microsoft/LoRA  ",
        "https://github.com/microsoft/LoRA/blob/main/README.md",
        "https://github.com/microsoft/LoRA/stargazers",
        "https://github.com/microsoft/LoRA/releases/tag/v1",
        "git@github.com:microsoft/LoRA.git",
        "ssh://git@github.com/microsoft/LoRA",
        "git://github.com/microsoft/LoRA",
        "https://https://github.com/microsoft/LoRA",
    ],
)
def test_a_repository_has_one_spelling(url: str) -> None:
    assert canonical_link(url) == "https://github.com/microsoft/LoRA"


@given(ADDRESSES)
def test_a_repository_is_that_of_its_link_in_any_case(url: str) -> None:
    if (link := canonical_link(url)) and (found := repository(link)):
        assert repository(f"https://{found}") == found == repository(link.upper())


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://github.com/a/b/tree/main/c/", "https://github.com/a/b/tree/main/c"),
        ("https://hf.co/a/soup-7b/tree/main", "https://huggingface.co/a/soup-7b"),
        ("https://huggingface.co/datasets/a/b/", "https://huggingface.co/datasets/a/b"),
        ("http://ada.github.io/soups/index.html", "https://ada.github.io/soups"),
        ("https://gitlab.com/g/h/soups/-/tree/main", "https://gitlab.com/g/h/soups"),
        ("http://www.cs.example.edu/~ada/soups/", "http://www.cs.example.edu/~ada/soups"),
        ("https://youtube.com/watch?v=x", "https://youtube.com/watch?v=x"),
    ],
)
def test_what_is_kept_of_an_address(url: str, kept: str) -> None:
    assert canonical_link(url) == kept


def test_repositories_within_groups() -> None:
    assert repository("https://gitlab.com/g/h/soups/tree/main/x") == "gitlab.com/g/h/soups"
    assert repository("https://huggingface.co/ada") is None
