"""Bibliographies that people bring: whatever they are written in, and however broken they are."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.sources.bibliography import bibtex, readers
from ingest.sources.bibliography.reference import BibEntry
from ingest.sources.bibliography.tagged import RIS
from kg.errors import BadRequest
from kg.export.bibtex import bibtex as write_bibtex
from kg.export.excerpt import Excerpt
from kg.export.ris import ris as write_ris
from kg.ids.titles import normalised_title
from kg.records import Paper
from tests.support.factories import TEXT, different, full_paper, papers


def only(text: str) -> BibEntry:
    (found,) = readers.read(text).references
    return found


def test_an_entry_tells_what_identifies_a_paper() -> None:
    found = only(
        r"""@string{icml = {ICML}}
        @InProceedings{wortsman2022,
          Title = {Model {S}oups: G\"odel's $\alpha$}, booktitle = icml,
          author = "Mitchell Wortsman and {\'E}mile Z", year = 2022,
          doi = {https://doi.org/10.5555/ABC.1}, eprint = {2203.05482v3}, archivePrefix = {arXiv},
        }"""
    )
    assert found.name == "wortsman2022"
    assert found.entry.title == "Model Soups: Gödel's α"
    assert found.entry.authors == ("Mitchell Wortsman", "Émile Z")
    assert (found.entry.arxiv_id, found.entry.doi) == ("2203.05482", "10.5555/abc.1")
    assert (found.entry.year, found.entry.line) == (2022, 2)


@pytest.mark.parametrize(
    ("latex", "title"),
    [
        (r"Editing \textit{Task} Arithmetic", "Editing Task Arithmetic"),
        (r"\textbf{\emph{Soups}}: {\bf A} {\em Recipe}", "Soups: A Recipe"),
        (r"M{\(^{\mbox{3}}\)}IT: {A} Dataset", "M³IT: A Dataset"),
        (r"{Vision\textendash{}Language} Models", "Vision–Language Models"),
        (r"{\textquotedblleft}Why{\textquotedblright} {Edit}", "“Why” Edit"),
        (r"{$\pi$}-Tuning and {$\mu$}KE", "π-Tuning and μKE"),
        (
            r"P{\O}DA, Stra{\ss}e, {\v{C}}ech, {\c{c}}a, na{\"{\i}}ve",
            "PØDA, Straße, Čech, ça, naïve",
        ),
        (r"R{\&}D at 5{\%} for \$5 and {\$}6", "R&D at 5% for $5 and $6"),
        (r"A~Case {Study} -- {{LLMs}}", "A Case Study – LLMs"),
        (r"$\mathcal{O}(\sqrt{n})$ {Merging}", r"$\mathcal{O}(\sqrt{n})$ Merging"),
        (
            r"\textbraceleft{}a\textbraceright{} \textasciitilde{} \textbackslash{}b"
            r" \textasciicircum{}",
            r"{a} ~ \b ^",
        ),
    ],
)
def test_latex_of_bibtex_is_decoded_before_braces_go(latex: str, title: str) -> None:
    assert only(f"@misc{{a, title = {{{latex}}}}}").entry.title == title


@pytest.mark.parametrize(
    "field",
    [
        "eprint = {arXiv:2203.05482}",
        "url = {https://arxiv.org/pdf/2203.05482v2.pdf}",
        r"howpublished = {\url{https://arxiv.org/abs/2203.05482}}",
        "journal = {arXiv preprint arXiv:2203.05482}",
        "journal = {CoRR}, volume = {abs/2203.05482}",
        "doi = {10.48550/arXiv.2203.05482}",
        "note = {To appear. arXiv:2203.05482 [cs]}",
    ],
)
def test_an_arxiv_id_is_found_wherever_people_write_it(field: str) -> None:
    assert only(f"@misc{{a, title = {{T}}, {field}}}").entry.arxiv_id == "2203.05482"


def test_entries_of_one_key_are_two_papers_and_a_doubled_field_is_no_harm() -> None:
    found = readers.read(
        "@misc{a, title={One}}\n@misc{a, title={Two}}\n@misc{b, title={Old}, title={Three}}"
    )
    assert [one.entry.title for one in found.references] == ["One", "Two", "Three"]
    assert [one.name for one in found.references] == ["a", "a", "b"]
    assert found.broken == ()


def test_broken_entries_are_named_and_the_others_are_read() -> None:
    found = readers.read(
        "@article{lost, title={No end}\n\n@article{good, title={Here}}\n@article{cut, title={On"
    )
    assert [one.entry.title for one in found.references] == ["Here"]
    assert [(one.line, one.start) for one in found.broken] == [
        (1, "@article{lost, title={No end}"),
        (4, "@article{cut, title={On"),
    ]
    assert all(one.reason for one in found.broken)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    found = readers.read(f"@misc{{a,{end} title={{One}}}}{end}@misc{{b, title={{Two}}}}")
    assert [one.entry.title for one in found.references] == ["One", "Two"]


@pytest.mark.parametrize(
    "hostile",
    [
        "@article{a, title={" + "{" * 50_000,
        "@article{a, title={" + "{" * 5_000 + "x" + "}" * 5_000 + "}}",
        "@article{a, title={" + r"\textbf{" * 3_000 + "x" + "}" * 3_000 + "}}",
        "@article{a, title={" + "$" * 9_001 + "}}",
        "@a{" * 20_000,
        "@" * 50_000 + "article{a, title={x}}",
        "@article{a," + "=" * 20_000 + "}",
        r"@article{a, title={\input{/etc/passwd}\write18{x}\def\x{\x\x}\x}}",
        "@comment{" * 5_000,
    ],
)
def test_hostile_bibtex_is_read_in_part_or_refused(hostile: str) -> None:
    found = _read(hostile)
    assert found is None or all("root:" not in one.label for one in found.references)


def _read(text: str) -> readers.Bibliography | None:
    """Return what is read, or None where it is refused; either way each message is one line."""
    refused: BadRequest | None = None
    try:
        found = readers.read(text)
    except BadRequest as error:
        refused = error
    if refused is not None:
        assert str(refused) == " ".join(str(refused).split())
        assert refused.message
        assert refused.mend
        return None
    assert found.references or found.broken
    for one in found.broken:
        assert 1 <= one.line <= max(len(text.splitlines()), text.count("\n") + 1)
        assert one.reason == " ".join(one.reason.split()) != ""
        assert one.start == " ".join(one.start.split())
        assert len(one.start) <= 80
    for reference in found.references:
        assert reference.label
        assert "\n" not in reference.label
    return found


@given(TEXT | st.text('@{}(),="#\\\n a1-TYER', max_size=200))
@example("0\n0\r0=}")
@settings(max_examples=200)
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    _read(text)
    _read("@article{" + text)
    _read("TY  - JOUR\n" + text)


@pytest.mark.slow
@given(st.lists(papers(), max_size=5).map(different))
@settings(max_examples=50)
def test_what_the_atlas_writes_it_reads(some: list[Paper]) -> None:
    some = [one for one in some if normalised_title(one.title) and "\\" not in one.title]
    excerpt = Excerpt(tuple(some), {})
    for parse, written in ((bibtex.parse, write_bibtex), (RIS.parse, write_ris)):
        found = parse(written(excerpt))
        assert found.broken == ()
        assert len(found.references) == len(some)
        for one, paper in zip(found.references, some, strict=True):
            assert paper.arxiv_id is None or one.entry.arxiv_id == paper.arxiv_id


def test_every_telling_fact_survives_bibtex_and_ris() -> None:
    paper = full_paper(title="On 5% of $\\alpha$ & {braces}_x")
    for parse, written in ((bibtex.parse, write_bibtex), (RIS.parse, write_ris)):
        (found,) = parse(written(Excerpt((paper,), {}))).references
        entry = found.entry
        assert (entry.arxiv_id, entry.doi, entry.year) == (paper.arxiv_id, paper.doi, paper.year)
        assert set("".join(entry.authors)) >= set("Ada Author1")
        assert normalised_title(entry.title) == normalised_title(paper.title)


def test_a_ris_record_goes_on_over_lines_and_without_its_end() -> None:
    found = readers.read(
        "\ufeffTY  - JOUR\nTI  - Model soups:\n  averaging\nAU  - Wortsman, M.\n"
        "DO  - 10.1000/X\nER  - \n"
        "TY  - CONF\nT1  - Cut\nUR  - https://arxiv.org/abs/2203.05482\n\nTY  - GEN\nER  - \n"
    )
    first, cut = found.references
    assert (first.entry.title, first.entry.doi) == ("Model soups: averaging", "10.1000/x")
    assert (cut.entry.title, cut.entry.arxiv_id) == ("Cut", "2203.05482")
    assert [(one.line, one.start) for one in found.broken] == [(7, "Cut"), (11, "TY - GEN")]


def test_lines_name_papers_in_any_of_the_usual_ways() -> None:
    found = readers.read(
        """
        - 2203.05482v1
        * https://arxiv.org/abs/2106.09685
        3. [Soups](https://arxiv.org/abs/2203.05482)
        [4] Hinton et al. Distilling the knowledge. arXiv:1503.02531, 2015
        https://doi.org/10.1145/3560815
        “Editing Models with Task Arithmetic”
        2212.04089, 2306.01708
        ----
        """
    )
    assert [(one.entry.arxiv_id, one.entry.doi, one.entry.title) for one in found.references] == [
        ("2203.05482", None, ""),
        ("2106.09685", None, ""),
        ("2203.05482", None, ""),
        ("1503.02531", None, ""),
        (None, "10.1145/3560815", ""),
        (None, None, "Editing Models with Task Arithmetic"),
        ("2212.04089", None, ""),
        ("2306.01708", None, ""),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is nothing in it"),
        ("\ufeff \n", "there is nothing in it"),
        ("--- \n ***", "no paper is named"),
        ("%PDF-1.7 ...", "no text"),
        ("PK\x03\x04\0\0", "no text"),
        ('[\n{"heading": "x"}\n]', "JSON"),
        ("a" * 1_000_001, "too large"),
        ("é" * 500_001, "too large"),
        ("2203.05482\n" * 2_001, "2,001 papers"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(text: str, told: str) -> None:
    with pytest.raises(BadRequest, match=told) as refused:
        readers.read(text)
    assert "\n" not in str(refused.value)
