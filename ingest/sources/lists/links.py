"""The text, links and badges of a list item, in reading order, with the role of each link."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from urllib.parse import unquote, urlsplit

from ingest.sources.lists.line_text import without_emoji, words
from ingest.sources.lists.markup import HEADINGS, HIDDEN, Node, Text
from ingest.sources.lists.names import ET_AL, is_authors
from ingest.sources.lists.venues import venue_of
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi


class Role(StrEnum):
    """What a link is for."""

    PAPER = "paper"
    CODE = "code"
    OTHER = "other"
    TITLE = "title"
    """The link's text is no label: it may be the title."""


PAPER_LABELS = frozenset(
    """
    paper papers pdf arxiv link links url html abs abstract here openreview publication
    article preprint doi official acl anthology aclanthology cvf fulltext full text read
    source ieee acm springer pmlr neurips iclr biorxiv medrxiv ps version camera ready
    journal conference proceedings ar5iv alphaxiv 论文 链接 原文 论文链接 papier
    """.split()
)
CODE_LABELS = frozenset(
    """
    code codes github git repo repository implementation pytorch tensorflow tf jax torch
    codebase software library package toolkit unofficial gitlab keras caffe mxnet paddle
    mindspore reproduction re-implementation reimplementation implement 代码 开源 源码
    """.split()
)
OTHER_LABELS = frozenset(
    """
    project page pages website web site homepage home demo demos video videos slides
    slide poster talk blog blogs post tweet twitter x thread data dataset datasets model
    models weights checkpoint checkpoints supp supplementary supplement appendix
    material bib bibtex cite citation notes note news colab hugging huggingface face hf
    youtube wechat zhihu review reviews presentation media leaderboard benchmark webpage
    ppt tutorial docs documentation space bilibili medium notebook app api recording
    podcast summary explanation explainer discussion newsletter playground download
    intro readme wiki license contact email linkedin discord slack announcement press
    reddit kaggle 博客 解读 视频 主页 项目 项目主页 数据 数据集 幻灯片 知乎 中文解读 演示 模型
    """.split()
)
_LABELS = PAPER_LABELS | CODE_LABELS | OTHER_LABELS
LABEL_FILLERS = frozenset(
    "the of for and in on to by & / + this my our a at from short long v1 v2 v3 v4 new old".split()
)
PAPER_HOSTS = (
    "openreview.net aclanthology.org aclweb.org mlr.press neurips.cc nips.cc thecvf.com "
    "ecva.net ieeexplore.ieee.org ieee.org computer.org dl.acm.org link.springer.com "
    "springer.com sciencedirect.com nature.com science.org sciencemag.org pnas.org jmlr.org "
    "jmlr.csail.mit.edu semanticscholar.org aaai.org ijcai.org isca-archive.org "
    "isca-speech.org biorxiv.org medrxiv.org mdpi.com frontiersin.org wiley.com "
    "tandfonline.com oup.com sagepub.com usenix.org ndss-symposium.org hal.science ssrn.com "
    "researchgate.net bmvc2022.mpi-inf.mpg.de bmva.org osf.io icml.cc iclr.cc "
    "mitpressjournals.org direct.mit.edu cell.com biomedcentral.com plos.org techrxiv.org "
    "eprint.iacr.org dblp.org paperswithcode.com hindawi.com iopscience.iop.org "
    "worldscientific.com royalsocietypublishing.org ceur-ws.org vldb.org "
    "roboticsproceedings.org papers.ssrn.com acm.org mlsys.org incompleteideas.net "
    "cs.toronto.edu semanticscholar.com nih.gov "
).split()
CODE_HOSTS = "github.com gitlab.com bitbucket.org codeberg.org gitee.com gist.github.com".split()
OTHER_HOSTS = (
    "twitter.com x.com youtube.com youtu.be bilibili.com zhihu.com medium.com t.me "
    "discord.gg discord.com slack.com linkedin.com facebook.com reddit.com docs.google.com "
    "drive.google.com pan.baidu.com weixin.qq.com kaggle.com github.io wikipedia.org "
    "shields.io awesome.re star-history.com opensource.org creativecommons.org "
    "huggingface.co hf.co modelscope.cn readthedocs.io colab.research.google.com "
    "amazon.com coursera.org notion.site notion.so substack.com contrib.rocks "
    "githubusercontent.com jiqizhixin.com readpaper.com hitcounter.com "
).split()
NO_PAPER_PREFIXES = ("mailto:", "#", "./", "../", "javascript:")

