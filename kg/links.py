"""Links of papers: code, models, data, pages, videos and slides."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

from kg.text.plain import without_controls

MAX_URL_CHARS: Final = 500
"""The longest link that is kept."""

_CODE_HOSTS: Final = {"github.com", "gitlab.com", "bitbucket.org", "huggingface.co"}
# A branch alone, its files' listing or a settings page is the repository itself.
_BRANCH: Final = re.compile(r"/(?:-/)?(?:tree|blob)/(?:main|master|HEAD)/?$")
_INSIDE: Final = (".local", ".localhost", ".internal", ".lan", ".home", ".arpa", ".onion")


class LinkKind(StrEnum):
    """What a link leads to."""

    CODE = "code"
    MODEL = "model"
    DATA = "data"
    PROJECT = "project"
    VIDEO = "video"
    SLIDES = "slides"


class LinkState(StrEnum):
    """What its host last said of a link."""

    THERE = "there"
    MOVED = "moved"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a paper, as one source tells it."""

    kind: LinkKind
    url: str
    """As `canonical_link` writes it."""
    source: str
    """Who says so: a list's name, ``abstract``, ``comment``, a publication page's, ..."""
    official: bool | None = None
    """Whether it is by the authors; None where nobody says."""
    state: LinkState | None = None
    """What its host said; None where nobody has asked."""
    moved_to: str | None = None
    """Where it is now, if it moved."""
    checked: date | None = None
    """When its host was asked, UTC."""


def canonical_link(url: str) -> str | None:
    """Return a link as it is stored, one spelling for one repository, or None where it is none.

    Refused are other schemes than http and https, control characters, credentials, ports, hosts
    that are addresses or names within a network, and links that are too long.

    Examples
    --------
    >>> canonical_link("http://www.github.com/mlfoundations/Model-Soups.git/")
    'https://github.com/mlfoundations/Model-Soups'
    >>> canonical_link("https://github.com/microsoft/LoRA/tree/main#readme")
    'https://github.com/microsoft/LoRA'
    >>> canonical_link("javascript:alert(1)") is canonical_link("http://127.0.0.1/x") is None
    True
    """
    url = url.strip()
    if not url or len(url) > MAX_URL_CHARS or url != without_controls(url) or " " in url:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").removeprefix("www.")
        plain = parts.port is None and parts.username is None and parts.password is None
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not plain or not _is_public_name(host):
        return None
    if without_controls(unquote(parts.path)) != unquote(parts.path) or "\n" in unquote(url):
        return None
    path = parts.path.rstrip("/")
    if host not in _CODE_HOSTS:
        rest = (f"?{parts.query}" if parts.query else "") + (
            f"#{parts.fragment}" if parts.fragment else ""
        )
        return f"{parts.scheme}://{host}{path}{rest}"
    path = _BRANCH.sub("", path).removesuffix(".git").rstrip("/")
    if path.count("/") < 1 or not path.strip("/"):
        return None
    return f"https://{host}{path}"


def repository(url: str) -> str | None:
    """Return what identifies the repository of a canonical link, lower-case, or None.

    Examples
    --------
    >>> repository("https://github.com/microsoft/LoRA/tree/main/examples")
    'github.com/microsoft/lora'
    >>> repository("https://huggingface.co/datasets/rajpurkar/squad")
    'huggingface.co/datasets/rajpurkar/squad'
    >>> repository("https://example.org/project")
    """
    parts = urlsplit(url.lower())
    host, names = parts.hostname or "", [one for one in parts.path.split("/") if one]
    if host not in _CODE_HOSTS:
        return None
    most = 3 if host == "huggingface.co" and names[:1] in (["datasets"], ["spaces"]) else 2
    return "/".join((host, *names[:most])) if len(names) >= most else None


def _is_public_name(host: str) -> bool:
    if "." not in host or host.endswith(_INSIDE) or host == "localhost":
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # Inet forms such as 127.1 and 0x7f.1 are addresses too: a name does not end in a number.
        return not re.fullmatch(r"\d+|0x[0-9a-f]*", host.rsplit(".", 1)[-1])
    return False
