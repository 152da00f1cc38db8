"""Plain text of a reading list: words, sentences, marks, and what surrounds a title."""

import re

from ingest.sources.lists.vocabulary import ABBREVIATIONS, CONFERENCES

# Nobody's title, authors and venue are longer; only hostile input is.
MAX_TEXT_CHARS = 8_000
YEAR = r"(?:19[6-9]\d|20[0-4]\d)"
NUMBER = re.compile(
    r"^\s*(?:[\[(（]\s*\d{1,4}\s*[\])）][.:]?|#?\d{1,4}\s*[.):：、）](?!\d)|№\s*\d+)\s*"
)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\u2300-\u23ff\ufe0f\u200d\u20e3]"
    r"|:(?:[a-z][a-z0-9_+\-]*|\+1):"
)
_STAR = re.compile(
    "[⭐🌟★☆✭✨🔥👍🏆💫❤👑]"
    r"|:(?:star2?|sparkles|fire|thumbsup|\+1|heart|trophy|crown|dizzy):"
)
_STOP = re.compile(r"([.?!。？！][\"”]?)(\s*)(?=(\S+)\s*(\S*)|$)")
# What news and remarks say to their reader: "We release", "our paper", "please see". A title may
# have the same words elsewhere: "Because we have ...", "We Have a Package for You!".
_PROSE = re.compile(
    r"(?:^[\W\d_]*|[.!?;:,)\]]\s+|\b(?:and|that)\s+)(?:(?:We|we)['’](?:ve|re|ll)|(?:We|we|I)\s+(?:have|will|would|release[ds]?"
    r"|propose|present|provide|introduce|add(?:ed)?|update[ds]?|thank|strongly|welcome|also|recommend"
    r"|flagged|create[ds]?|want|hope|collect(?:ed)?|organi[sz]ed?|list|summari[sz]ed?|encourage"
    r"|carefully|maintain|now|further|aim|follow|are|invite|appreciate))\b"
    r"|\b[Oo]ur\s+(?:\w+\s+)?(?:papers?|surveys?|works?|code|repo\w*|team|lists?|tutorials?|website|page"
    r"|book)\b"
    r"|\b[Pp]lease\s+(?:also\s+|kindly\s+)?(?:see|cite|check|refer|read|visit|feel|let|contact|email|open"
    r"|submit|send|star|note|use|find|follow|consider|help|make|add|raise|create|join|report|do)\b"
    r"|\b(?:[Cc]heck out|[Ff]eel free|[Aa]ccepted (?:by|at|to)|[Ww]elcome to)\b"
    r"|\b(?:is|are) (?:very )?welcomed?\b"
    r"|\b[Cc]ontributions? (?:is|are|welcome)\b|\b(?:a|via|by|submit|open|send) pull requests?\b"
    r"|\b[Tt]his (?:repo|repository|list|page|collection)\b|\bfrom\s*$"
)
# A link whose target is no address, such as the title once more.
_BROKEN_LINK = re.compile(r"^\[([^\[\]]+)\]\([^()]*\)$")
# "Weighing All Soups of Models(Soup University)"
_AFFILIATION = re.compile(r"(?<=\w)\([A-Z][^()]*[^()A-Z][^()]*\)$")
EDGE = " \t\r\n\u00a0\u3000,;:|-–—~·•*_`\\/：，；、"


def words(text: str) -> int:
    """Return how many words `text` has; two ideographs count as one."""
    text = without_emoji(text)
    ideographs = len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]", text))
    return len(re.findall(r"[^\W\d_][\w'’\-]*", text, re.ASCII)) + (ideographs + 1) // 2


def has_star(text: str) -> bool:
    """Return whether `text` carries a mark such as ⭐ or ``:star:``."""
    return bool(_STAR.search(text))


def is_prose(text: str) -> bool:
    """Return whether `text` speaks to its reader, as news do and titles do not."""
    return bool(_PROSE.search(text))


def without_emoji(text: str) -> str:
    """Return `text` without emoji and ``:shortcodes:``."""
    return _EMOJI.sub(" ", text)


def clean_title(text: str) -> str:
    """Return `text` without numbering, emoji, quotes and what else surrounds a title.

    Examples
    --------
    >>> clean_title('3) ⭐ "Attention Is All You Need".')
    'Attention Is All You Need'
    """
    text = " ".join(without_emoji(text[:MAX_TEXT_CHARS]).replace("**", " ").split())
    before = None
    while before != text:
        before = text
        text = NUMBER.sub("", text).strip(EDGE)
        text = _BROKEN_LINK.sub(r"\1", _AFFILIATION.sub("", text))
        for opening, closing in map(tuple, "\"\" “” '' ‘’ `` [] 【】 「」 『』 《》 ()".split()):
            inner = text[1:-1]
            if text[:1] == opening and text[-1:] == closing and opening not in inner:
                text = inner if closing not in inner else text
        if text.endswith((".", "。")) and not text.endswith(("..", "etc.", "et al.")):
            text = text.rstrip(".。")
        text = re.sub(r"^[\"“”](?=[^\"“”]*$)|(?<=^)[\])）】.,;:]+|[\[(（【]+$", "", text)
        if text.count('"') + text.count("“") + text.count("”") == 1:
            text = text.strip('"“”')
        for opening, closing in ("[]", "()"):
            if text.endswith(closing) and text.count(closing) > text.count(opening):
                text = text[:-1]
            if text.startswith(opening) and text.count(opening) > text.count(closing):
                text = text[1:]
    return text


def sentences(text: str) -> list[str]:
    """Split `text` at full stops, question and exclamation marks that end a sentence."""
    found: list[str] = []
    start = 0
    for match in _STOP.finditer(text):
        if _ends_sentence(text[start : match.start()], match):
            found.append(text[start : match.end(1)].strip())
            start = match.end(1)
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence.strip(".")]


def _ends_sentence(before: str, match: "re.Match[str]") -> bool:
    mark, gap, following, after = match.groups(default="")
    if not following or mark[0] in "。？！":
        return True
    # A venue or an arXiv id begins anew whatever stands before it: "Stanley H. ECCV 2020".
    name = re.match(r"[\"“(\[]*([A-Za-z&]+)", following)
    folded = name[1].casefold() if name else ""
    if folded == "arxiv" or (
        folded in CONFERENCES and re.search(rf"{YEAR}|['’]\d\d", following + " " + after)
    ):
        return True
    if following.startswith("("):
        return mark[0] != "." or before[-1:].islower() or bool(gap)
    if not gap:
        return False
    last = re.search(r"(\S*)$", before)
    word = (last[1] if last else "").strip("(\"'“").casefold()
    if word == "al":
        return True
    initials = re.search(r"(?:^|\W)[^\W\d_](?:\.[^\W\d_])*$", word)
    if mark[0] == "." and (initials or word in ABBREVIATIONS):
        return False
    first = following.lstrip('"“([')[:1]
    return not first.islower() and (first.isalnum() or following[:1] in '"“([')
