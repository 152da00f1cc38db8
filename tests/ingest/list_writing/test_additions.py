import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.list_writing.additions import Additions, additions
from ingest.list_writing.blocks import blocks, lines_of
from ingest.list_writing.order import EntryOrder
from ingest.sources.lists.awesome_list import parse
from kg.errors import BadSource
from kg.export.excerpt import Excerpt
from kg.ids.titles import normalised_title
from kg.records import ListEntry, Paper, PlacedBy, Placement
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.factories import paper

TAXONOMY = Taxonomy.load()
MEMORY = "model-editing/memory-based"


def new(number: int = 1, **facts: object) -> Paper:
    made = paper(
        number,
        title=f"A new way to edit memory number {number}",
        id=f"2203.{number:05}",
        arxiv_id=f"2203.{number:05}",
        url=f"https://arxiv.org/abs/2203.{number:05}",
        authors=("Ada B. Lovelace", "Bo Writer"),
        year=2022,
        venue="ICML",
    )
    return replace(made, **facts)


def add(existing: str, *made: Paper, topic: str = MEMORY) -> Additions:
    placed = {one.id: (Placement(topic, PlacedBy.LIST, "l"),) for one in made}
    found = additions(existing, Excerpt(made, placed, taxonomy=TAXONOMY))
    assert only_adds(existing, found.text)
    return found


def only_adds(old: str, text: str) -> bool:
    lines = iter(lines_of(text))
    return all(any(line.rstrip("\r\n") == one.rstrip("\r\n") for one in lines)
               for line in lines_of(old))  # fmt: skip


def under(*entries: str, between: str = "\n") -> str:
    return f"# L\n\n## Model Editing\n\n### Memory-based\n{between.join(entries)}\n\n### Other\n"


def linked(number: int, title: str, rest: str = "") -> str:
    return f"- [{title} of a thing](https://arxiv.org/pdf/{number}.00009.pdf){rest}"


STYLES = [
    (
        "title linked, as PDF",
        [linked(2401, "First"), linked(2303, "Second"), linked(2101, "Third")],
        "- [{t}](https://arxiv.org/pdf/2203.00001.pdf)",
    ),
    (
        "quoted, et al., a label after it, numbered",
        [
            f'{n}. **"{t} title of this"**. *Some {t}son et al*. ICLR {y}.'
            f" [[Paper](https://arxiv.org/abs/{y % 100}01.00001)]"
            for n, t, y in ((1, "First", 2020), (2, "Second", 2021), (3, "Third", 2024))
        ],
        '3. **"{t}"**. *Ada B. Lovelace et al*. ICML 2022.'
        " [[Paper](https://arxiv.org/abs/2203.00001)]",
    ),
    (
        "two lines with all authors, code and badges",
        [
            f"- **{t} title of this,** ACL {y}. ![](https://img.shields.io/badge/{t}-blue)\n\n"
            f"  *{t} Smith, Jo Jones.* [[pdf](https://arxiv.org/abs/{y % 100}01.00001)],"
            f" [[code](https://github.com/x/{t})]\n"
            for t, y in (("First", 2020), ("Second", 2021), ("Third", 2024))
        ],
        "- **{t},** ICML 2022.\n\n  *Ada B. Lovelace, Bo Writer.*"
        " [[pdf](https://arxiv.org/abs/2203.00001)]",
    ),
    (
        "a table with a column that is not ours",
        [
            "| Year | Title | Venue | Code |\n| --- | --- | --- | --- |",
            *(
                f"| {y} | [**{t} title of this**](https://arxiv.org/abs/{y % 100}01.00001)"
                f" | Arxiv | {code} |"
                for t, y, code in (
                    ("First", 2020, "[Link](https://github.com/x/y)"),
                    ("Second", 2021, "-"),
                    ("Third", 2024, "-"),
                )
            ),
        ],
        "| 2022 | [**{t}**](https://arxiv.org/abs/2203.00001) | ICML | - |",
    ),
]


