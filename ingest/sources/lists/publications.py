"""Publication pages: YAML front matter and the abstract as body.

    ---
    layout: publication
    title: 'A Title: With A Colon'
    authors: Ada Lovelace, Charles Babbage
    conference: Arxiv
    year: 2023
    additional_links: [{name: Paper, url: 'https://arxiv.org/abs/2310.08184'}]
    ---
    The abstract.

What a page says is untrusted: the YAML is read as text only, without aliases and with a limit on
its size, so that a page can neither make objects nor grow in memory.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from ingest.links.kinds import as_link, is_framework
from ingest.sources.lists.links import is_paper_url
from ingest.sources.words import ET_AL
from kg.errors import BadSource
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.links import Link, LinkKind, names_paper
from kg.records import ListEntry
from kg.text.latex.letters import letters
from kg.text.latex.plain import decoded, decoded_name

MAX_PAGE_BYTES = 5_000_000  # bytes
MAX_FRONT_MATTER_CHARS = 64 * 1024  # characters

# Control characters (a terminal obeys them) and lone surrogates (no file can hold them).
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# A leading dot is what editors and file managers leave behind.
_PAGE_NAME = re.compile(r"[^.].*\.(?:md|markdown)", re.IGNORECASE)
_CURES = {
    "'\\t'": "indent with spaces",
    "mapping values": "put text that has `: ` in it in quotes",
    "end of stream": "close the quote that opens here",
    "stream end": "close the bracket that opens here",
    "alias": "write the value again",
}
"""How to mend what PyYAML says, by a part of it."""
_CR = re.compile(r"\r\n?")
_NULL = "tag:yaml.org,2002:null"
_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:", re.MULTILINE)
_LAYOUT = re.compile(r"^layout[ \t]*:[ \t]*['\"]?publication\b", re.MULTILINE)
_HEADING_OR_BULLET = re.compile(r"^(?:#{1,6} | *(?:[-*+]|\d+[.)]) |\|)", re.MULTILINE)
_LINKED_BULLET = re.compile(r"^(?: *(?:[-*+]|\d+[.)]) |\|).*(?:\]\(|https?://)", re.MULTILINE)
_NO_VENUE = re.compile(r"(?:arxiv|corr)\b.*|preprint|unpublished|none|n/?a", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# What a page calls its links, where their hosts do not say what they lead to.
_PAPER_NAME = re.compile(r"\b(?:paper|pdf|arxiv|doi|publisher|preprint)\b", re.IGNORECASE)
# What a publisher's host has beside the paper.
_ASIDE_NAME = re.compile(
    r"\b(?:slides?|posters?|videos?|talk|supp\w*|appendix|data(?:sets?)?|code|demo|bib(?:tex)?"
    r"|reviews?|models?)\b",
    re.IGNORECASE,
)
_CODE_NAME = re.compile(r"(?<!papers with )code\b|\b(?:github|implementation|repo)", re.IGNORECASE)
_RELATED_NAME = re.compile(r"papers with code", re.IGNORECASE)


def parse(data: bytes, name: str) -> ListEntry:
    """Return the paper that a publication page describes.

    It has no headings: a page's tags are no place in a taxonomy.

    Parameters
    ----------
    data : bytes
        The page: UTF-8, with any line endings.
    name : str
        What errors call the page.

    Raises
    ------
    BadSource
        With the line of the file, where the page has no readable front matter or no title.

    Examples
    --------
    >>> page = b"---\\ntitle: Small Steps\\nauthors: A. Ant et al.\\n---\\nWe\\nwalk."
    >>> entry = parse(page, "steps.md")
    >>> entry.title, entry.authors, entry.abstract
    ('Small Steps', ('A. Ant',), 'We walk.')
    """
    front, body = _split(_decode(data, name), name)
    fields = _load(front, name)
    title = decoded(_text(fields.get("title")) or "").strip()
    if not title:
        key = re.search(r"^title[ \t]*:", front, re.MULTILINE)
        line = front.count("\n", 0, key.start()) + 2 if key else 1
        raise BadSource(name, line, "the page has no title", "write `title: ...` on one line")
    links = _links(fields.get("additional_links"))
    url = _paper_url(links)
    # The paper's own link first: others may lead to related papers.
    urls = [url, *(link for _, link in links)] if url else []
    conference = decoded(_text(fields.get("conference")) or "")
    year = _YEAR.search(_text(fields.get("year")) or _text(fields.get("date")) or "")
    return ListEntry(
        title=title,
        url=url,
        arxiv_id=next(filter(None, map(parse_arxiv_id, urls)), None),
        doi=next(filter(None, map(parse_doi, urls)), None),
        year=int(year[0]) if year else None,
        venue=None if not conference or _NO_VENUE.fullmatch(conference) else conference,
        authors=_authors(fields.get("authors")),
        abstract=_abstract(body),
        links=_other_links(links, url, title),
        line=1,
    )


def read(path: Path) -> tuple[list[ListEntry], list[BadSource]]:
    """Return the papers of a page or of a folder's pages, and why pages of it cannot be read.

    Parameters
    ----------
    path : Path
        A page, or a folder with ``*.md`` and ``*.markdown`` (its own folders are not entered), read
        in the order of their names.

    Raises
    ------
    BadSource
        The single page cannot be read, or the folder has none.
    """
    if not path.is_dir():
        return [_read_page(path)], []
    try:
        pages = sorted(page for page in path.iterdir() if _PAGE_NAME.fullmatch(page.name))
    except OSError as error:
        raise BadSource(path, None, f"cannot be read ({error.strerror})") from error
    if not pages:
        raise BadSource(path, None, "the folder has no pages", "pages end in .md or .markdown")
    entries, errors = [], []
    for page in pages:
        try:
            entries.append(_read_page(page))
        except BadSource as error:
            errors.append(error)
    return entries, errors


def looks_like_page(data: bytes) -> bool:
    """Tell a publication page from an awesome list, which may have front matter too.

    A page whose YAML is broken still looks like one, so that its error can be shown.

    Examples
    --------
    >>> looks_like_page(b"---\\ntitle: A\\nauthors: B\\n---\\nWe show.")
    True
    >>> looks_like_page(b"---\\ntitle: Awesome\\n---\\n# Papers\\n- [A](https://x.org)")
    False
    """
    text = _CR.sub("\n", data[:MAX_PAGE_BYTES].decode("utf-8-sig", errors="replace"))
    try:
        front, body = _split(text, "")
    except BadSource:
        front, body = text if text.startswith("---\n") else "", ""
    keys = set(_KEY.findall(front))
    if "title" not in keys:
        return False
    if "additional_links" in keys or _LAYOUT.search(front):
        return not _LINKED_BULLET.search(body)
    # Lists may name their authors too: then nothing in the body may look like a list.
    return "authors" in keys and not _HEADING_OR_BULLET.search(body)


def _read_page(path: Path) -> ListEntry:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PAGE_BYTES + 1)
    except OSError as error:
        raise BadSource(path, None, f"cannot be read ({error.strerror})") from error
    return parse(data, str(path))


def _decode(data: bytes, name: str) -> str:
    if len(data) > MAX_PAGE_BYTES:
        raise BadSource(
            name, None, f"a page of more than {MAX_PAGE_BYTES // 1_000_000} MB is not read"
        )
    try:
        return _CR.sub("\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadSource(name, line, "the page is not UTF-8", "save it as UTF-8") from error


def _split(text: str, name: str) -> tuple[str, str]:
    """Return front matter and body; the front matter starts on line 2 of the file."""
    opening = re.match(r"---[ \t]*\n", text)
    if not opening:
        mend = "start it with a line `---`, its fields, and another line `---`"
        raise BadSource(name, 1, "the page has no front matter", mend)
    closing = re.compile(r"^(?:---|\.\.\.)[ \t]*$\n?", re.MULTILINE).search(text, opening.end())
    if not closing:
        raise BadSource(name, 1, "the front matter is never closed", "end it with a line `---`")
    front = text[opening.end() : closing.start()]
    if len(front) > MAX_FRONT_MATTER_CHARS:
        message = f"front matter of more than {MAX_FRONT_MATTER_CHARS // 1024} KiB is not read"
        raise BadSource(name, 1, message, "the abstract belongs after the second `---`")
    return front, text[closing.end() :]


def _load(front: str, name: str) -> dict[str, Any]:
    def bad(index: int, problem: object, mend: str = "") -> BadSource:
        # By index, since YAML counts more characters as line breaks than editors do.
        line = front.rstrip().count("\n", 0, index) + 2
        return BadSource(name, line, f"broken YAML: {problem}", mend)

    try:
        node = yaml.compose(front, Loader=yaml.SafeLoader)
        fields = _plain(node, set()) if node else None
    except yaml.reader.ReaderError as error:
        raise bad(error.position, error.reason, "remove the control character") from error
    except yaml.MarkedYAMLError as error:
        problem = str(error.problem or error.context)
        # An open quote or bracket is noticed at the end, and is to be mended where it opens.
        at_end = "end of stream" in problem or "stream end" in problem
        mark = (at_end and error.context_mark) or error.problem_mark
        mend = next((cure for sign, cure in _CURES.items() if sign in problem), "")
        raise bad(mark.index if mark else 0, problem, mend) from error
    except RecursionError as error:
        raise bad(0, "it is nested too deeply", "write one field a line") from error
    except (ValueError, OverflowError) as error:  # "\\UFFFFFFFF": PyYAML does not check it
        raise bad(0, "an escape names no character", "write the character itself") from error
    if not isinstance(fields, dict):
        raise BadSource(name, 1, "the front matter has no fields", "write `title: ...`")
    return fields


def _plain(node: yaml.Node, seen: set[yaml.Node]) -> Any:
    """Return text, lists, dicts and None for a YAML tree, whatever its tags say.

    As text, ``title: 2001`` and ``title: No`` stay titles, and a date that no calendar has is no
    error. A node met twice is an alias: refused, for a few lines could stand for gigabytes.
    """
    if node in seen:
        raise yaml.MarkedYAMLError(problem="aliases are not read", problem_mark=node.start_mark)
    seen.add(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, seen) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        fields: dict[str, Any] = {}
        for key, value in node.value:
            plain = isinstance(key, yaml.ScalarNode)
            if not plain or key.value in fields:
                problem = f"the key {key.value!r} is there twice" if plain else "a key is no text"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            fields[key.value] = _plain(value, seen)
        return fields
    return None if node.tag == _NULL else node.value


def _text(value: object) -> str | None:
    """Return `value` on one line and fit for a terminal and a database, None where not text."""
    if not isinstance(value, str):
        return None
    return _UNSAFE.sub("", " ".join(value.split())).strip() or None


def _authors(value: object) -> tuple[str, ...]:
    names = []
    for item in value if isinstance(value, list) else [value]:
        text = _text(item.get("name") if isinstance(item, dict) else item) or ""
        # Letters first: a comma or an ampersand may be part of a command.
        names += re.split(r"\s*(?:[,;&]|\band\b)\s*", ET_AL.sub("", letters(text)))
    return tuple(filter(None, map(decoded_name, names)))


def _links(value: object) -> list[tuple[str, str]]:
    """Return (name, url) of each link, from any of the shapes in which people write them."""
    if isinstance(value, dict) and "url" not in value:
        value = [{"name": name, "url": url} for name, url in value.items()]
    links = []
    for item in value if isinstance(value, list) else [value]:
        link = item if isinstance(item, dict) else {"url": item}
        url = _text(link.get("url")) or ""
        # Other schemes (javascript:, file:) have no place behind a link that is shown.
        if re.match(r"https?://[^\s/]", url, re.IGNORECASE):
            links.append((_text(link.get("name")) or "", url))
    return links


def _paper_url(links: list[tuple[str, str]]) -> str | None:
    papers = [url for name, url in links if _PAPER_NAME.search(name)]
    papers += [url for _, url in links if parse_arxiv_id(url) or parse_doi(url)]
    # "PMLR", "IEEE", "link": whatever it is called, a publisher's host has the paper itself.
    papers += [url for name, url in links if is_paper_url(url) and not _ASIDE_NAME.search(name)]
    papers += [url for name, url in links if not name]
    return next(iter(papers), None)


def _other_links(links: list[tuple[str, str]], own: str | None, title: str) -> tuple[Link, ...]:
    """Return the links that lead to no paper, each once; what a page links to is the paper's."""
    found: dict[tuple[LinkKind, str], Link] = {}
    for name, url in links:
        named = _ASIDE_NAME.search(name) or _CODE_NAME.search(name)
        if url == own or (is_paper_url(url) and not named) or _RELATED_NAME.search(name):
            continue
        link = as_link(url, name)
        if link and not (is_framework(link.url) and not names_paper(link.url, title)):
            found.setdefault((link.kind, link.url.lower()), link)
    return tuple(found.values())


def _abstract(body: str) -> str | None:
    paragraphs = filter(None, map(_text, re.split(r"\n[ \t]*\n", body)))
    # Formulas and styles stay: the page draws them.
    return "\n\n".join(map(letters, paragraphs)) or None
