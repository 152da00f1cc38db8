"""What experiments take as input, where a question says it: for vision, speech recognition."""

from collections.abc import Iterator
from typing import Any, Final

from search.understanding.known import Known
from search.understanding.phrases import BOUNDARY, Phrase, in_title, line_of, matches, negated
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

_FOR: Final = (
    r"(?:for|in|on|to|of|with|across|from|over|within|fur|pour|para|per)"
    r"(?: (?:the|all|natural|medical|low-level|high-level|molecular|large|dynamic|real|spoken))*"
)
_PHRASES: Final = (
    Phrase(
        "modality",
        "multimodal",
        r"multi-?modal|multi-?modality|(?:[lm]?v|m)llms?|l?vlms?"
        r"|vision[- ](?:and[- ])?language(?: (?:models?|tasks?|pre-?training))?"
        r"|visual question answering|vqa|image captioning|audio-visual|image-text",
    ),
    Phrase(
        "modality",
        "vision",
        rf"{_FOR} (?:(?:computer )?vision|images?|videos?|pictures|photos|bilder)(?: data)?"
        rf"{BOUNDARY}",
    ),
    Phrase(
        "modality",
        "vision",
        r"computer vision|object detection|vision (?:models?|tasks?|transformers?|backbones?"
        r"|encoders?|foundation models?)|(?:image|video|visual|scene|semantic|instance)"
        r" (?:classification|recognition|segmentation|detection|generation|retrieval|restoration"
        r"|synthesis|super-resolution|understanding|classifiers?|models?|tasks?)",
    ),
    Phrase(
        "modality",
        "speech",
        rf"{_FOR} (?:speech|audio|sound|sprache)(?: data)?{BOUNDARY}|(?:speech|audio|speaker)"
        r" (?:recognition|translation|synthesis|enhancement|processing|models?|separation"
        r"|classification|verification|tasks?|encoders?|foundation models?|generation)"
        r"|text-to-speech|asr|tts",
    ),
    Phrase(
        "modality",
        "graph",
        rf"graph neural networks?|gnns?|{_FOR} graphs?(?: data)?{BOUNDARY}|graph (?:classification"
        r"|learning|representation learning|data|transformers?|foundation models?)"
        r"|node classification|link prediction",
    ),
    Phrase(
        "modality",
        "rl",
        r"(?:deep|offline|online|inverse|hierarchical|multi-agent|model-based|meta|multi-task)[- ]"
        r"(?:reinforcement learning|rl)|rl (?:agents?|policies|policy)"
        rf"|(?:for|in|to) (?:reinforcement learning|rl){BOUNDARY}(?! from)",
    ),
    Phrase(
        "modality",
        "code",
        r"(?:code|program) (?:generation|completion|synthesis|models?|llms?|language models?"
        r"|intelligence|summari[sz]ation|search|translation|repair|understanding)"
        rf"|(?:for|on|to) (?:source )?code{BOUNDARY}|(?:for|in) (?:software engineering|coding)",
    ),
    Phrase("modality", "robotics", r"robot(?:s|ics?)?|robotic \w+|embodied \w+"),
    Phrase(
        "modality",
        "text",
        rf"(?:for|in|on|across) (?:nlp|natural language processing|text(?: data)?){BOUNDARY}"
        r"|text classification|text-only",
    ),
)
_TRIGGERS: Final = (
    *("modal", "vision", "image", "video", "visual", "picture", "photo", "bilder", "scene", "llm"),
    *("segment", "instance", "object", "vlm", "vqa", "audio", "speech", "sound", "sprache", "asr"),
    *("speaker", "tts", "graph", "gnn", "node", "link", "reinforcement", "rl", "robot", "embodied"),
    *("code", "coding", "program", "software", "text", "nlp", "natural language"),
)
_PARTS_OF_NAMES: Final = frozenset(
    "knowledge computation computational hate free part parts".split()
)
"""In "knowledge graph learning" and "hate speech" is no input of that kind."""


def spans(words: Words, _: Known) -> Iterator[Span]:
    """Yield what the input is: preferences, whose words stay part of the subject."""
    line = line_of(words)
    if not any(part in line for part in _TRIGGERS):
        return
    stated: set[str] = set()
    for start, end, phrase in matches(words, _PHRASES):
        before = words.folded[start - 1] if start else ""
        if phrase.value in stated or before in _PARTS_OF_NAMES:
            continue
        if negated(words, start) or in_title(words, end):
            continue
        stated.add(phrase.value)
        filters: dict[str, Any] = {"modality": phrase.value}
        told = (Stated("modality", phrase.value, False),)
        yield Span(start, end, told, filters=filters, stays=True)
