"""What methods that are asked for need or lack: data, access to the model, training."""

from collections.abc import Iterator
from typing import Any, Final

from search.understanding.known import Known
from search.understanding.phrases import FUNCTION_WORDS, Phrase, in_title, matches, negated
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

_NO: Final = (
    r"(?:without|w/o|with no|(?:need|require|use)s? no|(?:need|requir|us|hav)ing no|no|zero"
    r"|lack(?:s|ing)?|ha(?:ve|s|d) no"
    r"|(?:do(?:es)?(?:n't| not)|can(?:'t|not)) (?:have|need|use|access|see|require))"
)
_FILLERS: Final = (
    r"(?:any|the|all|access|to|of|having|seeing|using|original|real|training|train|source|private"
    r"|user|its|their|my|our|own|old|past|previous|calibration|raw|need|for)"
)
_DATA: Final = (
    r"(?:data sets?|datasets?|data|corpora|corpus|examples?|samples?|images|training sets?)"
)
_LABELS: Final = (
    r"(?:(?:labell?ed|annotated) (?:data sets?|datasets?|data|examples|samples|images|sets?)"
    r"|labels?|labell?ing|annotations?|supervision)"
)
_TRAINING: Final = (
    r"(?:(?:re-?)?train(?:ing)?|fine[- ]?tun(?:e|ing)|optimi[sz]ation|backprop(?:agation)?"
    r"|(?:gradient|parameter|weight) (?:updates?|descent|steps?)|gradients?)"
)
_API: Final = r"(?:(?:an?|the|its|their|only|public|commercial|paid) )*apis?"
_MODELS: Final = r"(?:(?:large|language|foundation|vision-language) )*(?:models?|llms?|vlms?|apis?)"

_WEIGHTS: Final = r"(?:weights|parameters|params|internals)"
_OWN: Final = r"(?:(?:any|all|the|its|their|his|our|my|of|model|model's|models|network|internal) )*"
_SEEN: Final = (
    r"(?:see|read|access|inspect|view|look (?:at|into)|get(?: at)?|download|open|know|have|reach"
    r"|obtain|examine)"
)
_WHO: Final = r"(?:we|you|they|i|it|one|users?|people|outsiders|customers|researchers|anyone)"
_CANNOT: Final = (
    rf"(?:{_WHO} (?:can ?not|can't|could not|couldn't|do not|don't|does not|doesn't|may not|never"
    r"|(?:am|are|is) not allowed to|(?:am|are|is) unable to)(?: even| ever| directly)*"
    rf"|(?:nobody|no one|no-one|none of us)(?: (?:can|could|may|has|is allowed to))?) {_SEEN}"
    rf"|{_WHO} (?:have|has|had|got) no access to|out of reach"
)
_KEPT: Final = (
    r"(?:(?:not|never|n't)(?: publicly| openly| yet)? (?:available|accessible|public|released|open"
    r"|visible|disclosed|shared|published|known)|hidden|inaccessible|unavailable|closed|secret"
    r"|withheld|undisclosed|unreleased|invisible|locked(?: away)?)"
)

_TRAINED: Final = FUNCTION_WORDS | frozenset(
    "the all any my our it them model models llm llms again whole whatsoever anything everything"
    " step steps".split()
)
"""Behind "without training", what is trained; not what is of training, as in "training loss"."""
_LACK: Final = ("without", "w/o", "no ", "zero", "lack", "n't", "not ")

