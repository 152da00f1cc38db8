"""A digest as plain text, for terminals and mail."""

import textwrap

from search.pages.digest import wording
from search.pages.digest.digest import Digest, DigestPaper

WIDTH = 78
"""Columns of a line; links are longer where they are."""


def text_mail(digest: Digest) -> str:
    """Return a digest as plain text."""
    lines = [f"{wording.headline(digest)}, {wording.period(digest)}", ""]
    for reason in (*digest.fetches.reasons, *wording.failures(digest)):
        lines += [_wrapped(reason, "", ""), ""]
    for heading, section in wording.sections(digest):
        lines += [_wrapped(heading, "", ""), "-" * min(len(heading), WIDTH), ""]
        for one in section.papers:
            lines += [*_entry(one), ""]
        if section.question and not section.papers:
            lines += [wording.NOTHING_FITS, ""]
    changes, more = wording.shown_changes(digest)
    if changes:
        lines += ["Changes", "-------", ""]
        for change in changes:
            lines.append(_wrapped(f"{wording.change(change)}: {wording.title(change)}", "* ", "  "))
            if change.url:
                lines.append(f"  {change.url}")
        lines += [*([more] if more else []), ""]
    return "\n".join([*lines, wording.ending(digest)]) + "\n"


def _entry(one: DigestPaper) -> list[str]:
    lines = [_wrapped(wording.title(one), "* ", "  ")]
    lines += [_wrapped(line, "  ", "  ") for line in (wording.facts(one), one.says) if line]
    lines.append(_wrapped(f"({one.reason})", "  ", "  "))
    lines += [f"  {link}" for link in (one.url, one.code and f"code: {one.code}") if link]
    return lines


def _wrapped(text: str, first: str, other: str) -> str:
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    )
