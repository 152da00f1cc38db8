"""Dates in questions: which are conditions, from when to when, and what only looks like one."""

import pytest

from search.understanding.dates import spans
from search.understanding.known import Known
from tests.support.understanding import notes_of, read_by, text_without


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("papers since 2023", "2023", None),
        ("Wortsman et al. 2022 merging", "2022", "2022"),
        ("merging from summer 2023", "2023", None),
        ("merging after 2021", "2022", None),
        ("merging before 2020", None, "2019"),
        ("merging until 2022", None, "2022"),
        ("merging up to 2022", None, "2022"),
        ("no later than 2020, merging", None, "2020"),
        ("what was known by 2020", None, "2020"),
        ("merging in 2023", "2023", "2023"),
        ("papers of 2023", "2023", "2023"),
        ("published during 2023", "2023", "2023"),
        ("between 2019 and 2021", "2019", "2021"),
        ("from 2019 to 2021", "2019", "2021"),
        ("from 2019 until 2021", "2019", "2021"),
        ("merging 2019-2021", "2019", "2021"),
        ("merging 2019–2021", "2019", "2021"),
        ("merging 2019-21", "2019", "2021"),
        ("merging 2022-05..2023", "2022-05", "2023"),
        ("in 2023 and 2024", "2023", "2024"),
        ("March to June 2025", "2025-03", "2025-06"),
        ("from March 2024 to June", "2024-03", "2024-06"),
        ("May 2024 merging", "2024-05", "2024-05"),
        ("since sept. 2024", "2024-09", None),
        ("from May 2024", "2024-05", None),
        ("since 5 May 2024", "2024-05-05", None),
        ("since May 5th, 2024", "2024-05-05", None),
        ("until 2024-05-17", None, "2024-05-17"),
        ("after 31.12.2023", "2024-01-01", None),
        ("after December 2023", "2024-01", None),
        ("before January 2024", None, "2023-12"),
        ("since 03/2024", "2024-03", None),
        ("Q2 2024", "2024-04", "2024-06"),
        ("in the 2010s", "2010", "2019"),
        ("since the 90s", "1990", None),
        ("before the end of 2023", None, "2023"),
        ("after the beginning of 2023", "2023", None),
        ("early 2024 merging", "2024", "2024"),
        ("in the year 2023", "2023", "2023"),
        ("2024 onwards", "2024", None),
        ("from 2020 on", "2020", None),
        ("from 2020 on distillation", "2020", None),
        ("merging, 2021 or later", "2021", None),
        ("merging 2021+", "2021", None),
        ("merging 2021-present", "2021", None),
        ("merging >2021", "2022", None),
        ("merging >= 2021", "2021", None),
        ("merging ≤ 2021", None, "2021"),
        ("2020 and earlier", None, "2020"),
        ("post-2022 merging", "2023", None),
        ("pre-2020 merging", None, "2019"),
        ("merging post 2020", "2021", None),
        ("merging papers dated 2024-03", "2024-03", "2024-03"),
        ("model merging 2024", "2024", "2024"),
        ("2024 papers on merging", "2024", "2024"),
        ("LoRA 2024", "2024", "2024"),
        ("MODEL MERGING 2024", "2024", "2024"),
        ("in the last two years", "2024-11-29", None),
        ("past 6 months", "2026-05-29", None),
        ("over the past year", "2025-11-29", None),
        ("in the last couple of years", "2024-11-29", None),
        ("last year", "2025", "2025"),
        ("papers from last year", "2025", "2025"),
        ("since last year", "2025", None),
        ("this year's benchmarks", "2026", None),
        ("before this year", None, "2025"),
        ("this month", "2026-11", None),
        ("last month", "2026-10", "2026-10"),
        ("last week", "2026-11-16", "2026-11-22"),
        ("this week", "2026-11-23", None),
        ("since March", "2026-03", None),
        ("since December", "2025-12", None),
        ("since two years ago", "2024-11-29", None),
        ("older than 5 years", None, "2021-11-28"),
        ("not older than two years", "2024-11-29", None),
        ("merging up to and including 2019", None, "2019"),
        ("merging until 2019 inclusive", None, "2019"),
        ("from 2017 up to and including 2019", "2017", "2019"),
        ("up to but not including 2019", None, "2018"),
        ("merging through 2020", None, "2020"),
        ("in or before 2020", None, "2020"),
        ("in or after 2020", "2020", None),
        ("2020 at the latest", None, "2020"),
        ("at the earliest in 2020", "2020", None),
        ("spätestens 2020", None, "2020"),
        ("merging, nothing older than 2024", "2024", None),
        ("merging, none earlier than 2024", "2024", None),
        ("merging, no older than 2024", "2024", None),
        ("not before 2020", "2020", None),
        ("no papers from before 2020", "2020", None),
        ("please do not show anything published before 2020", "2020", None),
        ("nicht vor 2020", "2020", None),
        ("rien avant 2020", "2020", None),
        ("don't give me anything older than 2022", "2022", None),
        ("not interested in papers before 2022", "2022", None),
        ("nothing older than two years", "2024-11-29", None),
        ("nothing newer than 2021", None, "2021"),
        ("no newer than 2021", None, "2021"),
        ("no more recent than May 2021", None, "2021-05"),
        ("not after 2021", None, "2021"),
        ("nothing that was published after 2021", None, "2021"),
        ("known, not older, before 2020", None, "2019"),
        ("without training data before 2020", None, "2019"),
        ("Arbeiten seit 2023", "2023", None),
        ("zwischen 2019 und 2021", "2019", "2021"),
        ("vor März 2024", None, "2024-02"),
        ("in den letzten zwei Jahren", "2024-11-29", None),
        ("depuis août 2023", "2023-08", None),
        ("ces deux dernières années", "2024-11-29", None),
        ("l'année dernière", "2025", "2025"),
        ("antes de 2019", None, "2018"),
        ("desde mayo de 2024", "2024-05", None),
        ("en los últimos dos años", "2024-11-29", None),
        ("nos últimos 3 anos", "2023-11-29", None),
        ("dal 2022", "2022", None),
        ("quest'anno sul merging", "2026", None),
        ("2024年以后", "2024", None),
        ("2024年5月以前", None, "2024-04"),
        ("2024年", "2024", "2024"),
        ("2023年以后的 LoRA", "2023", None),
        ("2023 年以后的 LoRA", "2023", None),
        ("自2023年以来的 LoRA", "2023", None),
        ("从2023年 LoRA", "2023", None),
        ("2023年后 LoRA", "2023", None),
        ("2023年之前的 LoRA", None, "2022"),
        ("截至2023年 LoRA", None, "2023"),
        ("2021年到2023年的 LoRA", "2021", "2023"),
        ("最近两年", "2024-11-29", None),
    ],
)
def test_dates_are_conditions(
    known: Known, question: str, since: str | None, until: str | None
) -> None:
    wanted = [f"since {since}"] * bool(since) + [f"until {until}"] * bool(until)
    assert read_by(spans, known, f"{question}") == wanted


