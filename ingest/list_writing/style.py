"""The style of a list's entries: patterns extracted from them, and filled for new papers.

A pattern is the text of an entry in which the facts of its paper are replaced by slots. Slots are
letters of Unicode's private use area, which no list uses.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.sources.words import MONTHS
from kg.export import names
from kg.export.awesome_list import escaped, link
from kg.export.text import one_line
from kg.ids.arxiv_id import parse_arxiv_id
from kg.records import ListEntry, Paper

TITLE, URL, AUTHORS, WHERE, YEAR, SHORT_YEAR, NUMBER = "\ue000\ue001\ue002\ue003\ue004\ue005\ue006"
MONTH, MONTH_2, MONTH_NAME, ID = "\ue007\ue008\ue009\ue00a"
"""Slots: the month as ``2``, ``02`` and ``Feb``, and the bare arXiv id."""


SLOT = re.compile("[\ue000-\ue00a]")
_ADDRESS = re.compile(r"https?://[^\s()<>\[\]\"'|]+(?:\([^\s()]*\)[^\s()<>\[\]\"'|]*)*")
# Parts of an entry that a new one has not: pictures, labelled links, labels, icons.
_PICTURE = r"!\[[^\[\]]*\]\([^()]*\)"
_LABELLED = r"\[?\[(?:[^\[\]()]|\([^()]*\)){0,40}\]\]?(?:\(\s*[^\s()\ue001]*\s*\)|\[[^\[\]]*\])\]?"
_EXTRAS = re.compile(
    rf"[ \t]*(?:[,;|·]?[ \t]*(?:\[\s*{_PICTURE}\s*\]\([^()]*\)|{_PICTURE}|{_LABELLED})|<img[^<>]*>"
    r"|\[(?:code|data|project|slides|video|blog|demo|website)s?\]"
    r"|:[a-z_]+:|[\u2600-\u27bf\u2b50\U0001f300-\U0001faff]\ufe0f?)",
    re.IGNORECASE,
)
_PREPRINT = re.compile(r"(?<![\w/.])(?:arxiv(?:\s+preprint)?|preprint)(?![\w:/.]*[\w:/])", re.I)
_LABEL = re.compile(r"\b(?:paper|pdf|link|arxiv|abs|url|br|u|b|i|em|strong|li|p|et|al)\b", re.I)
_LINK_LABEL = re.compile(r"\[[^\[\]]*\](?=\]?\()")
_NUMBERED = re.compile(r"^(\s*(?:[-*+]\s+)?(?:\*\*|<b>)?[\[(]?)\d+([.)\]:])")
_BETWEEN = r"(\s*[,;&]\s*(?:and\s+|&\s*)?|\s+and\s+)"
_ET_AL = r"(,?\s+et\.?\s+al\.?)?"


@dataclass(slots=True)
class ListStyle:
    """The forms of addresses, authors and venues in a list, counted over its entries."""

    addresses: Counter[str] = field(default_factory=Counter)
    """Forms of links to arXiv, with `URL` for the id."""
    preprints: Counter[str] = field(default_factory=Counter)
    """Words for a paper without a venue."""
    between: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Separators between authors, and before the last."""
    et_al: Counter[tuple[int, str]] = field(default_factory=Counter)
    """How many authors are named, and the words for the others; (0, "") for all of them."""
    surnames: Counter[bool] = field(default_factory=Counter)
    """Whether each author is one word."""

    def address(self, paper: Paper) -> str:
        """Return the link to a paper, in the list's form if it is on arXiv."""
        if paper.arxiv_id and self.addresses:
            return self.addresses.most_common(1)[0][0].replace(URL, paper.arxiv_id)
        return link(paper)

    def authors(self, paper: Paper) -> str:
        """Return the authors as the list writes them."""
        written = [one_line(name) for name in paper.authors if name.strip()]
        (most, rest) = self.et_al.most_common(1)[0][0] if self.et_al else (0, "")
        if self.surnames and self.surnames.most_common(1)[0][0]:
            written = [names.split(name).family or name for name in written]
        cut = written[:most] if 0 < most < len(written) else written
        sep, last = self.between.most_common(1)[0][0] if self.between else (", ", ", ")
        if len(cut) < len(written):
            return sep.join(cut) + rest
        return sep.join(cut[:-1]) + last + cut[-1] if len(cut) > 1 else "".join(cut)

    def where(self, paper: Paper) -> str:
        """Return the venue, or the list's word for a preprint; empty if neither is known."""
        if paper.venue:
            return paper.venue
        known = self.preprints.most_common(1)
        return known[0][0] if known and paper.arxiv_id else ""


def pattern(text: str, entry: ListEntry, style: ListStyle) -> str | None:
    """Return the pattern of an entry, and count its forms in `style`.

    Parameters
    ----------
    text : str
        The entry as the list writes it, or one cell of its row.
    entry : ListEntry
        The entry as the reader parses it.

    Returns
    -------
    str or None
        None if there is text that no slot stands for and that differs from paper to paper.
    """
    found = _ADDRESS.sub(lambda address: _address(address[0], entry, style), text)
    found = _EXTRAS.sub("", found)
    if entry.arxiv_id:
        found = re.sub(re.escape(entry.arxiv_id) + r"(?:v\d+)?", ID, found)
    title = r"[\s*_\\]+".join(re.escape(word) for word in entry.title.split())
    found = re.sub(title, TITLE, found, count=1, flags=re.IGNORECASE)
    found = _authors(found, entry, style)
    found = _where(found, entry, style)
    found = _NUMBERED.sub(rf"\g<1>{NUMBER}\2", found)
    found = re.sub(r"^(\s*)(?:<br\s*/?>\s*)+", r"\1", found)
    found = "\n".join(line.rstrip() for line in found.rstrip().split("\n"))
    return None if re.search(r"\d|https?:", SLOT.sub("", found)) else found