@pytest.mark.parametrize(("entries", "form"), [case[1:] for case in STYLES])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_new_entry_is_in_the_style_of_the_list(entries: list[str], form: str, end: str) -> None:
    existing = under(*entries).replace("\n", end)
    found = add(existing, new())
    wanted = form.replace("{t}", new().title)
    assert [one.text for one in found.added] == [wanted]
    assert found.added[0].in_style
    assert found.added[0].headings[-1] == "Memory-based"
    assert wanted.replace("\n", end) in found.text
    assert found.text.count("\n") - existing.count("\n") <= wanted.count("\n") + 2
    assert Counter(lines_of(found.text))["\n"] == 0 or end == "\n"
    (back,) = [one for one in parse(found.text.encode()) if one.arxiv_id == "2203.00001"]
    assert normalised_title(back.title) == normalised_title(new().title)


def test_a_paper_goes_among_those_of_its_age() -> None:
    newest_first = under(linked(2401, "A"), linked(2303, "B"), linked(2101, "C"))
    lines = add(newest_first, new(1), new(2)).text.splitlines()
    at = next(n for n, line in enumerate(lines) if "2303" in line)
    assert "2203.00001" in lines[at + 1] + lines[at + 2]
    assert "2203.00002" in lines[at + 1] + lines[at + 2]
    assert "2101" in lines[at + 3]
    newest_last = under(linked(2101, "C"), linked(2201, "B"), linked(2401, "A"))
    lines = add(newest_last, new()).text.splitlines()
    at = next(n for n, line in enumerate(lines) if "2201" in line)
    assert "2203.00001" in lines[at + 1]


def test_the_slots_of_an_order() -> None:
    def order(*years: int | None) -> EntryOrder:
        return EntryOrder([ListEntry(str(n), year=year) for n, year in enumerate(years)])

    one = Paper("x", "x", year=2022)
    assert order(2024, 2022, 2020).slot(one) == 1
    assert order(2020, 2022, 2024).slot(one) == 2
    assert order(2020, 2024, 2019, 2023, 2018).slot(one) == 5
    assert order(None, None).slot(one) == 2
    assert order(2024, 2020).slot(replace(one, year=None)) == 0
    assert order(2020, 2024).slot(replace(one, year=None)) == 2


def test_what_the_list_has_is_not_added() -> None:
    existing = under(linked(2401, "A"), linked(2303, "Second"))
    same_id = new(9, arxiv_id="2303.00009", id="2303.00009")
    same_title = new(3, title="second OF a thing")
    found = add(existing, same_id, same_title)
    assert found.existing == (same_id, same_title)
    assert found.text == existing


def test_a_topic_without_heading_is_told_and_not_forced_in() -> None:
    existing = under(linked(2401, "A"), linked(2303, "B"))
    found = add(existing, new(), topic="model-distillation")
    assert found.no_heading == (new(),)
    assert found.text == existing


def test_a_heading_stands_for_what_is_below_it_where_the_list_goes_no_deeper() -> None:
    existing = f"# L\n\n## Model Editing\n{linked(2401, 'A')}\n{linked(2303, 'B')}\n"
    assert len(add(existing, new()).added) == 1
    deeper = existing + f"\n### Memory-based\n{linked(2402, 'C')}\n"
    found = add(deeper, new(), topic="model-editing/parameter-based/locate-and-edit")
    assert found.no_heading == (new(),)


def test_of_headings_with_years_that_of_the_paper() -> None:
    existing = "# L\n\n## Model Editing\n" + "".join(
        f"### {year}\n{linked(year % 100 * 100 + 1, f'A{year}')}\n\n" for year in (2024, 2022, 2020)
    )
    (found,) = add(existing, new()).added
    assert found.headings[-1] == "2022"


