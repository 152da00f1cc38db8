"""A digest as an HTML document that may be sent as mail: styles within, nothing to be loaded."""

from html import escape

from search.pages.digest import wording
from search.pages.digest.digest import Digest, DigestChange, DigestPaper

_BODY = (
    "margin:0 auto;padding:16px;max-width:42em;background:#ffffff;color:#1c2430;"
    "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
)
_HEADING = "margin:28px 0 8px;padding-bottom:4px;border-bottom:1px solid #d5dbe3;font-size:18px"
_QUIET = "margin:2px 0;color:#5b6675;font-size:14px"
_NOTICE = "margin:8px 0;padding:8px 12px;background:#fff6df;border-left:4px solid #d9a400"
_LINK = "color:#0b57a4"


def html_mail(digest: Digest) -> str:
    """Return a digest as an HTML document; what papers say is escaped."""
    headline, period = wording.headline(digest), wording.period(digest)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(headline)}</title></head>",
        f'<body style="{_BODY}">',
        f'<h1 style="margin:0;font-size:22px">{escape(headline)}</h1>',
        f'<p style="{_QUIET}">{escape(period)}</p>',
    ]
    for reason in (*digest.fetches.reasons, *wording.failures(digest)):
        parts.append(f'<p style="{_NOTICE}">{escape(reason)}</p>')
    for heading, section in wording.sections(digest):
        parts.append(f'<h2 style="{_HEADING}"><bdi>{escape(heading)}</bdi></h2>')
        parts += map(_entry, section.papers)
        if section.question and not section.papers:
            parts.append(f'<p style="{_QUIET}">{wording.NOTHING_FITS}</p>')
    changes, more = wording.shown_changes(digest)
    if changes:
        parts.append(f'<h2 style="{_HEADING}">Changes</h2>')
        for one in changes:
            what = escape(wording.change(one))
            parts.append(f'<p style="margin:4px 0">{what}: {_titled(one)}</p>')
    if more:
        parts.append(f'<p style="{_QUIET}">{more}</p>')
    parts.append(f'<p style="{_QUIET};margin-top:28px">{escape(wording.ending(digest))}</p>')
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _entry(one: DigestPaper) -> str:
    says = f'<p style="margin:4px 0"><bdi>{escape(one.says)}</bdi></p>' if one.says else ""
    code = f" · {_anchor(one.code, 'code')}" if one.code else ""
    return (
        f'<div style="margin:14px 0"><p style="margin:0;font-weight:bold">{_titled(one)}</p>'
        f'<p style="{_QUIET}"><bdi>{escape(wording.facts(one))}</bdi></p>{says}'
        f'<p style="{_QUIET}">{escape(one.reason)}{code}</p></div>'
    )


def _titled(one: DigestPaper | DigestChange) -> str:
    title = wording.title(one)
    return _anchor(one.url, title) if one.url else f"<bdi>{escape(title)}</bdi>"


def _anchor(url: str, text: str) -> str:
    return f'<a href="{escape(url)}" style="{_LINK}"><bdi>{escape(text)}</bdi></a>'
