"""LaTeX of titles and abstracts as HTML: right where it is sane, harmless where it is not."""

import html

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from tests.support.factories import TEXT
from ui.text import formulas
from ui.text.mathematics import MAX_FORMULAS, MAX_TEXT_CHARS, LatexText, with_mathematics

HOSTILE = r"""
    $ $$ \( \) \[ \] { } \{ \} \ ~ -- `` '' < > & " # _ ^ \def\a{\a\a} \a \href{javascript:alert(1)}
    \style{color:red} \class{x} \text{<script>} \textbf{ \emph{ \url{ \begin{matrix} \end{matrix}
    \left( \right) \frac \sqrt \mathbb{ \mathcal \raise9em \rule{99em}{99em} \unicode{x3c} \require
    https://a.org http:// <img/src=x/onerror=alert(1)> </math> <mtext> <a/xlink:href=javascript:x>
    &#x3c; \" \'e \ss x 1 $x$ \color{red} \textcolor{a}{b} \verb|<| \operatorname{<b>} \tag{1} \\
""".split()
"""Parts of texts that try everything."""

ARRANGED = st.lists(st.sampled_from(HOSTILE) | TEXT, max_size=12).map("".join) | st.lists(
    st.sampled_from(HOSTILE), max_size=12
).map(" ".join)


def shown(text: str) -> str:
    """Return what is to be read, with nothing of how it looks."""
    made = with_mathematics(text)
    return lxml.html.fromstring(f"<p>{made}</p>").text_content() if made else ""


def check(made: str) -> None:
    """Fail unless HTML holds nothing but what is meant to be in it."""
    for element in lxml.html.fromstring(f"<main>{made}</main>").iterdescendants():
        assert isinstance(element.tag, str), "no comment, no instruction"
        attributes = dict(element.attrib)
        if element.tag == "a":
            assert attributes.pop("href").startswith(("http://", "https://"))
            assert attributes == {"rel": "noopener nofollow"}
        elif element.tag == "span":
            assert attributes in ({"class": "whole"}, {"class": "display"})
        elif element.tag in formulas.ELEMENTS:
            assert all(
                formulas.ATTRIBUTES[name].fullmatch(value) for name, value in attributes.items()
            )
        else:
            assert element.tag in ("em", "strong", "code", "sup", "sub")
            assert not attributes


# -- what is meant -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latex", "meant"),
    [
        (
            r"G\"odel and Erd\H{o}s, Beno\^{\i}t, {\'E}cole, \c{c}a",
            "Gödel and Erdős, Benoît, École, ça",
        ),
        (r"Stra\ss e, \O rsted, {\aa}", "Straße, Ørsted, å"),
        (r"95\% of R\&D\_x \#1 \{a\}", "95% of R&D_x #1 {a}"),
        ("``quoted'' and ``teachers\" too", "“quoted” and “teachers” too"),
        ("CNN--Daily, so --- yes", "CNN–Daily, so — yes"),
        ("run it with --only-known", "run it with --only-known"),
        ("Fig.~2, c~3.97, about ~50%", "Fig.\xa02, c~3.97, about ~50%"),
        (r"we call \method{} ours", r"we call \method{} ours"),
        (r"\textsc{Bert}, {\sc Dress}, \mbox{a}", "Bert, Dress, a"),
        (r"NF-{\kappa}B at \alpha > 0", "NF-κB at α > 0"),
        (r"as shown by \citep{a2020,b}", "as shown by [a2020,b]"),
        (r"faster\footnote{Twice.} (\ie, 3\times, \etc.)", "faster (Twice.) (i.e., 3×, etc.)"),
        (r"see \href{https://a.org/x}{the page}, \url{b.org/a\_b}", "see the page, b.org/a_b"),
        (r"\textit\{Escaped\} as \\(n\\)", "Escaped as n"),
        (r"says \"Of course\" and \"No\".", 'says "Of course" and "No".'),
        (r"T\"ranslates", r"T\"ranslates"),
    ],
)
def test_words_are_as_latex_sets_them(latex: str, meant: str) -> None:
    assert shown(latex) == meant