_URL = re.compile(r"https?://[^\s<>\"'）】，。、；]+|(?<![\w/.])(?:www\.)?arxiv\.org/\S+")
_CITED_YEAR = re.compile(r"\s*[(\[]\d{4}[a-z]?[)\]]\s*$")
_COUNTER = re.compile(
    r"(?:shields\.io|badgen\.net)/github/(?:stars|forks|watchers|last-commit|issues|license)/"
    r"([\w.-]+/[\w.-]+?)(?:\.svg)?(?:[?#]|$)"
)
_SHIELD = re.compile(r"img\.shields\.io/badge/([^?\s]+)")


@dataclass(frozen=True, slots=True)
class Inline:
    """A run of text, a link, a badge or a line break."""

    text: str = ""
    url: str | None = None
    """Target, for a link; may be empty where the list leaves it open."""
    bold: bool = False
    italic: bool = False
    badge: str = ""
    """What the images in it say."""
    line: int = 1
    is_break: bool = False
    soft: bool = False
    """For a break: one that the author may only have made to wrap a line."""
    bracketed: bool = False
    """For a link: stands in brackets of its own, as labels do."""
    column: Role | None = None
    """For a link: what its table column is for."""
    header: str = ""
    """For a link: what its table column is called."""
    repository: str = ""
    """For a badge: the address of the repository whose stars or the like it counts."""

    @property
    def is_link(self) -> bool:
        """Whether this is a link, if only to nowhere."""
        return self.url is not None

    @property
    def label(self) -> str:
        """Text, else what the badges say."""
        return self.text.strip() or self.badge

    @property
    def role(self) -> Role:
        """What the link is for, by its text, else by its column and its address."""
        url = self.url or ""
        role = label_role(self.label) if self.label else (Role.PAPER if url else Role.OTHER)
        if role is None and self.bracketed and words(self.text) <= 4:
            role = Role.PAPER
            if is_code_url(url):
                role = Role.CODE
            elif is_aside_url(url):
                role = Role.OTHER
        if role is None and not self.text.strip():
            role = Role.PAPER if is_paper_url(url) else Role.OTHER
        if role is None:
            return Role.TITLE
        if parse_arxiv_id(url):
            return Role.PAPER
        if role is Role.PAPER:
            if is_code_url(url) or (self.column is Role.CODE and not is_paper_url(url)):
                return Role.CODE
            if url and is_aside_url(url):
                return Role.OTHER
        return role


BREAK = Inline(is_break=True)


@lru_cache(maxsize=4096)
def is_paper_url(url: str) -> bool:
    """Return whether `url` is of a kind that holds papers."""
    if parse_arxiv_id(url) or parse_doi(url) or "huggingface.co/papers" in url:
        return True
    host, path = _split(url)
    if _on(host, CODE_HOSTS):
        return path.endswith(".pdf")
    if path.endswith((".pdf", ".ps", ".ps.gz")):
        return True
    return len(path) > 1 and _on(host, PAPER_HOSTS)


@lru_cache(maxsize=4096)
def is_code_url(url: str) -> bool:
    """Return whether `url` is of a code host."""
    host, path = _split(url)
    return _on(host, CODE_HOSTS) and not path.endswith(".pdf")


