"""Links of papers: code, models, data, pages, videos and slides."""

import re
from datetime import date
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from kg.text.plain import without_controls
from kg.values import dataclass

MAX_URL_CHARS: Final = 500
"""The longest link that is kept."""

MIN_NAME_CHARS: Final = 3
"""Letters and digits of the shortest name that is looked for in a title."""

_SPACE: Final = re.compile(r"[\s\\<>\"^`{|}]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_REPOSITORY_HOSTS: Final = frozenset(
    "github.com gitlab.com bitbucket.org codeberg.org gitee.com gist.github.com"
    " huggingface.co".split()
)
_ALIASES: Final = {"hf.co": "huggingface.co", "huggingface.com": "huggingface.co"}
_INSIDE: Final = (".local", ".localhost", ".internal", ".lan", ".home", ".arpa", ".onion")
# Names that git takes beside web addresses.
_GIT: Final = re.compile(
    r"(?:(?:git\+)?ssh://)?git@([\w.-]+)[:/]|git(?:\+https)?://", re.IGNORECASE
)
_TWICE: Final = re.compile(r"^https?:/{0,2}(?=https?:?//)(?:https?:?//)", re.IGNORECASE)
_NAME: Final = re.compile(r"[\w.-]*\w[\w.-]*", re.ASCII)
# What most links are, and what stays of them as it is.
_USUAL: Final = re.compile(r"https://github\.com/([A-Za-z0-9][A-Za-z0-9-]*)/[\w.-]*\w", re.ASCII)
# First parts of paths on GitHub that are no owner of repositories.
_NO_OWNERS: Final = frozenset(
    "about apps collections enterprise events explore features login marketplace notifications orgs"
    " search security settings signup sponsors stars topics trending users".split()
)
# Parts of a repository that are not what a paper is linked to.
_ASIDES: Final = frozenset("issues pull pulls discussions compare license".split())
# Parts after which the path of a file or folder follows.
_FILES: Final = frozenset("tree blob src resolve".split())
_README: Final = re.compile(r"(?:index|readme)(?:\.\w+)?", re.IGNORECASE)
_LICENCE: Final = re.compile(r"(?:licen[cs]e|copying)(?:\.\w+)?", re.IGNORECASE)


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
    source: str = ""
    """Who says so: a list's name, ``abstract``, ``comment``, a publication page's, ...; empty for
    what a reader found, until it is stored."""
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
    that are addresses or names within a network, links that are too long, and what a host of
    repositories has beside them: owners, issues, licences.

    Examples
    --------
    >>> canonical_link("http://www.github.com/mlfoundations/Model-Soups.git/")
    'https://github.com/mlfoundations/Model-Soups'
    >>> canonical_link("https://github.com/microsoft/LoRA/tree/main#readme")
    'https://github.com/microsoft/LoRA'
    >>> canonical_link("git@github.com:microsoft/LoRA.git")
    'https://github.com/microsoft/LoRA'
    >>> canonical_link("https://github.com/microsoft/unilm/tree/master/beit")
    'https://github.com/microsoft/unilm/tree/master/beit'
    >>> canonical_link("javascript:alert(1)") is canonical_link("http://127.0.0.1/x") is None
    True
    """
    usual = _USUAL.fullmatch(url)
    if usual and len(url) <= MAX_URL_CHARS and not url.endswith(".git"):
        return None if usual[1].lower() in _NO_OWNERS else url
    url = _GIT.sub(lambda found: f"https://{found[1]}/" if found[1] else "https://", url.strip(), 1)
    url = _TWICE.sub("https://", url)
    if not url or len(url) > MAX_URL_CHARS or url != without_controls(url) or _SPACE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        plain = parts.port is None and parts.username is None and parts.password is None
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not plain or not is_public_name(host):
        return None
    decoded = unquote(url)
    if _CONTROL.search(decoded) or decoded != without_controls(decoded):
        return None
    bare = host.removeprefix("www.")
    bare = _ALIASES.get(bare, bare)
    if bare in _REPOSITORY_HOSTS:
        names = [name for name in unquote(parts.path).split("/") if name]
        kept = _shortened(bare, names)
        return f"https://{bare}/{'/'.join(map(quote, kept))}" if kept else None
    scheme, path = parts.scheme, parts.path.rstrip("/")
    if bare.endswith((".github.io", ".gitlab.io")):
        scheme, host = "https", bare
        path = path.removesuffix("/index.html")
    query, fragment = (f"?{parts.query}" if parts.query else ""), parts.fragment
    return f"{scheme}://{host}{path}{query}{f'#{fragment}' if fragment else ''}"


def _shortened(host: str, names: list[str]) -> list[str] | None:
    """Return the parts of a path on a host of repositories, without those that add nothing."""
    size = _repository_parts(host, names)
    if not size or names[0].lower() in _NO_OWNERS:
        return None
    own = [re.sub(r"(?:\.git)+$", "", name) for name in names[:size]]
    rest = [name for name in names[size:] if name != "-"]
    if not all(_NAME.fullmatch(name) for name in own):
        return None
    if rest and (rest[0].lower() in _ASIDES or _LICENCE.fullmatch(rest[-1])):
        return None
    # A branch alone, its page, releases or watchers are the repository itself.
    inside = rest[:1] and rest[0] in _FILES and len(rest) > 2
    readme = len(rest) == 3 and _README.fullmatch(rest[2])
    return [*own, *rest] if inside and not readme else own


def _repository_parts(host: str, names: list[str]) -> int:
    """Return how many parts of a path name a repository; 0 where none does.

    An owner on Hugging Face counts, too: there models may have no owner.
    """
    if host == "huggingface.co":
        most = 3 if names[:1] and names[0] in ("datasets", "spaces", "collections") else 2
        return min(most, len(names))
    if len(names) < 2:
        return 0
    if host == "gitlab.com":  # Repositories are in groups, and these within others.
        ends = (i for i, one in enumerate(names) if one in ("-", *_FILES) and i > 1)
        return next(ends, len(names))
    return 2


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
    if host not in _REPOSITORY_HOSTS:
        return None
    size = _repository_parts(host, names)
    return "/".join((host, *names[:size])) if size > 1 else None


def names_paper(url: str, title: str) -> bool:
    """Return whether the last name of a link is in a title, or what the title introduces is in it.

    Letters and digits are compared.

    Examples
    --------
    >>> names_paper("https://github.com/mlfoundations/model-soups", "Model soups: averaging")
    True
    >>> names_paper("https://github.com/prateeky2806/ties-merging", "TIES-Merging: Resolving ...")
    True
    >>> names_paper("https://github.com/huggingface/transformers", "LoRA: Low-Rank Adaptation")
    False
    """
    names = [name for name in urlsplit(url).path.split("/") if name]
    told, whole = _letters(names[-1] if names else ""), _letters(title)
    introduced = _letters(re.split(r"[:：]|\s[-–—]\s", title)[0])
    return (len(told) >= MIN_NAME_CHARS and told in whole) or (
        MIN_NAME_CHARS <= len(introduced) < len(whole) and introduced in told
    )


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def is_public_name(host: str) -> bool:
    """Return whether a host has a name that anybody's network may know, and is no address.

    Examples
    --------
    >>> is_public_name("github.com"), is_public_name("localhost"), is_public_name("10.0.0.1")
    (True, False, False)
    """
    if "." not in host or ":" in host or host.endswith(_INSIDE):
        return False
    # IPv4 in any form, 127.1 and 0x7f.1 too, ends in a number; a name does not.
    return not re.fullmatch(r"\d+|0x[0-9a-f]*", host.rsplit(".", 1)[-1])
