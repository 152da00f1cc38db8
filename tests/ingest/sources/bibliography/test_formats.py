"""The formats in which bibliographies come, with the mistakes that real files have."""

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.sources.bibliography import readers
from ingest.sources.bibliography.reference import BibEntry
from kg.errors import BadRequest
from tests.support.hostile.bibliographies import HOSTILE

EDITING = "Editing Models with Task Arithmetic"
MERGING = "Merging Models with Fisher-Weighted Averaging"


def only(text: str) -> BibEntry:
    found = readers.read(text)
    assert found.broken == ()
    (reference,) = found.references
    return reference


# -- BibTeX ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ("title = {Editing Models}, subtitle = {with Task Arithmetic}", "Editing Models: with"),
        ("subtitle = {with Task Arithmetic}, title = {Editing Models:}", "Editing Models: with"),
        ("title = {What is it?}, subtitle = {An Answer}", "What is it? An Answer"),
        ("maintitle = {Collected Works}, volume = 2", "Collected Works"),
        ("maintitle = {Collected Works}, title = {Early Works}", "Early Works"),
    ],
)
def test_a_subtitle_is_a_part_of_the_title(fields: str, title: str) -> None:
    assert only(f"@book{{a, {fields}}}").entry.title.startswith(title)


def test_the_fields_of_biblatex_are_read() -> None:
    entry = only(
        "@article{a, title = {T}, date = {2022-12-08}, journaltitle = {Journal of Models},"
        " eprinttype = {arXiv}, eprint = {2212.04089v2}, eprintclass = {cs.LG}}"
    ).entry
    assert (entry.year, entry.venue, entry.arxiv_id) == (2022, "Journal of Models", "2212.04089")


@pytest.mark.parametrize(
    "fields",
    [
        "archivePrefix = {arXiv}, arxivId = {2212.04089}",
        "arXivId = {arXiv:2212.04089v1}",
        "arxiv = {https://arxiv.org/abs/2212.04089}",
        "eprint = {2212.04089 [cs.LG]}",
        "eprint = {2212.04089}, archivePrefix = {arXiv}",
        "number = {arXiv:2212.04089}, publisher = {arXiv}",
    ],
)
def test_an_arxiv_id_is_found_in_the_fields_of_all_managers(fields: str) -> None:
    assert only(f"@article{{a, title = {{T}}, {fields}}}").entry.arxiv_id == "2212.04089"


def test_an_old_arxiv_id_may_have_its_archive_apart() -> None:
    found = only("@article{a, title = {T}, eprint = {9901001}, primaryClass = {hep-th}}")
    assert found.entry.arxiv_id == "hep-th/9901001"
    other = only("@article{a, title = {T}, eprint = {9901001}, eprinttype = {pubmed}}")
    assert other.entry.arxiv_id is None


@pytest.mark.parametrize(
    "text",
    [
        "@article{\n  title = {%s}, year = {2022}\n}",
        "@article{, title = {%s}, year = {2022}}",
        "@article{a,, title = {%s},, year = {2022},,}",
        "@article{a, title = {%s},\n  , year = {2022}\n}",
        "@article{a, , title = {%s}, year = 2022, , }",
        "@article(a, title = {%s}, year = 2022)",
        "@article(\n  title = {%s}, year = 2022)",
        "@article{a,\n  %% title = {Old}\n  title = {%s}, %% for now\n  year = 2022}",
        '@article{a, title = "%s", year = "2022",\n}',
        "@article{a, title = %s, year = 2022}",
        "@ARTICLE {a , TITLE={%s},YEAR=2022}",
    ],
)
def test_keys_may_lack_and_commas_be_doubled(text: str) -> None:
    entry = only(text % EDITING).entry
    assert (entry.title, entry.year) == (EDITING, 2022)


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("@article{a,\n title = {%s}\n author = {Ant, A.},\n year = 2022}", 2, '"author"'),
        ("@article{a,\n title = \"%s\"\n\n author = {Ant, A.}\n, year = 2022}", 2, '"author"'),
        ("@article{a,\n title = {%s},\n year = 2022\n author = {Ant, A.}}", 3, '"author"'),
        ("@article{a,\n title = %s\n author = {Ant, A.}, year = 2022}", 2, '"author"'),
        ("@article{a\n title = {%s}, author = {Ant, A.}, year = 2022}", 2, 'the key "a"'),
        ("@article{a,\n title = {%s},\n oops\n , author = {Ant, A.}, year=2022}", 3, '"oops"'),
        ("@article{a,\n title = {%s}},\n author = {Ant, A.},\n year = 2022}", 2, '"}" too many'),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_the_rest_is_read(
    text: str, line: int, named: str
) -> None:
    found = readers.read(text % EDITING + f"\n@misc{{b, title = {{{MERGING}}}}}")
    first, second = (one.entry for one in found.references)
    assert (first.title, first.authors, first.year) == (EDITING, ("A. Ant",), 2022)
    assert second.title == MERGING
    (problem,) = found.broken
    assert problem.line == line
    assert named in problem.reason