@lru_cache(maxsize=4096)
def is_aside_url(url: str) -> bool:
    """Return whether `url` can be no paper: a fragment, a post, a video, a badge."""
    if is_paper_url(url):
        return False
    host, _ = _split(url)
    if "//" not in url and not url.startswith("www."):
        return True  # a file of the list's own repository
    return not host or url.startswith(NO_PAPER_PREFIXES) or _on(host, OTHER_HOSTS)


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url.strip() if "//" in url else "//" + url.strip())
    except ValueError:
        return "", ""
    host = (parts.netloc.rpartition("@")[2]).casefold().removeprefix("www.")
    return (host if "." in host else ""), parts.path.casefold()


def _on(host: str, hosts: Sequence[str]) -> bool:
    return any(host == known or host.endswith("." + known) for known in hosts)


@lru_cache(maxsize=4096)
def label_role(text: str) -> Role | None:
    """Return the role of a link whose text is a label ("paper", "Code", "ICML 2023"), or None."""
    bare = without_emoji(text).casefold().strip(" \t[](){}【】（）.,:;|-–—·*_`'\"!?")
    if not re.search(r"[^\W\d_]", bare):
        return Role.PAPER  # nothing but an id, a number or an icon
    tokens = [token.strip("().,:;'\"") for token in re.split(r"[\s/&+|,_\-–:@()]+", bare)]
    tokens = [token.rstrip("0123456789.") or token for token in tokens if token]
    known = [t for t in tokens if t in _LABELS]
    fillers = [t for t in tokens if t in LABEL_FILLERS or not re.search(r"[^\W\d_]", t)]
    if known and len(known) + len(fillers) == len(tokens):
        if set(known) & PAPER_LABELS - {"official", "version", "source", "full", "text", "here"}:
            aside = known[-1] in OTHER_LABELS and known[0] not in PAPER_LABELS
            return Role.OTHER if aside else Role.PAPER
        if set(known) & CODE_LABELS:
            return Role.CODE
        return Role.OTHER if set(known) & OTHER_LABELS else Role.PAPER
    if known and len(tokens) <= 4 and tokens[0] in CODE_LABELS:
        return Role.CODE
    if ET_AL.search(text) and is_authors(_CITED_YEAR.sub("", text)):
        return Role.PAPER  # "Turing et al., 1950", "Turing et al. (1950)"
    if parse_arxiv_id(bare) or re.match(r"^https?://|^www\.", bare) or venue_of(text) is not None:
        return Role.PAPER
    return None


def badge_text(src: str, alt: str) -> str:
    """Return what a badge says, from its picture's address or else its alternative text."""
    if not (match := _SHIELD.search(src)):
        return alt if "shields.io" not in src else ""
    path = re.sub(r"\.(?:svg|png)$", "", match[1]).replace("--", "\0").replace("__", "\1")
    parts = path.split("-")
    said = parts[:-1] if len(parts) > 1 else parts
    text = unquote(" ".join(said).replace("_", " ").replace("\0", "-").replace("\1", "_"))
    return " ".join(text.split()) or alt


BLOCKS = frozenset(
    "p div li tr td th center section dd dt blockquote ul ol table figure hr".split()
)


def segments(nodes: Iterable[Node]) -> list[Inline]:
    """Return the segments of some inline nodes, bare addresses in the text as links."""
    found = [piece for segment in _flatten(nodes, Inline()) for piece in _linkify(segment)]
    return _mark_bracketed(_merge(found))


