from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.lists.followed import load_lists
from ingest.sources.lists.publications import looks_like_page, parse, read
from kg.errors import BadSource
from kg.links import LinkKind
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.entry_fields import code_of

PAGE = """\
---
layout: publication
title: 'Small Steps: How Ants Merge
  Paths'
authors: Ada Ant, Bob Bee and Cleo Cricket
conference: Nat Ant Soc 7 6-17 (2025)
year: 2023
bibkey: ant2023small
additional_links:
  - {name: "Code", url: "https://github.com/ants/steps"}
  - {name: "Paper", url: "https://arxiv.org/abs/2310.12345v2"}
  - name: Journal
    url: https://doi.org/10.1234/Ants.5
tags: ['Merging', 'Has Code']
---
Ants walk
and merge.

Then they
 rest.
"""


def page(front: str, body: str = "We show.") -> bytes:
    return f"---\n{front}\n---\n{body}".encode()


def error(data: bytes) -> BadSource:
    with pytest.raises(BadSource) as caught:
        parse(data, "page.md")
    assert caught.value.path == "page.md"
    return caught.value


def test_a_whole_page() -> None:
    entry = parse(PAGE.encode(), "page.md")
    assert entry.title == "Small Steps: How Ants Merge Paths"
    assert entry.authors == ("Ada Ant", "Bob Bee", "Cleo Cricket")
    assert entry.url == "https://arxiv.org/abs/2310.12345v2"
    assert entry.arxiv_id == "2310.12345"
    assert entry.doi == "10.1234/ants.5"
    assert code_of(entry) == "https://github.com/ants/steps"
    assert (entry.year, entry.venue) == (2023, "Nat Ant Soc 7 6-17 (2025)")
    assert entry.headings == ()
    assert entry.abstract == "Ants walk and merge.\n\nThen they rest."
    assert entry.line == 1


@pytest.mark.parametrize(
    "link",
    [
        "http://proceedings.mlr.press/v139/ant21a.html",
        "https://ieeexplore.ieee.org/document/8816775",
        "https://dl.acm.org/citation.cfm?id=3338940",
        "https://openreview.net/forum?id=antsAnts",
        "https://aclanthology.org/2021.acl-long.1/",
        "https://www.aclweb.org/anthology/P19-1001",
        "https://papers.nips.cc/paper/7000-ants",
        "https://proceedings.neurips.cc/paper/2021/hash/ants-Abstract.html",
        "https://openaccess.thecvf.com/content/CVPR2021/html/Ants.html",
        "https://link.springer.com/chapter/10007_ants",
        "https://www.sciencedirect.com/science/article/pii/S01",
        "https://www.usenix.org/conference/ants/presentation/ant",
        "https://ojs.aaai.org/index.php/AAAI/article/view/1",
        "https://www.ijcai.org/proceedings/2021/1",
        "https://www.jmlr.org/papers/v22/1.html",
        "https://example.edu/~ant/ants.pdf",
    ],
)
@pytest.mark.parametrize("name", ["Publisher's version", "website", "PMLR", "here"])
def test_a_link_to_a_publisher_is_the_papers(link: str, name: str) -> None:
    links = f"[{{name: Home, url: 'https://ants.org/'}}, {{name: \"{name}\", url: '{link}'}}]"
    assert parse(page(f"title: T\nadditional_links: {links}"), "page.md").url == link


def test_what_a_publisher_has_beside_the_paper_is_not_the_paper() -> None:
    links = """
  - {name: Slides, url: "https://icml.cc/media/slides.pdf"}
  - {name: website, url: "https://ants.org/"}
  - {name: code, url: "https://github.com/ants/steps"}"""
    entry = parse(page(f"title: T\nadditional_links: {links}"), "page.md")
    assert (entry.url, code_of(entry)) == (None, "https://github.com/ants/steps")


@pytest.mark.shared
def test_a_shared_page_has_its_publishers_link(faults: Path) -> None:
    data = (faults / "25-page-publisher-link" / "page.markdown").read_bytes()
    assert parse(data, "page").url == "http://proceedings.mlr.press/v139/alet21a.html"


def test_latex_of_a_page_is_decoded_once() -> None:
    front = r"""title: 'Sabi\''a in $\mu$KE: {\textquotedblleft}Ants{\textquotedblright} \&
  $\frac{1}{n}$'
authors: Jos\'e {\'A}nt, Br\"uno B and Cl\'eo
conference: J. of \textit{Ants}"""
    entry = parse(page(front, r"We say na\"ive and $\mu$ in \emph{Ants}."), "page.md")
    assert entry.title == r"Sabiá in μKE: “Ants” & $\frac{1}{n}$"
    assert entry.authors == ("José Ánt", "Brüno B", "Cléo")
    assert entry.venue == "J. of Ants"
    assert entry.abstract == r"We say naïve and $\mu$ in \emph{Ants}."


