"""LaTeX that needs no package: which formulas and letters it has, and what stands for others."""

import pytest
from hypothesis import given

from kg.text.latex.portable import definitions, is_portable, portable_text
from tests.support.factories import TEXT


@pytest.mark.parametrize(
    "formula",
    [
        *(r"k", r"\alpha_{i}^2", r"x'", r"\frac{a}{b^{c_1}}", r"\hat{w} \cdot x", r"\{a\}", "^{2}"),
        *(r"\mathcal{O}(n^2)", r"\sqrt{\log n}", r"\mathbb{R}^{n \times m}", r"{a_b}_c", r"x_\ell"),
    ],
)
def test_a_formula_that_compiles_stays(formula: str) -> None:
    assert portable_text(f"a ${formula}$, b") == f"a ${formula}$, b"


@pytest.mark.parametrize(
    "formula",
    [
        *(
            "x^2^3",
            "x_1_2",
            "x''^2",
            "x'^2",
            "x^",
            "_",
            "^^41",
            "{x",
            "x}",
            "a & b",
            "50%",
            "#1",
            "~",
        ),
        *(r"\frac{a}", r"\frac ab", r"\sqrt", r"\hat x", r"\left( x", r"\middle|", r"\limits"),
        *(r"\write18{x}", r"\unknown", r"\\", r"\begin{x}", r"\text{a_b}", "é", "\\"),
    ],
)
def test_a_formula_that_may_not_compile_is_text(formula: str) -> None:
    assert not is_portable(formula)
    written = portable_text(f"a ${formula}$, b")
    # Its dollars are those of a text.
    assert written.count("$") == written.count(r"\$") == 2


def test_a_deep_formula_is_text() -> None:
    assert not is_portable("{" * 5000 + "x" + "}" * 5000)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("Łukasz Müller, Ğ; “a” – b…", "Łukasz Müller, Ğ; “a” – b…"),
        ("e\u0301", "é"),
        ("ą«", r'\atlasletter{ą}{a}\atlasletter{«}{"}'),
        ("李🙂", r"\atlasletter{李}{?}\atlasletter{🙂}{?}"),
        ("a\u200db\x7f", r"a\atlasletter{" + "\u200d}{}b"),
        ("α ≤ ∞", r"$\alpha$ $\le$ $\infty$"),
        ("a < b | c > d", r"a \textless{} b \textbar{} c \textgreater{} d"),
        ("a--b---c", "a-{}-b-{}-{}-c"),
        ("one\n two  three", "one two three"),
        (" a $x$ b ", " a $x$ b "),
    ],
)
def test_letters(text: str, latex: str) -> None:
    assert portable_text(text) == latex


def test_what_is_used_is_defined_and_nothing_else() -> None:
    assert definitions(portable_text("plain $\\alpha$")) == []
    assert definitions(portable_text("李 in $\\bm{x}$ and $\\bm{y}$")) == [
        r"\providecommand{\atlasletter}[2]{\ifdefined\Umathchar#1\else#2\fi}",
        r"\providecommand{\bm}[1]{\mathbf{#1}}",
    ]


@given(TEXT)
def test_any_text_has_no_character_that_acts(text: str) -> None:
    written = portable_text(text)
    bare = written.replace(r"\&", "").replace(r"\%", "").replace(r"\#", "").replace(r"\_", "")
    outside = "".join(bare.replace(r"\$", "").split("$")[::2])
    assert not set("&%#~^_") & set(outside)
    assert written.count("{") - written.count("}") == 0
