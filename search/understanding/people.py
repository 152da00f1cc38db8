"""Authors in questions: "papers by Tao", "Ilharco et al.", "Dacheng Tao on merging", "Tao, D.".

A whole name counts wherever it stands; a surname where something around it says that it is one. A
question that is a name, or asks for somebody's papers and nothing else, states no condition: the
papers of that author come first (`asked_for`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from kg.entities.names import folded_name
from kg.ids.titles import normalised_title
from kg.records import Filters
from kg.store.catalogue import Catalogue
from kg.text.stop_words import STOP_WORDS
from kg.values import dataclass
from search.understanding.author_names import (
    MAX_NAME_WORDS,
    PARTICLES,
    Name,
    author_names,
    is_initial,
    main_words,
    same_name,
)
from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

MAX_NAME_CHARS: Final = 200
"""A longer question is not taken for a name."""

MAX_NAMESAKES: Final = 5
"""A surname alone is no name where more authors than this have it."""

MAX_APART_NAMESAKES: Final = 2
"""A surname among other words, which nothing says to be one, must not have more bearers."""

MIN_APART_PAPERS: Final = 3
"""As many papers as these must have written."""

MAX_USES: Final = 3
"""A word of more papers than this is no name of an author whom the atlas lacks."""

_KINDS = r"(?:papers?|publications?|works?|articles?|preprints?)"
_BY = re.compile(
    rf"""
    (?:(?:all|the|any|new|newest|latest|recent|list|show|find)\s+)*
    (?: (?:{_KINDS}\s+)?(?:(?:written|authored|published)\s+)?by\s+(?P<by>.+)
      | what\s+(?:has|have|did)\s+(?P<did>.+)\s+(?:publish(?:ed)?|write|written)
      | {_KINDS}\s+(?:of|from)\s+(?P<of>.+)
      | (?P<whose>.+?)(?:['’]s?)?\s+{_KINDS}
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)

# Words are compared in lower case and without accents.
_WRITINGS: Final = frozenset(
    "arbeiten article articles articoli artigos artikel articulos contributions output paper papers"
    " preprint preprints publication publications publikationen research trabajos trabalhos travaux"
    " work works writing writings".split()
)
_PAPERS: Final = _WRITINGS | {"benchmark", "benchmarks", "studies", "study", "survey", "surveys"}
_SUPERLATIVES: Final = frozenset("earliest first latest newest oldest".split())
_LISTING: Final = frozenset("find new newest latest recent".split())
_WRITTEN: Final = frozenset(
    "authored co-authored coauthored introduced proposed published written".split()
)
_BY_WORDS: Final = frozenset("by from par por von".split())
_OF_WORDS: Final = frozenset("da de del der di do of".split())
_AUTHOR: Final = frozenset("author authors autor autoren autores auteur auteurs autore".split())
_DID: Final = frozenset("did do does has have".split())
_WROTE: Final = frozenset(
    "author authored do done introduce introduced present presented propose proposed publish"
    " published release released say write written".split()
)
_AND: Final = frozenset("and e et und y &".split())
_OTHERS: Final = frozenset("al al. alii coauthors co-authors colleagues collaborators".split())
_RELATED: Final = frozenset(
    "against based beyond build building builds built cite cited cites citing compare compared"
    " compares comparing extend extended extending extends follow following follows improve"
    " improved improves improving inspired outperform outperforms replicate replicates"
    " reproduce reproduces"
    " than unlike versus vs".split()
)
"""Words before a name whose work is a subject: "extends the work of Tao"."""
_MUCH: Final = frozenset("best frequently heavily highest highly most much top widely".split())
"""Before "cited", these ask for an order: "most cited Furu Wei papers"."""
_AFTER: Final = frozenset(
    "about after antes ante auf avant before between bis dans depuis desde during for from in mit"
    " newer on only or over published since seit sobre sur this through to until uber up vor where"
    " which while who with within without zu zum zur".split()
)
"""Words that may stand behind a name, beside stop words and years."""
_ENDING: Final = _AFTER | _AND | STOP_WORDS
_NO_NAMES: Final = _ENDING | _PAPERS
_NO_FIRST_NAMES: Final = _ENDING | _BY_WORDS | _AUTHOR
_YEAR = re.compile(r"(?:19|20)\d\d\D*")
_POSSESSIVE = re.compile(r"['’]s?$")
_CAPITALISED = re.compile(r"[^\W\d_a-z][\w'’-]*[^\W\d_A-Z][\w'’-]*")


@dataclass(frozen=True, slots=True)
class _Frame:
    """A name with the words around it that say that it is one."""

    start: int
    end: int
    sure: bool
    """False for what stands around other things as well, such as "by"."""


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield the authors that a question names beside other things; papers of others are left out.

    Of an author whom the atlas lacks, a line says so, and nothing is left out.
    """
    catalogue = known.atlas.catalogue
    found = known.once(authors, words)
    if not found:
        return
    rest = set(range(len(words.all)))
    rest.difference_update(at for _, one in found for at in range(one.start, one.end))
    others = {words.folded[at] for at in rest}
    alone = others <= _PAPERS | _LISTING | STOP_WORDS
    if alone and asked_for(catalogue, words.question, Filters()) is not None:
        return
    for name, frame in found:
        start, end = frame.start, frame.end
        if len(found) == 1 and others <= _WRITINGS | STOP_WORDS:
            start, end = 0, len(words.all)
        if not name.bearers:
            written = _POSSESSIVE.sub("", words.written(name.start, name.end))
            yield Span(start, end, (), notes=(f"No paper by {written} is in the atlas",))
            continue
        value, condition = _value(catalogue, words, name)
        stated = (Stated("author", value, True),)
        yield Span(start, end, stated, filters={"author": condition}, sure=0.95)


def _value(catalogue: Catalogue, words: Words, name: Name) -> tuple[str, str]:
    """Return an author's name as the atlas writes it, and the condition on authors that it is."""
    written = catalogue.authors.written(name.bearers)
    if len({frozenset(main_words(one.split())) for one in name.bearers}) == 1:
        main = [one for one in written[0].replace(",", " ").split() if len(one.strip(".")) > 1]
        return written[0], " ".join(main)
    if name.whole:  # An initial of several people.
        asked = _POSSESSIVE.sub("", words.written(name.start, name.end))
        first, *_, last = written[0].split()
        return asked, f"{last}, {first[:1]}"
    count = name.end - name.start
    surname = " ".join(written[0].split()[-count:])
    return surname, f"{surname},"


def authors(words: Words, known: Known) -> list[tuple[Name, _Frame]]:
    """Return the names that are authors' by what stands around them, in their order."""
    catalogue = known.atlas.catalogue
    names = author_names(catalogue, words)
    frames = [_frame(words, one.start, one.end) for one in names]
    _join(words, names, frames)
    held: set[int] = set()
    kept = []
    for name, frame in zip(names, frames, strict=True):
        if frame is None and not name.whole and not _is_apart(catalogue, words, name):
            continue
        if not name.whole:
            surname = " ".join(words.folded[name.start : name.end])
            bearers = catalogue.authors.ending_with(normalised_title(surname))
            name = replace(name, bearers=tuple(bearers))
        if frame is None and not name.whole and not _is_known(catalogue, name):
            continue
        if name.bearers and _is_author(catalogue, words, name, frame):
            kept.append((name, frame or _Frame(name.start, name.end, False)))
            held.update(range(name.start, name.end))
    kept += list(_unknown(catalogue, words, held))
    return sorted(kept, key=lambda one: one[0].start)


def _is_apart(catalogue: Catalogue, words: Words, name: Name) -> bool:
    """Return whether a surname alone is the first or last of the words, and no word of a text."""
    last = next(
        (at for at in range(len(words.all), 0, -1) if not _YEAR.fullmatch(words.folded[at - 1])), 0
    )
    return (
        (name.start == 0 or name.end == last)
        and _CAPITALISED.fullmatch(words.all[name.end - 1].text) is not None
        and any(word.text.islower() for word in words.all)
        and _uses(catalogue, words, name.end - 1) == 0
    )


def _is_known(catalogue: Catalogue, name: Name) -> bool:
    """Return whether few authors have a surname, and wrote several papers."""
    return (
        len({main_words(one.split()) for one in name.bearers}) <= MAX_APART_NAMESAKES
        and len(catalogue.authors.papers(name.bearers, Filters())) >= MIN_APART_PAPERS
    )


def _frame(words: Words, start: int, end: int) -> _Frame | None:
    """Return what stands around a run of words and says that it is an author's name."""
    folded, count = words.folded, len(words.all)
    before, earlier = (folded[at] if at >= 0 else "" for at in (start - 1, start - 2))
    after = folded[end] if end < count and not _parted(words, end) else ""
    if end + 1 < count and after in {"et", "and", "&", "u", "und"} and folded[end + 1] in _OTHERS:
        return _Frame(start - (before in _BY_WORDS), end + 2, True)
    if before in _DID and after in _WROTE:
        return _Frame(start - 1 - (earlier in {"what", "which"}), end + 1, True)
    if before in _BY_WORDS:
        sure = before != "from" and earlier in _PAPERS | _WRITTEN
        return _Frame(start - 1 - (earlier in _WRITTEN), end, sure)
    if before in _OF_WORDS and earlier in _PAPERS:
        return _Frame(start - 1, end, False)
    if before in _AUTHOR:
        return _Frame(start - 1, end, True)
    if _POSSESSIVE.search(words.all[end - 1].text):
        owned = _PAPERS & set(folded[end : end + 4]) or _SUPERLATIVES & set(folded[end : end + 1])
        return _Frame(start, end, True) if owned else None
    cited = _YEAR.fullmatch(after) and _CAPITALISED.fullmatch(words.all[start].text)
    return _Frame(start, end, False) if after in _PAPERS or cited else None


def _join(words: Words, names: Sequence[Name], frames: list[_Frame | None]) -> None:
    """Give names beside a framed one, with "and" or a comma between, its frame."""
    for order in (range(1, len(names)), range(len(names) - 2, -1, -1)):
        for at in order:
            other = at - order.step
            there = frames[other]
            if frames[at] is not None or there is None:
                continue
            first, second = sorted((at, other))
            between = range(names[first].end, names[second].start)
            listed = words.question[: words.all[names[first].end - 1].end].endswith(",")
            if all(words.folded[one] in _AND for one in between) and (between or listed):
                start, end = names[at].start, names[at].end
                if at == second:
                    start -= len(between)
                else:
                    end += len(between)
                frames[at] = _Frame(start, end, there.sure)


def _parted(words: Words, at: int) -> bool:
    """Return whether punctuation parts a word from the one before."""
    return words.all[at - 1].ends_part and not is_initial(words, at - 1)


def _ends(words: Words, end: int) -> bool:
    """Return whether a name may end here."""
    if end == len(words.all) or _parted(words, end):
        return True
    after = words.folded[end]
    return after in _ENDING or _YEAR.fullmatch(after) is not None


def _is_author(catalogue: Catalogue, words: Words, name: Name, frame: _Frame | None) -> bool:
    """Return whether a name that authors have is one here, and no other word or words."""
    if _is_subject(words, name.start):
        return False
    if frame and name.whole:
        return True
    if not name.whole and _follows_name(catalogue, words, name.start):
        return False
    if frame and frame.sure:
        if frame.start == name.start or _ends(words, name.end) or _ends(words, frame.end):
            return True
        after = words.all[frame.end].text
        return not _CAPITALISED.fullmatch(after) and _uses(catalogue, words, frame.end) > 0
    if frame and not _ends(words, name.end) and words.folded[name.end] not in _PAPERS:
        return False
    written = " ".join(words.folded[name.start : name.end])
    if catalogue.entities.named([folded_name(written)]):
        return False
    phrase = normalised_title(written)
    own = len(catalogue.authors.papers(name.bearers, Filters(withdrawn=True)))
    return catalogue.words.document_frequency(f'{{title abstract}} : "{phrase}"', own) < own


def _follows_name(catalogue: Catalogue, words: Words, at: int) -> bool:
    """Return whether the word before one may be a first name: in capitals, and of few papers."""
    return (
        at > 0
        and not words.all[at - 1].ends_part
        and words.folded[at - 1] not in _NO_FIRST_NAMES
        and _CAPITALISED.fullmatch(words.all[at - 1].text) is not None
        and _uses(catalogue, words, at - 1) <= MAX_USES
    )


def _uses(catalogue: Catalogue, words: Words, at: int) -> int:
    """Return how many papers have a word in their texts, more than `MAX_USES` uncounted."""
    phrase = normalised_title(words.folded[at])
    expression = f'{{title abstract card stems}} : "{phrase}"'
    return catalogue.words.document_frequency(expression, MAX_USES + 1)


def _unknown(catalogue: Catalogue, words: Words, held: set[int]) -> Iterator[tuple[Name, _Frame]]:
    """Yield what by its frame is an author whom the atlas lacks."""
    after = 0
    for start in range(len(words.all)):
        end = _end_of_name(words, start, held)
        if start < after or end == start:
            continue
        first = start
        while first and words.folded[first - 1] in PARTICLES - {"von"}:
            first -= 1
        frame = None if _is_subject(words, first) else _frame(words, first, end)
        if frame is None or (frame.start == first and not frame.sure):
            continue
        capitals = all(word.text[:1].isupper() for word in words.all[start:end])
        if not (frame.sure if capitals else _after_papers(words, first)) and (
            not capitals or end - start == 1 or not _ends(words, end)
        ):
            continue
        uses = _uses(catalogue, words, end - 1)
        written = folded_name(words.written(first, end))
        most = MAX_USES if frame.sure and capitals else 0
        if uses <= most and not catalogue.entities.named([written]):
            yield Name(first, end), frame
            after = end


def _is_subject(words: Words, start: int) -> bool:
    """Return whether a name's work is what papers relate to: "extends the work of Tao"."""
    related = any(
        word in _RELATED and not (word == "cited" and words.folded[max(at - 1, 0)] in _MUCH)
        for at, word in enumerate(words.folded[:start])
    )
    return related and not _after_papers(words, start)


def _after_papers(words: Words, at: int) -> bool:
    """Return whether "papers by" or the like stands before a word."""
    return at > 1 and words.folded[at - 1] == "by" and words.folded[at - 2] in _PAPERS | _WRITTEN


def _end_of_name(words: Words, start: int, held: set[int]) -> int:
    """Return the end of the longest run of words from here that may be a name."""
    count = min(len(words.all), start + MAX_NAME_WORDS)
    any_case = _after_papers(words, start) and words.all[start].text.islower()
    for at in range(start, count):
        text, folded = words.all[at].text, words.folded[at]
        if at in held or folded in _NO_NAMES:
            return at
        if any_case:
            if not text.isalpha():
                return start
        elif not (_CAPITALISED.fullmatch(text) or is_initial(words, at)):
            return at
        if words.all[at].ends_part and not is_initial(words, at):
            return at + 1
    return count


# -- whole questions -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedAuthor:
    """An author that a question names."""

    name: str
    """As it was asked for."""
    keys: tuple[int, ...]
    """The papers that pass the filters, the newest first."""


def asked_for(catalogue: Catalogue, question: str, filters: Filters) -> NamedAuthor | None:
    """Return the author whose name a question is, or whose papers it asks for.

    A whole name is compared in either order, case, accents and middle initials aside. A surname
    alone counts where few have it. Neither counts where the papers that have it as a word of their
    title or abstract are as many as those of its bearers, unless the question has "by", or asks
    what an author wrote or published.
    """
    if len(question) > MAX_NAME_CHARS:
        return None
    text = question.strip().rstrip("?.!")
    match = _BY.fullmatch(text)
    name = next(filter(None, match.groups())).strip() if match else text
    last, comma, first = name.partition(",")
    words = normalised_title(f"{first} {last}" if comma else name).split()
    if not 0 < len(words) <= MAX_NAME_WORDS:
        return None
    explicit = match is not None and bool(match["by"] or match["did"])
    bearers = _bearers(catalogue, words, explicit, initials=bool(comma) or "." in name)
    if not bearers:
        return None
    if not explicit:
        phrase = " ".join(words)
        own = len(catalogue.authors.papers(bearers, Filters(withdrawn=True)))
        if catalogue.words.document_frequency(f'{{title abstract}} : "{phrase}"', own) >= own:
            return None
    keys = catalogue.authors.papers(bearers, filters)
    return NamedAuthor(name, tuple(keys)) if keys else None


def _bearers(catalogue: Catalogue, words: list[str], explicit: bool, initials: bool) -> list[str]:
    """Return the names in the atlas, folded, that the words of a name mean."""
    if len(words) == 1:
        found = catalogue.authors.ending_with(words[0])
        few = len({main_words(name.split()) for name in found}) <= MAX_NAMESAKES
        return found if explicit or (few and len(words[0]) > 2) else []
    orders = [words, [*words[1:], words[0]], [words[-1], *words[:-1]]]
    ends = {(one[0][:1] if initials else f"{one[0]} ", one[-1]) for one in orders}
    return [
        name
        for name in catalogue.authors.between(sorted(ends))
        if any(same_name(main_words(name.split()), main_words(one), initials) for one in orders)
    ]
