"""What experiments take as input, where a question says it: for vision, speech recognition."""

from collections.abc import Iterator
from typing import Any, Final

from search.understanding.known import Known
from search.understanding.phrases import FUNCTION_WORDS, Phrase, in_title, matches, negated
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
        ("modal", "llm", "vlm", "vision", "vqa", "visual", "image"),
        r"multi-?modal(?:ity)?|m(?:m)?llms?|(?:mm)?l?vlms?|audio-visual|image-text|image captioning"
        r"|vision[- ](?:and[- ])?language(?: (?:models?|tasks?|pre-?training))?"
        r"|visual question answering|vqa",
    ),
    Phrase(
        "modality",
        "vision",
        ("vision", "image", "video", "picture", "photo", "bilder"),
        rf"{_FOR} (?:(?:computer )?vision|images?|videos?|pictures|photos|bilder)(?: data)?",
        FUNCTION_WORDS,
    ),
    Phrase(
        "modality",
        "vision",
        ("vision", "object", "image", "video", "visual", "scene", "semantic", "instance"),
        r"computer vision|object detection|vision (?:models?|tasks?|transformers?|backbones?"
        r"|encoders?|foundation models?)|(?:image|video|visual|scene|semantic|instance)"
        r" (?:classification|recognition|segmentation|detection|generation|retrieval|restoration"
        r"|synthesis|super-resolution|understanding|classifiers?|models?|tasks?)",
    ),
    Phrase(
        "modality",
        "speech",
        ("speech", "audio", "sound", "sprache"),
        rf"{_FOR} (?:speech|audio|sound|sprache)(?: data)?",
        FUNCTION_WORDS,
    ),
    Phrase(
        "modality",
        "speech",
        ("speech", "audio", "speaker", "asr", "tts"),
        r"(?:speech|audio|speaker) (?:recognition|translation|synthesis|enhancement|processing"
        r"|models?|separation|classification|verification|tasks?|encoders?|foundation models?"
        r"|generation|language models?|llms?)|text-to-speech|asr|tts",
    ),
    Phrase("modality", "graph", ("graph",), rf"{_FOR} graphs?(?: data)?", FUNCTION_WORDS),
    Phrase(
        "modality",
        "graph",
        ("graph", "gnn", "node", "link"),
        r"graph neural networks?|gnns?|graph (?:classification|learning|representation learning"
        r"|data|transformers?|foundation models?)|node classification|link prediction",
    ),
    Phrase(
        "modality",
        "rl",
        ("reinforcement", "rl"),
        r"(?:deep|offline|online|inverse|hierarchical|multi-agent|model-based|meta|multi-task)[- ]"
        r"(?:reinforcement learning|rl)|rl (?:agents?|policies|policy)",
    ),
    Phrase(
        "modality",
        "rl",
        ("reinforcement", "rl"),
        r"(?:for|in|to) (?:reinforcement learning|rl)(?! from)",
        FUNCTION_WORDS,
    ),
    Phrase(
        "modality",
        "code",
        ("code", "program"),
        r"(?:code|program) (?:generation|completion|synthesis|models?|llms?|language models?"
        r"|intelligence|summari[sz]ation|search|translation|repair|understanding)",
    ),
    Phrase(
        "modality",
        "code",
        ("code", "coding", "software"),
        r"(?:for|on|to) (?:source )?code|(?:for|in) (?:software engineering|coding)",
        FUNCTION_WORDS,
    ),
    Phrase(
        "modality", "robotics", ("robot", "embodied"), r"robotic \w+|robot(?:s|ics?)?|embodied \w+"
    ),
    Phrase(
        "modality",
        "text",
        ("nlp", "natural language", "text"),
        r"(?:for|in|on|across) (?:nlp|natural language processing|text(?: data)?)",
        FUNCTION_WORDS,
    ),
    Phrase("modality", "text", ("text",), r"text classification|text-only"),
)
_IDIOMS: Final = (
    Phrase(
        "",
        "",
        ("speech", "vision", "image", "picture", "language", "sound", "code", "graph"),
        r"(?:freedom|liberty|right|rights|parts?|figures?|turns?|manners?|acts?)[- ]of[- ]"
        r"(?:free )?speech"
        r"|(?:hate|free|hateful|toxic|abusive|offensive|political|inaugural|graduation) speech"
        r"(?! (?:recognition|audio|signals?))"
        r"|speech (?:acts?|bubbles?|balloons?|impediments?|rights|laws?|codes?)"
        r"|computer vision syndrome|(?:fields?|lines?|loss|persistence) of vision"
        r"(?! and|-| language| models?| transformers?)"
        r"|(?:tunnel|double|blurred|shared|strategic|company|corporate|political) vision(?: for)?"
        r"|vision (?:statements?|boards?|quests?)"
        r"|(?:mission|values) and vision|vision and (?:mission|values|strategy)"
        r"|(?:self|public|brand|body)[- ]images?|image of (?:the|a|an) \w+"
        r"|(?:big|bigger|whole|full|overall) pictures?|body language|sound and (?:complete|rigorous"
        r"|safe|valid)|(?:genetic|morse|qr|bar|zip|area|postal|dress|building|moral|penal|civil)"
        r" codes?(?: \w+)?|codes? of (?:conduct|ethics|practice|honou?r)",
    ),
)
"""Sayings and other things in which such a word is no input."""
_PARTS_OF_NAMES: Final = frozenset(
    "knowledge computation computational hate free part parts".split()
)
"""In "knowledge graph learning" and "hate speech" is no input of that kind."""


def spans(words: Words, _: Known) -> Iterator[Span]:
    """Yield what the input is: preferences, whose words stay part of the subject."""
    stated: set[str] = set()
    idioms = [(start, end) for start, end, _ in matches(words, _IDIOMS)]
    for start, end, phrase in matches(words, _PHRASES):
        before = words.folded[start - 1] if start else ""
        if phrase.value in stated or before in _PARTS_OF_NAMES:
            continue
        if any(first < end and start < last for first, last in idioms):
            continue
        if negated(words, start) or in_title(words, end):
            continue
        stated.add(phrase.value)
        filters: dict[str, Any] = {"modality": phrase.value}
        told = (Stated("modality", phrase.value, False),)
        yield Span(start, end, told, filters=filters, stays=True)