@pytest.mark.shared
def test_a_shared_page_has_its_letters(faults: Path) -> None:
    data = (faults / "24-page-latex-title" / "page.markdown").read_bytes()
    assert parse(data, "page").title == "Sabiá: Portuguese Large Language Models"


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_and_byte_order_mark_do_not_matter(ending: str) -> None:
    data = b"\xef\xbb\xbf" + PAGE.replace("\n", ending).encode()
    assert parse(data, "page.md") == parse(PAGE.encode(), "page.md")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("2001", "2001"),
        ("No", "No"),
        ("2023-13-45", "2023-13-45"),
        ("!!int deep", "deep"),
        ("'null'", "null"),
        ('"a\\x1b[31mb\\ud800"', "a[31mb"),
    ],
)
def test_a_title_is_text_as_it_is_written(written: str, title: str) -> None:
    assert parse(page(f"title: {written}"), "page.md").title == title


@pytest.mark.parametrize("front", ["a: b", "title:", "title: ~", "title: [a]", "title: {a: b}"])
def test_a_page_needs_a_title(front: str) -> None:
    assert "no title" in error(page(f"year: 2020\n{front}")).message


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        ("Yu Wu et al.", ("Yu Wu",)),
        ("Yu Wu, et al", ("Yu Wu",)),
        ("[A. Ant, B. Bee]", ("A. Ant", "B. Bee")),
        ("[{name: A. Ant}, 5, [x]]", ("A. Ant", "5")),
        ("A. Ant, B. Bee, and C. Cricket", ("A. Ant", "B. Bee", "C. Cricket")),
        ("Andy Sandor", ("Andy Sandor",)),
        ("", ()),
        ("{a: b}", ()),
    ],
)
def test_authors(written: str, authors: tuple[str, ...]) -> None:
    assert parse(page(f"title: T\nauthors: {written}"), "page.md").authors == authors


@pytest.mark.parametrize(
    ("written", "venue"),
    [("Arxiv", None), ("arXiv preprint", None), ("CoRR", None), ("", None), ("EACL 2023",) * 2],
)
def test_arxiv_is_no_venue(written: str, venue: str | None) -> None:
    assert parse(page(f"title: T\nconference: {written}"), "page.md").venue == venue


@pytest.mark.parametrize(
    ("written", "year"),
    [("2023", 2023), ("'2023'", 2023), ("2023-05-01", 2023), ("unknown", None), ("[1]", None)],
)
def test_year(written: str, year: int | None) -> None:
    assert parse(page(f"title: T\nyear: {written}"), "page.md").year == year


@pytest.mark.parametrize(
    ("written", "url", "code"),
    [
        ("[{name: Paper, url: 'https://a.org/p'}]", "https://a.org/p", None),
        ("[{name: Video, url: 'https://a.org/v'}]", None, None),
        ("[{url: 'https://a.org/p'}]", "https://a.org/p", None),
        (
            "{Paper: 'https://a.org/p', Code: 'https://git.c.org'}",
            "https://a.org/p",
            "https://git.c.org",
        ),
        ("https://a.org/p", "https://a.org/p", None),
        ("[{name: Repo, url: 'https://git.c.org'}, 7, {name: x}]", None, "https://git.c.org"),
        ("[{name: Papers with Code, url: 'https://p.org'}]", None, None),
        ("[{name: Site, url: 'https://github.com/a/b'}]", None, "https://github.com/a/b"),
        ("[{name: Paper, url: 'javascript:alert(1)'}]", None, None),
        ("5", None, None),
        ("[[a]]", None, None),
        ("", None, None),
    ],
)
def test_links_of_any_shape(written: str, url: str | None, code: str | None) -> None:
    entry = parse(page(f"title: T\nadditional_links: {written}"), "page.md")
    assert (entry.url, code_of(entry)) == (url, code)


def test_an_arxiv_link_under_another_name_is_the_paper() -> None:
    link = "https://arxiv.org/abs/cs/0112017"
    front = f"title: T\nadditional_links: [{{name: Read it, url: '{link}'}}]"
    entry = parse(page(front), "page.md")
    assert (entry.url, entry.arxiv_id) == (link, "cs/0112017")