@pytest.mark.parametrize(
    "question",
    [
        "AIME 2024 results",
        "results on AIME 2024",
        "results on WMT 2014",
        "WMT14 translation",
        "more than 2000",
        "2048 tokens",
        "training on 2000 examples",
        "2001 a space odyssey",
        "carbon neutrality by 2050",
        "blade runner 2049",
        "from 2000 examples",
        "the pandemic 2020",
        "since last summer",
        "since then nothing",
        "in the last layer",
        "in the last few years",
        "two years ago",
        "by any means",
        "in May",
        "by May et al.",
        "march of progress",
        "since it fails",
        "the second decade",
        "phone 555-2020",
        "1024 2048 4096",
        "a 2019-nCoV test",
        "after all",
        "2023年度报告",
        "no better than 2000 epochs",
    ],
)
def test_what_only_looks_like_a_date_is_none(known: Known, question: str) -> None:
    assert read_by(spans, known, question) == []
    assert text_without(spans, known, question) == question
    assert notes_of(spans, known, question) == []


def test_a_date_is_no_subject(known: Known) -> None:
    assert text_without(spans, known, "merging published no earlier than 2023") == "merging"
    assert text_without(spans, known, "merging that was not published before 2023") == "merging"
    assert text_without(spans, known, "merging published since early 2023 in vision") == (
        "merging in vision"
    )


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("since 2023-13", "no calendar has that date"),
        ("until 31 February 2024", "no calendar has that date"),
        ("after 2024-02-30", "no calendar has that date"),
        ("since 2030", "in the future"),
        ("after 2026", "in the future"),
        ("between 2024 and 2020", "ends before it begins"),
        ("since 2024 before 2020", "“since 2024” and “before 2020” were left out"),
    ],
)
def test_a_date_that_cannot_be_is_told_and_the_rest_read(
    known: Known, question: str, note: str
) -> None:
    (line,) = notes_of(spans, known, f"merging {question}")
    assert note in line
    assert read_by(spans, known, f"merging {question}") == []
    assert text_without(spans, known, f"merging {question}") == "merging"


def test_a_contradiction_is_none_where_the_dates_meet(known: Known) -> None:
    assert read_by(spans, known, "since May 2024 until 2024") == ["since 2024-05", "until 2024"]
