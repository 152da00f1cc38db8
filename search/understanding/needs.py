"""What methods that are asked for need or lack: data, access to the model, training."""

from collections.abc import Iterator
from typing import Any, Final

from search.understanding.known import Known
from search.understanding.phrases import BOUNDARY, Phrase, in_title, line_of, matches, negated
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

_NO: Final = (
    r"(?:without|with no|needs? no|needing no|requires? no|requiring no|uses? no|using no|no|zero"
    r"|lack(?:s|ing)?|ha(?:ve|s|d) no|having no"
    r"|(?:don't|do not|doesn't|does not|cannot|can't) (?:have|need|use|access|see|require))"
)
_FILLERS: Final = (
    r"(?:any|the|all|access|to|of|having|seeing|using|original|real|training|train|source|private"
    r"|user|its|their|my|our|own|old|past|previous|calibration|raw|need|for)"
)
_DATA: Final = r"(?:data|datasets?|data sets?|corpora|corpus|examples?|samples?|images)"
_LABELS: Final = (
    r"(?:labels?|labell?ing|annotations?|supervision"
    r"|(?:labell?ed|annotated) (?:data|examples|samples|images|sets?|datasets?))"
)
_TRAINING: Final = (
    r"(?:(?:re-?)?train(?:ing)?|fine-?tun(?:e|ing)|finetun(?:e|ing)|gradients?|optimi[sz]ation"
    r"|(?:gradient|parameter|weight) (?:updates?|descent|steps?)|backprop(?:agation)?)"
)
# What may follow "without training" and is its object, not the head as in "training loss".
_OBJECT: Final = (
    rf"(?:{BOUNDARY}|(?= (?:the|all|any|my|our|it|them|models?|llms?|again|whole|whatsoever"
    r"|anything|everything|steps?)(?: |,|$)))"
)
_API: Final = r"(?:(?:an?|the|its|their|only|public|commercial|paid) )*apis?"
_MODELS: Final = r"(?:(?:large|language|foundation|vision-language) )*(?:models?|llms?|vlms?|apis?)"

