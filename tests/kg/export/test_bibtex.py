import re
from dataclasses import replace
from datetime import date

import bibtexparser
import pytest
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.bibliography import bibtex as bibtex_source
from kg.export.bibtex import bibtex
from kg.export.excerpt import Excerpt
from kg.records import Paper, PlacedBy, Placement
from tests.support.factories import TEXT, paper, papers


def bib(made: list[Paper]) -> str:
    return bibtex(Excerpt(tuple(made)))


def entries(text: str) -> list[dict[str, str]]:
    """Read BibTeX back with a parser, fields as they are written."""
    library = bibtexparser.parse_string(text)
    assert library.failed_blocks == []
    return [
        {"type": entry.entry_type, "key": entry.key, **{f.key: f.value for f in entry.fields}}
        for entry in library.entries
    ]


def decoded(text: str, field: str = "title") -> object:
    """Read one field of one entry back as a reader sees it, LaTeX decoded."""
    middleware = [SeparateCoAuthors(), LatexDecodingMiddleware(keep_braced_groups=False)]
    # This reader knows the command of mathematics only, which TeX refuses in a text.
    text = text.replace("\\textbrace", "\\").replace("\\left{}", "\\lbrace{}")
    text = text.replace("\\right{}", "\\rbrace{}")
    (entry,) = bibtexparser.parse_string(text, append_middleware=middleware).entries
    return entry.fields_dict[field].value


def test_a_preprint() -> None:
    assert entries(bib([paper(7, doi="10.1000/x_y")])) == [
        {
            "type": "misc",
            "key": "author72020paper",
            "title": "{Paper number 7}",
            "author": "Ada Author7 and Bo Writer",
            "year": "2020",
            "doi": "10.1000/x_y",
            "eprint": "2001.00007",
            "archiveprefix": "arXiv",
            "primaryclass": "cs.LG",
            "categories": "cs.LG",
            "url": "https://arxiv.org/abs/2001.00007",
            "abstract": "We study subject 7. It works.",
        }
    ]


def test_a_paper_of_a_venue_without_arxiv() -> None:
    made = Paper(id="doi:10.1/x", title="A title", venue="ICML & friends", categories=("cs.LG",))
    (entry,) = entries(bib([made]))
    assert entry == {
        "type": "inproceedings",
        "key": "title",
        "title": "{A title}",
        "booktitle": r"ICML \& friends",
        "categories": "cs.LG",
    }


def test_every_other_fact_has_a_field() -> None:
    made = paper(
        1,
        published=date(2020, 1, 2),
        updated=date(2021, 3, 4),
        version=3,
        comment="9 pages, 50% new",
        journal_ref="J. of X 7 (2021) 1--9",
        withdrawn=True,
        categories=("cs.LG", "stat.ML"),
    )
    placed = {made.id: (Placement("model-editing", PlacedBy.LIST, "a"),) * 2}
    (entry,) = entries(bibtex(Excerpt((made,), placed)))
    expected = {
        "date": "2020-01-02",
        "updated": "2021-03-04",
        "version": "3",
        "note": r"9 pages, 50\% new",
        "howpublished": "J. of X 7 (2021) 1--9",
        "pubstate": "withdrawn",
        "categories": "cs.LG, stat.ML",
        "keywords": "model-editing",
    }
    assert {name: entry[name] for name in expected} == expected


def test_no_papers_is_an_empty_file() -> None:
    assert bib([]) == ""


def test_a_file_ends_with_one_newline() -> None:
    text = bib([paper(1), paper(2)])
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize(
    "title",
    [
        "50% & more: #1_a ~ done",
        r"a \ backslash",
        "braces { and } turned }{",
        "quotes \"within\" 'all'",
        "@misc{not, an = {entry}}",
        "naïve Größe 中文 Ελληνικά",
        "emoji 🚀",
    ],
)
def test_special_characters_of_a_title_come_back(title: str) -> None:
    assert decoded(bib([paper(1, title=title)])) == title


def test_mathematics_stays_mathematics() -> None:
    (entry,) = entries(bib([paper(1, title=r"Bounds of $\ell_{2}^n$ & $}{$ at $5")]))
    assert (
        entry["title"]
        == r"{Bounds of $\ell_{2}^n$ \& \$\textbraceright{}\textbraceleft{}\$ at \$5}"
    )


@pytest.mark.parametrize(
    ("title", "latex"),
    [
        ("Sabiá for R&D", r"Sabiá for R\&D"),
        ("μKE, π-Tuning and ΔL", r"$\mu$KE, $\pi$-Tuning and $\Delta$L"),
        ("M³IT, H₂O, PACᵐ and x⁻¹⁰", r"M$^{3}$IT, H$_{2}$O, PAC$^{m}$ and x$^{-10}$"),
        ("Prεεmpt in ℝ and ℒ", r"Pr$\varepsilon \varepsilon$mpt in $\mathbb{R}$ and $\mathcal{L}$"),
        ("Memory ≠ Thought ≈ ∞", r"Memory $\neq$ Thought $\approx$ $\infty$"),
        (r"On $\frac{\mu}{\sqrt{n}}$", r"On $\frac{\mu}{\sqrt{n}}$"),
        ("from $5 to $10", r"from \$5 to \$10"),
    ],
)
def test_what_was_decoded_is_written_as_latex(title: str, latex: str) -> None:
    (entry,) = entries(bib([paper(1, title=title)]))
    assert entry["title"] == f"{{{latex}}}"
    assert bibtex_source.parse(bib([paper(1, title=title)])).references[0].entry.title == title


