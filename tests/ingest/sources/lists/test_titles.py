"""Where a title begins and ends in an entry, whatever words and marks it has."""

# A snippet of markdown is read as one line.
# ruff: noqa: E501

import time
from pathlib import Path

import pytest

from ingest.sources.lists.awesome_list import parse
from ingest.sources.lists.line import read_citation
from ingest.sources.lists.names import is_authors
from ingest.sources.lists.quotes import has_open_quotation, hide_quoted, quotations, show_quoted
from ingest.sources.lists.venues import leads_as_venue, venue_of
from kg.records import ListEntry

A = "https://arxiv.org/abs/2401.00001"
B = "https://arxiv.org/abs/2402.00002"
PAPER = f"[[paper]({A})]"

# Titles as they are read back, by what is hard in them.
TITLES = {
    "please": "Less Salt, More Pepper Please: Soups Revisited",
    "pull requests": "Pull Requests as a Signal for Cooks",
    "contribution": "Parametric Contributions to the Taste of Soups",
    "we have": "We Have a Spoon for You! A Study of Cutlery",
    "we have, within": "Because we have spoons, we can and should eat soups",
    "our": "Is Your Soup Our Soup? On Sharing Bowls",
    "acronym of a venue": "CLEAR: Weighing Soups in a Broth",
    "acronym with a dash": "MM-SOUP: Prompting Spoons for Broth",
    "acronym and version": "xSoup-MM (SPOON-3): A Family of Open Soups",
    "acronym within": "Efficient XAI Spoons: A Taxonomic Survey",
    "journal within": "Nature Soup Reasoning, A Survey",
    "shared task": "SOUPLAB at SemEval-2025 Task 4: Weighing by Merging",
    "capital key": "CODE: Contrasting Soups with Stews",
    "quotation and colon": '"Why Should I Taste It?": Explaining the Soups of Any Cook',
    "quotation and dash": '"Salt and pepper" -- Seasoning in Retrieval of Soups',
    "quotation, then words": '"Is the Soup Hot?" Asking Spoons for a Sip',
    "quotation and question": '"Give Me Salt or Give Me Pepper"? Trade-Offs in Soups',
    "quotation with dots": '"I\'m Not Sure, But...": How Cooks Tell of Doubt',
    "quotation of names": '"Kelly is Warm, Joseph is Cold": Letters of Cooks on Soups',
    "quotation at the end": 'Large Soups Can Be "Lost in the Pot"',
    "quotation within": 'Know "No" Better: Weighing Soups for "Salt" Lovers',
    "initials": "Towards Non-I.I.D. Soups: A Dataset and Baselines",
    "initials first": "E.T. Bench: Towards Open-Ended Soups",
    "country": "Soups Tasted according to the U.S. Executive Order",
    "versus": "Spoons vs. Forks: A Comparison of Cutlery",
    "parts": "Soups as constrained optimization. Part II: quantized salt",
    "two questions": "Fact or Fiction? Can Spoons be Forks?",
    "question and study": "What Makes and Breaks a Soup? A Mechanistic Study",
    "question and pair": "Can Spoons Learn? Analyzing Challenges and Exploring Solutions",
    "question and three": "Can Soups Reason? Evaluating Exploratory, Compositional, and Other Soups",
    "exclamation": "Clip-it! Spoon-guided Soup Summarization",
    "long dash": "Soup Generalization -- A Causal Perspective",
    "long dash and pair": "Cooking with Spoons -- Potential Applications and Challenges",
    "joined names": "Soups of Higher Rank using Khatri--Rao Product of Spoons",
    "number": "Scaling In-Context Soups to 1,000 Spoons",
    "two words": "Mask Spoons",
    "three capitals": "Function-constrained Soup Synthesis",
}  # fmt: skip