def test_a_style_that_is_not_understood_gives_a_plain_link() -> None:
    odd = [
        f"- {word} people at {word} wrote [{word} title of this]"
        f"(https://arxiv.org/abs/2{n}01.00001), {word} {word}!"
        for n, word in enumerate(("Blue", "Green", "Mellow"))
    ]
    (found,) = add(under(*odd), new()).added
    assert found.text == f"- [{new().title}](https://arxiv.org/abs/2203.00001)"
    assert not found.in_style


def test_a_table_that_is_not_understood_is_left_alone() -> None:
    row = "<tr><td><a href='https://arxiv.org/abs/2{}01.00001'>The {} title of this</a></td></tr>\n"
    rows = "".join(row.format(n, word) for n, word in enumerate(("blue", "green")))
    existing = f"# L\n\n## Memory-based model editing\n\n<table>\n{rows}</table>\n"
    found = add(existing, new(), topic="model-editing")
    assert found.text == existing
    assert not found.added


def test_a_label_of_arxiv_is_not_put_on_another_link() -> None:
    entries = [
        f"- [[arXiv](https://arxiv.org/abs/2{n}01.00001)] The {word} title of this"
        for n, word in enumerate(("blue", "green", "odd"))
    ]
    other = new(id="title:1", arxiv_id=None, url="https://openreview.net/forum?id=x", venue=None)
    (found,) = add(under(*entries), other).added
    assert found.text == f"- [{other.title}]({other.url})"


def test_a_text_that_is_no_list_is_refused() -> None:
    with pytest.raises(BadSource):
        add("", new())


def test_a_list_without_a_last_line_end_keeps_its_lines() -> None:
    existing = "# L\n\n## Model Editing\n" + linked(2001, "A") + "\n" + linked(2101, "B")
    found = add(existing, new())
    assert found.text.startswith(existing + "\n- [")


# -- real lists --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.shared
def test_papers_taken_out_of_real_lists_go_back(shared: Path) -> None:
    """Every fifth-or-so entry of each list that the taxonomy can place, by the list's own facts."""
    told: Counter[str] = Counter()
    for path in sorted((shared / "lists").glob("*.md")):
        text = path.read_bytes().decode()
        if len(text) > 200_000:
            continue
        entries = parse(text.encode())
        often = Counter(normalised_title(one.title) for one in entries)
        ids = Counter(one.arxiv_id for one in entries)
        sizes = Counter(one.headings for one in entries)
        able = [
            block
            for block in blocks(text, entries)
            if TAXONOMY.match_headings(block.entry.headings)
            and sizes[block.entry.headings] > 8
            and often[normalised_title(block.entry.title)] == 1
            and block.entry.arxiv_id
            and ids[block.entry.arxiv_id] == 1
        ]
        out = random.Random(0).sample(able, min(5, len(able)))
        gone = {n for one in out for n in range(one.start, one.end + max(one.after, 0))}
        reduced = "".join(line for n, line in enumerate(lines_of(text)) if n not in gone)
        made = [_paper(one.entry) for one in out]
        placed = {
            one.id: (Placement(topic, PlacedBy.LIST, "l"),)
            for one, block in zip(made, out, strict=True)
            if (topic := TAXONOMY.match_headings(block.entry.headings))
        }
        found = additions(reduced, Excerpt(tuple(made), placed, taxonomy=TAXONOMY))
        assert only_adds(reduced, found.text), path.name
        back = {normalised_title(one.title): one for one in parse(found.text.encode())}
        told["tried"] += len(out)
        told["added"] += len(found.added)
        told["learnt"] += sum(one.in_style for one in found.added)
        for addition in found.added:
            entry = back[normalised_title(addition.paper.title)]
            assert TAXONOMY.match_headings(entry.headings) == addition.topic
    assert told["tried"] > 40
    assert told["added"] >= 0.95 * told["tried"]
    assert told["learnt"] >= 0.85 * told["tried"]


def _paper(entry: ListEntry) -> Paper:
    return Paper(
        id=entry.arxiv_id or "",
        title=entry.title,
        authors=entry.authors,
        year=entry.year,
        venue=entry.venue,
        arxiv_id=entry.arxiv_id,
        url=entry.url,
    )