def fill(found: str, paper: Paper, style: ListStyle, number: int) -> str | None:
    """Fill a pattern for a paper; None if a fact that it needs is unknown.

    Parameters
    ----------
    found : str
        A result of `pattern`.
    number : int
        The entry's number, where the list numbers them.
    """
    appeared = paper.appeared
    year = paper.year if paper.year is not None else (appeared.year if appeared else None)
    month = appeared.month if appeared else None
    facts = {
        TITLE: escaped(paper.title),
        URL: style.address(paper),
        AUTHORS: escaped(style.authors(paper)),
        WHERE: escaped(style.where(paper)),
        YEAR: f"{year:04}" if year else "",
        SHORT_YEAR: f"{year % 100:02}" if year else "",
        NUMBER: str(number),
        ID: paper.arxiv_id or "",
        MONTH: str(month or ""),
        MONTH_2: f"{month:02}" if month else "",
        MONTH_NAME: MONTHS[month - 1] if month else "",
    }
    if not all(facts[slot] for slot in SLOT.findall(found)):
        return None
    if not paper.arxiv_id and re.search("arxiv", found, re.IGNORECASE):
        return None  # A label of a link to arXiv.
    return SLOT.sub(lambda slot: facts[slot[0]], found)


def _address(address: str, entry: ListEntry, style: ListStyle) -> str:
    if entry.arxiv_id and parse_arxiv_id(address) == entry.arxiv_id and "/html/" not in address:
        form = re.sub(re.escape(entry.arxiv_id) + r"(?:v\d+)?", URL, address, flags=re.I)
        style.addresses[form.partition("#")[0]] += 1
        return URL
    return URL if entry.url and address.rstrip("/") == entry.url.rstrip("/") else address


def _authors(text: str, entry: ListEntry, style: ListStyle) -> str:
    written = [r"\s+".join(map(re.escape, name.split())) for name in entry.authors]
    match = re.search(_BETWEEN.join(written) + _ET_AL, text) if written else None
    if not match:
        return text
    *between, rest = match.groups()
    if between:
        style.between[between[0], between[-1]] += 1
    style.et_al[(len(written), rest) if rest else (0, "")] += 1
    style.surnames[all(len(name.split()) == 1 for name in entry.authors)] += 1
    return text[: match.start()] + AUTHORS + text[match.end() :]


def _where(text: str, entry: ListEntry, style: ListStyle) -> str:
    if entry.venue:
        venue = r"\s+".join(map(re.escape, entry.venue.split()))
        text = re.sub(rf"(?<!\w){venue}(?!\w)", WHERE, text, count=1, flags=re.IGNORECASE)
    # Labels of links are blanked: "[arXiv](...)" is no word for a venue.
    elif word := _PREPRINT.search(_LINK_LABEL.sub(lambda label: " " * len(label[0]), text)):
        style.preprints[word[0]] += 1
        text = text[: word.start()] + WHERE + text[word.end() :]
    if entry.year:
        text = re.sub(rf"(?<!\d){entry.year}(?!\d)", YEAR, text)
        text = re.sub(rf"({WHERE}\s?'?){entry.year % 100:02}(?!\d)", rf"\g<1>{SHORT_YEAR}", text)
        text = re.sub(rf"({YEAR}[./-])(?:0[1-9]|1[0-2])(?!\d)", rf"\g<1>{MONTH_2}", text)
        text = re.sub(rf"({YEAR}[./-])[1-9](?!\d)", rf"\g<1>{MONTH}", text)
        text = re.sub(rf"(?:{'|'.join(MONTHS)})(?=\.?\s{YEAR})", MONTH_NAME, text)
    return text


def fill_best(
    patterns: Sequence[tuple[str, bool]], paper: Paper, style: ListStyle, number: int
) -> str | None:
    """Fill the most frequent pattern that fits a paper.

    Parameters
    ----------
    patterns : sequence of (str, bool)
        Patterns of the list's entries, and whether each is in the paper's section; those count four
        times as much.

    Returns
    -------
    str or None
        None if no pattern that several entries share can be filled.
    """
    weights: Counter[str] = Counter()
    times = Counter(found for found, _ in patterns)
    for found, near in patterns:
        # More facts count for more: a list leaves out only unknown ones.
        weights[found] += (4 if near else 1) << len({AUTHORS, WHERE, URL, ID}.intersection(found))
    for found, _ in weights.most_common():
        shared = times[found] >= 2 and times[found] >= len(patterns) / 5
        # Of no words but labels, it fits any paper.
        plain = not re.search(r"\w", _LABEL.sub("", SLOT.sub(" ", found)))
        if TITLE in found and (plain or shared):
            text = fill(found, paper, style, number)
            if text is not None:
                return text
    return None
