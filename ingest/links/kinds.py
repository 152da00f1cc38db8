"""What a link of a paper leads to, by what it is called and by its address."""

import re
from typing import Final
from urllib.parse import urlsplit

from kg.links import Link, LinkKind, canonical_link

_LABELS: Final = {
    kind: frozenset(words.split())
    for kind, words in {
        LinkKind.CODE: """code codes codebase codebases github git gitlab repo repos repository
            repositories implementation implementations implement pytorch tensorflow tf jax torch
            keras caffe mxnet paddle mindspore software library package toolkit reproduction
            reimplementation unofficial notebook colab source 代码 开源 源码""",
        LinkKind.DATA: "data dataset datasets corpus corpora benchmark kaggle zenodo 数据 数据集",
        LinkKind.MODEL: "model models weight weights checkpoint checkpoints ckpt ckpts 模型",
        LinkKind.SLIDES: "slide slides ppt pptx 幻灯片",
        LinkKind.VIDEO: "video videos youtube talk recording bilibili 视频",
        LinkKind.PROJECT: """project projects page webpage website web site homepage home demo
            demos space 主页 项目 项目主页 演示""",
    }.items()
}
"""Words by which links are called; of several kinds the first counts."""

_CODE_HOSTS: Final = (
    "github.com gitlab.com bitbucket.org codeberg.org gitee.com gist.github.com"
    " anonymous.4open.science".split()
)
_VIDEO_HOSTS: Final = "youtube.com youtu.be vimeo.com slideslive.com bilibili.com".split()
_SLIDES_HOSTS: Final = "slideshare.net speakerdeck.com".split()
_PAGE_HOSTS: Final = "github.io gitlab.io sites.google.com netlify.app readthedocs.io".split()
# What a repository may hold in place of code, if it is called so: weights it holds seldom.
_OTHER_THAN_CODE: Final = (LinkKind.DATA, LinkKind.SLIDES, LinkKind.VIDEO)
_DATA_HOSTS: Final = "zenodo.org".split()
# What papers, posts and pictures are on: neither code nor a page of the paper's own.
_OTHER_HOSTS: Final = (
    "twitter.com x.com facebook.com linkedin.com reddit.com zhihu.com medium.com substack.com"
    " weixin.qq.com discord.com discord.gg slack.com t.me wikipedia.org arxiv.org alphaxiv.org"
    " semanticscholar.org paperswithcode.com catalyzex.com doi.org shields.io badgen.net"
    " star-history.com opensource.org creativecommons.org awesome.re githubusercontent.com"
    " contrib.rocks hitcounter.com hits.seeyoufarm.com readpaper.com jiqizhixin.com coursera.org"
    " amazon.com example.com example.org".split()
)
_HUGGING_FACE: Final = {
    "datasets": LinkKind.DATA,
    "spaces": LinkKind.PROJECT,
    **dict.fromkeys("papers docs blog models tasks join login pricing learn chat".split()),
}
"""Kinds of the first parts of paths; None for what is no paper's."""

_READING_LIST: Final = re.compile(
    r"awesome|papers$|paper-?_?list|readings?$|reading-?_?list|must-?_?read|survey", re.IGNORECASE
)
_FRAMEWORKS: Final = frozenset(
    "huggingface/transformers huggingface/peft huggingface/diffusers huggingface/datasets"
    " huggingface/accelerate huggingface/trl pytorch/pytorch pytorch/fairseq pytorch/examples"
    " tensorflow/tensorflow tensorflow/models tensorflow/tensor2tensor google/jax google/flax"
    " google-research/google-research scikit-learn/scikit-learn microsoft/deepspeed"
    " vllm-project/vllm langchain-ai/langchain keras-team/keras openai/gym"
    " google/big-bench".split()
)
"""Repositories of many papers' code; each is that of the paper that it is named after only."""

_NOT_OFFICIAL: Final = re.compile(
    r"\b(?:un|non-?|not )official\b|\b(?:third|3rd)[- ]part|\bre-?implement|\breproduction\b"
    r"|\bby others\b|\bcommunity\b|非官方",
    re.IGNORECASE,
)
_OFFICIAL: Final = re.compile(r"\bofficial\b|\bby (?:the )?authors?\b|官方", re.IGNORECASE)

_MAY_BE_CODE: Final = re.compile(
    r"\.(?:zip|t?gz|tar|bz2|7z|py|ipynb)\b|\bgit|codalab|sourceforge|colab|\bcode\b", re.IGNORECASE
)
"""In addresses that may be of code, on hosts that have more."""

