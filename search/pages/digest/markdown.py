"""A digest as Markdown."""

import re

from kg.export.awesome_list import escaped, safe_address
from search.pages.digest import wording
from search.pages.digest.digest import Digest, DigestChange, DigestPaper

_BLOCK = re.compile(r"^(1?)([#+=.)-])")


def markdown(digest: Digest) -> str:
    """Return a digest as Markdown; what papers say is escaped."""
    lines = [f"# {wording.headline(digest)}", "", wording.period(digest), ""]
    reasons = (*digest.fetches.reasons, *wording.failures(digest))
    lines += [f"- {_escaped(reason)}" for reason in reasons] + [""] * bool(reasons)
    for heading, section in wording.sections(digest):
        lines += [f"## {_escaped(heading)}", ""]
        lines += [line for one in section.papers for line in _entry(one)]
        if section.question and not section.papers:
            lines.append(wording.NOTHING_FITS)
        lines.append("")
    changes, more = wording.shown_changes(digest)
    if changes:
        lines += ["## Changes", ""]
        lines += [f"- {_escaped(wording.change(one))}: {_titled(one)}" for one in changes]
        lines += [*(["", more] if more else []), ""]
    return "\n".join([*lines, wording.ending(digest)]) + "\n"


def _entry(one: DigestPaper) -> list[str]:
    lines = [f"- **{_titled(one)}**  "]
    lines += [f"  {_escaped(text)}  " for text in (wording.facts(one), one.says) if text]
    code = f" · [code]({safe_address(one.code)})" if one.code else ""
    return [*lines, f"  *{_escaped(one.reason)}*{code}"]


def _titled(one: DigestPaper | DigestChange) -> str:
    title = _escaped(wording.title(one))
    return f"[{title}]({safe_address(one.url)})" if one.url else title


def _escaped(text: str) -> str:
    # These would begin a list or a heading within a paragraph, as no number but 1 does.
    return _BLOCK.sub(r"\1\\\2", escaped(text), count=1)