def test_an_entry_without_end_costs_itself_alone() -> None:
    found = readers.read(
        '@article{a, title = "No end, year = 2022}\n'
        f"@misc{{b, title={{{EDITING}}}}} @misc{{c, title={{{MERGING}}}}}"
    )
    assert [one.entry.title for one in found.references] == [EDITING, MERGING]
    assert [(one.line, "no end" in one.reason) for one in found.broken] == [(1, True)]


def test_braces_count_as_bibtex_counts_them() -> None:
    assert only(r"@misc{a, title = {Sets \{ and \}}, file = {C:\papers\}}").entry.title
    assert only(r'@misc{a, title = "The {"}quoted{"} G{\"o}del"}').entry.title.endswith("Gödel")
    assert only(r"@misc{a, title = {Half a \{ brace}}").entry.title.startswith("Half a")


def test_macros_and_joined_values_are_put_together() -> None:
    found = only(
        '@string(conf = "ICLR")\n@string{long = {The } # conf}\n'
        "@inproceedings{a, title = {Model} # { } # {Soups}, booktitle = long # { 2023},"
        " year = 2023, month = jan}"
    )
    assert (found.entry.title, found.entry.venue) == ("Model Soups", "The ICLR 2023")


def test_names_are_told_as_they_are_spoken() -> None:
    found = only(
        "@misc{a, title = {T}, author = {Ant, Ada and {Models and Data, Inc.} and van Bee, Jr., Bo"
        " and Cee Dee and others}}"
    )
    assert found.entry.authors == ("Ada Ant", "Models and Data, Inc.", "Bo van Bee Jr.", "Cee Dee")


def test_comments_and_preambles_are_no_papers() -> None:
    found = only(
        "@comment{jabref-meta: databaseType:bibtex;}\n@preamble{{\\newcommand{x}{y}}}\n"
        "@xdata{x, publisher = {P}}\n@misc{a, title = {One}}\n@comment(a, title = {No})"
    )
    assert found.entry.title == "One"


# -- CSL-JSON ----------------------------------------------------------------------------------

ITEM = json.dumps(
    {"id": "a", "type": "article", "title": EDITING, "DOI": "10.48550/arXiv.2212.04089"}
)
OTHER = json.dumps({"id": "b", "title": MERGING, "URL": "https://arxiv.org/abs/2111.09832"})


@pytest.mark.parametrize(
    "text",
    [
        f"[{ITEM},{OTHER}]",
        f"[\n  {ITEM},\n  {OTHER}\n]\n",
        f"\ufeff[{ITEM},\n{OTHER}]",
        f"{ITEM}\n{OTHER}\n",
        f'{{"items": [{ITEM}, {OTHER}]}}',
        f'{{"references":\n[{ITEM}, {OTHER}]}}',
        f'{{"status": "ok", "message": {{"items": [{ITEM}, {OTHER}]}}}}',
    ],
)
def test_csl_json_is_read_however_it_is_laid_out(text: str) -> None:
    found = readers.read(text)
    assert (found.kind, found.broken) == ("CSL-JSON", ())
    assert [(one.entry.title, one.entry.arxiv_id) for one in found.references] == [
        (EDITING, "2212.04089"),
        (MERGING, "2111.09832"),
    ]