BORROWED: Final = re.compile(
    r"\b(?:(?:based|built|build|builds|building|relies|heavily) (?:up)?on|adapted from"
    r"|(?<!the )follow(?:s|ing)|extend(?:s|ing)"
    r"|fork(?:ed)? (?:of|from)|borrow\w* from|inspired by|modified from|derived from|thanks to"
    r"|similar to|implemented (?:in|with|using|on)|powered by|on top of|compared? (?:to|with))"
    r"[\s:：]*(?:(?:the|this|our|a|an|official|excellent|great|open-source) )*"
    r"(?:(?:code|codes|codebase|repo|repository|implementation|project|library|framework)"
    r"(?: (?:of|from|by))?)?(?:\W{0,3}[\w.\-+]+)?\W*$",
    re.IGNORECASE,
)
"""Text before a link that makes it another work's."""


def kind_of(url: str, label: str = "") -> LinkKind | None:
    """Return what a canonical link leads to, or None where nothing says so.

    The label decides, but for addresses of which only one kind is possible; without a label, the
    host and the path do.

    Examples
    --------
    >>> kind_of("https://github.com/microsoft/LoRA"), kind_of("https://huggingface.co/datasets/a/b")
    (<LinkKind.CODE: 'code'>, <LinkKind.DATA: 'data'>)
    >>> kind_of("https://github.com/a/b", "Dataset"), kind_of("https://example.edu/a.zip", "code")
    (<LinkKind.DATA: 'data'>, <LinkKind.CODE: 'code'>)
    >>> kind_of("https://example.edu/soups", "code")
    <LinkKind.PROJECT: 'project'>
    >>> kind_of("https://example.edu/a.zip") is kind_of("https://twitter.com/a", "code") is None
    True
    """
    parts = urlsplit(url)
    host, names = parts.hostname or "", [name for name in parts.path.split("/") if name]
    called = label_kind(label)
    if host == "doi.org" and names[-1:] and names[-1].startswith("zenodo."):
        return called or LinkKind.DATA
    if _on(host, _OTHER_HOSTS):
        return None
    if host == "huggingface.co":
        if names and names[0] in _HUGGING_FACE:
            return _HUGGING_FACE[names[0]]
        # An owner's page lists its models.
        return called if called is LinkKind.DATA else LinkKind.MODEL
    if _on(host, _VIDEO_HOSTS):
        return LinkKind.VIDEO
    if _on(host, _SLIDES_HOSTS) or re.search(r"\.pptx?$", parts.path):
        return LinkKind.SLIDES
    if host == "docs.google.com" and names[:1] == ["presentation"]:
        return LinkKind.SLIDES
    if _on(host, _CODE_HOSTS):
        if _READING_LIST.search(names[1] if len(names) > 1 else ""):
            return LinkKind.PROJECT
        if any(name.lower().endswith(("dataset", "datasets")) for name in names[:2]):
            return LinkKind.DATA
        return called if called in _OTHER_THAN_CODE else LinkKind.CODE
    if _on(host, _PAGE_HOSTS):
        return LinkKind.PROJECT
    if host == "kaggle.com" or _on(host, _DATA_HOSTS):
        return called or LinkKind.DATA
    if re.search(r"\.(?:pdf|ps|png|jpe?g|gif|svg|bib)$", parts.path, re.IGNORECASE):
        return LinkKind.SLIDES if called is LinkKind.SLIDES else None
    # "Code" often leads to a page about a paper.
    return LinkKind.PROJECT if called is LinkKind.CODE and not _MAY_BE_CODE.search(url) else called


def is_code_host(url: str) -> bool:
    """Return whether a canonical link is of a host of code."""
    return _on(urlsplit(url).hostname or "", _CODE_HOSTS)


def is_framework(url: str) -> bool:
    """Return whether a canonical link is that of a framework."""
    names = [name for name in urlsplit(url).path.split("/") if name]
    return len(names) == 2 and "/".join(names).lower() in _FRAMEWORKS


def label_kind(label: str) -> LinkKind | None:
    """Return the kind of link that a label names, or None.

    Examples
    --------
    >>> label_kind("Code & Data"), label_kind("[Project Page]")
    (<LinkKind.CODE: 'code'>, <LinkKind.PROJECT: 'project'>)
    """
    words = {word.rstrip("0123456789") for word in re.findall(r"[^\W_]+", label.casefold())}
    return next((kind for kind, known in _LABELS.items() if words & known), None)


def officiality(text: str) -> bool | None:
    """Return whether a text says that code is by the authors; None where it says neither.

    Examples
    --------
    >>> officiality("official code"), officiality("PyTorch re-implementation"), officiality("code")
    (True, False, None)
    """
    if _NOT_OFFICIAL.search(text):
        return False
    return True if _OFFICIAL.search(text) else None


def as_link(url: str, label: str = "", about: str = "", source: str = "") -> Link | None:
    """Return a link as it is stored, or None where it is none of a paper's.

    Parameters
    ----------
    label : str
        What the link is called.
    about : str
        More text that may say whether it is official.
    """
    clean = canonical_link(url)
    kind = kind_of(clean, label) if clean else None
    if clean is None or kind is None:
        return None
    return Link(kind, clean, source, officiality(f"{label} {about}"))


def _on(host: str, hosts: list[str]) -> bool:
    return any(host == known or host.endswith("." + known) for known in hosts)
