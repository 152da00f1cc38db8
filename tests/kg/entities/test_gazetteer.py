"""Names of entities in running text."""

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.entities.entity import Name, Recognised
from kg.entities.gazetteer import Gazetteer
from kg.entities.names import folded_name

EXACT = {"ROME", "RAG", "Whisper", "TIES", "GLUE", "AdaMerging"}
ASKED = {"Surgery"}
NAMES = (
    *("LoRA", "QLoRA", "A-RAG", "CIFAR-10", "(IA)³", "LoRA+", "MultiPL-E", "LongForm"),
    *("GPT-3", "GPT-3.5", "GPT-3.5 Turbo", "Llama 3", "Llama 3.2", "ColBERT", "ColBERTv2"),
    *("task vector", "Low-Rank Adaptation", "Proximal Policy Optimization", "HotpotQA"),
    *("knowledge distillation", "ViT", "AIME", "BART", "τ-bench", "Chain-of-thought"),
    *("Masked Language Modeling", "mixup", "CNN/DailyMail", "fine-tuning"),
    *EXACT,
    *ASKED,
)


def name(text: str) -> Name:
    kind = Recognised.EXACT if text in EXACT else Recognised.ANY
    return Name(text, Recognised.ASKED if text in ASKED else kind)


GAZETTEER = Gazetteer((place, name(text)) for place, text in enumerate(NAMES))


def found(text: str) -> list[tuple[str, str]]:
    """Return (words of the text, name) of each name in a text."""
    return [(text[m.start : m.end], NAMES[m.entities[0]]) for m in GAZETTEER.matches(text)]


def named(text: str) -> list[str]:
    return [known for _, known in found(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # As whole words, in any case unless the name says otherwise.
        ("We use LoRA, lora and LORA.", ["LoRA"] * 3),
        ("LoRAX, XLoRA and explorative", []),
        ("ROME was not built in Rome.", ["ROME"]),
        ("a whisper of Whisper", ["Whisper"]),
        ("Surgery and surgery", []),
        # Hyphens, spaces, letters to digits, and capitals within a word.
        ("CIFAR10, CIFAR-10, CIFAR 10, cifar-10", ["CIFAR-10"] * 4),
        ("low rank adaptation; Low-Rank Adaptation", ["Low-Rank Adaptation"] * 2),
        ("HotpotQA and Hotpot QA", ["HotpotQA"] * 2),
        ("hotpot qa", []),
        ("IA3, (IA)3 and (IA)³", ["(IA)³"] * 3),
        ("on CNN/DailyMail", ["CNN/DailyMail"]),
        ("chain-of-thought and Chain of Thought", ["Chain-of-thought"] * 2),
        ("finetuning, fine tuning, fine-tuning", ["fine-tuning"] * 2),
        # Ordinary words with the same letters.
        ("multiple tasks. Multiple tasks. MultiPL-E", ["MultiPL-E"]),
        ("long-form answers of LongForm", ["LongForm"]),
        ("a RAG system, A-RAG", ["RAG", "A-RAG"]),
        # Plural, possessive, British spelling.
        ("task vectors, Task Vectors", ["task vector"] * 2),
        ("LoRAs and LoRA's rank", ["LoRA"] * 2),
        ("RAGs but rags", ["RAG"]),
        ("proximal policy optimisation", ["Proximal Policy Optimization"]),
        ("masked language modelling", ["Masked Language Modeling"]),
        # The longest name; other names that begin or end with one.
        ("QLoRA LoRA+ LoRA", ["QLoRA", "LoRA+", "LoRA"]),
        ("QA-LoRA, LoRA-FA, RoBERTa-LoRA, X-RAG", []),
        ("non-LoRA and pre-RAG", ["LoRA", "RAG"]),
        ("LoRA-based, LoRA-Based, RAG-Driven", ["LoRA", "LoRA"]),
        # Versions, sizes, years.
        ("GPT-3.5-turbo, GPT-3.5, GPT-3, GPT-3.", ["GPT-3.5 Turbo", "GPT-3.5", "GPT-3", "GPT-3"]),
        ("GPT-3.1 and GPT-4", []),
        ("LLaMA3.2-1B, Llama-3-8B-Instruct, Llama 3", ["Llama 3.2", "Llama 3", "Llama 3"]),
        ("ColBERT v2, ColBERT", ["ColBERTv2", "ColBERT"]),
        ("ViT-Small, ViT-B/16, ViT-Adapter", ["ViT", "ViT"]),
        ("AIME-2025, BART-400M", ["AIME", "BART"]),
        # Punctuation, quotes, dashes, addresses.
        ('"LoRA", (LoRA), LoRA/QLoRA, LoRA—RAG', ["LoRA", "LoRA", "LoRA", "QLoRA", "LoRA", "RAG"]),
        ("https://example.org/LoRA and www.RAG.org: LoRA", ["LoRA"]),
        ("knowledge\ndistillation", ["knowledge distillation"]),
        ("knowledge. Distillation", []),
        ("", []),
    ],
)
def test_names_in_texts(text: str, names: list[str]) -> None:
    assert named(text) == names


def test_a_match_is_the_words_of_the_text() -> None:
    assert found("The LoRAs of Llama-3.2-1B.") == [("LoRA", "LoRA"), ("Llama-3.2", "Llama 3.2")]


def test_two_owners_of_a_name_are_both_told_unless_one_writes_it_so() -> None:
    gazetteer = Gazetteer([(1, Name("C-LoRA")), (2, Name("CLoRA")), (3, Name("CLoRA"))])
    assert [m.entities for m in gazetteer.matches("C-LoRA, CLoRA, c-lora")] == [
        (1,),
        (2, 3),
        (1,),
    ]


@given(st.text() | st.text(string.ascii_letters + string.digits + " -–.,()/$^{}+'&_:"))
def test_any_text_is_searched(text: str) -> None:
    at = 0
    for match in GAZETTEER.matches(text):
        assert at <= match.start < match.end <= len(text)
        at = match.end


@given(st.sampled_from(NAMES), st.sampled_from(["{}", "We use {}.", "({})", "of {}: a study"]))
def test_a_name_as_it_is_written_is_found(text: str, around: str) -> None:
    expected = [] if text in ASKED else [folded_name(text)]
    assert [folded_name(words) for words, _ in found(around.format(text))] == expected


@pytest.mark.parametrize(
    "piece",
    ["-", "LoRA ", "1", "1 ", "(", "a-", "a", "1.", "low-rank ", "http://", "$^{", "A", "a+", "\n"],
)
def test_time_grows_with_the_length_of_a_text_alone(piece: str) -> None:
    took = []
    for length in (20_000, 100_000):
        text = piece * (length // len(piece))
        start = time.process_time()
        for _ in GAZETTEER.matches(text):
            pass
        took.append(time.process_time() - start)
    # Five times as long: a square would take twenty-five times.
    assert took[1] < 12 * took[0] + 0.1
