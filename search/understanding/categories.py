"""arXiv categories that a question states: cs.CV, in stat.ML."""

import re
from collections.abc import Iterator
from typing import Final

from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

_OF_ARCHIVES: Final = {
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE"
    " NI OH OS PF PL RO SC SD SE SI SY",
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT"
    " SG SP ST",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "nlin": "AO CD CG PS SI",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph"
    " flu-dyn gen-ph geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
}
"""arXiv's archives and their categories, as of https://arxiv.org/category_taxonomy."""

_NAME = re.compile(r"([a-z]+(?:-[a-z]+)?)\.([a-z]{2}|[a-z]+-[a-z]+|other|optics|soft)")
_BEFORE: Final = frozenset("in category categories from of cat arxiv under on the within".split())


def spans(words: Words, _: Known) -> Iterator[Span]:
    """Yield the categories that a question states; papers in any of them pass."""
    found = []
    for at, word in enumerate(words.folded):
        match = _NAME.fullmatch(word) if "." in word else None
        if match and match[1] in _OF_ARCHIVES:
            found.append((at, match[1], match[2]))
    if not found:
        return
    named: dict[int, str] = {}
    for at, archive, part in found:
        if name := _category(archive, part):
            named[at] = name
        elif words.all[at].text[len(archive) + 1 :].isupper():
            example = f"{archive}.{_OF_ARCHIVES[archive].split()[0]}"
            note = (
                f"{words.all[at].text} is no category of arXiv, and was left out: write one that"
                f" is, such as {example}"
            )
            yield Span(_start(words, at), at + 1, (), notes=(note,))
    wanted = {"categories": tuple(dict.fromkeys(named.values()))}
    for at, name in named.items():
        stated = (Stated("category", name, True),)
        yield Span(_start(words, at), at + 1, stated, filters=wanted)


def _category(archive: str, part: str) -> str | None:
    """Return a category as arXiv writes it."""
    known = {one.casefold(): one for one in _OF_ARCHIVES[archive].split()}
    return f"{archive}.{known[part]}" if part in known else None


def _start(words: Words, at: int) -> int:
    """Return where the words before a category begin that belong to it."""
    start = at
    while start and words.folded[start - 1] in _BEFORE and not words.all[start - 1].ends_part:
        start -= 1
    return start