@pytest.mark.parametrize(
    ("latex", "meant"),
    [
        (r"\emph{a} \textbf{b}", "<em>a</em> <strong>b</strong>"),
        (r"{\bf D}eep {\it x} {\tt y}", "<strong>D</strong>eep <em>x</em> <code>y</code>"),
        (
            r"\textbf{\emph{a} and $x$}",
            "<strong><em>a</em> and <math><mrow><mi>x</mi></mrow></math></strong>",
        ),
        (r"LR\textsuperscript{2}", "LR<sup>2</sup>"),
        (r"$\textit{words of a sentence}$", "<em>words of a sentence</em>"),
    ],
)
def test_styles_become_elements(latex: str, meant: str) -> None:
    assert with_mathematics(latex) == meant


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        ("$x^2$", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\(\frac{a}{b}\)", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (r"$\mathbb{R}\mathcal{O}\mathbf{w}$", "<mi>ℝ</mi><mi>𝒪</mi><mi>𝐰</mi>"),
        (r"$\mathbf{ab}$", "<mi>𝐚</mi><mi>𝐛</mi>"),
        (r"$n \log n$", '<mi>n</mi><mspace width=".167em" /><mi>log</mi><mspace width=".167em" />'),
        (r"$95%$", "<mi>%</mi>"),
        (r"$\arg\min_x a \not= b$", "arg\u2009min"),
        (r"$[0,\infty)$", "<mi>∞</mi>"),
        (r"$\overline{ab}$", '<mrow class="over"><mrow><mi>a</mi><mi>b</mi></mrow></mrow>'),
        (r"$\text{if } x$", "<mtext>if\xa0</mtext>"),
        (r"$$a$$", '<span class="display"><math displaystyle="true">'),
        (r"\[a\]", '<span class="display"><math displaystyle="true">'),
        (r"with ($k$-tuple)", '<span class="whole">(<math><mrow><mi>k</mi></mrow></math>-</span>'),
        (r"\ensuremath{a_1} and \mathcal{X}", "<mi>𝒳</mi>"),
    ],
)
def test_formulas_become_mathml(latex: str, part: str) -> None:
    assert part in with_mathematics(latex)


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10",
        "between $5-$10 a month",
        "costs $96.20 US in all, the plan for ChatGPT $20",
        "from $1M total to the sum of many prices, about $2",
        "less than $100K",
        "a $ b",
        "$ $",
    ],
)
def test_money_is_no_formula(text: str) -> None:
    assert with_mathematics(text) == text


def test_a_price_does_not_hide_the_formula_behind_it() -> None:
    assert with_mathematics("for $5 we get $n$.").startswith("for $5 we get <span")
    assert "<mi>n</mi>" in with_mathematics(r"for \$5 we get $n$ or \$6")


def test_a_long_formula_may_end_a_line_after_an_operator() -> None:
    made = with_mathematics(r"$L(x, y) = \sum_i (a_i x_i + b_i) - \lambda \|w\|_2^2 + c(x, y, z)$")
    assert made.count("<math>") > 1
    assert '<mo form="infix">=</mo></math><math>' in made


def test_web_addresses_are_links_where_that_is_wanted() -> None:
    text = r"Code: https://a.org/b_c~d--e(f). See \url{http://x.org/\%7E} and \href{ftp://x}{y}."
    assert "<a" not in with_mathematics(text)
    made = with_mathematics(text, links=True)
    found = [a.get("href") for a in lxml.html.fromstring(f"<p>{made}</p>").iter("a")]
    assert found == ["https://a.org/b_c~d--e(f)", "http://x.org/%7E"]


# -- what is not -------------------------------------------------------------------------------