@pytest.mark.parametrize(
    "hostile",
    [
        r"$\input{/etc/passwd}$",
        r"$\write18{rm x}$",
        r"$\immediate\write18{x}$",
        r"$\def\x{\x\x}\x$",
        r"$\csname input\endcsname{x}$",
        r"$\catcode`\@=0$",
        "$^^5cinput{x}$",
        r"$x % y$",
        r"$a \\ b$",
        r"$\begin{x}$",
        r"$\href{javascript:x}{y}$",
        r"\input{/etc/passwd}",
        r"\write18{x}",
    ],
)
def test_only_known_mathematics_passes_to_latex(hostile: str) -> None:
    made = paper(1, title=hostile, abstract=hostile, comment=hostile, authors=(hostile,))
    text = bib([replace(made, venue=hostile, journal_ref=hostile)])
    commands = set(re.findall(r"\\([a-zA-Z]+)", text))
    assert commands <= {
        "textbackslash",
        "textbraceleft",
        "textbraceright",
        "textasciicircum",
        "textasciitilde",
    }
    assert "^^" not in text
    assert not re.search(r"(?<!\\)%", text)


def test_an_abstract_is_written_without_its_markup() -> None:
    abstract = r"We \emph{merge} 5\% of $\mathcal{O}(\sqrt{n})$ na\"ive $\mu$-nets \cite{a}."
    (entry,) = entries(bib([paper(1, abstract=abstract)]))
    assert entry["abstract"] == (r"We merge 5\% of $\mathcal{O}(\sqrt{n})$ naïve $\mu$-nets [a].")


def test_authors_stay_apart_and_whole() -> None:
    names = (
        "Ada Lovelace",
        "Barnes and Noble",
        "Smith, Jr., John",
        "李 明",
        "OTHERS",
        "Van AND Co",
    )
    (entry,) = entries(bib([paper(1, authors=names)]))
    assert entry["author"] == (
        "Ada Lovelace and {Barnes and Noble} and {Smith, Jr., John} and 李 明"
        " and {OTHERS} and {Van AND Co}"
    )
    assert decoded(bib([paper(1, authors=names[:1] + names[3:4])]), "author") == [
        "Ada Lovelace",
        "李 明",
    ]


def test_an_empty_name_is_no_author() -> None:
    (entry,) = entries(bib([paper(1, authors=("", "Ada Lovelace", " "))]))
    assert entry["author"] == "Ada Lovelace"


def test_a_link_stays_a_link() -> None:
    url = "https://example.org/a_b%20c~d?x=1&y={z}#e"
    (entry,) = entries(bib([paper(1, url=url)]))
    assert entry["url"] == "https://example.org/a_b%20c~d?x=1&y=%7Bz%7D#e"


def test_no_two_entries_have_one_key() -> None:
    same = [paper(1, id=f"2001.{n:05}") for n in range(4)]
    keys = [entry["key"] for entry in entries(bib(same))]
    assert keys == [
        "author12020paper",
        "author12020paper-2",
        "author12020paper-3",
        "author12020paper-4",
    ]


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        ({"authors": ("José Ñáñez",), "title": "On the Très Grand"}, "nanez2020tres"),
        ({"authors": ("李 明",), "title": "模型"}, "2020"),
        ({"authors": (), "title": "LoRA"}, "lora2020"),
        ({"authors": (), "title": "", "year": None}, "paper"),
        ({"authors": ("李 明",), "title": "模型", "year": None}, "paper"),
    ],
)
def test_keys_are_ascii(facts: dict[str, object], key: str) -> None:
    assert entries(bib([paper(1, **facts)]))[0]["key"] == key


@pytest.mark.slow
@given(st.lists(papers(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_papers_give_as_many_entries(made: list[Paper]) -> None:
    found = entries(bib(made))
    assert len(found) == len({entry["key"] for entry in found}) == len(made)
    for entry, one in zip(found, made, strict=True):
        assert entry.get("doi") == one.doi
        assert entry.get("eprint") == one.arxiv_id


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_braces_of_any_text_are_balanced(text: str) -> None:
    made = replace(paper(1), title=text, venue=text, authors=(text, text), url=text)
    depth = 0
    for c in bib([made]):  # BibTeX counts braces whatever stands before them.
        depth += (c == "{") - (c == "}")
        assert depth >= 0
    assert depth == 0