# Ways to write an entry; each gives the title and nothing else.
WAYS = {
    "linked": "- [{}]({A})",
    "linked, then details": "- [{}]({A}), Ada Lovelace, Alan Turing, CVPR 2021",
    "linked with its venue": "- [{} (ICML 2020)]({A})",
    "linked after its venue": "- [[CVPR 2021] {}]({A})",
    "linked in quotation marks": '- ["{}"]({A}) (ACL 2023)',
    "labelled": "- {} {PAPER}",
    "after a venue": "- (ICML'23) {} {PAPER}",
    "bold": "- **{}** {PAPER}",
    "bold, then lines": "- **{}**<br>Ada Lovelace, Alan Turing<br>NeurIPS 2021 {PAPER}",
    "quoted": '- "{}" [2024-10] {PAPER}',
    "bent quotation marks": "- “{}”, ICML 2020 {PAPER}",
    "bold name, then quoted": '1. **SpoonNet**: "{}" [2024-10] {PAPER}',
    "authors, then quoted": '- Ada Lovelace, Zhiyu An, Can Xu. "{}." ICML 2019. {PAPER}',
    "authors, then bold and quoted": '**[8]** Dai, Ada, et al. "**{}**." arXiv preprint (2016). {PAPER}',
    "table": "| Title | Venue | Link |\n|-|-|-|\n| {} | ACL 2023 | [pdf]({A}) |",
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", TITLES)
def test_a_title_is_read_whole(kind: str, way: str) -> None:
    title = TITLES[kind]
    text = WAYS[way].replace("{}", title).replace("{PAPER}", PAPER).replace("{A}", A)
    expected = [(title, "2401.00001")]
    assert [(entry.title, entry.arxiv_id) for entry in parse(text.encode())] == expected


OTHER = "Forks Considered as Rakes"

# Markdown, then titles and arXiv ids.
ENTRIES = {
    "two quoted papers on a line": (
        f'- **Spoon**: "Spoon Models: A Family of Soups" [2024-05] {PAPER} "Scaling Spoons to 128K Soups" [2024-07] [[paper]({B})]',
        [("Spoon Models: A Family of Soups", "2401.00001"), ("Scaling Spoons to 128K Soups", "2402.00002")],
    ),
    "name, then lower-case title": (
        f"- **aiSpoon**: aiSpoon-7B: A Lightweight Soup {PAPER}",
        [("aiSpoon-7B: A Lightweight Soup", "2401.00001")],
    ),
    "name said twice": (f"- **SpoonNet**: SpoonNet: {OTHER} {PAPER}", [(f"SpoonNet: {OTHER}", "2401.00001")]),
    "name and description": (f"- **SpoonNet**: a spoon that weighs soups. {PAPER}", [("SpoonNet", "2401.00001")]),
    "name like a venue": (f"- **CLEAR**: {OTHER} {PAPER}", [(f"CLEAR: {OTHER}", "2401.00001")]),
    "capital words after a name": (
        f"- **SpoonNet**: Batch Universal Soup, CVPR, 2023 {PAPER}",
        [("SpoonNet: Batch Universal Soup", "2401.00001")],
    ),
    "bold title over two lines": (
        f"- **Weighing Soups for Spoons\nand Other Cutlery: A Survey** {PAPER}",
        [("Weighing Soups for Spoons and Other Cutlery: A Survey", "2401.00001")],
    ),
    "quoted title over two lines": (
        f'**[8]** Dai, Ada, et al. "**R-SOUP: Tasting via\nRegion-based Spoons**." arXiv preprint (2016). {PAPER}',
        [("R-SOUP: Tasting via Region-based Spoons", "2401.00001")],
    ),
    "authors over two lines, then bold": (
        f'<a id="ref9">[9]</a> Ada Lovelace, Alan\nTuring, and Yang You. **Weighing soups\nwith spoons**. arXiv preprint, 2023. {PAPER}',
        [("Weighing soups with spoons", "2401.00001")],
    ),
    "surnames like particles": (
        f'**[3]** Ant, Bee, Dai, Le, et al. "**Google\'s Spoon: Weighing Soups**" arXiv preprint (2016). {PAPER}',
        [("Google's Spoon: Weighing Soups", "2401.00001")],
    ),
    "title and venue in bold": (
        f"- **Relational Soup Distillation, CVPR 2019** [[Code]](https://github.com/a/b)\n  - {A}\n  - *Ada Lovelace, Alan Turing.*",
        [("Relational Soup Distillation", "2401.00001")],
    ),
    "authors without a comma": (
        f"{OTHER} {PAPER}\n  - Ada Lovelace Alan Turing --ICLR 2017",
        [(OTHER, "2401.00001")],
    ),
    "authors below a linked name": (
        f"- [{OTHER}]({A})\n- [FG-Soup](https://spoon.github.io/)\n  - Ada Lovelace, Alan Turing, Bo An, et al.\n  - Keyword: Soups, Spoons",
        [(OTHER, "2401.00001")],
    ),
    "remark after a title": (
        f"| Paper | Link |\n|-|-|\n| {OTHER} This paper presents a way to rake with forks. It works in all gardens and with most forks. | [pdf]({A}) |",
        [(OTHER, "2401.00001")],
    ),
    "name glued to a linked title": (f"- [(Spoon 2){OTHER} (ICML 2020)]({A})", [(OTHER, "2401.00001")]),
    "brackets in a linked title": (f"- [(Token-Level) {OTHER}]({A})", [(f"(Token-Level) {OTHER}", "2401.00001")]),
    "institution in brackets": (f"- **Rake**: {OTHER}(University of Soups) {PAPER}", [(f"Rake: {OTHER}", "2401.00001")]),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_has_its_title(kind: str) -> None:
    markdown, expected = ENTRIES[kind]
    entries = parse(markdown.encode())
    assert [(entry.title, entry.arxiv_id) for entry in entries] == expected


@pytest.mark.parametrize(
    "news",
    [
        f"Please see our survey {A} and star this repository.",
        f"- [2024.01] We have released our paper on soups! {PAPER}",
        f"- 2023-11-18 We will provide a tutorial on soups at ICML 2024 {PAPER}",
        f"- Pull requests are welcome: send a pull request with {A}",
        f"- Contributions are welcome, see {PAPER}",
    ],
)
def test_who_speaks_to_the_reader_names_no_paper(news: str) -> None:
    assert [entry.title for entry in parse(f"{news}\n\n- [{OTHER}]({B})".encode())] == [OTHER]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"Lost in the "Middle""', ['"Lost in the "Middle""']),
        ('""Soup!" Tasting It" x', ['""Soup!" Tasting It"']),
        ('Know "No" and "Yes"', ['"No"', '"Yes"']),
        ("”Soups“ and “Spoons”", ["”Soups“", "“Spoons”"]),
        ('a 5" disk', []),
        ('"Soup', []),
    ],
)
def test_quotations_nest(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in quotations(text)] == found
    assert show_quoted(hide_quoted(text)) == text