def test_a_single_item_is_a_bibliography() -> None:
    entry = only(
        '{\n "type": "paper-conference", "title": ["Editing Models"], "subtitle": ["with Task"],\n'
        ' "issued": {"date-parts": [[2022, 12]]}, "container-title": ["ICLR"],\n'
        ' "author": [{"given": "Ada", "family": "Ant"}, {"literal": "A Group"},'
        ' {"family": "Bee", "non-dropping-particle": "van"}]\n}'
    ).entry
    assert (entry.title, entry.year, entry.venue) == ("Editing Models: with Task", 2022, "ICLR")
    assert entry.authors == ("Ada Ant", "A Group", "van Bee")


def test_of_json_that_is_cut_off_what_is_whole_is_read() -> None:
    found = readers.read(f"[{ITEM},\n{OTHER[:40]}")
    assert [one.entry.title for one in found.references] == [EDITING]
    assert [(one.line, one.reason) for one in found.broken] == [(2, "not JSON")]


def test_an_item_that_names_nothing_is_named() -> None:
    found = readers.read(f'[{ITEM},\n{{"id": "x", "type": "book"}}, 7]')
    assert len(found.references) == 1
    assert [one.line for one in found.broken] == [2, 2]


# -- tagged lines ------------------------------------------------------------------------------

