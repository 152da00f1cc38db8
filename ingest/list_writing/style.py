"""How a list writes its entries: patterns learnt from them, and new entries by these patterns.

A pattern is the text of an entry with what is known of its paper replaced by slots. Slots are
letters of Unicode's private use area, so that no list's own text is taken for one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.sources.words import MONTHS
from kg.entities import ListEntry, Paper
from kg.export import names
from kg.export.awesome_list import escaped, link
from kg.export.text import one_line
from kg.ids.arxiv_id import parse_arxiv_id

TITLE, URL, AUTHORS, WHERE, YEAR, SHORT_YEAR, NUMBER = "\ue000\ue001\ue002\ue003\ue004\ue005\ue006"
MONTH, MONTH_2, MONTH_NAME, ID = "\ue007\ue008\ue009\ue00a"
"""Slots: the month as ``2``, ``02`` and ``Feb``, and the bare arXiv id."""


SLOT = re.compile("[\ue000-\ue00a]")
_ADDRESS = re.compile(r"https?://[^\s()<>\[\]\"'|]+(?:\([^\s()]*\)[^\s()<>\[\]\"'|]*)*")
# What an entry may have and a new one need not: pictures, labelled links, labels, icons.
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
_NUMBERED = re.compile(r"^(\s*(?:[-*+]\s+)?(?:\*\*|<b>)?[\[(]?)\d+([.)\]:])")
_BETWEEN = r"(\s*[,;&]\s*(?:and\s+|&\s*)?|\s+and\s+)"
_ET_AL = r"(,?\s+et\.?\s+al\.?)?"


@dataclass(slots=True)
class Habits:
    """What a list does in many places, counted over its entries."""

    addresses: Counter[str] = field(default_factory=Counter)
    """Form of links to arXiv, the id as `URL`."""
    preprints: Counter[str] = field(default_factory=Counter)
    """Word for a paper that no venue has."""
    between: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What stands between authors, and before the last."""
    et_al: Counter[tuple[int, str]] = field(default_factory=Counter)
    """How many authors are named, and in which words the rest; (0, "") for all of them."""
    surnames: Counter[bool] = field(default_factory=Counter)
    """Whether an author is one word."""

    def address(self, paper: Paper) -> str:
        """Link to a paper, in the list's form where it is on arXiv."""
        if paper.arxiv_id and self.addresses:
            return self.addresses.most_common(1)[0][0].replace(URL, paper.arxiv_id)
        return link(paper)

    def authors(self, paper: Paper) -> str:
        """Authors as the list writes them."""
        told = [one_line(name) for name in paper.authors if name.strip()]
        (most, rest) = self.et_al.most_common(1)[0][0] if self.et_al else (0, "")
        if self.surnames and self.surnames.most_common(1)[0][0]:
            told = [names.split(name).family or name for name in told]
        cut = told[:most] if 0 < most < len(told) else told
        sep, last = self.between.most_common(1)[0][0] if self.between else (", ", ", ")
        if len(cut) < len(told):
            return sep.join(cut) + rest
        return sep.join(cut[:-1]) + last + cut[-1] if len(cut) > 1 else "".join(cut)

    def where(self, paper: Paper) -> str:
        """Venue, or the list's word for a preprint; empty where neither is known."""
        if paper.venue:
            return paper.venue
        known = self.preprints.most_common(1)
        return known[0][0] if known and paper.arxiv_id else ""


def pattern(text: str, entry: ListEntry, habits: Habits) -> str | None:
    """Return the pattern of an entry, and count its habits.

    Parameters
    ----------
    text : str
        The entry as the list writes it, or one cell of its row.
    entry : ListEntry
        What the reader makes of it.
    habits : Habits
        Counts what it shows.

    Returns
    -------
    str or None
        None where some of the text differs from paper to paper and it is not known how.
    """
    found = _ADDRESS.sub(lambda address: _address(address[0], entry, habits), text)
    found = _EXTRAS.sub("", found)
    if entry.arxiv_id:
        found = re.sub(re.escape(entry.arxiv_id) + r"(?:v\d+)?", ID, found)
    title = r"[\s*_\\]+".join(re.escape(word) for word in entry.title.split())
    found = re.sub(title, TITLE, found, count=1, flags=re.IGNORECASE)
    found = _authors(found, entry, habits)
    found = _where(found, entry, habits)
    found = _NUMBERED.sub(rf"\g<1>{NUMBER}\2", found)
    found = re.sub(r"^(\s*)(?:<br\s*/?>\s*)+", r"\1", found)
    found = "\n".join(line.rstrip() for line in found.rstrip().split("\n"))
    return None if re.search(r"\d|https?:", SLOT.sub("", found)) else found


def is_plain(found: str) -> bool:
    """Whether a pattern has no words of its own but labels, so that it fits any paper."""
    return not re.search(r"\w", _LABEL.sub("", SLOT.sub(" ", found)))