_PHRASES: Final = (
    Phrase("data", "none", ("data",), r"data[- ]free"),
    Phrase("data", "none", _LACK, rf"{_NO}(?: {_FILLERS})* {_DATA}", FUNCTION_WORDS),
    Phrase(
        "data",
        "none",
        ("or data", "any data", "nor data"),
        r"without (?:\S+ ){1,3}(?P<run>n?or (?:any )?data)",
        FUNCTION_WORDS,
    ),
    Phrase(
        "data",
        "none",
        ("ohne", "sans", "sin ", "sem ", "senza", "数据"),
        r"ohne (?:trainings)?daten|sans donnees(?: d'\w+)?|sin datos(?: de \w+)?"
        r"|sem dados(?: de \w+)?|senza dati|无(?:需)?(?:训练)?数据",
    ),
    Phrase("data", "few", ("shot", "样本"), r"(?:few|k|[1-9]\d*)[- ]shots?|少样本|小样本"),
    Phrase(
        "data",
        "few",
        ("few ", "handful", "couple", "dozen"),
        r"(?:(?:only|just|with|from|on|given) )*(?:a |very )?(?:few|handful of|couple of|dozen)"
        r"(?: (?:labell?ed|training|annotated|task|target|in-context))*"
        r" (?:examples?|samples?|demonstrations?|images|labels|annotations)",
    ),
    Phrase(
        "data",
        "few",
        ("little", "limited", "scarce"),
        r"(?:little|limited|scarce)(?: (?:training|labell?ed|task|target))* data",
        FUNCTION_WORDS,
    ),
    Phrase(
        "data",
        "unlabeled",
        ("unlabel",),
        r"unlabell?ed(?: (?:data|images|text|examples|samples|corpora))?",
    ),
    Phrase("data", "unlabeled", ("free",), r"(?:label|annotation)[- ]free"),
    Phrase(
        "data",
        "unlabeled",
        _LACK,
        rf"{_NO}(?: (?:{_FILLERS}|human|manual|ground[- ]truth|gold))* {_LABELS}",
        FUNCTION_WORDS,
    ),
    Phrase(
        "data",
        "unlabeled",
        ("ohne", "sans", "sin "),
        r"ohne labels?|sans (?:labels|etiquettes|annotations)|sin etiquetas",
    ),
    Phrase(
        "data",
        "synthetic",
        ("synthetic", "generated"),
        r"(?:synthetic|synthetically generated|(?:model|llm|self|teacher|machine)[- ]generated)"
        r"(?: (?:training|instruction|preference|image|text))* (?:data sets?|datasets?|data"
        r"|examples|samples|images|texts?|corpora)",
    ),
    Phrase(
        "data",
        "labeled",
        ("labeled", "labelled"),
        r"(?:with|from|using|on|given|have|need)(?: (?:the|my|our|enough|some|much))* labell?ed"
        r" (?:data|examples|samples|images)",
    ),
    Phrase("access", "black-box", ("black", "黑盒"), r"black[- ]?box(?:es)?|黑盒"),
    Phrase("access", "black-box", ("api",), r"apis?[- ](?:only|access|based)(?: access)?"),
    Phrase("access", "black-box", ("api",), rf"only (?:\S+ ){{0,3}}{_API}(?: access| calls)?"),
    Phrase(
        "access",
        "black-box",
        ("api",),
        rf"(?:(?:only|just) )*(?:through|via|behind|over|by|with|using) {_API}",
        FUNCTION_WORDS,
    ),
    Phrase(
        "access",
        "black-box",
        ("closed", "proprietary", "commercial"),
        rf"(?:closed[- ](?:source|weights?)|closed|proprietary|commercial) {_MODELS}",
    ),
    Phrase(
        "access",
        "black-box",
        ("weights", "internals", "parameters"),
        rf"(?:{_NO}|not|never|can't|cannot)"
        r"(?: (?:any|the|see|seeing|get|access|to|model|internal|knowing|having|its|their|of))*"
        r" (?:weights|internals|access to parameters|model parameters)(?: of (?:the|a|an|my|our|its"
        r"|their|your) (?:model|llm|network|teacher)s?)?",
        FUNCTION_WORDS,
    ),
    Phrase(
        "access",
        "black-box",
        ("access to",),
        rf"(?:{_NO}|not|never|cannot|can't|lack|lacking)(?: (?:any|direct|full|have|having|given"
        rf"|need|needs|get))* access to {_OWN}(?:{_WEIGHTS}|gradients|activations)",
        FUNCTION_WORDS | {"of"},
    ),
    Phrase(
        "access",
        "black-box",
        ("weights", "param", "internals"),
        r"(?:not|never|cannot|can't|couldn't|don't|unable to|nobody|no one|no-one)"
        rf"(?: (?:can|could|may|even|ever|get to|able to|allowed to))* {_SEEN} {_OWN}{_WEIGHTS}",
        FUNCTION_WORDS | {"of"},
    ),
    Phrase(
        "access",
        "black-box",
        ("weights", "param", "internals"),
        rf"{_WEIGHTS} (?:that |which )?(?:{_CANNOT}"
        rf"|(?:(?:is|are|remain|remains|stay|stays|were) )(?:kept )?{_KEPT}"
        r"|(?:aren't|isn't|weren't) (?:available|accessible|public|released|open|visible|disclosed"
        r"|shared|published|known))",
        FUNCTION_WORDS,
    ),
    Phrase(
        "access",
        "black-box",
        ("weights", "internals"),
        r"(?:hidden|inaccessible|unavailable|secret|undisclosed|unreleased|invisible|closed|withheld"
        r"|locked) (?:model )?(?:weights|internals)",
        FUNCTION_WORDS,
    ),
    Phrase(
        "access",
        "black-box",
        ("weights", "param", "internals"),
        r"(?:(?:hid(?:e|es|ing)|withh(?:old|olds|olding|eld)|conceal(?:s|ing)?)"
        r"|(?:do not|does not|don't|doesn't|did not|never|without|not) (?:release|releasing|reveal"
        r"|revealing|share|sharing|publish|publishing|expose|exposing|disclose|disclosing|show"
        rf"|showing|give|giving)(?: (?:us|you|out|away))*) {_OWN}{_WEIGHTS}",
        FUNCTION_WORDS,
    ),
    Phrase(
        "access",
        "black-box",
        ("weights", "param", "internals"),
        rf"ke(?:ep|eps|eping|pt) {_OWN}{_WEIGHTS} (?:secret|hidden|private|closed)",
        FUNCTION_WORDS,
    ),
    Phrase("access", "white-box", ("white", "白盒"), r"white[- ]?box|白盒"),
    Phrase("access", "white-box", ("open",), rf"open[- ]weights?(?: {_MODELS})?"),
    Phrase(
        "access",
        "white-box",
        ("access to",),
        r"(?:with|have|has|given|need|needs|full) access to (?:(?:the|its|their|all|model) )*"
        r"(?:weights|gradients|parameters|activations|hidden states)",
    ),
    Phrase(
        "training",
        "none",
        ("free", "no-"),
        r"(?:(?:re)?train(?:ing)?|(?:fine-?)?tuning|gradient|backprop)[- ]free"
        r"|no-(?:(?:re)?training|(?:fine-?)?tuning)",
    ),
    Phrase(
        "training",
        "none",
        _LACK,
        rf"{_NO}(?: (?:any|additional|further|extra|more|model|the|expensive|costly|need|to|for"
        rf"|having|doing|of|all))* {_TRAINING}",
        _TRAINED,
    ),
    Phrase(
        "training",
        "none",
        ("without",),
        rf"without (?:\S+ ){{1,4}}(?P<run>(?:n?or|and) (?:any |further )?{_TRAINING})",
        FUNCTION_WORDS,
    ),
    Phrase(
        "training",
        "none",
        ("n't", "not ", "never"),
        rf"(?:don't|do not|can(?:'t|not)|never)(?: (?:want|need|have) to)? {_TRAINING}",
        _TRAINED,
    ),
    Phrase(
        "training",
        "none",
        ("ohne", "sans", "sin ", "sem ", "senza", "训练"),
        r"ohne (?:(?:weiteres|erneutes) )?(?:training|fine-?tuning|nachtraining)"
        r"|sans (?:re-?)?(?:entrainement|entrainer|apprentissage)|sin (?:re)?entrenamiento"
        r"|sem (?:re)?treinamento|senza (?:ri)?addestramento|无需训练|免训练|无训练",
    ),
)


def spans(words: Words, _: Known) -> Iterator[Span]:
    """Yield what is needed or lacked: preferences, whose words stay part of the subject."""
    stated: set[tuple[str, str]] = set()
    for start, end, phrase in matches(words, _PHRASES):
        need = (phrase.filter, phrase.value)
        if need in stated or negated(words, start) or in_title(words, end):
            continue
        stated.add(need)
        filters: dict[str, Any] = {phrase.filter: phrase.value}
        yield Span(start, end, (Stated(*need, False),), filters=filters, stays=True)
