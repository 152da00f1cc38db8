"""A digest as a message of Slack's incoming webhooks.

https://docs.slack.dev/messaging/formatting-message-text and .../reference/block-kit/blocks. The
blocks are what Slack shows; `text` is for notifications, and for services that imitate Slack
without its blocks.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from kg.text.plain import document_without_controls
from search.pages.digest import wording
from search.pages.digest.digest import Digest, DigestChange, DigestPaper

MAX_TEXT_CHARS = 3_900
"""Of `text`: Slack splits a message of more than 4,000 characters."""

MAX_BLOCKS = 49
"""Of a message, one less than Slack takes, for what is left out."""

MAX_BLOCK_CHARS = 2_900
"""Of a block: Slack refuses a message with one of more than 3,000 characters."""

MAX_TITLE_CHARS = 300
MAX_SAYS_CHARS = 600
MAX_FACTS_CHARS = 300
MAX_URL_CHARS = 600
MAX_CHANGES_SHOWN = 10

_MORE = "The rest: `lfm digest` shows it."


def slack_message(digest: Digest) -> dict[str, Any]:
    """Return a digest as the JSON that a webhook of Slack takes.

    What does not fit into a message is left out, and the message says so.
    """
    parts = list(_parts(digest))
    shown = parts if len(parts) <= MAX_BLOCKS else [*parts[:MAX_BLOCKS], _MORE]
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": part}} for part in shown]
    text, length = [], 0
    for part in parts:
        length += len(part) + 2
        if length > MAX_TEXT_CHARS - len(_MORE):
            text.append(_MORE)
            break
        text.append(part)
    message: dict[str, Any] = document_without_controls(
        {"text": "\n\n".join(text), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}
    )
    return message


def _parts(digest: Digest) -> Iterator[str]:
    yield f"*{_escaped(wording.headline(digest), 200)}*\n{_escaped(wording.period(digest), 200)}"
    for reason in (*digest.fetches.reasons, *wording.failures(digest)):
        yield _plain(reason, MAX_SAYS_CHARS)  # Its commands can be copied.
    for heading, section in wording.sections(digest):
        yield f"*{_escaped(heading, MAX_TITLE_CHARS)}*"
        for one in section.papers:
            yield _entry(one)
        if section.question and not section.papers:
            yield wording.NOTHING_FITS
    if digest.changes:
        left = len(digest.changes) - MAX_CHANGES_SHOWN
        heading = f"*Changes*{f', the first of {len(digest.changes):,}' if left > 0 else ''}"
        yield _fitting([heading, *map(_changed, digest.changes[:MAX_CHANGES_SHOWN])])


def _entry(one: DigestPaper) -> str:
    lines = [f"*{_titled(one)}*", _escaped(wording.facts(one), MAX_FACTS_CHARS)]
    if one.says:
        lines.append(_escaped(one.says, MAX_SAYS_CHARS))
    code = f" · {_link(one.code, 'code')}" if one.code else ""
    return _fitting([*lines, f"_{_escaped(one.reason, MAX_FACTS_CHARS)}_{code}"])


def _fitting(lines: Sequence[str]) -> str:
    """Return the first lines of a block, those that fit into it."""
    text = lines[0]
    for line in lines[1:]:
        if len(text) + 1 + len(line) > MAX_BLOCK_CHARS:
            break
        text = f"{text}\n{line}"
    return text


def _changed(one: DigestChange) -> str:
    return f"{_escaped(wording.change(one), 100)}: {_titled(one)}"


def _titled(one: DigestPaper | DigestChange) -> str:
    title = wording.title(one)
    return _link(one.url, title) if one.url else _escaped(title, MAX_TITLE_CHARS)


def _link(url: str, text: str) -> str:
    safe = re.sub(r"[\s<>|]", lambda found: quote(found[0]), url).replace("&", "&amp;")
    label = _escaped(text, MAX_TITLE_CHARS)
    return f"<{safe}|{label.replace('|', '¦')}>" if len(safe) <= MAX_URL_CHARS else label


def _escaped(text: str, most: int) -> str:
    """Return text from outside, cut; what would set it in another face gets joiners of no width."""
    return re.sub("([*_~`])", "\u2060\\1\u2060", _plain(text, most))


def _plain(text: str, most: int) -> str:
    """Return text with Slack's three signs escaped, cut to so many characters before that."""
    text = " ".join(text.split())
    if len(text) > most:
        text = f"{text[: most - 1].rstrip()}…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