WEB_OF_SCIENCE = f"""FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Ant, A
   Bee, B
AF Ant, Ada
   Bee, Bo
TI Editing Models with
   Task Arithmetic
SO JOURNAL OF MODELS
DI 10.1000/X.1
PY 2023
UT WOS:000000000000001
ER

PT C
AU Cee, C
TI {MERGING}
AR arXiv:2111.09832
ER

EF
"""
PUBMED = f"""
PMID- 12345678
OWN - NLM
LID - 10.1000/x.1 [doi]
TI  - Editing Models with
      Task Arithmetic.
FAU - Ant, Ada
AU  - Ant A
FAU - Bee, Bo
AU  - Bee B
JT  - Journal of models
DP  - 2023 Jan 5

PMID- 12345679
TI  - {MERGING}.
AID - arXiv:2111.09832v2 [pii]
"""
ENDNOTE = f"""%0 Journal Article
%T {EDITING}
%A Ant, Ada
%A Bee, Bo
%J Journal of models
%D 2023
%R 10.1000/x.1
%X About models.

%0 Conference Proceedings
%T {MERGING}
%A Cee, C
%J arXiv preprint arXiv:2111.09832
"""
REFWORKS = f"""RT Journal Article
T1 {EDITING}
A1 Ant, Ada
A1 Bee, Bo
JF Journal of models
YR 2023
DO 10.1000/x.1

RT Generic
T1 {MERGING}
LK https://arxiv.org/abs/2111.09832
"""
TABLE = f"""Key,Publication Year,Author,Title,Publication Title,DOI,Url
A,2023,"Ant, Ada; Bee, Bo",{EDITING},Journal of models,10.1000/x.1,
B,2021,"Cee, C","{MERGING}",,,https://arxiv.org/abs/2111.09832
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Web of Science", WEB_OF_SCIENCE),
        ("PubMed", PUBMED),
        ("EndNote", ENDNOTE),
        ("RefWorks", REFWORKS),
        ("table (CSV)", TABLE),
        ("table (CSV)", TABLE.replace('"Ant, Ada; Bee, Bo"', "Ant | Ada").replace(",", "\t")),
    ],
)
def test_the_formats_of_databases_are_read(kind: str, text: str, end: str) -> None:
    found = readers.read("\ufeff" + text.replace("\n", end))
    assert (found.kind, found.broken) == (kind, ())
    first, second = (one.entry for one in found.references)
    assert (first.title, first.doi, first.year) == (EDITING, "10.1000/x.1", 2023)
    assert first.authors in [("Ada Ant", "Bo Bee"), ("Ant | Ada",)]
    assert (first.venue or "").lower() == "journal of models"
    assert (second.title, second.arxiv_id) == (MERGING, "2111.09832")


def test_a_cut_record_is_named() -> None:
    found = readers.read(WEB_OF_SCIENCE.replace("\nER\n\nEF", ""))
    assert len(found.references) == 2
    assert [(one.line, one.reason) for one in found.broken] == [(16, "it has no end (ER)")]


# -- what is not read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<?xml version='1.0'?><xml><records><record><ref-type>17</ref-type>", "EndNote XML"),
        ('<graphml xmlns="x"><graph><node id="a"/>', "GraphML"),
        ('<gexf version="1.2" xmlns="x">', "GEXF"),
        ('<?xml version="1.0"?>\n<!-- x -->\n<modsCollection xmlns="x"><mods>', "MODS"),
        ("<PubmedArticleSet>\n<PubmedArticle>", "PubMed XML"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">', "RDF"),
        ("<b:Sources SelectedStyle=''><b:Source>", "Word's XML"),
        ("<?xml version='1.0'?>\n<bibliotheque/>", "XML (bibliotheque)"),
        ("<!DOCTYPE html>\n<html><head><title>Refs</title>", "a web page"),
        ("{\\rtf1\\ansi References}", "RTF"),
        ("# comment\ncff-version: 1.2.0\ntitle: Soups", "CITATION.cff"),
        ("\\begin{thebibliography}{9}\n\\bibitem{a} Ant", "LaTeX"),
        ("---\nreferences:\n- id: a\n  title: Soups", "CSL-YAML"),
    ],
)
def test_what_is_not_read_is_refused_by_name_in_one_line(text: str, name: str) -> None:
    with pytest.raises(BadRequest, match="which is not read") as refused:
        readers.read(text)
    assert f"this is {name}, " in str(refused.value)
    assert readers.NAMES in str(refused.value)
    assert "\n" not in str(refused.value)


# -- the work ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_with_the_size_and_not_with_its_square(name: str) -> None:
    def seconds(size: int) -> float:
        started = time.process_time()
        with suppress(BadRequest):
            readers.read(HOSTILE[name](size), readers.FILE_LIMITS)
        return time.process_time() - started

    # Sixteen times the size would be 256 times the work; a wide margin, and another try, are for
    # machines that count other work in.
    bound = 64 * max(seconds(20_000), 0.01)
    assert any(seconds(320_000) < bound for _ in range(3))


# -- the files of reports ----------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("11-biblatex-subtitle", [("Editing Models: with Task Arithmetic", None)]),
        ("12-bibtex-without-key-and-doubled-comma", [(EDITING, None), (MERGING, None)]),
        ("13-bibtex-missing-comma", [(EDITING, None)]),
        ("14-mendeley-arxivId", [("Hadamard Product for Bilinear Pooling", "2212.04089")]),
        ("15-csl-json-on-one-line", [(EDITING, "2212.04089"), (MERGING, "2111.09832")]),
        ("16-wos-nbib-enw-taken-for-titles", [(EDITING, None)]),
    ],
)
def test_a_reported_file_is_read(
    shared: Path, folder: str, found: list[tuple[str, str | None]]
) -> None:
    paths = [
        path for path in (shared.parent / "faults" / folder).glob("*") if path.name != "README.txt"
    ]
    if not paths:
        pytest.skip("the reported files are not beside the project")
    for path in paths:
        read = readers.read(path.read_text(encoding="utf-8"))
        entries = [one.entry for one in read.references]
        assert [(one.title, one.arxiv_id) for one in entries] == found
        assert [one.line for one in read.broken] == ([2] if "missing-comma" in folder else [])