_DATA_PHRASES: Final = (
    Phrase("data", "none", r"data[- ]free"),
    Phrase("data", "none", rf"{_NO}(?: {_FILLERS})* {_DATA}{BOUNDARY}"),
    Phrase("data", "none", rf"without (?:\S+ ){{1,3}}(?P<run>(?:or|nor) (?:any )?data){BOUNDARY}"),
    Phrase(
        "data",
        "none",
        r"ohne (?:trainings)?daten|sans donnees(?: d'\w+)?|sin datos(?: de \w+)?"
        r"|sem dados(?: de \w+)?|senza dati|无数据|无需数据|无需训练数据",
    ),
    Phrase("data", "few", r"(?:few|k|[1-9]\d*)[- ]shots?|few shots|少样本|小样本"),
    Phrase(
        "data",
        "few",
        r"(?:(?:only|just|with|from|on|given) )*(?:a |very )?(?:few|handful of|couple of|dozen)"
        r"(?: (?:labell?ed|training|annotated|task|target|in-context))*"
        r" (?:examples?|samples?|demonstrations?|images|labels|annotations)",
    ),
    Phrase(
        "data",
        "few",
        rf"(?:little|limited|scarce)(?: (?:training|labell?ed|task|target))* data{BOUNDARY}",
    ),
    Phrase("data", "unlabeled", r"unlabell?ed(?: (?:data|images|text|examples|samples|corpora))?"),
    Phrase("data", "unlabeled", r"(?:label|annotation)[- ]free"),
    Phrase(
        "data",
        "unlabeled",
        rf"{_NO}(?: (?:{_FILLERS}|human|manual|ground[- ]truth|gold))* {_LABELS}{BOUNDARY}",
    ),
    Phrase(
        "data", "unlabeled", r"ohne labels?|sans (?:labels|etiquettes|annotations)|sin etiquetas"
    ),
    Phrase(
        "data",
        "synthetic",
        r"(?:synthetic|synthetically generated|(?:model|llm|self|teacher|machine)[- ]generated)"
        r"(?: (?:training|instruction|preference|image|text))* (?:data(?:sets?)?|data sets?"
        r"|examples|samples|images|texts?|corpora)",
    ),
    Phrase(
        "data",
        "labeled",
        r"(?:with|from|using|on|given|have|need)(?: (?:the|my|our|enough|some|much))* labell?ed"
        r" (?:data|examples|samples|images)",
    ),
)
_ACCESS_PHRASES: Final = (
    Phrase("access", "black-box", r"black[- ]?box(?:es)?|黑盒"),
    Phrase("access", "black-box", r"apis?[- ](?:only|access|based)(?: access)?"),
    Phrase("access", "black-box", rf"only (?:\S+ ){{0,3}}{_API}(?: access| calls)?"),
    Phrase(
        "access",
        "black-box",
        rf"(?:(?:only|just) )*(?:through|via|behind|over|by|with|using) {_API}{BOUNDARY}",
    ),
    Phrase(
        "access",
        "black-box",
        rf"(?:closed|closed[- ](?:source|weights?)|proprietary|commercial) {_MODELS}",
    ),
    Phrase(
        "access",
        "black-box",
        rf"(?:{_NO}|not|never|can't|cannot)"
        r"(?: (?:any|the|see|seeing|get|access|to|model|internal|knowing|having|its|their|of))*"
        rf" (?:weights|internals|access to parameters|model parameters){BOUNDARY}",
    ),
    Phrase("access", "white-box", r"white[- ]?box|白盒"),
    Phrase("access", "white-box", rf"open[- ]weights?(?: {_MODELS})?"),
    Phrase(
        "access",
        "white-box",
        r"(?:with|have|has|given|need|needs|full) access to (?:(?:the|its|their|all|model) )*"
        r"(?:weights|gradients|parameters|activations|hidden states)",
    ),
)
_TRAINING_PHRASES: Final = (
    Phrase(
        "training",
        "none",
        r"(?:training|train|tuning|fine-?tuning|finetuning|retraining|gradient|backprop)[- ]free",
    ),
    Phrase(
        "training",
        "none",
        rf"{_NO}(?: (?:any|additional|further|extra|more|model|the|expensive|costly|need|to|for"
        rf"|having|doing|of|all))* {_TRAINING}{_OBJECT}",
    ),
    Phrase(
        "training",
        "none",
        rf"without (?:\S+ ){{1,4}}(?P<run>(?:or|nor|and) (?:any |further )?{_TRAINING}){BOUNDARY}",
    ),
    Phrase(
        "training",
        "none",
        rf"(?:don't|do not|cannot|can't|never)(?: want to| need to| have to)? {_TRAINING}{_OBJECT}",
    ),
    Phrase(
        "training",
        "none",
        r"ohne (?:(?:weiteres|erneutes) )?(?:training|fine-?tuning|nachtraining)"
        r"|sans (?:re-?)?(?:entrainement|entrainer|apprentissage)|sin (?:re)?entrenamiento"
        r"|sem (?:re)?treinamento|senza (?:ri)?addestramento|无需训练|免训练|无训练",
    ),
)
_GROUPS: Final[tuple[tuple[tuple[str, ...], tuple[Phrase, ...]], ...]] = (
    (
        (
            *("data", "shot", "few", "handful", "label", "annot", "supervis", "example", "sample"),
            *(
                "donnees",
                "daten",
                "datos",
                "dados",
                "dati",
                "etiq",
                "image",
                "corp",
                "数据",
                "样本",
            ),
        ),
        _DATA_PHRASES,
    ),
    (
        (
            "box",
            "api",
            "closed",
            "proprietary",
            "commercial",
            "weight",
            "access",
            "internals",
            "盒",
        ),
        _ACCESS_PHRASES,
    ),
    (
        ("free", "without", "no ", "n't", "not", "ohne", "sans", "sin ", "sem ", "senza", "训练"),
        _TRAINING_PHRASES,
    ),
)
"""Of each, the parts of words of which a question has one, or it states none of them."""


def spans(words: Words, _: Known) -> Iterator[Span]:
    """Yield what is needed or lacked: preferences, whose words stay part of the subject."""
    line = line_of(words)
    stated: set[tuple[str, str]] = set()
    for triggers, phrases in _GROUPS:
        if not any(part in line for part in triggers):
            continue
        for start, end, phrase in matches(words, phrases):
            need = (phrase.filter, phrase.value)
            if need in stated or negated(words, start) or in_title(words, end):
                continue
            stated.add(need)
            filters: dict[str, Any] = {phrase.filter: phrase.value}
            yield Span(start, end, (Stated(*need, False),), filters=filters, stays=True)
