"""An atlas in which every text is an attack, as by scripts, markup or LaTeX."""

import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from ingest.embedding import embed_missing
from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.records import Citation, Paper, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

RUN = "window.pwned=1;alert(1)"
ELSEWHERE = "http://198.51.100.7"

LITERAL = {
    "script": f"<script>{RUN}</script>",
    "image": f'<img src=x onerror="{RUN}">',
    "image elsewhere": f'<img src="{ELSEWHERE}/a.png"> ![a]({ELSEWHERE}/b.png)',
    "svg": f'<svg/onload="{RUN}"><animate onbegin="{RUN}"/><a href="javascript:{RUN}">x</a></svg>',
    "mathml": f'<math><mtext><table><mglyph><style><img src onerror="{RUN}"></style></math>',
    "endings": f'</template></style></script></title></textarea>--><img src=x onerror="{RUN}">',
    "frames": f'<iframe srcdoc="<script>{RUN}</script>"></iframe><base href="{ELSEWHERE}">',
    "attributes": f"\"' onmouseover={RUN} x=\" autofocus onfocus={RUN} tabindex=1 '",
    "markdown": f"[click](javascript:{RUN}) <javascript:{RUN}> **b** `c` # d",
    "templates": "{{constructor.constructor('alert(1)')()}} ${alert(1)} <%= 1 %> {{#if x}} #{7*7}",
    "entities": "&lt;script&gt; &#60;img src=x&#62; &amp;lt; &nbsp;",
    "style sheets": f"a' b\" ] ) \\00003c / * ; }} body{{display:none}} @import url({ELSEWHERE})",
    "not seen": "ze\u200bro\u200d wi\ufeffdth \u2028 line \u0001 bell \u0007",
    "long word": "W" * 10_000,
    "many marks": "Z" + "\u0301" * 500 + " zalgo",
}
"""What must be read as it is written, by what it is."""

DIRECTION = "abc \u202e\u2067 gnp.exe \u202d \u0635\u0641\u062d\u0629"
"""Marks that would turn about what follows, were they not kept in."""

BOMBS = (
    r"$\href{javascript:pwned=1}{a}$ \href{javascript:alert(1)}{b} \url{javascript:alert(1)}",
    r"$\style{position:fixed;inset:0}{x} \class{bar}{y}$ $\def\a{\a\a}\a$",
    "$" + "{" * 450 + "x" + "}" * 450 + "$",
    "$" + r"\frac{1}{" * 90 + "x" + "}" * 90 + "$ " + r"$\text{<img src=x onerror=alert(1)>}$",
    "$" + "W" * 39 + r"$ $\hspace{9em}\hspace{9em}x\hspace{-9em}$ $$" + "M" * 39 + "$$",
    r"\textbf{" * 300 + "x" + "}" * 300 + "{" * 5000,
)
"""LaTeX that is shown in one way or another."""

TOPIC = "model-reuse/hostile"
_TAXONOMY = {
    "extends": "built-in",
    "topics": [
        {
            "id": TOPIC,
            "name": f"Hostile {LITERAL['image']}",
            "definition": f"What attacks. {LITERAL['script']} {DIRECTION} {'W' * 300}",
        },
        {"id": f"{TOPIC}/below", "name": f"Below {LITERAL['svg']}", "definition": "{{7*7}}"},
    ],
}


def saying(number: int, text: str) -> Paper:
    """Return a paper that says something in all its parts."""
    return replace(
        paper(number),
        title=f"{text} averaging {number}",
        authors=(text, f"Ada {text}"),
        abstract=f"Averaging weights attacks. {text} is averaging {number}. It works.",
        venue=text,
        comment=text,
        journal_ref=text,
        url=f"javascript:{RUN}//{number}",
        categories=(text[:200], "cs.LG"),
    )


WRITTEN = {name: saying(number, text) for number, (name, text) in enumerate(LITERAL.items(), 1)}
"""Papers that must be read as they are written."""

MARKED = saying(90, DIRECTION)

OTHERS = (
    *(saying(number, text) for number, text in enumerate(BOMBS, 40)),
    MARKED,
    saying(60, f"{LITERAL['script']}\0nul"),
    replace(saying(91, LITERAL["attributes"]), withdrawn=True),
    # Ids are what links and addresses are made of.
    replace(saying(92, "id"), id="doi:10.1/\"><img src=x onerror='alert(1)'>", arxiv_id=None),
    replace(saying(93, "url"), url=f'{ELSEWHERE}/"><img src=x onerror="{RUN}">', doi='10.1/<b>"'),
)


def hostile_library(home: Path) -> Library:
    """Return the atlas, in a fresh home.

    Nothing of it was cleaned on the way in: the page must not rely on that.
    """
    own = home / "topics.yaml"
    own.write_text(json.dumps(_TAXONOMY), encoding="utf-8")
    settings = Settings(home, taxonomy=str(own))
    papers = [*WRITTEN.values(), *OTHERS]
    as_it_is = {"cleaned": lambda one: one}
    with (
        patch.multiple("kg.store.papers", **as_it_is),
        patch.multiple("kg.store.records", **as_it_is),
        Catalogue(settings.catalogue) as catalogue,
    ):
        put_all(catalogue, *papers)
        with catalogue.writing():
            for one in papers:
                by = f"list {one.comment[:300]}"
                catalogue.lists.add(one.id, by, starred=True)
                catalogue.placements.add(one.id, [Placement(TOPIC, PlacedBy.LIST, by)])
                guessed = Placement(f"{TOPIC}/below", PlacedBy.MODEL, by, 0.5)
                catalogue.placements.add(one.id, [guessed])
                catalogue.journal.log_change(one.id, ChangeKind.RETITLED, one.title[:500])
            keys: list[int] = []
            first, *others = (one.id for one in papers)
            catalogue.citations.add(Citation(one, first, "t") for one in others)
            catalogue.citations.add(Citation(first, one, "t") for one in others)
            for number, text in enumerate((*LITERAL.values(), DIRECTION)):
                kind = list(EntityType)[number % len(EntityType)]
                names = (Name(text[:3_000]), Name(f"of all {text[:80]}"))
                entity = Entity(f"{kind}/{number}", kind, names, text, Source.LIST)
                keys.append(catalogue.entities.put(entity))
            catalogue.entities.set_extends(
                {pair for key in keys[3::3] for pair in ((key, keys[0]), (keys[0], keys[-1]))}
            )
            rows = [
                (entity, relation, catalogue.identifiers.key(one.id), Source.CARD)
                for one in papers
                for entity, relation in zip(keys, [*Relation] * len(keys), strict=False)
            ]
            catalogue.relations.replace({row[2]: "" for row in rows}, rows)
        for number, one in enumerate(papers[:8]):
            name = f"2101.{number:05}"
            catalogue.reviews.add(replace(one, id=name, arxiv_id=name), [(TOPIC, 0.7)], 0.5)
        catalogue.journal.log_fetch(
            "refresh", {"failed": [LITERAL["script"], LITERAL["long word"]]}
        )
        embed_missing(catalogue, HashedWords())
    return Library(settings, HashedWords())
