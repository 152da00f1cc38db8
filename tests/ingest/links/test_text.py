import pytest

from ingest.links.text import links_in
from kg.links import LinkKind

REPOSITORY = "https://github.com/ada/my_soups"


@pytest.mark.parametrize(
    "written",
    [
        "https://github.com/ada/my_soups",
        "https://github.com/ada/my_soups.",
        "(https://github.com/ada/my_soups).",
        "\\url{https://github.com/ada/my\\_soups}.",
        "\\url\\{https://github.com/ada/my_soups\\}.",
        "\\href{https://github.com/ada/my_soups}{here}.",
        "\\textcolor{blue}{\\url{https://github.com/ada/my_soups}}",
        "[https://github.com/ada/my_soups](https://github.com/ada/my_soups).",
        "https:// github.com/ada/my_soups",
        "https://github. com/ada/my_soups",
        "https://github.com/ ada/my_soups",
        "https://github.com/ada/ my_soups",
        "http://www.github.com/ada/my_soups.git",
        "github.com/ada/my_soups",
        "this link: https://github.com/ada/my_soups/tree/main, and more",
    ],
)
def test_a_repository_is_read_however_it_is_written(written: str) -> None:
    (link,) = links_in(f"We merge models. Our code is available at {written}", "abstract")
    assert (link.kind, link.url, link.source) == (LinkKind.CODE, REPOSITORY, "abstract")
    assert link.official


@pytest.mark.parametrize(
    "text",
    [
        "Our code is based on https://github.com/ada/soups.",
        "The implementation is adapted from the code of https://github.com/ada/soups.",
        "We fork from https://github.com/ada/soups and train longer.",
        "We use PEFT (https://github.com/huggingface/peft) in all of our code.",
        "We scrape issues of https://github.com/ada/soups and rank them by hand.",
        "See https://arxiv.org/abs/2203.05482 for our earlier method.",
        "Code is available at this https URL.",
        "Code is available at http://127.0.0.1/code and https://github.com/ada.",
        "Code is at https://github.com/ada/soups/issues/12.",
    ],
)
def test_what_is_no_link_of_the_paper(text: str) -> None:
    assert links_in(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The code and the dataset are at https://github.com/a/b.", LinkKind.CODE),
        ("The dataset is released at https://github.com/a/b.", LinkKind.DATA),
        ("The language models are compared by https://github.com/a/b.", LinkKind.CODE),
        ("Our models: https://huggingface.co/a/b", LinkKind.MODEL),
        ("Everything is at https://huggingface.co/datasets/a/b", LinkKind.DATA),
        ("Project page: https://a.github.io/b/", LinkKind.PROJECT),
        ("Code is available at https://a.github.io/b/", LinkKind.PROJECT),
        ("A demo video is at https://youtu.be/xyz", LinkKind.VIDEO),
        ("Our system is available at https://soups.example.edu", LinkKind.PROJECT),
        ("We keep a list at https://github.com/a/awesome-soups.", LinkKind.PROJECT),
        ("A list of related papers is at https://github.com/a/soups.", LinkKind.PROJECT),
        ("A repository for the papers is at https://github.com/a/soups.", LinkKind.PROJECT),
        ("Released at https://github.com/a-research-datasets/soups.", LinkKind.DATA),
        ("Code: https://anonymous.4open.science/r/soups-1234", LinkKind.CODE),
    ],
)
def test_the_kind_by_what_a_sentence_says_and_by_host(text: str, kind: LinkKind) -> None:
    (link,) = links_in(text)
    assert link.kind is kind


def test_a_framework_is_the_code_of_its_own_paper() -> None:
    text = "Our library is available at https://github.com/huggingface/transformers."
    assert links_in(text, title="LoRA: Low-Rank Adaptation") == []
    assert links_in(text, title="Transformers: Natural Language Processing")