BOMBS = {
    "braces": "{" * 100_000,
    "braces in a formula": "$" + "{" * 400 + "x" + "}" * 400 + "$",
    "a tower of fractions": "$" + r"\frac{1}{" * 90 + "x" + "}" * 90 + "$",
    "roots": "$" + r"\sqrt" * 190 + "x$",
    "scripts": "$" + "x^{" * 200 + "x" + "}" * 200 + "$",
    "definitions": r"$\def\a{\b\b}\def\b{\c\c}\def\c{\d\d}\def\d{\e\e}\def\e{xxxxxxxxxx}\a$",
    "a loop": r"$\newcommand{\a}{\a\a}\a$",
    "an operator": r"$\DeclareMathOperator{\a}{\a}\a$",
    "unbalanced": r"$\left( \frac{a}{ \begin{matrix} & \\ $",
    "half": r"$\frac$",
    "styles": "$" + r"\displaystyle" * 70 + "$",
    "commands in each other": r"\textbf{" * 500 + "x" + "}" * 500,
    "groups in each other": r"{\bf " * 500 + "x" + "}" * 500,
    "openings": r"\(" * 9_000,
    "dollars": "$" * 19_999,
    "many formulas": "$x$ " * 4_000,
    "escapes": "\\" * 19_999,
    "quotes": "``" * 9_000,
    "wide": "$" + "W" * 500 + "$",
    "a long word in a formula": r"$\operatorname{" + "w" * 300 + "}$",
}


@pytest.mark.slow
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bombs_are_shown_as_they_are_written(bomb: str) -> None:
    made = with_mathematics(bomb)
    check(made)
    if "$x$" not in bomb and not bomb.startswith((r"\textbf", r"{\bf", r"\\", "\\\\")):
        assert "<math" not in made
    assert len(made) < 40 * len(bomb)


def test_deep_formulas_that_are_sane_are_drawn() -> None:
    tower = r"\frac{1}{1+" * 7 + "x" + "}" * 7
    assert "<mfrac>" in with_mathematics(f"${tower}$")
    deeper = r"\frac{1}{" * 14 + "x" + "}" * 14
    assert with_mathematics(f"${deeper}$") == f"<code>{deeper}</code>"


def test_a_text_has_only_so_many_formulas() -> None:
    made = with_mathematics("$x$ " * (MAX_FORMULAS + 5))
    assert made.count("<math>") == MAX_FORMULAS
    assert made.count("<code>x</code>") == 5


def test_the_source_of_a_formula_is_escaped() -> None:
    assert with_mathematics(r"$\def<b>$") == r"<code>\def&lt;b&gt;</code>"


@pytest.mark.parametrize(
    "latex",
    [
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{background:url(//a.org)}{x}$",
        r"$\class{main}{x}$",
        r"$\textcolor{red}{x}$",
        r"$\colorbox{red}{x}$",
        r"$\raise 9em {x}$",
        r"$\hspace{-9em}x$",
        r"$\hspace{99em}x$",
        r"$\llap{x}$",
        r"$\Huge x$",
    ],
)
def test_a_formula_leads_nowhere_and_moves_nothing(latex: str) -> None:
    made = with_mathematics(latex)
    check(made)
    assert "x" in made
    for word in ("href", "style=", "main", "color", "javascript", 'em"', "width"):
        assert word not in made.replace('<mspace width=".167em" />', "")


def test_a_longer_text_than_any_abstract_is_not_read() -> None:
    text = "<i>$x$" + " word" * (MAX_TEXT_CHARS // 5)
    assert with_mathematics(text) == escape(text)


def test_nothing_is_nothing() -> None:
    assert with_mathematics(None) == with_mathematics("") == ""


@given(ARRANGED, st.booleans())
def test_whatever_comes_in_only_what_is_meant_comes_out(text: str, links: bool) -> None:
    check(with_mathematics(text, links))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\$~-`")))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert html.unescape(with_mathematics(text)) == html.unescape(escape(text))
    assert with_mathematics(text) == escape(text)


@given(ARRANGED)
def test_reading_twice_gives_the_same(text: str) -> None:
    assert LatexText(text).markup() == LatexText(text).markup()