def test_an_empty_body_is_no_abstract() -> None:
    assert parse(page("title: T", "\n \n"), "page.md").abstract is None
    assert parse(b"---\ntitle: T\n---", "page.md").abstract is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("front", "line", "message"),
    [
        ("layout: publication\ntitle: A: B", 3, "mapping values"),
        ("a: b\ntitle: 'open\nyear: 2020", 3, "end of stream"),
        ("a: b\n\tc: d", 3, "'\\t'"),
        ("title: x\nyear: 1\ntitle: y", 4, "'title' is there twice"),
        ("title: x\na: &a [1]\nb: *a", 3, "aliases"),
        ("title: x\na: &a [*a]", 3, "aliases"),
        ("title: x\n? [a]\n: b", 3, "no text"),
        ("title: x\ny: a\x07b", 3, "special characters"),
        ('title: "\\UFFFFFFFF"', 2, "escape"),
        ("title: [", 2, "stream end"),
        ("a: b\ntitle: [x\n", 3, "stream end"),
        ("a: " + "[" * 5000, 2, "too deeply"),
        ("- a\n- b", 1, "no fields"),
        ("", 1, "no fields"),
        ("# only a comment", 1, "no fields"),
    ],
)
def test_broken_yaml_is_reported_with_the_line_in_the_file(
    front: str, line: int, message: str
) -> None:
    found = error(page(front))
    assert found.line == line
    assert message in found.message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", 1, "no front matter"),
        (b"Only text", 1, "no front matter"),
        (b"---\ntitle: x\n", 1, "never closed"),
        (b"---\ntitle: x\n---\n\xff", 4, "not UTF-8"),
        (b"---\na: " + b"x" * 70_000 + b"\n---\n", 1, "64 KiB"),
        (b"x" * 5_000_001, None, "5 MB"),
    ],
)
def test_what_is_no_page(data: bytes, line: int | None, message: str) -> None:
    found = error(data)
    assert found.line == line
    assert message in found.message


def test_a_folder_goes_on_after_a_broken_page(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_bytes(page("title: B"))
    (tmp_path / "a.markdown").write_bytes(page("title: A"))
    (tmp_path / "aa.md").write_bytes(page("year: 1\ntitle: A: B"))
    (tmp_path / "notes.txt").write_text("not a page")
    (tmp_path / ".hidden.md").write_text("nor this")
    (tmp_path / "folder.md").mkdir()
    entries, errors = read(tmp_path)
    assert [entry.title for entry in entries] == ["A", "B"]
    assert [(e.path, e.line) for e in errors] == [
        (str(tmp_path / "aa.md"), 3),
        (tmp_path / "folder.md", None),
    ]


def test_one_page_is_read_or_raises(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_bytes(page("title: A"))
    bad.write_bytes(page("title: A: B"))
    assert read(good)[0][0].title == "A"
    for path in (bad, tmp_path / "none.md"):
        with pytest.raises(BadSource):
            read(path)


def test_a_folder_without_pages_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no pages"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PAGE.encode(), True),
        (page("title: T\nauthors: A"), True),
        (page("title: T\nlayout: publication", "- 5 points\n# Abstract"), True),
        (page("title: A: B\nauthors: C"), True),
        (b"---\ntitle: T\nauthors: A\n", True),
        (page("title: Awesome", "# Papers\n- [A](https://a.org)"), False),
        (page("title: Awesome\nauthors: A", "# Papers\n- [A](https://a.org)"), False),
        (page("title: T\nadditional_links: []", "1. [A](https://a.org)"), False),
        (page("title: T", "We show."), False),
        (b"# Awesome\n\n---\ntitle: T\nauthors: A\n---\n", False),
        (b"\xff\xfe", False),
        (b"", False),
    ],
)
def test_a_page_is_told_from_a_list(data: bytes, expected: bool) -> None:
    assert looks_like_page(data) is expected


@given(st.one_of(st.binary(), st.text().map(page), st.from_regex(r"title: .*\n.*: .*").map(page)))
def test_no_bytes_raise_anything_but_bad_source(data: bytes) -> None:
    assert looks_like_page(data) in (True, False)
    lines = data.count(b"\n") + data.count(b"\r") + 1
    try:
        line = parse(data, "page.md").line
    except BadSource as found:
        line = found.line
    assert line in range(1, lines + 1)


@pytest.mark.shared
def test_every_shared_page_is_read(shared: Path) -> None:
    entries, errors = read(shared / "publications")
    assert (len(entries), errors) == (59, [])
    assert all(e.arxiv_id and e.url and e.authors and e.abstract and e.year for e in entries)
    assert sum(e.venue is not None for e in entries) == 3
    survey = next(e for e in entries if e.arxiv_id == "2310.08184")
    assert survey.title == "Learning From Models Beyond Fine-tuning"
    assert survey.venue == "Nat Mach Intell 7 6-17 (2025)"
    assert len(survey.authors) == 8
    (own,) = survey.links
    assert own.url == "https://github.com/ruthless-man/Awesome-Learn-from-Model"
    assert own.kind is LinkKind.PROJECT  # A reading list is no code.


@pytest.mark.shared
def test_shared_pages_and_lists_are_told_apart(shared: Path) -> None:
    pages = sorted((shared / "publications").glob("*.markdown"))
    lists = [*(shared / "lists").glob("*.md"), *(shared / "more/lists_more").glob("*.md")]
    known = {one.repository.replace("/", "+") for one in load_lists(Taxonomy.load()).values()}
    assert len(pages) == 59
    assert known <= {path.stem for path in lists}
    assert [path.name for path in pages if not looks_like_page(path.read_bytes())] == []
    assert [path.name for path in lists if looks_like_page(path.read_bytes())] == []
