"""Dates and lengths of time in words: "May 2024", "2024-05-17", "the 2010s", "last two years"."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kg.text.partial_date import PartialDate
from search.understanding.words import Words

YEARS: Final = range(1900, 2100)
"""Other numbers of four digits are no years."""

_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?(?:[-/.](\d{1,2}))?")
_MONTH_FIRST = re.compile(r"(?:(\d{1,2})\.)?(\d{1,2})[./](\d{4})")
_RANGE = re.compile(r"(\d{4}(?:-\d\d){0,2})(?:\.\.|[-–—~/])(\d{4}(?:-\d\d){0,2}|\d\d)")
_DECADE = re.compile(r"(\d\d)?(\d)0s")
_QUARTER = re.compile(r"q([1-4])")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?")
_CHINESE_LENGTH = re.compile(
    "(?:最近|近|过去)([一两二三四五六七八九十]|\\d{1,2})(年|个月|月|周)(?:来|内|的)*"
)
_CHINESE_DATE = re.compile(r"(自从?|从|截至|到|在|于)?(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})日)?)?")
_CHINESE_RANGE = re.compile(r"[自从在]?(\d{4})年?[到至~–—-](\d{4})年(?:之?间|期间|发表)?的?")
_CHINESE_BEFORE: Final = {
    "自": "起",
    "自从": "起",
    "从": "起",
    "截": "",
    "截至": "为止",
    "到": "为止",
} | dict.fromkeys("在于", "年")
"""What stands before a date without a space -> what behind it says the same."""

_MONTHS: Final = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "januar februar marz april mai juni juli august september oktober november dezember",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
        " dicembre",
    )
    for number, name in enumerate(names.split(), 1)
} | {"sept": 9}
_NUMBERS: Final = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten eleven twelve",
        "einem zwei drei vier funf sechs sieben acht neun zehn",
        "une deux trois quatre cinq six sept huit neuf dix",
        "un dos tres cuatro cinco seis siete ocho nueve diez",
        "um dois tres quatro cinco seis sete oito nove dez",
        "uno due tre quattro cinque sei sette otto nove dieci",
        "一 二 三 四 五 六 七 八 九 十",
    )
    for number, word in enumerate(words.split(), 1)
} | {"couple": 2, "两": 2, "duas": 2, "a": 1, "an": 1}
_UNITS: Final = {
    word: unit
    for unit, words in {
        "day": "day days tag tage tagen jour jours dia dias giorni",
        "week": "week weeks woche wochen semaine semaines semana semanas settimana settimane 周",
        "month": "month months monat monate monaten mois mes meses mese mesi 月 个月",
        "year": "year years yr yrs jahr jahre jahren an ans annee annees ano anos anno anni 年",
        "decade": "decade decades jahrzehnt decennie decada",
    }.items()
    for word in words.split()
}
_LAST: Final = frozenset(
    "last past previous preceding letzte letzten letztes letzter vergangenen dernier derniere"
    " derniers dernieres ultimo ultima ultimos ultimas ultimi ultime".split()
)
_LAST_BEHIND: Final = frozenset("dernier derniere pasado pasada passado scorso".split())
_THIS: Final = frozenset(
    "this current dieses diesem diesen cette ce este esta deste neste quest'anno questo".split()
)
_ARTICLES: Final = frozenset("the den les ces los nos gli negli os dos the".split())

UNIT_WORDS: Final = frozenset(_UNITS) | frozenset("quest'anno l'annee l'an l'anno".split())


@dataclass(frozen=True, slots=True)
class Period:
    """A date, or a time between two."""

    first: PartialDate
    """Perhaps in no calendar: then its `first` raises a `BadRequest`."""
    last: PartialDate
    end: int
    """Index of the word behind it."""
    since: bool = False
    """True where it lasts until today: "the last two years"."""
    bare: bool = False
    """True for a year alone, which may be another number."""
    sign: str = ""
    """What is written behind it without a space: ``+``, ``-`` or Chinese words."""


def period_at(words: Words, at: int, today: date) -> Period | None:
    """Return the date or time that begins with a word.

    Examples
    --------
    >>> found = period_at(Words("May 2024"), 0, date(2026, 11, 29))
    >>> str(found.first), found.end
    ('2024-05', 2)
    """
    word = words.folded[at]
    if word[0].isdigit() or (word[0] in _CHINESE_BEFORE and "年" in word):
        return _numeral(words, at) or _with_month(words, at) or _ago(words, at, today)
    return _with_month(words, at) or _relative(words, at, today) or _ago(words, at, today)


def month_at(words: Words, at: int) -> int | None:
    """Return the number of the month that a word names."""
    return _MONTHS.get(words.folded[at]) if at < len(words.folded) else None


def day_before(length: int, unit: str, today: date) -> date:
    """Return the day a length of time before today.

    Examples
    --------
    >>> day_before(6, "month", date(2026, 8, 31)).isoformat()
    '2026-02-28'
    """
    if unit in ("day", "week"):
        return today - timedelta(days=length * (7 if unit == "week" else 1))
    months = length * {"month": 1, "year": 12, "decade": 120}[unit]
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return today.replace(
        year=year, month=month + 1, day=min(today.day, PartialDate(year, month + 1).last.day)
    )


def length_at(words: Words, at: int) -> tuple[int, str, int] | None:
    """Return the number and unit that begin with a word ("two years"), and the index behind."""
    number = _number(words, at)
    if number is None:
        return None
    end = at + 1
    if words.folded[end : end + 1] == ("of",):
        end += 1
    unit = _UNITS.get(words.folded[end]) if end < len(words.folded) else None
    return (number, unit, end + 1) if unit else None


def _number(words: Words, at: int) -> int | None:
    if at >= len(words.folded):
        return None
    word = words.folded[at]
    if word.isdecimal():
        return int(word) if 0 < int(word[:9]) < 100 else None
    return _NUMBERS.get(word)


def _year(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) == 4 and int(text) in YEARS else None


def _numeral(words: Words, at: int) -> Period | None:
    word = words.folded[at]
    # A year may be followed by a sign or by Chinese words: 2024+, 2024-, 2024年以后.
    bare, sign, end = word, "", at + 1
    if end < len(words.folded) and words.folded[end][0] == "年" and _year(word):
        word, end = word + words.folded[end], end + 1
    if "年" in word:
        if match := _CHINESE_RANGE.fullmatch(word):
            return _range(match[1], match[2], at)
        bare, sign = _from_chinese(word)
    elif word[-1] in "+-–—":
        bare, sign = word[:-1], word[-1]
    elif word.endswith(("-present", "-now", "-today")):
        bare, sign = word[: word.rindex("-")], "-"
    if match := _DATE.fullmatch(bare):
        if _year(match[1]) is None:
            return None
        parts = [int(part) for part in match.groups() if part]
        # 2019-21 are years, 2019-11 is a month.
        if not (len(parts) == 2 and 12 < parts[1] <= 99 and parts[1] > parts[0] % 100):
            day = PartialDate(*parts)
            alone = len(parts) == 1 and not sign
            return Period(day, day, end, bare=alone, sign=sign)
    if (match := _MONTH_FIRST.fullmatch(bare)) and _year(match[3]):
        day = PartialDate(int(match[3]), int(match[2]), int(match[1]) if match[1] else None)
        return Period(day, day, at + 1, sign=sign)
    if match := _RANGE.fullmatch(bare):
        return _range(match[1], match[2], at)
    if (match := _DECADE.fullmatch(bare)) and (match[1] or match[2] >= "5"):
        year = int(f"{match[1] or 19}{match[2]}0")
        return Period(PartialDate(year), PartialDate(year + 9), at + 1, bare=True)
    return None


def _from_chinese(word: str) -> tuple[str, str]:
    match = _CHINESE_DATE.match(word)
    if not match:
        return word, ""
    sign = word[match.end() :] or "年"
    if sign in ("年", "的"):
        sign = _CHINESE_BEFORE.get(match[1], sign)
    return "-".join(part for part in match.groups()[1:] if part), sign


def _range(first: str, last: str, at: int) -> Period | None:
    if len(last) == 2:
        last = first[:2] + last
    if _year(first[:4]) is None or _year(last[:4]) is None:
        return None
    one, other = (PartialDate(*map(int, text.split("-"))) for text in (first, last))
    return Period(one, other, at + 1)


def _with_month(words: Words, at: int) -> Period | None:
    """Return a month or day of a year: May 2024, 5 May 2024, May 5th, 2024, 1er mai de 2024, Q1."""
    day = None
    end = at
    if words.folded[at][0].isdigit() and (match := _DAY.fullmatch(words.folded[at])):
        day, end = int(match[1]), at + 1
    if end >= len(words.folded):
        return None
    quarter = _QUARTER.fullmatch(words.folded[end]) if day is None else None
    month = 0 if quarter else month_at(words, end)
    if month is None:
        return None
    end += 1
    if day is None and not quarter and end + 1 < len(words.folded):
        match = _DAY.fullmatch(words.folded[end])
        if match and _year(words.folded[end + 1]):
            day, end = int(match[1]), end + 1
    if words.folded[end : end + 1] in (("de",), ("of",), ("del",)):
        end += 1
    year = _year(words.folded[end]) if end < len(words.folded) else None
    if year is None:
        return None
    if quarter:
        number = int(quarter[1])
        return Period(PartialDate(year, 3 * number - 2), PartialDate(year, 3 * number), end + 1)
    whole = PartialDate(year, month, day)
    return Period(whole, whole, end + 1)


def _relative(words: Words, at: int, today: date) -> Period | None:
    """Return a time that is counted from today: "this year", "the last two years"."""
    if words.folded[at] == "quest'anno":
        return _running(PartialDate(today.year), at + 1, today)
    if match := _CHINESE_LENGTH.fullmatch(words.folded[at]):
        return _running_for(_chinese_number(match[1]), _UNITS[match[2]], at + 1, today)
    if words.folded[at] in ("今年", "去年"):
        return _calendar("year", words.folded[at] == "去年", at + 1, today)
    unit = _UNITS.get(words.folded[at].removeprefix("l'"))
    if unit and at + 1 < len(words.folded) and words.folded[at + 1] in _LAST_BEHIND:
        return _calendar(unit, True, at + 2, today)
    end = at
    definite = words.folded[at] in _ARTICLES
    end += definite
    number = None
    if (length := _number(words, end)) is not None and words.folded[end] not in ("a", "an"):
        number, end = length, end + 1
    word = words.folded[end] if end < len(words.folded) else ""
    if word not in _LAST and word not in _THIS:
        return None
    end += 1
    if number is None and (length := _number(words, end)) is not None:
        number, end = length, end + 1
        if words.folded[end : end + 1] == ("of",):
            end += 1
    unit = _UNITS.get(words.folded[end]) if end < len(words.folded) else None
    if unit is None:
        return None
    end += 1
    if word in _THIS:
        return None if number or unit in ("day", "decade") else _calendar(unit, False, end, today)
    if number is not None or unit in ("decade", "day") or word == "past" or definite:
        return _running_for(number or 1, unit, end, today)
    if words.folded[end - 1] in ("years", "months", "weeks", "jahren", "annees", "anos", "anni"):
        return None  # How many cannot be told.
    return _calendar(unit, True, end, today)


def _chinese_number(text: str) -> int:
    return int(text) if text.isdecimal() else _NUMBERS[text]


def _running_for(number: int, unit: str, end: int, today: date) -> Period | None:
    if number >= today.year - YEARS.start:
        return None
    day = day_before(number, unit, today)
    return _running(PartialDate(day.year, day.month, day.day), end, today)


def _running(first: PartialDate, end: int, today: date) -> Period:
    return Period(first, PartialDate(today.year, today.month, today.day), end, since=True)


def _calendar(unit: str, previous: bool, end: int, today: date) -> Period:
    """Return this or the previous year, month or week."""
    if unit == "year":
        whole = PartialDate(today.year - previous)
    elif unit == "month":
        day = day_before(int(previous), "month", today.replace(day=1))
        whole = PartialDate(day.year, day.month)
    else:
        monday = today - timedelta(days=today.weekday() + 7 * previous)
        sunday = monday + timedelta(days=6)
        first, last = (PartialDate(day.year, day.month, day.day) for day in (monday, sunday))
        return Period(first, last, end, since=not previous)
    return Period(whole, whole, end, since=not previous)


def _ago(words: Words, at: int, today: date) -> Period | None:
    """Return the day of "two years ago"."""
    length = length_at(words, at)
    if length is None or words.folded[length[2] : length[2] + 1] != ("ago",):
        return None
    day = day_before(length[0], length[1], today)
    whole = PartialDate(day.year, day.month, day.day)
    return Period(whole, whole, length[2] + 1)