def test_an_open_quotation_goes_on() -> None:
    assert has_open_quotation('et al. "Soups via')
    assert not has_open_quotation('et al. "Soups via" and')


def test_a_title_in_running_text_ends_at_its_sentence() -> None:
    assert read_citation("A Study of Soups. It shows that spoons matter").title == (
        "A Study of Soups"
    )
    both = "A Study of Soups. Spoons Matter"
    assert read_citation(both, set_off=True).title == both


def test_details_that_follow_a_question_are_no_title() -> None:
    read = read_citation("Can Spoons Learn? Ada Lovelace, Alan Turing. ICML 2020", set_off=True)
    assert read.title == "Can Spoons Learn?"
    assert (read.authors, read.venue) == (("Ada Lovelace", "Alan Turing"), "ICML")


@pytest.mark.parametrize(
    "text",
    ["Dai, Ada, et al.", "An, Chenxin, et al.", "Bo An, Can Xu, Ada Lovelace", "Ant, Bee, Cat, Le, et al."],
)  # fmt: skip
def test_names_that_are_words_too(text: str) -> None:
    assert is_authors(text)


@pytest.mark.parametrize("text", ["A Mechanistic Study", "Technical Report", "Values And Soups"])
def test_capital_words_are_no_names(text: str) -> None:
    assert not is_authors(text)


def test_most_words_of_a_venue_are_known() -> None:
    assert venue_of("Relational Soup Distillation, CVPR 2019") is None
    assert venue_of("A Survey, CVPR 2019") is None
    assert venue_of("Findings of EMNLP 2023") is not None
    # One word that nobody knows, or up to three of many.
    workshop = "Proceedings of the 4th International Workshop on Soups, Forks"
    for text, is_one in (
        ("NeurIPS Cutlery 2023", True),
        ("NeurIPS Cutlery Soups 2023", False),
        ("NeurIPS Spotlight Cutlery Soups", False),
        ("International Workshop on Cutlery Soups, NeurIPS 2023", True),
        (f"{workshop} and Spoons, NeurIPS 2023", True),
        (f"{workshop}, Spoons and Ladles, NeurIPS 2023", False),
    ):
        assert (venue_of(text) is not None) == is_one, text
    assert leads_as_venue("ICML")
    assert leads_as_venue("CLEAR 2022")
    assert not leads_as_venue("CLEAR")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        '"' * 50_000,
        '"a ' * 20_000,
        '"a\n' * 20_000,
        "“" * 50_000,
        '**"a** ' * 5_000,
        "a **b**\n" * 5_000,
        "**a\n" * 10_000,
        f'"{OTHER}" {PAPER} ' * 2_000,
    ],
)
def test_many_quotation_marks_cost_little(text: str) -> None:
    start = time.process_time()
    assert parse(f"- {text} {PAPER}\n- [{OTHER}]({B})".encode())
    assert time.process_time() - start < 20