def fill(found: str, paper: Paper, habits: Habits, number: int) -> str | None:
    """Return a new entry by a pattern, or None where a fact that it needs is unknown.

    Parameters
    ----------
    found : str
        What `pattern` returned.
    paper : Paper
    habits : Habits
    number : int
        The entry's number, where the list numbers them.
    """
    day = paper.published or _month(paper)
    year = paper.year if paper.year is not None else (day.year if day else None)
    month = day.month if day else None
    told = {
        TITLE: escaped(paper.title),
        URL: habits.address(paper),
        AUTHORS: escaped(habits.authors(paper)),
        WHERE: escaped(habits.where(paper)),
        YEAR: f"{year:04}" if year else "",
        SHORT_YEAR: f"{year % 100:02}" if year else "",
        NUMBER: str(number),
        ID: paper.arxiv_id or "",
        MONTH: str(month or ""),
        MONTH_2: f"{month:02}" if month else "",
        MONTH_NAME: MONTHS[month - 1] if month else "",
    }
    if not all(told[slot] for slot in SLOT.findall(found)):
        return None
    if not paper.arxiv_id and re.search("arxiv", found, re.IGNORECASE):
        return None  # The label of a link that would be a lie.
    return SLOT.sub(lambda slot: told[slot[0]], found)


@dataclass(frozen=True, slots=True)
class _Month:
    year: int
    month: int


def _month(paper: Paper) -> _Month | None:
    """Month of a paper's arXiv id."""
    found = re.match(r"(\d\d)(\d\d)\.", paper.arxiv_id or "")
    if not found or int(found[1]) + 2000 != (paper.year or int(found[1]) + 2000):
        return None
    return _Month(2000 + int(found[1]), int(found[2]))


def _address(address: str, entry: ListEntry, habits: Habits) -> str:
    if entry.arxiv_id and parse_arxiv_id(address) == entry.arxiv_id and "/html/" not in address:
        form = re.sub(re.escape(entry.arxiv_id) + r"(?:v\d+)?", URL, address, flags=re.I)
        habits.addresses[form.partition("#")[0]] += 1
        return URL
    return URL if entry.url and address.rstrip("/") == entry.url.rstrip("/") else address


def _authors(text: str, entry: ListEntry, habits: Habits) -> str:
    told = [r"\s+".join(map(re.escape, name.split())) for name in entry.authors]
    match = re.search(_BETWEEN.join(told) + _ET_AL, text) if told else None
    if not match:
        return text
    *between, rest = match.groups()
    if between:
        habits.between[between[0], between[-1]] += 1
    habits.et_al[(len(told), rest) if rest else (0, "")] += 1
    habits.surnames[all(len(name.split()) == 1 for name in entry.authors)] += 1
    return text[: match.start()] + AUTHORS + text[match.end() :]


def _where(text: str, entry: ListEntry, habits: Habits) -> str:
    if entry.venue:
        venue = r"\s+".join(map(re.escape, entry.venue.split()))
        text = re.sub(rf"(?<!\w){venue}(?!\w)", WHERE, text, count=1, flags=re.IGNORECASE)
    elif word := _PREPRINT.search(_label_free(text)):
        habits.preprints[word[0]] += 1
        text = text[: word.start()] + WHERE + text[word.end() :]
    if entry.year:
        text = re.sub(rf"(?<!\d){entry.year}(?!\d)", YEAR, text)
        text = re.sub(rf"({WHERE}\s?'?){entry.year % 100:02}(?!\d)", rf"\g<1>{SHORT_YEAR}", text)
        text = re.sub(rf"({YEAR}[./-])(?:0[1-9]|1[0-2])(?!\d)", rf"\g<1>{MONTH_2}", text)
        text = re.sub(rf"({YEAR}[./-])[1-9](?!\d)", rf"\g<1>{MONTH}", text)
        text = re.sub(rf"(?:{'|'.join(MONTHS)})(?=\.?\s{YEAR})", MONTH_NAME, text)
    return text


def _label_free(text: str) -> str:
    """The text with the labels of links blanked: "[arXiv](...)" is no word for a venue."""
    return re.sub(r"\[[^\[\]]*\](?=\]?\()", lambda label: " " * len(label[0]), text)


def chosen(
    patterns: Sequence[tuple[str, bool]], paper: Paper, habits: Habits, number: int
) -> str | None:
    """Return the new entry by the most frequent pattern that fits the paper.

    Parameters
    ----------
    patterns : sequence of (str, bool)
        Patterns of the list's entries, and whether each stands under the heading in question;
        those count four times as much.
    paper : Paper
    habits : Habits
    number : int

    Returns
    -------
    str or None
        None where no pattern that is shared by several entries can be filled.
    """
    weights: Counter[str] = Counter()
    times = Counter(found for found, _ in patterns)
    for found, near in patterns:
        # An entry that tells more counts for more: a list leaves out only what it does not know.
        weights[found] += (4 if near else 1) << len({AUTHORS, WHERE, URL, ID}.intersection(found))
    for found, _ in weights.most_common():
        shared = times[found] >= 2 and times[found] >= len(patterns) / 5
        if TITLE in found and (is_plain(found) or shared):
            text = fill(found, paper, habits, number)
            if text is not None:
                return text
    return None