def _flatten(nodes: Iterable[Node], style: Inline) -> Iterator[Inline]:
    for node in nodes:
        here = replace(style, line=node.line)
        if isinstance(node, Text):
            yield replace(here, text=node)
        elif node.tag in HIDDEN:
            continue
        elif node.tag in {"br", "hr"}:
            yield Inline(
                bold=style.bold,
                italic=style.italic,
                line=node.line,
                is_break=True,
                soft="soft" in node.attrs,
            )
        elif node.tag == "img":
            src = node.attrs.get("src", "")
            said = badge_text(src, node.attrs.get("alt", "")) or " "
            counted = _COUNTER.search(src)
            repository = f"https://github.com/{counted[1]}" if counted else ""
            yield replace(here, badge=said, repository=repository)
        elif node.tag == "a" and style.url is None and "href" in node.attrs:
            url = node.attrs["href"].replace("%20", " ").strip().rstrip(".").replace(" ", "%20")
            link = replace(here, url=url)
            yield _one_link(list(_flatten(node.children, link)), link)
        else:
            inner_style = replace(
                here,
                bold=style.bold or node.tag in {"strong", "b"} | HEADINGS,
                italic=style.italic or node.tag in {"em", "i", "cite", "var"},
            )
            if node.tag in BLOCKS:
                yield Inline(is_break=True, line=node.line)
            if node.tag == "sup" and style.url is None:
                yield replace(here, text=" ")
            yield from _flatten(node.children, inner_style)
            if node.tag in BLOCKS:
                yield Inline(is_break=True, line=node.line)


def _one_link(inner: list[Inline], style: Inline) -> Inline:
    texts = [s for s in inner if s.text.strip()]
    return replace(
        style,
        text="".join(" " if s.is_break else s.text for s in inner),
        badge=" ".join(s.badge for s in inner if s.badge).strip(),
        repository=next((s.repository for s in inner if s.repository), ""),
        bold=style.bold or (bool(texts) and all(s.bold for s in texts)),
        italic=style.italic or (bool(texts) and all(s.italic for s in texts)),
    )


def _linkify(segment: Inline) -> Iterator[Inline]:
    if segment.is_link or segment.is_break or "/" not in segment.text:
        yield segment
        return
    position = 0
    for match in _URL.finditer(segment.text):
        url = _balanced(match[0].rstrip(".,;:!?*_`'\""))
        yield replace(segment, text=segment.text[position : match.start()])
        full = url if url.startswith("http") else "https://" + url
        yield replace(segment, text="", url=full, badge="link")
        position = match.start() + len(url)
    yield replace(segment, text=segment.text[position:])


def _balanced(url: str) -> str:
    """An address without closing brackets that it does not open."""
    extra = {")": url.count(")") - url.count("("), "]": url.count("]") - url.count("[")}
    end = len(url)
    while end and (url[end - 1] in ".,;:" or extra.get(url[end - 1], 0) > 0):
        if url[end - 1] in extra:
            extra[url[end - 1]] -= 1
        end -= 1
    return url[:end]


def _style(segment: Inline) -> tuple[bool, bool] | None:
    """How plain text is set; None for what is no plain text."""
    if segment.is_link or segment.is_break or segment.badge:
        return None
    return segment.bold, segment.italic


def _merge(found: Sequence[Inline]) -> list[Inline]:
    """Join runs of text that are set alike."""
    merged: list[Inline] = []
    said = (s for s in found if s.text or _style(s) is None)
    for style, run in groupby(said, _style):
        alike = list(run)
        if style is None or len(alike) == 1:
            merged += alike
        else:
            merged.append(replace(alike[0], text="".join(s.text for s in alike)))
    return merged


def _mark_bracketed(found: list[Inline]) -> list[Inline]:
    for index, segment in enumerate(found):
        if not segment.is_link:
            continue
        before = found[index - 1].text if index and not found[index - 1].is_link else ""
        after = found[index + 1].text if index + 1 < len(found) else ""
        inside, before, after = segment.text.strip(), before.rstrip(), after.lstrip()
        if any(
            (before.endswith(tuple(opening)) and after.startswith(tuple(closing + ",|/")))
            or (inside.startswith(opening[0]) and inside.endswith(closing[0]))
            for opening, closing in (("[【", "]】"), ("(（", ")）"))
        ):
            found[index] = replace(segment, bracketed=True)
    return found