# What the files that failed hold: a title of each arXiv id.
FAULTS = {
    "01-title-that-sounds-like-prose": {
        "2207.08281": "Less Training, More Repairing Please: Revisiting Automated Program Repair via Zero-shot Learning",
        "2602.07457": "Pull Requests as a Training Signal for Repo-Level Code Editing",
        "2412.07113": "Exploring Coding Spot: Understanding Parametric Contributions to LLM Coding Performance",
        "2406.10279": "We Have a Package for You! A Comprehensive Analysis of Package Hallucinations by Code Generating LLMs",
        "2302.14031": "Proof-of-Contribution-Based Design for Collaborative Machine Learning on Blockchain",
        "2506.12152": "Because we have LLMs, we Can and Should Pursue Agentic Interpretability",
    },
    "02-title-prefix-taken-for-venue-or-label": {
        "2303.11381": "MM-REACT: Prompting ChatGPT for Multimodal Reasoning and Action",
        "1905.02450": "MASS: Masked Sequence to Sequence Pre-training for Language Generation",
        "2410.18057": "CLEAR: Character Unlearning in Textual and Visual Modalities",
        "2605.15687": "ASRU: Activation Steering Meets Reinforcement Unlearning for Multimodal Large Language Models",
        "2408.08872": "xGen-MM (BLIP-3): A Family of Open Large Multimodal Models",
        "2406.01920": "CODE: Contrasting Self-generated Description to Combat Hallucination in Large Multi-modal Models",
        "2302.03225": "Efficient XAI Techniques: A Taxonomic Survey",
        "2303.14725": "Nature Language Reasoning, A Survey",
        "2503.21088": "ZJUKLAB at SemEval-2025 Task 4: Unlearning via Model Merging",
    },
    "03-title-that-begins-with-a-quotation": {
        "1602.04938": '"Why Should I Trust You?": Explaining the Predictions of Any Classifier',
        "2210.03735": '"Help Me Help the AI": Understanding How Explainability Can Support Human-AI Interaction',
        "2502.06898": 'Large Language Models for In-File Vulnerability Localization Can Be "Lost in the End"',
    },
    "04-author-list-becomes-the-title": {
        "1605.06409": "R-FCN: Object Detection via Region-based Fully Convolutional Networks",
        "1703.06870": "Mask R-CNN",
        "1511.06295": "Policy distillation",
        "1609.08144": "Google's Neural Machine Translation System: Bridging the Gap between Human and Machine Translation",
    },
    "05-title-cut-at-full-stop-dash-or-question-mark": {
        "1906.02899": "Towards Non-I.I.D. Image Classification: A Dataset and Baselines",
        "2409.18111": "E.T. Bench: Towards Open-Ended Event-Level Video-Language Understanding",
        "2404.00399": "Aurora-M: The First Open Source Multilingual Language Model Red-teamed according to the U.S. Executive Order",
        "1707.01209": "Model compression as constrained optimization, with application to neural nets. Part I: general framework",
        "1707.04319": "Model compression as constrained optimization, with application to neural nets. Part II: quantization",
        "2407.10264": "What Makes and Breaks Safety Fine-tuning? A Mechanistic Study",
        "2209.15177": "Domain Generalization -- A Causal Perspective",
        "1805.11601": "AdapterNet - learning input transformation for domain adaptation",
    },
    "09-name-then-lower-case-title": {
        "2410.13187": "aiXcoder-7B: A Lightweight and Effective Large Language Model for Code Completion",
        "2405.04324": "Granite Code Models: A Family of Open Foundation Models for Code Intelligence",
        "2407.13739": "Scaling Granite Code Models to 128K Context",
    },
}  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize("fault", FAULTS)
def test_files_that_failed(fault: str, shared: Path) -> None:
    path = shared.parent / "faults" / fault / "list.md"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    entries: list[ListEntry] = parse(path.read_bytes())
    assert {entry.arxiv_id: entry.title for entry in entries} == FAULTS[fault]
    assert len(entries) == len(FAULTS[fault])


@pytest.mark.slow
@pytest.mark.shared
def test_a_line_of_authors_is_no_paper(shared: Path) -> None:
    entries = parse((shared / "lists" / "oneHuster+Meta-Learning-Papers.md").read_bytes())
    assert {e.title for e in entries if e.arxiv_id == "1606.01885"} == {"Learning to Optimize"}
    assert not any("Jitendra" in entry.title for entry in entries)


@pytest.mark.parametrize(
    "line",
    [
        f"- [Weighing All Soups of Many Models(Soup University)]({A})",
        f"- [Weighing All Soups of Many Models](Weighing All Soups of Many Models), 2019, {PAPER}",
        f'**_Top-2 gate, "q_proj"_ - Weighing All Soups of Many Models**\\\n_Ada Ant_\\\n{PAPER}',
        f"- Weighing All Soups of Many Models\n  - Dataset: [IMDB](https://a.org), {PAPER}",
    ],
)
def test_what_stands_around_a_title_is_no_part_of_it(line: str) -> None:
    (entry,) = parse(f"# List\n\n## Soups\n\n{line}\n".encode())
    assert entry.title == "Weighing All Soups of Many Models"


def test_a_sentence_about_the_list_is_no_paper() -> None:
    said = f"We carefully design the table below.\n\n*(Some rows are from [Longpre et al.]({B}).)*"
    (entry,) = parse(f"# List\n\n{said}\n\n- [Weighing all soups]({A})\n".encode())
    assert entry.title == "Weighing all soups"
