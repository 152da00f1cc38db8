"""Links of list entries beside those to the papers."""

import pytest

from ingest.sources.lists import awesome_list
from kg.links import LinkKind

TITLE = "Weighing all the soups of a kitchen"
ENTRY = f"- [{TITLE}](https://arxiv.org/abs/2401.00001)"
CODE = "https://github.com/ada/soups"
READS, DATA = "https://github.com/ada/awesome-soup", "https://huggingface.co/datasets/a/b"
FOUND: dict[str, list[tuple[str, str, bool | None]]] = {
    f"{ENTRY} [[code]({CODE})]": [("code", CODE, None)],
    f"{ENTRY} [code (official)]({CODE})": [("code", CODE, True)],
    f"{ENTRY} [[code]]({CODE}) (unofficial)": [("code", CODE, False)],
    f"{ENTRY} [PyTorch re-implementation]({CODE})": [("code", CODE, False)],
    f"{ENTRY} [[code (by others)]({CODE})]": [("code", CODE, False)],
    f"{ENTRY} [code](https://github.com/bo/soup) [official code]({CODE})": [
        ("code", "https://github.com/bo/soup", None),
        ("code", CODE, True),
    ],
    f"{ENTRY} [code]({CODE}) [Code](http://www.github.com/Ada/soups.git)": [("code", CODE, None)],
    f"{ENTRY} ![](https://img.shields.io/github/stars/ada/soups.svg?style=social)": [
        ("code", CODE, None)
    ],
    f"{ENTRY} [![Star](https://img.shields.io/github/stars/ada/soups)](https://star-history.com)": [
        ("code", CODE, None)
    ],
    f"{ENTRY} [![Code](https://img.shields.io/badge/Code-black)]({CODE})": [("code", CODE, None)],
    f"{ENTRY} [[project page](https://ada.github.io/soups/)] [[video](https://youtu.be/x)]": [
        ("project", "https://ada.github.io/soups", None),
        ("video", "https://youtu.be/x", None),
    ],
    f"{ENTRY} [[code](https://ada.github.io/soups)]": [
        ("project", "https://ada.github.io/soups", None)
    ],
    f"{ENTRY} [[slides](https://example.edu/s.pdf)] [[dataset]({CODE})]": [
        ("slides", "https://example.edu/s.pdf", None),
        ("data", CODE, None),
    ],
    f"{ENTRY} [[HF](https://huggingface.co/ada/soup-7b)] [🤗]({DATA})": [
        ("model", "https://huggingface.co/ada/soup-7b", None),
        ("data", DATA, None),
    ],
    f"{ENTRY} Code: {CODE}": [("code", CODE, None)],
    f"{ENTRY} It is based on [code]({CODE}).": [],
    f"{ENTRY} [code](https://github.com/huggingface/transformers)": [],
    f"{ENTRY} [code](https://github.com/ada/awesome-soups)": [],
    f"{ENTRY} [GitHub](https://github.com/ada/soups/issues/3)": [],
    f"{ENTRY} [code](javascript:alert(1)) [code](http://192.168.0.1/x)": [],
    f"{ENTRY} [blog](https://medium.com/@ada/soups) [tweet](https://twitter.com/ada/1)": [],
    f"{ENTRY}, compared with [Stews](https://github.com/bo/stews)": [],
    f"- [A survey of soups](https://arxiv.org/abs/2401.00001) [repo]({READS})": [
        ("project", READS, None)
    ],
    "| Paper | Data | Website |\n|-|-|-|\n"
    f"| [{TITLE}](https://arxiv.org/abs/2401.00001) | [Cups]({CODE}) | "
    "[here](https://soups.edu/) |": [
        ("project", "https://soups.edu", None),
        ("data", CODE, None),
    ],
}


@pytest.mark.parametrize("text", FOUND)
def test_links(text: str) -> None:
    (entry,) = awesome_list.parse(f"# List\n\n## Papers\n\n{text}\n".encode())
    assert entry.arxiv_id == "2401.00001"
    assert [(str(one.kind), one.url, one.official) for one in entry.links] == FOUND[text]


def test_a_title_that_links_its_code_and_none_to_the_paper() -> None:
    text = f"- [{TITLE}]({CODE}), ICML 2024\n"
    (entry,) = awesome_list.parse(f"# List\n\n{text}".encode())
    assert [(one.kind, one.url) for one in entry.links] == [(LinkKind.CODE, CODE)]
